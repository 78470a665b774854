/**
 * Who would be somebody else: replayed and misdirected hellos, reports that another key signed, linking codes that are
 * used, replaced or guessed. Each is refused under its own code by the running system. (A code that is too old: the
 * same routes on a clock that is turned by hand, `coordinator/transport/http/account.test.ts`.)
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { commitmentOf } from '../../../shared/commitment.ts';
import { LINK_PATH, LINK_VERSION, helloText } from '../../../shared/protocol/link.ts';
import { assert, type Result } from '../../../shared/result.ts';
import { AccountClient } from '../../../web/volunteer/account/accountClient.ts';
import { CoordinatorProcess } from '../testing/idlewaveProcess.ts';
import { kernelJob } from '../testing/kernelJob.ts';
import { RawHost, treeOf, truthOf } from './testing/rawHost.ts';

const DEADLINE_MS = 120_000;
let coordinator: CoordinatorProcess;
beforeAll(async () => {
  coordinator = await CoordinatorProcess.start();
}, DEADLINE_MS);
afterAll(() => coordinator.stop(), DEADLINE_MS);

function makeKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  return {
    publicKey: raw,
    privateKey,
    sign: (text: Uint8Array) => Promise.resolve(new Uint8Array(sign(null, text, privateKey))),
  };
}
type TestKey = ReturnType<typeof makeKey>;

async function hello(key: TestKey, origin: string, nonce: string): Promise<object> {
  return {
    type: 'hello',
    version: LINK_VERSION,
    publicKey: key.publicKey,
    host: 'host_1',
    origin,
    nonce,
    signature: Buffer.from(await key.sign(helloText(origin, nonce, 'host_1'))).toString('hex'),
    capabilities: { engines: ['cpu'], adapter: 'raw', memoryBytes: 2 ** 30 },
    agent: 'raw',
  };
}

/** What a new link answers to this hello: `welcome`, or the code by which it is refused. */
function answerTo(make: (nonce: string) => object | Promise<object>): Promise<string> {
  const socket = new WebSocket(coordinator.url.replace(/^http/, 'ws') + LINK_PATH);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as {
        type: string;
        nonce: string;
        problem?: { code: string };
      };
      if (message.type === 'challenge') {
        void Promise.resolve(make(message.nonce)).then((said) => socket.send(JSON.stringify(said)));
        return;
      }
      socket.close();
      resolve(message.problem?.code ?? message.type);
    });
  });
}

const accountOf = (signer: TestKey, origin = coordinator.url): AccountClient =>
  new AccountClient({
    origin: new URL(origin).origin,
    signer,
    fetch: (input, init) => {
      assert(typeof input === 'string', 'the client asks for addresses');
      return fetch(input.replace(origin, coordinator.url), init);
    },
  });

const codeOf = async <T>(answer: Promise<Result<T, { code: string }>>): Promise<string> => {
  const came = await answer;
  return came.ok ? 'ok' : came.error.code;
};

describe('hellos', { timeout: DEADLINE_MS }, () => {
  it('that were overheard, or made for another coordinator', async () => {
    const { origin } = new URL(coordinator.url);
    const key = makeKey();
    let overheard: object = {};
    expect(await answerTo(async (nonce) => (overheard = await hello(key, origin, nonce)))).toBe(
      'welcome',
    );
    expect(await answerTo(() => overheard)).toBe('hello-replayed');
    expect(await answerTo((nonce) => ({ ...overheard, nonce }))).toBe('bad-signature');
    const evil = 'https://evil.example';
    expect(await answerTo((nonce) => hello(key, evil, nonce))).toBe('wrong-origin');
    expect(await answerTo(async (nonce) => ({ ...(await hello(key, evil, nonce)), origin }))).toBe(
      'bad-signature',
    );
  });
});

describe('reports', { timeout: DEADLINE_MS }, () => {
  it('that another key signed are not taken, and cost the assignment; signed rightly they are', async () => {
    const client = coordinator.client();
    await client.submit({
      ...kernelJob({ items: 16, itemsPerShard: 8, samplesPerItem: 64, seed: 1 }),
      verification: { kind: 'quorum', quorum: 1 },
    });
    const host = await RawHost.join(coordinator.url);
    const mine = await host.assigned();
    const outputs = await truthOf(mine);
    const root = commitmentOf(mine.assignment, treeOf(outputs, mine.items.length));
    host.sayCommit(mine.assignment, root, makeKey().privateKey);
    expect((await host.next('refused')).problem.code).toBe('report-signature');
    expect(await client.contributor(host.contributor)).toMatchObject({
      microCredits: '0',
      errored: 1,
    });
    await host.deliver(await host.assigned());
    expect((await host.next('settled')).verdict).toBe('unchecked');
  });
});

describe('linking codes', { timeout: DEADLINE_MS }, () => {
  it('that were used, replaced or guessed, and requests for another coordinator', async () => {
    const ada = accountOf(makeKey());
    const made = await ada.makeCode();
    if (!made.ok) throw new Error(made.error.detail);
    const [laptop, thief] = [accountOf(makeKey()), accountOf(makeKey())];
    const linked = await laptop.link(made.value.code, 'Laptop');
    expect(linked).toMatchObject({ ok: true, value: { devices: [{}, {}] } });
    expect(await codeOf(thief.link(made.value.code, 'x'))).toBe('link-code-used');
    const replaced = await ada.makeCode();
    if (!replaced.ok) throw new Error(replaced.error.detail);
    await ada.makeCode();
    expect(await codeOf(thief.link(replaced.value.code, 'x'))).toBe('link-code-unknown');
    const codes = [];
    for (let i = 0; i < 12; i++) codes.push(await codeOf(thief.link('00000000', 'x')));
    expect([codes[0], codes.at(-1)]).toEqual(['link-code-unknown', 'too-many-guesses']);

    const elsewhere = accountOf(makeKey(), 'http://evil.example');
    expect(await codeOf(elsewhere.show())).toBe('wrong-origin');
  });
});
