/** Which requests are taken for webhooks of a coordinator, and which are not. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeSecret, signedHeaders } from '../coordinator/webhooks/signature.ts';
import { verifyWebhook } from './verifyWebhook.ts';

const NOW_MS = 1_800_000_000_000;
const BODY = JSON.stringify({
  type: 'ping',
  timestamp: '2026-11-23T05:00:00.000Z',
  data: { id: 'wh_1' },
});
const secret = makeSecret(randomBytes);
const headers = signedHeaders(secret, 'evt_1', BODY, NOW_MS);
const at = { nowMs: NOW_MS };

it('takes the example of the Standard Webhooks specification', async () => {
  const example = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const exampleSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const verified = verifyWebhook(exampleSecret, example, '{"test": 2432232314}', {
    nowMs: 1_614_265_330_000,
  });
  // Signed it is; but no event of ours.
  await expect(verified).rejects.toMatchObject({ kind: 'unexpected-answer' });
});

it('gives the event of headers as fetch and as Node have them, of text and of bytes', async () => {
  const bytes = new TextEncoder().encode(BODY);
  for (const given of [headers, new Headers(headers)])
    for (const body of [BODY, bytes])
      expect(await verifyWebhook(secret, given, body, at)).toEqual(JSON.parse(BODY));
});

it('takes one right signature among several', async () => {
  const signature = `v1a,xx v1,${'A'.repeat(43)}= ${headers['webhook-signature']}`;
  const several = { ...headers, 'webhook-signature': signature };
  expect(await verifyWebhook(secret, several, BODY, at)).toMatchObject({ type: 'ping' });
});

describe('refuses', () => {
  const changed = (changes: Record<string, string | undefined>) => ({ ...headers, ...changes });
  it.each([
    ['another body', headers, `${BODY} `],
    ['another id', changed({ 'webhook-id': 'evt_2' }), BODY],
    ['another time', changed({ 'webhook-timestamp': String(NOW_MS / 1_000 + 1) }), BODY],
    ['no time', changed({ 'webhook-timestamp': 'now' }), BODY],
    ['no signature', changed({ 'webhook-signature': undefined }), BODY],
    ['a signature that is none', changed({ 'webhook-signature': 'v1,%%%' }), BODY],
    ['a cut signature', changed({ 'webhook-signature': 'v1,AAAA' }), BODY],
    ['an empty signature', changed({ 'webhook-signature': 'v1,' }), BODY],
    [
      'a signature without its version',
      changed({ 'webhook-signature': headers['webhook-signature']!.slice(3) }),
      BODY,
    ],
  ])('%s', async (_name, given, body) => {
    await expect(verifyWebhook(secret, given, body, at)).rejects.toMatchObject({
      kind: 'invalid',
      problem: { code: 'bad-signature' },
    });
  });

  it('another secret, and what is no secret', async () => {
    const other = verifyWebhook(makeSecret(randomBytes), headers, BODY, at);
    await expect(other).rejects.toMatchObject({ problem: { code: 'bad-signature' } });
    for (const none of ['whsec_', 'whsec_%', secret.slice(6)])
      await expect(verifyWebhook(none, headers, BODY, at)).rejects.toMatchObject({
        problem: { code: 'invalid-field' },
      });
  });

  it('what was signed five minutes ago, or in five minutes', async () => {
    for (const awayMs of [-301_000, 301_000]) {
      const late = verifyWebhook(secret, headers, BODY, { nowMs: NOW_MS + awayMs });
      await expect(late).rejects.toMatchObject({ problem: { field: 'webhook-timestamp' } });
      const patient = { nowMs: NOW_MS + awayMs, toleranceS: 600 };
      expect(await verifyWebhook(secret, headers, BODY, patient)).toMatchObject({ type: 'ping' });
    }
  });
});
