/** What older versions of the coordinator wrote is taken up by this one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../shared/history.ts';
import { contributorAccount } from '../../shared/ledger.ts';
import { NO_ABORTS } from '../core/aborts.ts';
import { NEW_STREAM } from '../core/stream.ts';
import type { AuthorRecord, AuthorRecordKind } from './authorRecords.ts';
import { openPgliteStore } from './pgliteStore.ts';
import {
  ASSIGNMENT_STATES,
  JOB_STATES,
  NO_CHANGES,
  SHARD_STATES,
  assignmentId,
  author,
  digest,
  jobId,
  makeAssignment,
  makeContributor,
  makeCredit,
  makeJob,
  makeRefusal,
  makeShard,
} from './testing/records.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'idlewave-migrations-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Undoes version 12. */
const WITHOUT_TIMES = 'alter table jobs drop column results_due_ms, drop column blobs;';

/** Undoes versions 3 to 12, as far as records show it. */
const AS_VERSION_2 = `
  delete from idlewave_schema where version > 2;
  alter table credits drop constraint credits_pkey;
  alter table credits drop column part;
  alter table credits add primary key (shard, contributor);
  drop table calibrations, engine_classes, log_entries, refusals, accounts, movements, unlogged_credit;
  drop table devices, display_names, work_hours, work_days, teams, sites, site_days, author_records;
  ${WITHOUT_TIMES}
  update jobs set record = (record::jsonb - 'asked' - 'why')::json;
  update jobs set progress = progress #- '{counts,refereeSamples}';
  update shards set state = state - 'sample';
  update assignments set record = record #- '{state,committed}' #- '{state,engineClass}';
  update contributors set record = jsonb_set(
    record - 'aborts', '{streams,0,stream}', (record #> '{streams,0,stream}') - 'doubted');`;

it('records of the second schema are brought to this one', async () => {
  const job = makeJob(1);
  const sampled = SHARD_STATES.find(({ kind }) => kind === 'provisional')!;
  const shard = makeShard(job.id, 0, sampled);
  const assignments = ASSIGNMENT_STATES.map((state, i) => makeAssignment(i, shard, state));
  const streams = [{ key: 'v1/k', stream: NEW_STREAM }];
  const contributor = { ...makeContributor(1), streams };
  const before = await openPgliteStore(directory);
  const credits = [makeCredit(contributor.id, shard.id, { microCredits: 5n })];
  const records = {
    jobs: [job],
    shards: [shard],
    assignments,
    contributors: [contributor],
    credits,
  };
  await before.commit({ ...NO_CHANGES, ...records });
  await before.close();
  const database = new PGlite(join(directory, 'database'));
  await database.exec(AS_VERSION_2);
  await database.close();

  const store = await openPgliteStore(directory);
  const why = 'This is what you asked for.';
  expect(await store.job(job.id)).toEqual({ ...job, asked: job.verification, why });
  const sample = { probes: 0, blind: 0 };
  expect((await store.shard(shard.id))?.state).toEqual({ ...sampled, sample });
  for (const { id, state } of assignments) {
    let expected = state;
    if (state.kind === 'leased') expected = { ...state, committed: null };
    // Of any adapter: the engine is all that is known.
    else if ('engine' in state) expected = { ...state, engineClass: state.engine };
    expect((await store.assignment(id))?.state).toEqual(expected);
  }
  const aborts = NO_ABORTS;
  expect(await store.contributor(contributor.id)).toEqual({ ...contributor, aborts });
  expect(await store.calibrations()).toEqual([]);
  const account = contributorAccount(contributor.id);
  expect(await store.ledger.unlogged()).toEqual([{ account, microCredits: 5n }]);
  await store.close();
});

it('work of before there were histories is added up, for who has its credit now', async () => {
  const [first, account, old] = ['first', 'account', 'old'].map((name) => makeContributor(name));
  const moved = [
    { ...old!, movedTo: first!.id },
    { ...first!, movedTo: account!.id },
  ];
  const credits = moved.map(({ id }, i) =>
    makeCredit(id, makeShard(jobId(1), i).id, { atMs: DAY_MS + i * HOUR_MS, microCredits: 5n }),
  );
  const refusals = [makeRefusal(old!.id, assignmentId(1), { atMs: DAY_MS })];
  const before = await openPgliteStore(directory);
  const contributors = [account!, ...moved];
  await before.commit({ ...NO_CHANGES, contributors, credits, refusals });
  await before.close();
  const database = new PGlite(join(directory, 'database'));
  await database.exec(`
    delete from idlewave_schema where version > 8;
    drop table work_hours, work_days, teams, sites, site_days, author_records;
    ${WITHOUT_TIMES}`);
  await database.close();

  const store = await openPgliteStore(directory);
  const { history } = store;
  const range = { fromMs: 0, toMs: 3 * DAY_MS };
  const work = { shards: 1, items: 10, microCredits: 5n };
  expect(await history.buckets(account!.id, null, { by: 'hour', ...range })).toEqual([
    { atMs: DAY_MS, ...work, refused: 1 },
    { atMs: DAY_MS + HOUR_MS, ...work, refused: 0 },
  ]);
  expect(await history.devices(account!.id, { by: 'day', ...range }, 5)).toEqual([
    { device: first!.id, ...work, refused: 0 },
    { device: old!.id, ...work, refused: 1 },
  ]);
  await store.close();
});

it('blobs that were named before names were kept stay named, and results without a time get one', async () => {
  const recordOf = (kind: AuthorRecordKind, id: string, body: object = {}) =>
    ({
      kind,
      id,
      author: author('a'),
      createdAtMs: 1,
      body: { ...body, digest: digest(id) },
    }) as unknown as AuthorRecord;
  const states = ['validating', 'running', 'failed', 'ended'];
  const records = [
    recordOf('model', 'model'),
    recordOf('file', 'file'),
    ...states.map((kind) => recordOf('batch', kind, { state: { kind } })),
    recordOf('webhook', 'webhook'),
  ];
  const job = makeJob(1, { constants: digest('constants'), state: JOB_STATES[1]! });
  const before = await openPgliteStore(directory);
  await before.commit({ ...NO_CHANGES, jobs: [job] });
  for (const record of records) await before.authorRecords.put(record);
  await before.close();
  const database = new PGlite(join(directory, 'database'));
  await database.exec(`
    delete from idlewave_schema where version > 11;
    alter table author_records drop column blobs;
    ${WITHOUT_TIMES}`);
  await database.close();

  const store = await openPgliteStore(directory);
  const named = [job.stacked!, job.constants!, ...records.slice(0, 4).map(({ id }) => digest(id))];
  const others = records.slice(4).map(({ id }) => digest(id));
  expect(await store.retention.namedOf([...named, ...others])).toEqual(new Set(named));
  expect(await store.retention.due(Number.MAX_SAFE_INTEGER, 9)).toEqual([]);
  await store.retention.setTimes(DAY_MS, 10 * DAY_MS);
  expect((await store.retention.due(11 * DAY_MS, 9)).map(({ id }) => id)).toEqual([job.id]);
  await store.close();
});
