/**
 * Random histories of commits, restarts and prunings: a store must read as the one in memory does.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorAccount } from '../../shared/ledger.ts';
import type { Assignment, DeviceState } from '../core/state.ts';
import type { ContributorId } from '../../shared/ids.ts';
import type { StoreUnderTest } from './conformance.ts';
import { MemoryData, openMemoryStore } from './memoryStore.ts';
import { classId, type Changes, type Page, type Store } from './store.ts';
import {
  ASSIGNMENT_STATES,
  CALIBRATION_STATES,
  CLASS_STATES,
  JOB_STATES,
  HARD_TEXT,
  SHARD_STATES,
  assignmentId,
  author,
  contributorId,
  digest,
  jobId,
  makeAssignment,
  makeCalibration,
  makeClass,
  makeContributor,
  makeEvent,
  makeGrant,
  makePosting,
  makeCredit,
  makeJob,
  makeRefusal,
  makeShard,
  makeSite,
  makeSiteDay,
  makeTeam,
  siteId,
  teamId,
} from './testing/records.ts';

const JOBS = 3;
const SHARDS_PER_JOB = 4;
const ASSIGNMENTS = 10;
const CONTRIBUTORS = 4;
const NAMED = Array.from({ length: JOBS }, (_, job) => digest(`stacked ${job}`));
const OUTPUT_NAMES = ['a', 'b', 'c'];

const anyJob = fc.nat(JOBS - 1);
/** Credit of a whole shard, or of one assignment of a stage of it. */
const anyStage = fc.constantFrom(
  {},
  { stage: 0, assignment: assignmentId('first') },
  { stage: 1, assignment: assignmentId('second') },
);
const anyContributor = fc.nat(CONTRIBUTORS - 1).map(contributorId);
const anyShard = fc
  .record({
    job: anyJob,
    index: fc.nat(SHARDS_PER_JOB - 1),
    state: fc.constantFrom(...SHARD_STATES),
  })
  .map(({ job, index, state }) => {
    // A sequence belongs to one shard of its job.
    const ownState = 'sequence' in state ? { ...state, sequence: index + 1 } : state;
    return makeShard(jobId(job), index, ownState);
  });
const anyOutputName = fc.constantFrom(...OUTPUT_NAMES);
const microCredits = fc.bigInt({ min: 0n, max: 2n ** 80n });

const deviceState = (
  kind: DeviceState['kind'],
  account: ContributorId,
  linkedAtMs: number,
): DeviceState => {
  if (kind === 'device') return { kind, account, name: HARD_TEXT, linkedAtMs };
  return kind === 'recovery' ? { kind, account, linkedAtMs } : { kind, account };
};
const anyDevice = fc
  .tuple(
    fc.nat(CONTRIBUTORS - 1),
    fc.nat(1),
    fc.constantFrom<DeviceState['kind']>('device', 'recovery', 'retired'),
    fc.nat(9),
  )
  .map(([id, of, kind, at]) => {
    const account = contributorId(of);
    return { id: contributorId(id), state: deviceState(kind, account, at) };
  });

const anyChanges: fc.Arbitrary<Changes> = fc.record({
  jobs: fc.array(
    fc
      .tuple(anyJob, fc.constantFrom(...JOB_STATES), fc.string({ unit: 'binary' }))
      // Of one job only what may change does: its time and author stay.
      .map(([job, state, name]) =>
        makeJob(job, { state, name, createdAtMs: job % 2, author: author(job % 2) }),
      ),
    { maxLength: 2 },
  ),
  shards: fc.array(anyShard, { maxLength: 4 }),
  assignments: fc.array(
    fc.tuple(fc.nat(ASSIGNMENTS - 1), fc.constantFrom(...ASSIGNMENT_STATES)).map(([name, state]) =>
      makeAssignment(name, makeShard(jobId(name % JOBS), name % SHARDS_PER_JOB), state, {
        grantedAtMs: name % 3,
      }),
    ),
    { maxLength: 4 },
  ),
  devices: fc.array(anyDevice, { maxLength: 3 }),
  heirs: fc.array(
    fc.tuple(anyContributor, anyContributor).map(([from, to]) => ({ from, to })),
    { maxLength: 1 },
  ),
  names: fc
    .dictionary(fc.constantFrom('0', '1'), fc.option(fc.string({ unit: 'binary' })))
    .map((names) =>
      Object.entries(names).map(([who, name]) => ({ contributor: contributorId(who), name })),
    ),
  teams: fc.array(
    fc.tuple(fc.nat(1), fc.nat(9)).map(([name, maxMembers]) => makeTeam(name, { maxMembers })),
    { maxLength: 3 },
  ),
  droppedTeams: fc.subarray([2, 3].map(teamId)),
  sites: fc.array(
    fc.tuple(fc.nat(1), fc.string()).map(([id, name]) => makeSite(id, { name })),
    { maxLength: 3 },
  ),
  droppedSites: fc.subarray([2, 3].map(siteId)),
  siteDays: fc.array(
    fc
      .tuple(fc.nat(1), fc.constantFrom('2026-11-21', '2026-11-22'), microCredits)
      .map(([name, day, amount]) => makeSiteDay(name, { day, microCredits: amount })),
    { maxLength: 3 },
  ),
  contributors: fc.array(
    fc
      .tuple(fc.nat(CONTRIBUTORS - 1), microCredits)
      .map(([name, amount]) => makeContributor(name, { microCredits: amount })),
    { maxLength: 2 },
  ),
  credits: fc.array(
    fc
      .tuple(anyContributor, anyShard, microCredits, fc.nat(3), anyStage)
      .map(([contributor, shard, amount, atMs, stage]) =>
        makeCredit(contributor, shard.id, { microCredits: amount, atMs, ...stage }),
      ),
    { maxLength: 3 },
  ),
  refusals: fc.array(
    fc
      .tuple(fc.nat(ASSIGNMENTS - 1), fc.nat(3))
      // An assignment is one contributor's.
      .map(([name, atMs]) =>
        makeRefusal(contributorId(name % CONTRIBUTORS), assignmentId(name), { atMs }),
      ),
    { maxLength: 3 },
  ),
  events: fc.array(fc.nat(2).map(makeEvent), { maxLength: 2 }),
  calibrations: fc.array(
    fc
      .tuple(fc.nat(1), fc.nat(1000), fc.constantFrom(...CALIBRATION_STATES))
      .map(([name, comparisons, state]) => makeCalibration(name, { comparisons, state })),
    { maxLength: 2 },
  ),
  engineClasses: fc.array(
    fc
      .tuple(fc.nat(1), fc.constantFrom(...CLASS_STATES))
      .map(([name, state]) => makeClass(name, { state })),
    { maxLength: 2 },
  ),
  // Never of a class that is put: those have other names.
  droppedClasses: fc.constantFrom([], [classId(makeClass(2))]),
  outputs: fc.array(
    fc
      .tuple(anyShard, anyOutputName, fc.uint8Array({ maxLength: 20 }))
      .map(([shard, name, bytes]) => ({ shard: shard.id, digest: digest(name), bytes })),
    { maxLength: 3 },
  ),
  movements: fc.array(
    fc.tuple(fc.nat(2), fc.nat(3), microCredits).map(([to, name, amount]) => ({
      movement: makeGrant(to, { id: `grant ${name}`, microCredits: amount, atMs: name % 2 }),
      logIndex: name,
    })),
    { maxLength: 3 },
  ),
  // Each account once.
  balances: fc
    .uniqueArray(fc.nat(2), { maxLength: 3 })
    .chain((names) => fc.tuple(fc.constant(names), microCredits))
    .map(([names, amount]) =>
      names.map((name) => ({ account: authorAccount(author(name)), microCredits: amount })),
    ),
  postings: fc.array(
    fc.tuple(fc.nat(1), fc.nat(2)).map(([name, job]) => makePosting(name, { job: jobId(job) })),
    { maxLength: 2 },
  ),
  // Numbered without a gap: `conformance.reads.ts` has it.
  logged: fc.constant([]),
  // Each shard once.
  prunedOutputs: fc.uniqueArray(
    fc
      .tuple(anyShard, fc.option(anyOutputName))
      .map(([{ id }, keep]) => ({ shard: id, keep: keep === null ? null : digest(keep) })),
    { maxLength: 2, selector: ({ shard }) => shard },
  ),
});

/** What is done to a store between commits. */
const anyRetention = fc.oneof(
  fc.tuple(fc.option(fc.nat(20)), fc.nat(20)).map(
    ([keepMs, nowMs]) =>
      (store: Store) =>
        store.retention.setTimes(keepMs, nowMs),
  ),
  fc.tuple(anyJob, fc.nat(20), fc.constantFrom('author' as const, 'time' as const)).map(
    ([job, atMs, why]) =>
      (store: Store) =>
        store.retention.deleteResults(jobId(job), atMs, why),
  ),
  // Also of a job whose results are kept, or were pruned before.
  fc
    .tuple(anyJob, fc.nat(30), fc.boolean())
    .map(([job, maxBytes, isDeleted]) => async (store: Store) => {
      if (isDeleted) await store.retention.deleteResults(jobId(job), 1, 'author');
      await store.retention.pruneResults(jobId(job), maxBytes);
    }),
);

/** Null stands for a restart. */
const anyHistory = fc.array(
  fc.oneof(
    { arbitrary: anyChanges, weight: 9 },
    { arbitrary: anyRetention, weight: 3 },
    { arbitrary: fc.constant(null), weight: 1 },
  ),
  { minLength: 5, maxLength: 25 },
);

export function storePropertyConformance(
  name: string,
  open: () => Promise<StoreUnderTest>,
  numRuns: number,
): void {
  describe(`${name} store, random histories`, () => {
    it('reads as the store in memory does', { timeout: 600_000 }, async () => {
      const property = fc.asyncProperty(anyHistory, async (history) => {
        const under = await open();
        let store = under.store;
        const model = await openMemoryStore(new MemoryData());
        try {
          for (const changes of history) {
            if (changes === null) {
              await store.close();
              store = await under.reopen();
              continue;
            }
            for (const each of [store, model])
              await (typeof changes === 'function' ? changes(each) : each.commit(changes));
          }
          expect(await readings(store)).toEqual(await readings(model));
        } finally {
          await under.end(store);
        }
      });
      await fc.assert(property, { numRuns });
    });
  });
}

/** Everything that can be read of the small world above. */
async function readings(store: Store): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  const { jobs, shards, assignments } = await store.openWork();
  const byId = (a: Assignment, b: Assignment) => (a.id < b.id ? -1 : 1);
  all.open = { jobs, shards, assignments: [...assignments].sort(byId) };
  for (const of of [null, author(0), author(1)]) {
    all[`jobs ${of}`] = await pages((cursor) => store.jobs(of, cursor, 2));
  }
  for (let job = 0; job < JOBS; job += 1) {
    all[`job ${job}`] = await store.job(jobId(job));
    all[`ended ${job}`] = await store.endedShards(jobId(job), 1, 2);
    for (let index = 0; index < SHARDS_PER_JOB; index += 1) {
      const { id } = makeShard(jobId(job), index);
      all[id] = await store.shard(id);
      all[`assignments ${id}`] = await store.assignmentsOf(id);
      all[`credits of ${id}`] = await store.creditsOfShard(id);
      for (const name of OUTPUT_NAMES) all[`${name} ${id}`] = await store.output(id, digest(name));
    }
  }
  for (let name = 0; name < ASSIGNMENTS; name += 1) {
    all[`assignment ${name}`] = await store.assignment(assignmentId(name));
  }
  for (let name = 0; name < CONTRIBUTORS; name += 1) {
    const id = contributorId(name);
    all[id] = await store.contributor(id);
    all[`device ${id}`] = await store.accounts.device(id);
    all[`devices of ${id}`] = await store.accounts.devicesOf(id);
    for (const by of ['hour', 'day'] as const) {
      const range = { by, fromMs: 0, toMs: 1 };
      all[`${by}s of ${id}`] = await store.history.buckets(id, null, range);
      all[`devices by ${by} of ${id}`] = await store.history.devices(id, range, 9);
    }
    all[`credits ${id}`] = await pages((cursor) => store.credits(id, cursor, 2));
    all[`refusals ${id}`] = await pages((cursor) => store.refusals(id, cursor, 2));
  }
  all.due = await store.retention.due(15, 9);
  all.named = [...(await store.retention.namedOf(NAMED))].sort();
  all.teams = await store.communities.teams();
  all.sites = await store.communities.sites();
  all.siteDays = await Promise.all([0, 1].map((n) => store.communities.siteDays(siteId(n), 9)));
  all.calibrations = await store.calibrations();
  all.engineClasses = await store.engineClasses();
  all.events = await pages((cursor) => store.authorRecords.list('openEvent', null, cursor, 2));
  all.names = await store.accounts.names([0, 1, 2].map(contributorId));
  all.leaders = await store.leaders(3);
  all.listed = [await store.history.leaders(null, 3), await store.history.leaders(0, 3)];
  all.days = await store.history.days(0);
  all.balances = await store.ledger.balances(null, 2);
  all.moreBalances = await store.ledger.balances(authorAccount(author(0)), 5);
  for (const name of [0, 1, 2]) {
    const account = authorAccount(author(name));
    all[`balance ${name}`] = await store.ledger.balance(account);
    all[`movements ${name}`] = await pages((cursor) => store.ledger.movements(account, cursor, 2));
    all[`movement ${name}`] = await store.ledger.movement(account, 'grant/grant 1');
    all[`posting ${name}`] = await store.posting(author(name), HARD_TEXT);
  }
  return all;
}

async function pages<T>(page: (cursor: string | null) => Promise<Page<T>>): Promise<Page<T>[]> {
  const found = [await page(null)];
  for (let next = found[0]!.next; next !== null; next = found.at(-1)!.next) {
    found.push(await page(next));
  }
  return found;
}
