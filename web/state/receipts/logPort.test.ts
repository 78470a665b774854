import { expect, it } from 'vitest';
import { MAX_BUNDLE_BYTES } from '../../../shared/limits.ts';
import { httpLogPort } from './logPort.ts';

const answering =
  (answer: () => Response, asked: [string, RequestCache | undefined][] = []): typeof fetch =>
  (input, init) => {
    asked.push([new Request(input).url, init?.cache]);
    return Promise.resolve(answer());
  };
const port = (answer: () => Response, asked?: [string, RequestCache | undefined][]) =>
  httpLogPort('https://c.example', answering(answer, asked));

it('gives a file as it is; a checkpoint and what is asked for anew come past every cache', async () => {
  const asked: [string, RequestCache | undefined][] = [];
  const served = port(() => new Response('bytes'), asked);
  const file = await served.file('tile/0/000', false);
  expect(file.ok && new TextDecoder().decode(file.value)).toBe('bytes');
  await served.file('tile/0/000', true);
  await served.file('checkpoint', false);
  expect(asked).toEqual([
    ['https://c.example/log/tile/0/000', undefined],
    ['https://c.example/log/tile/0/000', 'reload'],
    ['https://c.example/log/checkpoint', 'reload'],
  ]);
});

it.each<[string, () => Response, string]>([
  ['no such file', () => new Response('', { status: 404 }), 'missing'],
  ['a proxy without a coordinator', () => new Response('', { status: 502 }), 'unreachable'],
  [
    'a file without an end',
    () => new Response(new Uint8Array(MAX_BUNDLE_BYTES + 1)),
    'unreachable',
  ],
  [
    'no network',
    () => {
      throw new TypeError('Failed to fetch');
    },
    'unreachable',
  ],
])('tells apart: %s', async (_, answer, kind) => {
  expect(await port(answer).file('tile/0/000', false)).toMatchObject({ error: { kind } });
});

it('takes only a coordinator’s word for where the log is', async () => {
  const view = { origin: 'o', verifierKey: 'k', path: '/log' };
  expect(await port(() => Response.json(view)).view()).toEqual({ ok: true, value: view });
  for (const page of ['<html>Sign in to the wireless network</html>', '{}']) {
    const answer = await port(() => new Response(page)).view();
    expect(answer).toMatchObject({ error: { kind: 'unreachable' } });
  }
});
