/**
 * The public log of a coordinator at work: everybody can check it, a credit leads to its entry, and whoever changes
 * history is found out.
 */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { decodeFact } from '../../shared/protocol/publicLog.ts';
import { decodeBundle } from '../../shared/tlog/tiles.ts';
import { CoordinatorProcess, runIdlewave } from './testing/idlewaveProcess.ts';
import { kernelJob } from './testing/kernelJob.ts';
import { startTestHost } from './testing/testHost.ts';

const SHARDS = 300;
/** Of one job: its budget granted and put aside, then each shard and two credits for it. */
const ENTRIES = 2 + 3 * SHARDS;
const JOB = { items: 2 * SHARDS, itemsPerShard: 2, samplesPerItem: 100, seed: 1 };

let coordinator: CoordinatorProcess;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'idlewave-log-'));
  coordinator = await CoordinatorProcess.start();
  await work();
});
afterAll(async () => {
  await coordinator.stop();
  await rm(folder, { recursive: true, force: true });
});

/** One job by two hosts, all of it credited. */
async function work(): Promise<void> {
  const hosts = [await startTestHost(coordinator.url), await startTestHost(coordinator.url)];
  const job = await coordinator
    .client()
    .submit({ ...kernelJob(JOB), verification: { kind: 'quorum', quorum: 2 } });
  expect(await job.done()).toMatchObject({ state: 'done' });
  for (const host of hosts) await host.stop();
}

const verify = (url: string, ...options: string[]) =>
  runIdlewave(['ledger', 'verify', '--url', url, '--json', ...options]);

it('is what its signature says, adds up, and goes on over a restart', async () => {
  const remember = join(folder, 'checkpoint');
  await vi.waitFor(
    async () => {
      const { code, stdout } = await verify(coordinator.url, '--remember', remember);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        shards: SHARDS,
        contributors: 2,
        entries: ENTRIES,
        continues: null,
        faults: [],
      });
    },
    { timeout: 30_000, interval: 1_000 },
  );
  await copyFile(remember, join(folder, 'first'));
  await coordinator.kill9();
  await coordinator.restart();
  await work();
  const { code, stdout } = await verify(coordinator.url, '--remember', remember);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ shards: 2 * SHARDS, continues: ENTRIES });
});

it('has every credit where the credit says', async () => {
  const client = coordinator.client();
  const [first] = await client.leaderboard();
  const { rows } = await client.credits(first!.id);
  const bundle = decodeBundle(await client.logFile('tile/entries/000'));
  if (!bundle.ok) throw new Error(bundle.error);
  const inFirst = rows.filter(({ logIndex }) => logIndex! < 256);
  for (const { logIndex, shard, microCredits } of inFirst) {
    const fact = decodeFact(bundle.value[logIndex!]!);
    expect(fact).toMatchObject({
      ok: true,
      value: { type: 'credit', contributor: first!.id, shard, microCredits: BigInt(microCredits) },
    });
  }
  expect(rows.every(({ logIndex }) => logIndex !== undefined)).toBe(true);
});

it('is exported line by line, as it was logged', async () => {
  const { code, stdout } = await runIdlewave(['ledger', 'export', '--url', coordinator.url]);
  // Of a long output the test keeps the end.
  const facts = stdout
    .split('\n')
    .slice(1, -1)
    .map((line) => JSON.parse(line) as { type: string });
  expect([code, facts.length > 50]).toEqual([0, true]);
  expect(new Set(facts.map(({ type }) => type))).toEqual(new Set(['shard', 'credit']));
});

/** A server between, which changes what it passes on. */
async function between(
  change: (path: string, bytes: Buffer) => Buffer | null,
): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    void (async () => {
      const answer = await fetch(new URL(request.url!, coordinator.url));
      const bytes = change(request.url!, Buffer.from(await answer.arrayBuffer()));
      const type = answer.headers.get('content-type') ?? 'text/plain';
      if (bytes === null) response.writeHead(404).end();
      else response.writeHead(answer.status, { 'content-type': type }).end(bytes);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const bent = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
};

it.each<[string, RegExp, (path: string, bytes: Buffer) => Buffer | null]>([
  [
    'an entry that was rewritten',
    /tile\/0\/000 has not the hashes of the entries/,
    (path, bytes) =>
      path === '/log/tile/entries/000'
        ? Buffer.from(
            bytes.toString('latin1').replace(/"microCredits":"\d/, '"microCredits":"9'),
            'latin1',
          )
        : bytes,
  ],
  [
    'an entry that was dropped',
    /expected 256 entries, came 255/,
    (path, bytes) =>
      path === '/log/tile/entries/001' ? bytes.subarray(2 + bytes.readUInt16BE(0)) : bytes,
  ],
  [
    'a checkpoint that was changed',
    /checkpoint is not to be trusted: the signature .* is not of this text/,
    (path, bytes) =>
      path === '/log/checkpoint'
        ? Buffer.from(bytes.toString().replace(/\n\d+\n/, '\n256\n'))
        : bytes,
  ],
  [
    'a tile that was tampered with',
    /history has changed|does not begin with/,
    (path, bytes) =>
      path.startsWith('/log/tile/0/') || path.startsWith('/log/tile/1/') ? bent(bytes, 5) : bytes,
  ],
  [
    'a balance that is not in the log',
    /the log adds up to \d+ micro-credits, the coordinator says 1\d+/,
    (path, bytes) =>
      path.startsWith('/v1/ledger/balances')
        ? Buffer.from(bytes.toString().replace(/"microCredits":"(?=\d)/, '"microCredits":"1'))
        : bytes,
  ],
  [
    'an account that is not told of',
    /contributor:c_\w+: the log adds up to \d+ micro-credits, the coordinator says 0/,
    (path, bytes) =>
      path.startsWith('/v1/ledger/balances')
        ? Buffer.from(bytes.toString().replace(/\{"account":"contributor:[^}]+\},/, ''))
        : bytes,
  ],
  [
    'a log that is missing',
    /log\/tile\/entries\/000|404/,
    (path, bytes) => (path.startsWith('/log/tile') ? null : bytes),
  ],
])('the command finds %s', async (_, message, change) => {
  const remember = join(folder, `seen-${Math.random()}`);
  // What was seen before: the log of the first job, signed then.
  const old = await readFile(join(folder, 'first'), 'utf8');
  const { url, server } = await between(change);
  try {
    await writeFile(remember, old);
    const { code, stderr, stdout } = await verify(url, '--remember', remember);
    expect([code, stderr + stdout]).toEqual([1, expect.stringMatching(message)]);
    expect(await readFile(remember, 'utf8')).toBe(old);
  } finally {
    server.close();
  }
});

it('another key than the one that is known is refused', async () => {
  const { verifierKey } = await coordinator.client().log();
  expect((await verify(coordinator.url, '--log-key', verifierKey)).code).toBe(0);
  const { code, stderr } = await verify(coordinator.url, '--log-key', `${verifierKey}x`);
  expect([code, stderr]).toEqual([1, expect.stringContaining('signed with another key')]);
});
