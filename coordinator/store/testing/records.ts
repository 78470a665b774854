/** Records for the store's tests: valid, all different, every member of every union. */
import { digestOf } from '../../../shared/digest.ts';
import { authorAccount } from '../../../shared/ledger.ts';
import { shardIdOf } from '../../../shared/ids.ts';
import type {
  AssignmentId,
  BlobDigest,
  ContributorId,
  HostId,
  JobId,
  KeyId,
  ShardId,
  SiteId,
  TeamId,
} from '../../../shared/ids.ts';
import type { Calibration, CalibrationState } from '../../core/calibration.ts';
import type { ClassRecord, ClassState } from '../../core/classes.ts';
import type { RefusalEntry } from '../../core/refusals.ts';
import {
  NO_COUNTS,
  type Assignment,
  type AssignmentState,
  type Contributor,
  type CreditEntry,
  type Job,
  type JobState,
  type Shard,
  type ShardState,
} from '../../core/state.ts';
import { NEW_STREAM } from '../../core/stream.ts';
import type { Site, SiteDay } from '../../core/site.ts';
import type { Team } from '../../core/team.ts';
import type { Movement } from '../../core/ledger.ts';
import type { AuthorRecord } from '../authorRecords.ts';
import type { ApiKey, Changes, PostingKey } from '../store.ts';

type Grant = Extract<Movement, { type: 'grant' }>;

/** Text that JSON, SQL and PostgreSQL's JSON each find hard. */
export const HARD_TEXT =
  'NUL \u0000 mark \uE000 \uE0000041 half \uD83D pair \u{1F680} "quoted" \\u0000 \\\\ \'; drop table jobs; -- \n\t é';

export const NO_CHANGES: Changes = {
  jobs: [],
  shards: [],
  assignments: [],
  contributors: [],
  credits: [],
  movements: [],
  balances: [],
  postings: [],
  refusals: [],
  events: [],
  heirs: [],
  devices: [],
  names: [],
  teams: [],
  droppedTeams: [],
  sites: [],
  droppedSites: [],
  siteDays: [],
  calibrations: [],
  engineClasses: [],
  droppedClasses: [],
  outputs: [],
  prunedOutputs: [],
  logged: [],
};

export const digest = (seed: string): BlobDigest => digestOf(new TextEncoder().encode(seed));
export const jobId = (name: string | number) => `job_${name}` as JobId;
export const author = (name: string | number) => `key_${name}` as KeyId;
export const contributorId = (name: string | number) => `c_${name}` as ContributorId;
export const assignmentId = (name: string | number) => `asg_${name}` as AssignmentId;

export function makeJob(name: string | number, changes: Partial<Job> = {}): Job {
  return {
    id: jobId(name),
    author: author('a'),
    name: `Job ${name} ${HARD_TEXT}`,
    program: {
      kind: 'kernel',
      kernel: 'matmul@1',
      params: { zeta: 1, a: [1.5, -1e-7, 1e21, null, true], [HARD_TEXT]: { b: HARD_TEXT, a: 0 } },
    },
    stacked: digest(`stacked ${name}`),
    constants: null,
    items: 100,
    itemsPerShard: 10,
    shards: 10,
    permutationKey: digest(`key ${name}`),
    verification: { kind: 'quorum', quorum: 2, secondOpinion: 'contributors' },
    asked: { kind: 'auto', mostWrong: 5e-3, liars: 0.05, secondOpinion: 'contributors' },
    why: `because ${HARD_TEXT}`,
    acceptance: { kind: 'exact', nonFinite: 'refuse' },
    facts: {
      inputs: { x: { dtype: 'F32', dims: [10, 0, 3] } },
      outputs: { y: { dtype: 'I32', dims: [] } },
      feeds: { x: [1, 3] },
      flopsPerItem: 1.2345678901234e15,
      flopsFrom: 'manifest',
      refereeMsPerItem: 0.1,
      programBytes: 2 ** 40,
    },
    priceMicroCredits: 10n ** 17n + 1n,
    createdAtMs: 1_700_000_000_000,
    expiresAtMs: 1_700_000_000_001,
    state: { kind: 'running' },
    counts: NO_COUNTS,
    ...changes,
  };
}

export const JOB_STATES: readonly JobState[] = [
  { kind: 'running' },
  { kind: 'done', endedAtMs: 5 },
  { kind: 'failed', endedAtMs: 6, reason: HARD_TEXT },
  { kind: 'cancelled', endedAtMs: 7 },
  { kind: 'running', pausedAtMs: 8 },
  { kind: 'running', heldUntilMs: 9 },
  { kind: 'done', endedAtMs: 9, results: { kind: 'kept', untilMs: 20 } },
  {
    kind: 'cancelled',
    endedAtMs: 9,
    results: { kind: 'deleted', atMs: 10, why: 'time', isPruned: false },
  },
];

export function makeShard(job: JobId, index: number, state: ShardState = { kind: 'open' }): Shard {
  return { id: shardIdOf(job, index), job, index, items: 10, state };
}

export const settled = (sequence: number, by: 'quorum' | 'referee' = 'quorum'): ShardState => ({
  kind: 'settled',
  sequence,
  output: digest(`output ${sequence}`),
  by,
  atMs: 1_700_000_000_500 + sequence,
});

export const SHARD_STATES: readonly ShardState[] = [
  { kind: 'open' },
  {
    kind: 'provisional',
    assignment: assignmentId('accepted'),
    output: digest('accepted'),
    checksThen: 7,
    sample: { probes: 3, blind: 1 },
    atMs: 1,
  },
  { kind: 'refereeing', reason: 'tie' },
  { kind: 'refereeing', reason: 'second-opinion' },
  { kind: 'refereeing', reason: 'compute-errors' },
  settled(1, 'quorum'),
  settled(2, 'referee'),
  { kind: 'failed', sequence: 3, reason: HARD_TEXT, atMs: 9 },
];

const LEASED: AssignmentState = {
  kind: 'leased',
  deadlineMs: 1_700_000_060_000,
  itemsDone: 0,
  committed: null,
};

export function makeAssignment(
  name: string | number,
  shard: Shard,
  state: AssignmentState = LEASED,
  changes: Partial<Assignment> = {},
): Assignment {
  return {
    id: assignmentId(name),
    shard: shard.id,
    job: shard.job,
    host: `host_${name}` as HostId,
    contributor: contributorId(name),
    cohort: HARD_TEXT,
    probes: [{ item: 7, shard: shard.id, row: 3 }],
    grantedAtMs: 1_700_000_000_000,
    state,
    ...changes,
  };
}

const judged = (verdict: (AssignmentState & { kind: 'judged' })['verdict']): AssignmentState => ({
  kind: 'judged',
  output: digest('judged'),
  engine: 'cpu',
  engineClass: 'cpu',
  verdict,
  reason: HARD_TEXT,
  microCredits: 2n ** 70n,
  atMs: 3,
});

export const ASSIGNMENT_STATES: readonly AssignmentState[] = [
  { kind: 'leased', deadlineMs: 10, itemsDone: 4, committed: null },
  {
    kind: 'reported',
    output: digest('reported'),
    probeOutput: digest('probes'),
    root: digest('root'),
    engine: 'webgpu',
    engineClass: `webgpu/${HARD_TEXT}`,
    computeMs: 12.345,
    atMs: 2,
  },
  judged('agree'),
  judged('disagree'),
  { kind: 'expired', atMs: 4 },
  { kind: 'returned', atMs: 5, reason: HARD_TEXT },
  { kind: 'errored', atMs: 6, code: 'out-of-memory', message: HARD_TEXT },
  { kind: 'undelivered', atMs: 7, reason: HARD_TEXT },
  { kind: 'revoked', atMs: 8 },
  { kind: 'leased', deadlineMs: 11, itemsDone: 5, committed: { root: digest('root') } },
];

export function makeContributor(
  name: string | number,
  changes: Partial<Contributor> = {},
): Contributor {
  return {
    id: contributorId(name),
    publicKey: digest(`public ${name}`),
    firstSeenMs: 1_700_000_000_000,
    aborts: { total: 3, score: 3.25, quarantinedUntilMs: 1_700_000_100_000 },
    streams: [{ key: `v1/${HARD_TEXT}`, stream: { ...NEW_STREAM, checks: 12, score: 0.25 } }],
    microCredits: 0n,
    agreed: 1,
    disagreed: 2,
    errored: 3,
    expired: 4,
    verifiedItems: 5,
    ...changes,
  };
}

export function makeCredit(
  contributor: ContributorId,
  shard: ShardId,
  changes: Partial<CreditEntry> = {},
): CreditEntry {
  return {
    contributor,
    shard,
    job: jobId('credited'),
    assignment: assignmentId('credited'),
    items: 10,
    microCredits: 123n,
    reason: HARD_TEXT,
    atMs: 1_700_000_000_000,
    ...changes,
  };
}

/** To the author of that name. */
export const makeGrant = (name: string | number, changes: Partial<Grant> = {}): Grant => ({
  type: 'grant',
  id: `grant ${name}`,
  to: authorAccount(author(name)),
  microCredits: 2n ** 70n,
  atMs: 1_700_000_000_000,
  ...changes,
});

export const makeRefusal = (
  contributor: ContributorId,
  assignment: AssignmentId,
  changes: Partial<RefusalEntry> = {},
): RefusalEntry => ({
  contributor,
  assignment,
  shard: shardIdOf(jobId('refused'), 0),
  job: jobId('refused'),
  items: 10,
  code: 'disagree',
  reason: HARD_TEXT,
  atMs: 1_700_000_000_000,
  ...changes,
});

export const makePosting = (
  name: string | number,
  changes: Partial<PostingKey> = {},
): PostingKey => ({
  author: author(name),
  idempotencyKey: HARD_TEXT,
  job: jobId(name),
  specDigest: digest(`spec ${name}`),
  ...changes,
});

export const makeEvent = (name: string | number): AuthorRecord<'openEvent'> => ({
  kind: 'openEvent',
  id: `evt_${name}`,
  author: author('a'),
  createdAtMs: 1,
  body: { type: 'job.done', payload: HARD_TEXT, deliveries: {} },
});

export function makeCalibration(
  name: string | number,
  changes: Partial<Calibration> = {},
): Calibration {
  return {
    program: 'v1/model',
    classes: ['wasm', `webgpu/${name}`],
    comparisons: 300,
    contributors: [contributorId(1), contributorId(2)],
    inBucket: 44,
    worst: { relativeL2: 1.25e-7, elementError: 1 / 3 },
    worstBefore: { relativeL2: 0, elementError: 5e-324 },
    state: { kind: 'learning' },
    ...changes,
  };
}

const figures = { relativeL2: 1e-6, elementError: 1e-5 };
export const CALIBRATION_STATES: readonly CalibrationState[] = [
  { kind: 'learning' },
  { kind: 'established', first: figures, threshold: figures, wanted: null },
  {
    kind: 'established',
    first: figures,
    threshold: figures,
    wanted: { ...figures, relativeL2: 1 },
  },
];

export function makeClass(name: string | number, changes: Partial<ClassRecord> = {}): ClassRecord {
  return {
    program: 'v1/model',
    engineClass: `webgpu/${name}`,
    members: [
      { contributor: contributorId(name), cohort: HARD_TEXT, wrong: 1, cleanSince: 7 },
      { contributor: contributorId('clean'), cohort: 'other', wrong: 0, cleanSince: 0 },
    ],
    state: { kind: 'trusted' },
    ...changes,
  };
}

export const CLASS_STATES: readonly ClassState[] = [
  { kind: 'trusted' },
  { kind: 'quarantined', atMs: 1_700_000_000_000, wrongReports: 5, contributors: 3 },
];

export function makeKey(name: string | number, changes: Partial<ApiKey> = {}): ApiKey {
  return {
    id: author(name),
    name: `Key ${name} ${HARD_TEXT}`,
    hash: digest(`secret ${name}`),
    isPrepaid: name === 'prepaid',
    createdAtMs: 1_700_000_000_000,
    revokedAtMs: null,
    ...changes,
  };
}

export const teamId = (name: string | number) => `team_${name}` as TeamId;
export const siteId = (name: string | number) => `site_${name}` as SiteId;

export const makeTeam = (name: string | number, changes: Partial<Team> = {}): Team => ({
  id: teamId(name),
  name: HARD_TEXT,
  founder: contributorId(name),
  joining: { kind: 'code', code: 'ABCD1234' },
  maxMembers: 7,
  members: [{ id: contributorId(name), sinceMs: 1_700_000_000_000 }],
  createdAtMs: 1_700_000_000_000,
  ...changes,
});

export const makeSite = (name: string | number, changes: Partial<Site> = {}): Site => ({
  id: siteId(name),
  name: HARD_TEXT,
  origins: ['https://example.org'],
  proposedPercent: 10,
  owner: author(name),
  createdAtMs: 1_700_000_000_000,
  ...changes,
});

export const makeSiteDay = (name: string | number, changes: Partial<SiteDay> = {}): SiteDay => ({
  site: siteId(name),
  day: '2026-11-22',
  microCredits: 2n ** 70n,
  credits: 3,
  ...changes,
});
