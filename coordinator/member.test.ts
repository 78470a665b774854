/** A member as it is asked from outside, while nobody leads and while somebody does. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { MEMORY } from './config.ts';
import { Front } from './front.ts';
import { Member } from './member.ts';
import { RawClient } from './transport/peers/testing/peerRig.ts';

async function opened(): Promise<{ front: Front; member: Member; url: string }> {
  const front = await Front.open({
    config: { port: 0, host: '127.0.0.1', dataDir: MEMORY },
    now: () => 0,
    log: () => undefined,
    mayComeLater: () => true,
  });
  const member = new Member(front);
  await front.listen();
  onTestFinished(async () => {
    member.stand({ kind: 'ended' });
    await front.close();
  });
  return { front, member, url: front.url };
}

const sockets = (url: string): Promise<number[]> =>
  Promise.all(
    ['/v1/link', '/v1/peers/relay?id=a', '/v1/none'].map(
      (path) => new RawClient(url.replace('http', 'ws') + path).status,
    ),
  );

it('while nobody leads it is alive and not ready, and says why and when to come again', async () => {
  const { member, url } = await opened();
  member.stand({ kind: 'seeking', why: 'the coordinator that leads does not answer' });
  const health = await fetch(`${url}/healthz`);
  expect(await health.json()).toEqual({ ok: true, store: 'postgres', leads: false, lead: null });
  for (const path of ['/readyz', '/v1/network', '/openapi.json', '/v1/none']) {
    const answer = await fetch(url + path);
    expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '1']);
    expect(await answer.json()).toMatchObject({
      code: 'not-ready',
      came: 'the coordinator that leads does not answer',
    });
  }
  expect((await fetch(`${url}/none`)).status).toBe(404);
  expect(await sockets(url)).toEqual([503, 503, 404]);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('idlewave_refused_total{code="not-ready"} 5');
  expect(metrics).toContain('idlewave_forwarded_open 0');
});

it('what is open stays while the lead is looked for, and is cut off by the next lead', async () => {
  const lead = createServer((_, response) => void response.writeHead(200).flushHeaders());
  await new Promise<void>((resolve) => lead.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    lead.closeAllConnections();
    lead.close();
  });
  const address = `http://127.0.0.1:${(lead.address() as AddressInfo).port}`;
  const { member, url } = await opened();
  const following = (tenure: string) =>
    ({ kind: 'following', lead: { address, tenure }, secret: 's', unfitness: null }) as const;
  member.stand(following('a'));
  expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ lead: address });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const stream = await fetch(`${url}/v1/jobs/x/events`);
  expect(stream.status).toBe(200);
  let hasEnded = false;
  const text = stream.text().finally(() => (hasEnded = true));
  text.catch(() => undefined);
  member.stand({ kind: 'seeking', why: 'a moment' });
  expect((await fetch(`${url}/v1/network`)).status).toBe(503);
  member.stand(following('a'));
  expect((await fetch(`${url}/v1/network`)).status).toBe(200);
  expect(hasEnded).toBe(false);
  member.stand(following('b'));
  await expect(text).rejects.toThrow();
});
