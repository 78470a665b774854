/** Jobs, shards and assignments for tests of the core and of the engine: small, valid, in any state. */
import { digestOf } from '../../../shared/digest.ts';
import {
  shardIdOf,
  type AssignmentId,
  type BlobDigest,
  type ContributorId,
  type HostId,
  type JobId,
  type KeyId,
} from '../../../shared/ids.ts';
import type { QuorumPolicy } from '../../../shared/protocol/verification.ts';
import {
  NO_COUNTS,
  type Assignment,
  type AssignmentState,
  type Job,
  type Shard,
} from '../state.ts';

export const digest = (text: string): BlobDigest => digestOf(new TextEncoder().encode(text));

export const quorumOf = (
  quorum: number,
  secondOpinion: QuorumPolicy['secondOpinion'] = 'contributors',
): QuorumPolicy => ({ kind: 'quorum', quorum, secondOpinion });

/** 100 items of 2 MFLOP in ten shards, compared exactly by a quorum of two. */
export function jobOf(changes: Partial<Job> = {}): Job {
  return {
    id: 'job_1' as JobId,
    author: 'key_1' as KeyId,
    name: 'a job',
    program: { kind: 'kernel', kernel: 'montecarlo@1', params: {} },
    stacked: null,
    constants: null,
    items: 100,
    itemsPerShard: 10,
    shards: 10,
    permutationKey: digest('permutation key'),
    verification: quorumOf(2),
    asked: quorumOf(2),
    why: 'This is what you asked for.',
    acceptance: { kind: 'exact', nonFinite: 'refuse' },
    facts: {
      inputs: {},
      outputs: { hits: { dtype: 'U32', dims: [] } },
      feeds: {},
      flopsPerItem: 2e6,
      flopsFrom: 'manifest',
      refereeMsPerItem: 40,
      programBytes: 0,
    },
    priceMicroCredits: 400n,
    createdAtMs: 1_000,
    state: { kind: 'running' },
    counts: NO_COUNTS,
    ...changes,
  };
}

export const shardOf = (job: Job, index = 0, changes: Partial<Shard> = {}): Shard => ({
  id: shardIdOf(job.id, index),
  job: job.id,
  index,
  items: Math.min(job.itemsPerShard, job.items - index * job.itemsPerShard),
  state: { kind: 'open' },
  ...changes,
});

export const LEASED = {
  kind: 'leased',
  deadlineMs: 60_000,
  itemsDone: 0,
  committed: null,
} as const satisfies AssignmentState;
export const COMMITTED = {
  ...LEASED,
  committed: { root: digest('root') },
} as const satisfies AssignmentState;
export const reported = (output: string): AssignmentState => ({
  kind: 'reported',
  output: digest(output),
  probeOutput: null,
  root: digest(`root of ${output}`),
  engine: 'cpu',
  engineClass: 'cpu',
  computeMs: 1,
  atMs: 2_000,
});
export const ERRORED: AssignmentState = { kind: 'errored', atMs: 3_000, code: 'c', message: 'm' };
export const UNDELIVERED: AssignmentState = {
  kind: 'undelivered',
  atMs: 3_000,
  reason: 'unreadable',
};
export const EXPIRED: AssignmentState = { kind: 'expired', atMs: 3_000 };
export const RETURNED: AssignmentState = { kind: 'returned', atMs: 3_000, reason: 'paused' };
export const REVOKED: AssignmentState = { kind: 'revoked', atMs: 3_000 };
export const JUDGED: AssignmentState = {
  kind: 'judged',
  output: digest('judged'),
  engine: 'cpu',
  engineClass: 'cpu',
  verdict: 'agree',
  reason: 'agreed with the quorum',
  microCredits: 20n,
  atMs: 3_000,
};

/** An assignment of the contributor `c_<who>` on its one host. */
export const assignmentOf = (
  shard: Shard,
  who: string | number,
  state: AssignmentState = LEASED,
  changes: Partial<Assignment> = {},
): Assignment => ({
  id: `asg_${shard.index}_${who}` as AssignmentId,
  shard: shard.id,
  job: shard.job,
  host: `host_${who}` as HostId,
  contributor: `c_${who}` as ContributorId,
  cohort: `c_${who}`,
  probes: [],
  grantedAtMs: 1_500,
  state,
  ...changes,
});
