/**
 * Adversaries that commit, open or walk away dishonestly, against the running coordinator: what catches each, what
 * follows, that it earns nothing by it, and that nobody honest is blamed. Numbers: the catalogue of adversaries.
 */
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { concatBytes } from '@noble/hashes/utils.js';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { OPENED_ROWS, commitmentOf, openingsOf } from '../../../shared/commitment.ts';
import { merkleTree } from '../../../shared/merkle.ts';
import { itemChunks } from '../../../shared/program.ts';
import type { AssignMessage } from '../../../shared/protocol/link.ts';
import type { NamedTensors } from '../../../shared/tensor.ts';
import type { IdlewaveClient, Job, SubmitOptions } from '../../client.ts';
import { CoordinatorProcess } from '../testing/idlewaveProcess.ts';
import { kernelJob, wrongItems } from '../testing/kernelJob.ts';
import { RawHost, treeOf, truthOf } from './testing/rawHost.ts';

const WORK = { items: 160, itemsPerShard: 16, samplesPerItem: 4_096, seed: 1 };

let coordinator: CoordinatorProcess;
let client: IdlewaveClient;
let jobs: Job[] = [];
let honest: RawHost[];
let adversary: RawHost;
beforeAll(async () => {
  coordinator = await CoordinatorProcess.start();
  client = coordinator.client();
});
afterAll(() => coordinator.stop());
afterEach(async () => {
  for (const job of jobs) await job.cancel();
  jobs = [];
});

async function post(options: SubmitOptions = kernelJob(WORK)): Promise<Job> {
  const job = await client.submit(options);
  jobs.push(job);
  return job;
}

async function arrive(count: number): Promise<void> {
  honest = [];
  for (let i = 0; i < count; i++) honest.push(await RawHost.join(coordinator.url));
  adversary = await RawHost.join(coordinator.url);
}

/** The honest ones do what is left; the job is right, each was paid, and none has anything to its name. */
async function finish(job: Job): Promise<void> {
  while ((await job.refresh()).state === 'running') {
    for (const host of honest) {
      const next = await host.ask();
      if (next.type === 'assign') await host.deliver(next);
    }
  }
  expect(job.view).toMatchObject({ state: 'done', items: { settled: WORK.items } });
  expect(await wrongItems(job, WORK)).toEqual([]);
  await expectUnpunished();
  for (const { contributor } of honest) {
    const { microCredits } = await client.contributor(contributor);
    expect(Number(microCredits)).toBeGreaterThan(0);
  }
}

async function expectUnpunished(): Promise<void> {
  for (const { contributor } of honest) {
    const blame = { disagreed: 0, errored: 0, expired: 0 };
    expect(await client.contributor(contributor)).toMatchObject(blame);
  }
}

async function expectNoCredit(): Promise<void> {
  const { rows } = await client.credits(adversary.contributor);
  expect(rows).toEqual([]);
  expect(await client.contributor(adversary.contributor)).toMatchObject({ microCredits: '0' });
}

/** Nothing more is assigned to it, and it can read why. */
async function expectQuarantined(): Promise<void> {
  const answer = await adversary.ask();
  expect(answer).toMatchObject({ type: 'waiting', code: 'quarantined-for-aborts' });
  expect(answer.type === 'waiting' && answer.text).toContain('60 minutes');
}

const rootOf = (assign: AssignMessage, tree: Uint8Array) => commitmentOf(assign.assignment, tree);

it('#17 replay: an older result and its commitment, for the same input posted again', async () => {
  await arrive(2);
  const first = await post();
  const before = await adversary.assigned();
  const old = await adversary.deliver(before);
  await first.cancel();
  const job = await post();

  // As it was: the root is bound to another assignment.
  const again = await adversary.assigned();
  expect(again.items.length).toBe(before.items.length);
  const challenge = await adversary.commit(again, rootOf(before, treeOf(old, 16)));
  expect(await adversary.refusedReport(again, old, challenge)).toBe('report-root-mismatch');

  // Bound anew, in the old order: every assignment has its own, so it is judged wrong.
  const next = await adversary.assigned();
  const reply = await adversary.report(next, old, await adversary.commit(next, old));
  expect(reply.type).toBe('received');
  await finish(job);
  expect((await adversary.next('settled')).verdict).toBe('disagree');
  await expectNoCredit();
});

it('#19 copycat: waits for a peer’s result and hands it in as its own', async () => {
  await arrive(1);
  const job = await post({ ...kernelJob(WORK), itemsPerShard: WORK.items });
  const [peer] = honest as [RawHost];
  const theirs = await peer.assigned();
  const leaked = await truthOf(theirs);
  const leakedRoot = rootOf(theirs, treeOf(leaked, WORK.items));
  const mine = await adversary.assigned();
  expect([...mine.items].sort()).toEqual([...theirs.items].sort());
  expect(mine.items).not.toEqual(theirs.items);

  // The peer's commitment is worth nothing here, and nothing else may be committed after it.
  const challenge = await adversary.commit(mine, leakedRoot);
  expect(await adversary.refusedReport(mine, leaked, challenge)).toBe('report-root-mismatch');

  // A second copycat commits to the peer's rows, in the peer's order: wrong for its own.
  const second = await RawHost.join(coordinator.url);
  const copied = await second.assigned();
  expect((await second.report(copied, leaked, await second.commit(copied, leaked))).type).toBe(
    'received',
  );
  const answer = await peer.report(theirs, leaked, await peer.commit(theirs, leaked));
  expect(answer.type).toBe('received');
  // The two disagree: the referee recomputes the shard.
  await finish(job);
  expect((await second.next('settled')).verdict).toBe('disagree');
  expect((await peer.next('settled')).verdict).toBe('agree');
  await expectNoCredit();
  expect(await client.contributor(second.contributor)).toMatchObject({ microCredits: '0' });
});

it('#27 selective abort: walks away when it sees the challenge', async () => {
  await arrive(1);
  // Sampled, so that the rate of checking shows in what an assignment carries besides its 512 items.
  const sampled = {
    ...kernelJob({ ...WORK, items: 16_384, itemsPerShard: 512, samplesPerItem: 16 }),
  };
  await post({ ...sampled, verification: { kind: 'sampled' } });
  const [peer] = honest as [RawHost];
  for (let i = 0; i < 4; i++) await peer.deliver(await peer.assigned());
  const probesOf = ({ items }: AssignMessage) => items.length - 512;
  let next = await adversary.assigned();
  // Some draws of probes find nothing new: there may be fewer.
  const ordinary = (): void => expect(probesOf(next)).toBeLessThanOrEqual(8);
  const close = (): void => expect(probesOf(next)).toBeGreaterThan(16);
  ordinary();
  await adversary.deliver(next);
  next = await adversary.assigned();
  close();
  for (let i = 0; i < 20 && probesOf(next) > 8; i++) {
    await adversary.deliver(next);
    next = await adversary.assigned();
  }
  ordinary();

  const aborted: string[] = [];
  const abort = async (how: 'return' | 'leave' | 'fail'): Promise<void> => {
    const { assignment } = next;
    aborted.push(assignment);
    await adversary.commit(next, await truthOf(next));
    if (how === 'return') {
      adversary.say({ type: 'return', assignments: [assignment], reason: 'closing' });
    } else if (how === 'leave') {
      adversary.say({ type: 'leave', reason: 'closing' });
      await adversary.cut();
      expect(await adversary.connect()).toEqual([]);
    } else {
      adversary.say({
        type: 'compute-error',
        assignment,
        code: 'device-lost',
        message: 'so it says',
      });
    }
  };
  await abort('leave');
  next = await adversary.assigned();
  ordinary();
  await abort('return');
  next = await adversary.assigned();
  close();
  await abort('fail');
  next = await adversary.assigned();
  await abort('leave');
  await expectQuarantined();

  const { rows } = await client.credits(adversary.contributor);
  expect(rows.filter(({ assignment }) => aborted.includes(assignment))).toEqual([]);
  await expectUnpunished();
  expect((await peer.ask()).type, 'the others work on').toBe('assign');
});

it('#28 root grinding: many commitments for one assignment', async () => {
  await arrive(2);
  const job = await post();
  const mine = await adversary.assigned();
  const outputs = await truthOf(mine);
  const challenge = await adversary.commit(mine, outputs);
  for (let i = 0; i < 4; i++) {
    adversary.sayCommit(mine.assignment, `${i}`.repeat(64));
    expect((await adversary.next('refused')).problem.code).toBe('commit-repeated');
  }
  // The first stands, with the challenge it had; and grinding has cost what aborting costs.
  expect(await adversary.commit(mine, outputs)).toBe(challenge);
  const ground = { hits: (await truthOf({ ...mine, items: [...mine.items].reverse() }))['hits']! };
  expect(await adversary.refusedReport(mine, ground, challenge)).toBe('report-root-mismatch');
  await expectQuarantined();
  await finish(job);
  await expectNoCredit();
});

/** Commits to a tree of its own making over its right rows, and reports these rows. */
type Forgery = (rows: readonly Uint8Array[]) => Uint8Array;

it('#29 opens what it did not commit to: other outputs, forged trees, malformed paths', async () => {
  await arrive(2);
  const job = await post();
  const changed = (outputs: NamedTensors): NamedTensors => {
    const { hits } = outputs as { hits: NamedTensors[string] };
    return { hits: { ...hits, bytes: hits.bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte)) } };
  };
  const mine = await adversary.assigned();
  const right = await truthOf(mine);
  const challenge = await adversary.commit(mine, changed(right));
  expect(await adversary.refusedReport(mine, right, challenge)).toBe('report-root-mismatch');

  // The tree of twice the last row (CVE-2012-2459), and inner nodes that pose as rows.
  const forgeries: readonly Forgery[] = [
    (rows) => merkleTree([...rows, rows.at(-1)!]),
    (rows) => {
      const tree = merkleTree(rows.slice(0, 2));
      return merkleTree([
        concatBytes(tree.subarray(0, 32), tree.subarray(32, 64)),
        ...rows.slice(2),
      ]);
    },
  ];
  for (const forge of forgeries) {
    adversary = await RawHost.join(coordinator.url);
    const assign = await adversary.assigned();
    const outputs = await truthOf(assign);
    const root = rootOf(assign, forge(itemChunks(outputs, assign.items.length)));
    const opened = await adversary.commit(assign, root);
    expect(await adversary.refusedReport(assign, outputs, opened)).toBe('report-root-mismatch');
    await expectNoCredit();
  }

  adversary = await RawHost.join(coordinator.url);
  const malformed: readonly ((path: string[]) => string[])[] = [
    (path) => [...path, path[0]!],
    (path) => path.slice(1),
    (path) => path.map(() => 'no hash at all'),
    (path) => [...path].reverse(),
  ];
  for (const spoil of malformed) {
    const assign = await adversary.assigned();
    const outputs = await truthOf(assign);
    const opened = await adversary.commit(assign, outputs);
    const paths = openingsOf(treeOf(outputs, assign.items.length), opened);
    const spoiled = paths.map((path, i) => (i === 2 ? spoil(path) : path));
    const code = await adversary.refusedReport(assign, outputs, opened, spoiled);
    expect(code).toBe('report-openings');
  }
  await expectQuarantined();
  await finish(job);
  await expectNoCredit();
});

it('#51 missing proofs: fewer openings than asked, or more', async () => {
  await arrive(2);
  const job = await post();
  const changes: readonly ((paths: string[][]) => string[][])[] = [
    (paths) => paths.slice(0, -1),
    () => [],
    (paths) => [...paths, paths[0]!],
    (paths) => paths.slice(1),
  ];
  for (const change of changes) {
    const assign = await adversary.assigned();
    const outputs = await truthOf(assign);
    const challenge = await adversary.commit(assign, outputs);
    const paths = openingsOf(treeOf(outputs, assign.items.length), challenge);
    expect(paths).toHaveLength(OPENED_ROWS);
    const code = await adversary.refusedReport(assign, outputs, challenge, change(paths));
    expect(code).toBe('report-openings');
  }
  await expectQuarantined();
  await finish(job);
  await expectNoCredit();
});

it('#52 secret leak: challenges are predictable from nothing, and no two assignments share one', async () => {
  await arrive(2);
  const seen = new Set<string>();
  let challenges = 0;
  for (let i = 0; i < 3; i++) {
    const job = await post();
    for (let shard = 0; shard < 4; shard++) {
      const assign = await adversary.assigned();
      // The same root for every assignment of equal jobs: all that differs is the secret and the id.
      const challenge = await adversary.commit(assign, 'a'.repeat(64));
      seen.add(challenge);
      challenges += 1;
      expect(await adversary.commit(assign, 'a'.repeat(64)), 'the same when asked again').toBe(
        challenge,
      );
      if (shard > 0 || i > 0) continue;
      // A crash gives it no second try.
      await coordinator.kill9();
      await coordinator.restart();
      expect(await adversary.connect()).toEqual([assign.assignment]);
      expect(await adversary.commit(assign, 'a'.repeat(64)), 'the same after a crash').toBe(
        challenge,
      );
      adversary.sayCommit(assign.assignment, 'b'.repeat(64));
      expect((await adversary.next('refused')).problem.code).toBe('commit-repeated');
      for (const host of honest) await host.connect();
    }
    if (i < 2) await job.cancel();
  }
  expect(seen.size).toBe(challenges);
  await expectNoCredit();

  // Secrets come from the system's generator: nothing that runs in the coordinator may ask another.
  const root = fileURLToPath(new URL('../../../coordinator/', import.meta.url));
  const sources = (await readdir(root, { recursive: true })).filter(
    (name) => name.endsWith('.ts') && !/\.test\.|(^|\/)(testing|sim)\//.test(name),
  );
  expect(sources.length).toBeGreaterThan(50);
  const asking: string[] = [];
  for (const name of sources) {
    if ((await readFile(root + name, 'utf8')).includes('Math.random')) asking.push(name);
  }
  expect(asking, 'only a pause between two tries is left to it').toEqual(['store/processHold.ts']);
});
