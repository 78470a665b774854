/** The rules by which a host may be given a shard, one by one and in their order. */
import { describe, expect, it } from 'vitest';
import type { ContributorId, KeyId } from '../../shared/ids.ts';
import { ALL_WORK, type Wishes } from '../../shared/protocol/wishes.ts';
import { JOB_RULES, SHARD_RULES, memoryOf, refusalOf, type Candidate } from './assign.ts';
import type { AssignmentState } from './state.ts';
import {
  ERRORED,
  EXPIRED,
  JUDGED,
  LEASED,
  RETURNED,
  REVOKED,
  assignmentOf,
  digest,
  jobOf,
  reported,
  shardOf,
} from './testing/work.ts';

const KERNEL_JOB = jobOf();
const ONNX_JOB = jobOf({ program: { kind: 'onnx', model: digest('model'), itemsPerRun: 1 } });
const SHARD = shardOf(KERNEL_JOB);

const hostOf = (changes: Partial<Candidate> = {}): Candidate => ({
  contributor: 'c_me' as ContributorId,
  cohort: 'c_me',
  capabilities: { engines: ['webgpu', 'wasm', 'cpu'], adapter: 'a', memoryBytes: 2 ** 30 },
  wishes: ALL_WORK,
  coolsUntilMs: 0,
  quarantinedUntilMs: 0,
  ejectedFrom: new Set(),
  classQuarantines: new Set(),
  driverRefuses: new Set(),
  ...changes,
});
const withEngines = (...engines: Candidate['capabilities']['engines']) =>
  hostOf({ capabilities: { engines, adapter: 'a', memoryBytes: 2 ** 30 } });

const ofJob = (host: Candidate, job = KERNEL_JOB, nowMs = 1_000) =>
  refusalOf(JOB_RULES, { job, host, nowMs })?.refusal ?? null;

describe('may this host have any shard of the job?', () => {
  it('a capable host may', () => {
    expect(ofJob(hostOf())).toBeNull();
    expect(ofJob(hostOf(), ONNX_JOB)).toBeNull();
  });

  it('kernels run on WebGPU and CPU, models on WebGPU and WASM', () => {
    expect(ofJob(withEngines('cpu'))).toBeNull();
    expect(ofJob(withEngines('webgpu'))).toBeNull();
    expect(ofJob(withEngines('wasm'))).toBe('no-engine');
    expect(ofJob(withEngines('wasm'), ONNX_JOB)).toBeNull();
    expect(ofJob(withEngines('cpu'), ONNX_JOB)).toBe('no-engine');
    expect(ofJob(withEngines())).toBe('no-engine');
  });

  it('it must have the memory for three copies of the program and two assignments', () => {
    const facts = {
      ...KERNEL_JOB.facts,
      inputs: { x: { dtype: 'F32', dims: [100] } },
      outputs: { y: { dtype: 'U8', dims: [50] } },
      programBytes: 1_000_000,
    } as const;
    const job = jobOf({ facts });
    const needed = 3 * 1_000_000 + 2 * (400 + 50) * 10;
    expect(memoryOf(job)).toBe(needed);
    // What all items share is held once, with the program.
    const inputs = { ...facts.inputs, weights: { dtype: 'F32', dims: [1_000_000] } } as const;
    const sharing = jobOf({ facts: { ...facts, inputs, constants: ['weights'] } });
    expect(memoryOf(sharing)).toBe(needed);
    const withMemory = (memoryBytes: number) =>
      hostOf({ capabilities: { engines: ['cpu'], adapter: 'a', memoryBytes } });
    expect(ofJob(withMemory(needed), job)).toBeNull();
    expect(ofJob(withMemory(needed - 1), job)).toBe('not-enough-memory');
  });

  it('it must have rested, up to the moment', () => {
    const host = hostOf({ coolsUntilMs: 2_000 });
    expect(ofJob(host, KERNEL_JOB, 1_999)).toBe('cooling-down');
    expect(ofJob(host, KERNEL_JOB, 2_000)).toBeNull();
  });

  it('its contributor must not be in quarantine, up to the moment', () => {
    const host = hostOf({ quarantinedUntilMs: 2_000 });
    expect(ofJob(host, KERNEL_JOB, 1_999)).toBe('quarantined-for-aborts');
    expect(ofJob(host, KERNEL_JOB, 2_000)).toBeNull();
  });

  it('its volunteer must wish for it, which is asked last of all', () => {
    const wishes: Wishes = { ...ALL_WORK, authors: { not: ['key_1'], only: [] } };
    expect(ofJob(hostOf({ wishes }))).toBe('not-wished');
    expect(ofJob(hostOf({ wishes }), jobOf({ author: 'key_2' as KeyId }))).toBeNull();
    expect(ofJob({ ...withEngines(), wishes })).toBe('no-engine');
    expect(ofJob(hostOf({ wishes, coolsUntilMs: 2_000 }))).toBe('cooling-down');
  });

  it('the first rule that refuses gives the reason', () => {
    expect(ofJob({ ...withEngines(), coolsUntilMs: 2_000 })).toBe('cooling-down');
  });

  it('every rule has a name and a sentence for people', () => {
    const rules = [...JOB_RULES, ...SHARD_RULES];
    expect(new Set(rules.map(({ refusal }) => refusal)).size).toBe(rules.length);
    for (const { text } of rules) expect(text).toMatch(/^(the|a) [a-z ]+$/);
  });
});

describe('may this host have this shard?', () => {
  const ofShard = (host: Candidate, ...assignments: ReturnType<typeof assignmentOf>[]) =>
    refusalOf(SHARD_RULES, { assignments, host })?.refusal ?? null;
  const mine = (state: AssignmentState) => assignmentOf(SHARD, 'me', state);

  it.each<[string, AssignmentState, string | null]>([
    ['computes it', LEASED, 'same-contributor'],
    ['has reported it', reported('x'), 'same-contributor'],
    ['was judged on it', JUDGED, 'same-contributor'],
    ['failed at it', ERRORED, 'same-contributor'],
    ['let it expire', EXPIRED, null],
    ['returned it', RETURNED, null],
    ['had it revoked', REVOKED, null],
  ])('not where its contributor %s (or again, where that is fair)', (_, state, refusal) => {
    expect(ofShard(hostOf(), mine(state))).toBe(refusal);
    expect(ofShard(hostOf(), assignmentOf(SHARD, 'other', state))).toBeNull();
  });

  it('never two of one cohort', () => {
    const other = assignmentOf(SHARD, 'other', LEASED, { cohort: 'net4:203.0.113' });
    expect(ofShard(hostOf({ cohort: 'net4:203.0.113' }), other)).toBe('same-cohort');
    expect(ofShard(hostOf({ cohort: 'net4:203.0.114' }), other)).toBeNull();
    const gone = assignmentOf(SHARD, 'other', RETURNED, { cohort: 'net4:203.0.113' });
    expect(ofShard(hostOf({ cohort: 'net4:203.0.113' }), gone)).toBeNull();
  });
});
