/**
 * Two coordinators on one PostgreSQL: hosts of both form one network, and one route; either is as good to an author;
 * and when the one that leads is killed the other leads, with nothing lost.
 */
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { NO_POSTGRES } from '../../coordinator/store/testing/postgres.ts';
import { LINK_PATH, type AssignMessage } from '../../shared/protocol/link.ts';
import { collectResults, type IdlewaveClient, type Job } from '../client.ts';
import { loadDigits, type Digits } from '../demo/digits.ts';
import { RawHost } from './adversaries/testing/rawHost.ts';
import { expectRight } from './testing/expectRight.ts';
import type { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { kernelJob, wrongItems } from './testing/kernelJob.ts';
import { faultsOfBooks, itemsNotOnce } from './testing/ledger.ts';
import { memoryBytes } from './testing/memory.ts';
import { relayPeers } from './testing/relayHosts.ts';
import { stagedDigits } from './testing/stagedDigits.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';
import { Coordinators, healthOf } from './testing/coordinators.ts';

const MiB = 1024 * 1024;
/** Rounds of killing whichever leads. */
const KILLS = 6;

let digits: Digits;
beforeAll(async () => {
  digits = await loadDigits();
});

const hosts: TestHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

async function join(coordinator: CoordinatorProcess): Promise<TestHost> {
  const { url } = coordinator;
  const host = await startTestHost(url, undefined, { peers: relayPeers(url) });
  hosts.push(host);
  return host;
}

/** Two coordinators until the test ends, or the test is skipped. */
async function two(skip: (reason: string) => never, flags?: string[]): Promise<Coordinators> {
  const both = (await Coordinators.start(2, flags)) ?? skip(NO_POSTGRES);
  onTestFinished(() => both.stop());
  return both;
}

/** What everybody's credits of a job sum up to. */
async function creditedOf(client: IdlewaveClient, job: Job): Promise<bigint> {
  let sum = 0n;
  for (const { id } of await client.leaderboard()) {
    const { rows } = await client.credits(id);
    for (const credit of rows) if (credit.job === job.id) sum += BigInt(credit.microCredits);
  }
  return sum;
}

test('peers attached to different coordinators form one route', async ({ skip }) => {
  const { first, second } = await two(skip);
  expect(await healthOf(first.url)).toEqual({
    ok: true,
    store: 'postgres',
    leads: true,
    lead: first.url,
  });
  expect(await healthOf(second.url)).toMatchObject({ leads: false, lead: first.url });
  expect(second.adminToken).toBe(first.adminToken);
  const [here, there] = [await join(first), await join(second)];
  const work = await stagedDigits(digits, 2, 256, 8, 1);
  const job = await second.client().submit(work.options);
  await expectRight(job, work);
  const paths = [here, there].map((host) => [
    ...new Set(
      host
        .eventsOf('routes')
        .flatMap(({ routes }) => routes.flatMap(({ from, to }) => [from?.path, to?.path])),
    ),
  ]);
  for (const seen of paths) expect(seen).toContain('relayed');
  const views = [];
  for (const coordinator of [first, second]) {
    const client = coordinator.client();
    for (const { contributor } of [here, there]) {
      const view = await client.contributor(contributor);
      expect(view).toMatchObject({ disagreed: 0, errored: 0, expired: 0 });
      expect(view.agreed).toBeGreaterThan(0);
    }
    const seen = await client.job(job.id);
    const { outputs } = await collectResults(seen);
    expect(await creditedOf(client, seen)).toBe(BigInt(seen.view.granted));
    views.push({ outputs, view: seen.view, leaders: await client.leaderboard() });
  }
  expect(views[1]).toEqual(views[0]);
});

test(`whichever leads is killed, ${KILLS} times in a row: the other leads, and every item comes once`, async ({
  skip,
}) => {
  const both = await two(skip);
  const { first, second } = both;
  for (const coordinator of [first, second, second]) await join(coordinator);
  const client = first.client();
  await client.network();
  const jobs: Job[] = [];
  const works: Parameters<typeof kernelJob>[0][] = [];
  let killing = true;
  const author = (async () => {
    for (let seed = 0; killing; seed++) {
      const work = { items: 120, itemsPerShard: 2, samplesPerItem: 20_000, seed };
      const job = await client.submit(kernelJob(work));
      jobs.push(job);
      works.push(work);
      expect(await job.done()).toMatchObject({ state: 'done' });
    }
  })();
  author.catch(() => undefined);
  let interrupted = 0;
  let [lead, member] = [first, second];
  const tookMs: number[] = [];
  for (let round = 0; round < KILLS; round++) {
    for (const host of hosts) host.hurry();
    await Promise.race(hosts.map((host) => host.next('computed')));
    await lead.kill9();
    if (jobs.at(-1)?.view.state === 'running') interrupted += 1;
    const atMs = performance.now();
    await both.leads(member);
    tookMs.push(Math.round(performance.now() - atMs));
    await lead.restart();
    expect(await healthOf(lead.url)).toMatchObject({ leads: false, lead: member.url });
    [lead, member] = [member, lead];
  }
  killing = false;
  for (const host of hosts) host.hurry();
  await author;
  console.log(`the other led after ${tookMs.join(', ')} ms; ${interrupted} kills met a job`);
  expect(interrupted).toBeGreaterThan(0);
  for (const coordinator of [first, second]) {
    const asked = coordinator.client();
    for (const [number, { id }] of jobs.entries()) {
      const job = await asked.job(id);
      expect(await itemsNotOnce(job)).toEqual([]);
      expect(await wrongItems(job, works[number]!)).toEqual([]);
    }
    expect(await faultsOfBooks(asked, jobs)).toEqual([]);
    expect((await asked.leaderboard()).map(({ disagreed }) => disagreed)).toEqual([0, 0, 0]);
  }
});

test('a lead that is stopped hands over; while nobody leads a member says to come again', async ({
  skip,
}) => {
  const both = await two(skip);
  const { first, second } = both;
  const host = await join(second);
  // Stopped as an operator would; the lock is free only after its last transaction.
  const stopped = first.stop();
  const refusals: Response[] = [];
  for (;;) {
    const answer = await fetch(`${second.url}/v1/network`);
    if (answer.status === 200 && (await healthOf(second.url)).leads) break;
    if (answer.status === 503) refusals.push(answer);
  }
  await stopped;
  for (const refusal of refusals) {
    expect(refusal.headers.get('retry-after')).toBe('1');
    expect(await refusal.json()).toMatchObject({ code: 'not-ready' });
  }
  host.hurry();
  const work = { items: 8, itemsPerShard: 2, samplesPerItem: 1_000, seed: 1 };
  await join(second);
  const job = await second.client().submit(kernelJob(work));
  expect(await job.done()).toMatchObject({ state: 'done' });
  expect(await wrongItems(job, work)).toEqual([]);
});

test('where hosts of a member come from counts, and nobody else says so', async ({ skip }) => {
  const { first, second } = await two(skip, ['--trusted-proxies', '1']);
  const work = { items: 16, itemsPerShard: 16, samplesPerItem: 64, seed: 3 };
  const verification = { kind: 'quorum', quorum: 2 } as const;
  const job = await second.client().submit({ ...kernelJob(work), verification });
  const one = await RawHost.join(second.url, '203.0.113.7');
  await one.deliver(await taken(one));
  // Of the same network, through either coordinator: no second opinion.
  for (const { url } of [first, second]) {
    const neighbour = await RawHost.join(url, '203.0.113.200');
    expect(await neighbour.ask()).toMatchObject({ code: 'needs-other-contributor' });
  }
  const other = await RawHost.join(second.url, '198.51.100.1');
  await other.deliver(await taken(other));
  expect(await job.done()).toMatchObject({ state: 'done' });

  const forged = {
    'idlewave-member': '0'.repeat(64),
    'idlewave-caller-address': '192.0.2.9',
    'idlewave-caller-origin': first.url,
  };
  for (const { url } of [first, second]) {
    const answer = await fetch(`${url}/v1/network`, { headers: forged });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'not-ready' });
    expect(await upgradeStatus(url, forged)).toBe(503);
  }
  // Without a proof the rest of it is nothing: this is one more of the first network.
  const { 'idlewave-member': _, ...claims } = forged;
  const liar = await RawHost.join(second.url, '203.0.113.9', claims);
  const next = await second.client().submit({ ...kernelJob({ ...work, seed: 4 }), verification });
  await taken(one);
  expect(await liar.ask()).toMatchObject({ code: 'needs-other-contributor' });
  await next.cancel();
});

async function taken(host: RawHost): Promise<AssignMessage> {
  const answer = await host.ask();
  if (answer.type === 'assign') return answer;
  throw new Error(`expected work, came ${answer.code}`);
}

function upgradeStatus(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + LINK_PATH, { headers });
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('open', () => resolve(101));
  });
}

test('a large blob goes through a member both ways, and its memory stays bounded', async ({
  skip,
}) => {
  const { second } = await two(skip);
  const chunk = randomBytes(MiB);
  const chunks = 256;
  const hash = createHash('sha256');
  for (let i = 0; i < chunks; i++) hash.update(chunk);
  const digest = hash.digest('hex');
  const url = `${second.url}/v1/blobs/${digest}`;
  const before = memoryBytes(second.pid, 'VmRSS');
  expect(await upload(url, second.adminToken, chunk, chunks)).toBe(201);
  const answer = await fetch(url);
  expect(answer.headers.get('content-length')).toBe(String(chunks * MiB));
  const came = createHash('sha256');
  for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) came.update(part);
  expect(came.digest('hex')).toBe(digest);
  const peak = memoryBytes(second.pid, 'VmHWM');
  console.log(
    `resident before ${Math.round(before / MiB)} MiB, at most ${Math.round(peak / MiB)} MiB`,
  );
  expect(peak - before).toBeLessThan((chunks * MiB) / 2);
});

function upload(url: string, key: string, chunk: Buffer, chunks: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, 'content-length': chunk.length * chunks };
    const sending = request(url, { method: 'PUT', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sending.on('error', reject);
    let sent = 0;
    const more = (): void => {
      while (sent < chunks) {
        sent += 1;
        if (!sending.write(chunk)) return;
      }
      sending.end();
    };
    sending.on('drain', () => {
      if (!sending.writableEnded) more();
    });
    more();
  });
}

test('events of a job come through a member as they happen, until the author goes', async ({
  skip,
}) => {
  const { first, second } = await two(skip);
  const work = { items: 40, itemsPerShard: 2, samplesPerItem: 20_000, seed: 5 };
  const job = await second.client().submit(kernelJob(work));
  const forwarded = async (): Promise<number> => {
    const text = await (await fetch(`${second.url}/metrics`)).text();
    return Number(/^idlewave_forwarded_open (\d+)$/m.exec(text)?.[1]);
  };
  const gone = new AbortController();
  const lost = job.events(gone.signal);
  await lost.next();
  expect(await forwarded()).toBe(1);
  gone.abort();
  await expect(lost.next()).rejects.toThrow();
  await vi.waitFor(async () => expect(await forwarded()).toBe(0), { timeout: 20_000 });
  const states: number[] = [];
  for await (const view of job.events()) {
    states.push(view.items.settled);
    // That nobody computes yet is told while the stream is open: what follows comes on the same one.
    if (states.length === 1) for (let i = 0; i < 2; i++) await join(first);
  }
  expect([states[0], states.at(-1)]).toEqual([0, work.items]);
  await vi.waitFor(async () => expect(await forwarded()).toBe(0), { timeout: 20_000 });
});
