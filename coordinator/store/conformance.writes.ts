/** What every store must do with what it is given. Run by `conformance.ts`. */
import { describe, expect, it } from 'vitest';
import { authorAccount, ISSUANCE } from '../../shared/ledger.ts';
import type { LiveStore } from './conformance.ts';
import { StoreHeldError, type Changes } from './store.ts';
import {
  ASSIGNMENT_STATES,
  HARD_TEXT,
  JOB_STATES,
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
  makeCredit,
  makeEvent,
  makeGrant,
  makeJob,
  makePosting,
  makeRefusal,
  makeShard,
  makeSite,
  makeSiteDay,
  makeTeam,
  siteId,
  settled,
} from './testing/records.ts';

const ALL_DAYS = { by: 'day', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } as const;

export function writeConformance(live: LiveStore): void {
  describe('holds', () => {
    it('is held by one at a time, and free after close', async () => {
      await expect(live.reopen()).rejects.toThrow(StoreHeldError);
      await live.restart();
      await expect(live.reopen()).rejects.toThrow(StoreHeldError);
    });

    it('closes twice without harm, and refuses what comes after', async () => {
      await live.store.close();
      await live.store.close();
      await expect(live.commit({ jobs: [makeJob(1)] })).rejects.toThrow();
      await expect(live.store.job(jobId(1))).rejects.toThrow();
      await live.restart();
      expect(await live.store.job(jobId(1))).toBeNull();
    });

    it('keeps its secret', async () => {
      const secret = await live.store.secret();
      expect(secret).toMatch(/^[0-9a-f]{64}$/);
      expect(await live.store.secret()).toBe(secret);
      await live.restart();
      expect(await live.store.secret()).toBe(secret);
    });
  });

  describe('records', () => {
    it('knows nothing of what was never written', async () => {
      const shard = makeShard(jobId(1), 0);
      expect(await live.store.job(jobId(1))).toBeNull();
      expect(await live.store.shard(shard.id)).toBeNull();
      expect(await live.store.assignment(assignmentId(1))).toBeNull();
      expect(await live.store.assignmentsOf(shard.id)).toEqual([]);
      expect(await live.store.output(shard.id, digest('x'))).toBeNull();
      expect(await live.store.contributor(contributorId(1))).toBeNull();
      expect(await live.store.openWork()).toEqual({ jobs: [], shards: [], assignments: [] });
      expect(await live.store.jobs(null, null, 10)).toEqual({ rows: [], next: null });
      expect(await live.store.credits(contributorId(1), null, 10)).toEqual({
        rows: [],
        next: null,
      });
      expect(await live.store.leaders(10)).toEqual([]);
      expect(await live.store.endedShards(jobId(1), 0, 10)).toEqual([]);
      await live.commit({});
    });

    it('gives back every kind of record as it was, before and after a restart', async () => {
      const jobs = JOB_STATES.map((state, index) => makeJob(index, { state }));
      jobs.push(
        makeJob('onnx', {
          stacked: null,
          constants: digest('constants'),
          program: { kind: 'onnx', model: digest('model'), outputs: ['y'], itemsPerRun: 2 },
          acceptance: {
            kind: 'label',
            maxRelativeL2: 1e-3,
            maxElementError: 0.25,
            margin: 1e-300,
            nonFinite: 'data',
          },
          counts: {
            settledShards: 1,
            settledItems: 2,
            provisionalItems: 8,
            failedShards: 3,
            failedItems: 4,
            hostExecutions: 5,
            refereeExecutions: 6,
            refereeSamples: 2,
            disagreedReports: 7,
            grantedMicroCredits: 2n ** 64n,
          },
        }),
      );
      const shards = SHARD_STATES.map((state, index) => makeShard(jobId(0), index, state));
      const assignments = ASSIGNMENT_STATES.map((state, index) =>
        makeAssignment(index, shards[0]!, state, { grantedAtMs: index }),
      );
      const contributors = [0n, 1n, 2n ** 90n].map((microCredits, index) =>
        makeContributor(index, { microCredits }),
      );
      await live.commit({ jobs, shards, assignments, contributors });
      for (let round = 0; round < 2; round += 1) {
        for (const job of jobs) expect(await live.store.job(job.id)).toEqual(job);
        for (const shard of shards) expect(await live.store.shard(shard.id)).toEqual(shard);
        for (const row of assignments) expect(await live.store.assignment(row.id)).toEqual(row);
        for (const row of contributors) expect(await live.store.contributor(row.id)).toEqual(row);
        expect(await live.store.assignmentsOf(shards[0]!.id)).toEqual(assignments);
        await live.restart();
      }
    });

    it("keeps the order of an author's parameters", async () => {
      const job = makeJob(1);
      await live.commit({ jobs: [job] });
      await live.restart();
      const read = await live.store.job(job.id);
      expect(JSON.stringify(read?.program)).toBe(JSON.stringify(job.program));
    });

    it('replaces a record by its id, whole', async () => {
      const shard = makeShard(jobId(1), 0);
      const before = makeAssignment(1, shard, ASSIGNMENT_STATES[1]);
      const after = { ...before, cohort: 'other', state: ASSIGNMENT_STATES[2]! };
      const job = makeJob(1);
      const switched = {
        ...job,
        verification: { ...job.verification, secondOpinion: 'referee' as const },
        state: JOB_STATES[1]!,
      };
      await live.commit({ jobs: [job], shards: [shard], assignments: [before] });
      await live.commit({
        jobs: [switched],
        shards: [{ ...shard, state: settled(1) }],
        assignments: [after],
        contributors: [makeContributor(1)],
      });
      await live.commit({ contributors: [makeContributor(1, { microCredits: 9n, agreed: 8 })] });
      expect(await live.store.job(job.id)).toEqual(switched);
      expect((await live.store.shard(shard.id))?.state).toEqual(settled(1));
      expect(await live.store.assignmentsOf(shard.id)).toEqual([after]);
      expect(await live.store.contributor(contributorId(1))).toEqual(
        makeContributor(1, { microCredits: 9n, agreed: 8 }),
      );
    });

    it('takes the last of two records with the same id in one commit', async () => {
      const shard = makeShard(jobId(1), 0);
      await live.commit({ shards: [shard, { ...shard, state: settled(4) }] });
      expect((await live.store.shard(shard.id))?.state).toEqual(settled(4));
    });

    it('takes thousands of rows in one commit', async () => {
      const shards = Array.from({ length: 6_000 }, (_, index) => makeShard(jobId(1), index));
      await live.commit({ jobs: [makeJob(1)], shards });
      expect((await live.store.openWork()).shards).toEqual(shards);
    });

    it('lists the assignments of a shard in the order granted', async () => {
      const shard = makeShard(jobId(1), 0);
      const grantedAtMs = [30, 10, 20, 20];
      const names = ['a', 'b', 'd', 'c'];
      const rows = names.map((name, index) =>
        makeAssignment(name, shard, undefined, { grantedAtMs: grantedAtMs[index]! }),
      );
      for (const row of rows) await live.commit({ assignments: [row] });
      const other = makeAssignment('other', makeShard(jobId(1), 1));
      await live.commit({ assignments: [other] });
      const ids = (await live.store.assignmentsOf(shard.id)).map(({ id }) => id);
      expect(ids).toEqual(['b', 'c', 'd', 'a'].map(assignmentId));
    });
  });

  describe('commits', () => {
    const job = makeJob(1);
    const shard = makeShard(job.id, 0);
    const whole: Changes = {
      jobs: [job],
      shards: [{ ...shard, state: settled(1) }],
      assignments: [makeAssignment(1, shard, ASSIGNMENT_STATES[2])],
      contributors: [makeContributor(1, { microCredits: 123n })],
      credits: [makeCredit(contributorId(1), shard.id)],
      movements: [{ movement: makeGrant('a'), logIndex: 1 }],
      balances: [
        { account: ISSUANCE, microCredits: -9n },
        { account: authorAccount(author('a')), microCredits: 9n },
      ],
      postings: [makePosting('a')],
      refusals: [makeRefusal(contributorId(1), assignmentId(9))],
      events: [makeEvent(1)],
      outputs: [{ shard: shard.id, digest: digest('kept'), bytes: new Uint8Array([1, 2, 3]) }],
      calibrations: [makeCalibration(1)],
      engineClasses: [makeClass(1)],
      droppedClasses: [],
      heirs: [{ from: contributorId(1), to: contributorId(2) }],
      teams: [makeTeam(1)],
      droppedTeams: [],
      sites: [makeSite(1)],
      droppedSites: [],
      siteDays: [makeSiteDay(1)],
      devices: [{ id: contributorId(2), state: { kind: 'retired', account: contributorId(1) } }],
      names: [{ contributor: contributorId(1), name: 'Ada' }],
      prunedOutputs: [{ shard: shard.id, keep: digest('kept') }],
      logged: [{ first: 0, entries: [Uint8Array.of(1), new Uint8Array(0)] }],
    };
    const everything = async () => ({
      job: await live.store.job(job.id),
      shard: await live.store.shard(shard.id),
      assignments: await live.store.assignmentsOf(shard.id),
      contributor: await live.store.contributor(contributorId(1)),
      devices: await live.store.accounts.devicesOf(contributorId(1)),
      names: await live.store.accounts.names([contributorId(1)]),
      teams: await live.store.communities.teams(),
      sites: await live.store.communities.sites(),
      siteDays: await live.store.communities.siteDays(siteId(1), 10),
      credits: await live.store.credits(contributorId(1), null, 10),
      refusals: await live.store.refusals(contributorId(1), null, 10),
      events: await live.store.authorRecords.list('openEvent', null, null, 9),
      work: await live.store.history.days(0),
      heir: await live.store.history.devices(contributorId(2), ALL_DAYS, 10),
      output: await live.store.output(shard.id, digest('kept')),
      calibrations: await live.store.calibrations(),
      engineClasses: await live.store.engineClasses(),
      ended: await live.store.endedShards(job.id, 0, 10),
      open: await live.store.openWork(),
      logged: [await live.store.logSize(), await live.store.logged(0)],
      balances: await live.store.ledger.balances(null, 10),
      movements: await live.store.ledger.movements(authorAccount(author('a')), null, 10),
      posting: await live.store.posting(author('a'), HARD_TEXT),
    });

    it('writes nothing of a commit that fails in the middle', async () => {
      const nothing = await everything();
      // A negative credit is a bug of the caller's; the database finds it after the other lists.
      const bad = makeCredit(contributorId(2), shard.id, { microCredits: -1n });
      await expect(
        live.store.commit({ ...whole, credits: [...whole.credits, bad] }),
      ).rejects.toThrow();
      expect(await everything()).toEqual(nothing);
      await live.restart();
      expect(await everything()).toEqual(nothing);
      await live.store.commit(whole);
      expect((await everything()).job).toEqual(job);
    });

    it('reaches the same state when the same changes come twice', async () => {
      await live.store.commit(whole);
      const once = await everything();
      await live.store.commit(whole);
      expect(await everything()).toEqual(once);
      expect(once.output).toEqual(new Uint8Array([1, 2, 3]));
      expect(once.credits.rows).toEqual(whole.credits);
    });

    it('runs commits that overlap, each whole, in the order given', async () => {
      const rounds = Array.from({ length: 20 }, (_, index) => index + 1);
      await Promise.all(
        rounds.map((agreed) => live.commit({ contributors: [makeContributor(1, { agreed })] })),
      );
      expect((await live.store.contributor(contributorId(1)))?.agreed).toBe(20);
    });
  });
}
