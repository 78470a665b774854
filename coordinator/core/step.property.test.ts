/**
 * Random lives of a job's shards, driven as the engine drives them: whatever legal input comes in whatever
 * order, the invariants hold after every step.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssignmentId } from '../../shared/ids.ts';
import type { Verification } from '../../shared/protocol/verification.ts';
import { priceMicroCredits } from '../../shared/units.ts';
import { ALL_WORK } from '../../shared/protocol/wishes.ts';
import { SHARD_RULES, refusalOf } from './assign.ts';
import { countStep, hasEnded } from './job.ts';
import { needOf, rivalsOf, type ShardNeed } from './replicate.ts';
import type { Assignment, Job, Shard } from './state.ts';
import type { ShardInput } from './shardInput.ts';
import { find, reportsOf, stepShard, type ShardStep, type ShardWork } from './step.ts';
import { LEASED, digest, jobOf, quorumOf, shardOf } from './testing/work.ts';

const SHARDS = 3;
const CONTRIBUTORS = 12;

/** What may happen next; numbers choose among what is possible. */
interface Move {
  readonly what: string;
  readonly shard: number;
  readonly pick: number;
  /** A value near others': equal values agree, neighbours agree too, so agreement is not transitive. */
  readonly value: number;
}
const anyMove: fc.Arbitrary<Move> = fc.record({
  what: fc.constantFrom(
    'grant',
    'grant',
    'copy',
    'commit',
    'commit',
    'commit',
    'report',
    'report',
    'report',
    'progress',
    'error',
    'return',
    'undeliver',
    'expire',
    'judge',
    'judge',
    'check-fails',
    'second-opinion',
    'referee-fails',
    'cancel',
  ),
  shard: fc.nat(SHARDS - 1),
  pick: fc.nat(),
  value: fc.nat(5),
});

const anyVerification: fc.Arbitrary<Verification> = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }).map((n) => quorumOf(n, 'referee')) },
  { weight: 1, arbitrary: fc.constant({ kind: 'algebraic' as const }) },
  {
    weight: 1,
    arbitrary: fc.constant({ kind: 'sampled' as const, secondOpinion: 'contributors' as const }),
  },
);

class Life {
  job: Job;
  works: ShardWork[];
  readonly needs: ShardNeed[];
  readonly settledOutputs = new Map<string, string>();
  readonly sequences: number[] = [];
  #granted = 0;
  #nowMs = 1_000;

  constructor(verification: Verification) {
    this.job = jobOf({ items: 25, shards: SHARDS, verification });
    this.works = Array.from({ length: SHARDS }, (_, i) => ({
      shard: shardOf(this.job, i),
      assignments: [],
    }));
    this.needs = this.works.map(({ shard }) => needOf(shard, [], this.job.verification));
  }

  /** The input that the move means in this state; null where nothing of the kind can happen. */
  inputOf({ what, shard: at, pick, value }: Move): ShardInput | null {
    const work = this.works[at]!;
    const need = this.needs[at]!;
    const leased = work.assignments.filter(({ state }) => state.kind === 'leased');
    const assignment = leased.length === 0 ? null : leased[pick % leased.length]!.id;
    const outputOf = (n: number) => digest(`output ${n}`);
    switch (what) {
      case 'grant': {
        const host = this.#candidate(pick);
        const refused = refusalOf(SHARD_RULES, { assignments: work.assignments, host }) !== null;
        if (need.kind !== 'assignments' || refused) return null;
        return { kind: 'granted', assignment: this.#assignment(work.shard, host.contributor) };
      }
      case 'copy': {
        const slow = leased.find(({ id }) => !isCommitted(work, id));
        if (slow === undefined || rivalsOf(work.assignments, slow).length > 0) return null;
        const host = this.#candidate(pick);
        if (refusalOf(SHARD_RULES, { assignments: work.assignments, host }) !== null) return null;
        const assignment = this.#assignment(work.shard, host.contributor);
        return { kind: 'granted', assignment: { ...assignment, copyOf: slow.id } };
      }
      case 'commit': {
        const next = leased.find(({ id }) => !isCommitted(work, id))?.id;
        const deadlineMs = this.#nowMs + 9;
        return next === undefined
          ? null
          : { kind: 'committed', assignment: next, root: `root ${value}`, deadlineMs };
      }
      case 'report': {
        const next = leased.find(({ id }) => isCommitted(work, id))?.id;
        if (next === undefined) return null;
        const answer = { output: outputOf(value), probeOutput: null };
        const report = { ...answer, engine: 'cpu', engineClass: 'cpu', computeMs: 1 } as const;
        return { kind: 'reported', assignment: next, report };
      }
      case 'progress':
        return (
          assignment && {
            kind: 'progressed',
            assignment,
            itemsDone: value,
            deadlineMs: this.#nowMs + 9,
          }
        );
      case 'error':
        return assignment && { kind: 'errored', assignment, code: 'c', message: 'm' };
      case 'return':
        return assignment && { kind: 'returned', assignment, reason: 'paused' };
      case 'undeliver':
        return assignment && { kind: 'undelivered', assignment, reason: 'unreadable' };
      case 'expire':
        return assignment && { kind: 'expired', assignment };
      case 'judge': {
        const valueOf = (id: AssignmentId) => {
          const { state } = find(work, id);
          return [0, 1, 2, 3, 4, 5].findIndex(
            (n) => state.kind === 'reported' && state.output === outputOf(n),
          );
        };
        if (need.kind === 'comparison') {
          const agrees = (a: AssignmentId, b: AssignmentId) =>
            Math.abs(valueOf(a) - valueOf(b)) <= 1;
          return { kind: 'compared', agrees, reasonOf: () => 'is off' };
        }
        if (work.shard.state.kind === 'provisional') {
          const { assignment } = work.shard.state;
          return value % 2 === 0
            ? { kind: 'finalised', checkedItems: 1, cleanChecks: value }
            : { kind: 'rejected', assignment, reason: 'taken back' };
        }
        if (need.kind === 'check') {
          const { id } = reportsOf(work)[0]!;
          if (this.job.verification.kind === 'sampled') {
            return value % 3 === 0
              ? { kind: 'rejected', assignment: id, reason: 'is off' }
              : {
                  kind: 'accepted',
                  assignment: id,
                  checksThen: value,
                  sample: { probes: 1, blind: 0 },
                };
          }
          // Most are wrong, so that all ends are reached.
          return { kind: 'checked', assignment: id, fault: value % 3 === 0 ? null : 'is off' };
        }
        if (work.shard.state.kind !== 'refereeing') return null;
        const disagreement = (id: AssignmentId) =>
          Math.abs(valueOf(id) - value) <= 1 ? null : 'is off';
        return { kind: 'refereed', output: outputOf(value), disagreement };
      }
      case 'second-opinion': {
        const isQuorum = this.job.verification.kind === 'quorum';
        const waits = need.kind === 'assignments' && leased.length === 0;
        return waits && isQuorum && reportsOf(work).length > 0
          ? { kind: 'second-opinion-wanted' }
          : null;
      }
      case 'check-fails':
        return need.kind === 'check' && pick % 4 === 0 ? { kind: 'check-failed' } : null;
      case 'referee-fails':
        return work.shard.state.kind === 'refereeing' && pick % 4 === 0
          ? { kind: 'referee-failed', reason: 'it failed' }
          : null;
      default:
        return pick % 10 === 0 && !hasEnded(work.shard) ? { kind: 'job-ended' } : null;
    }
  }

  apply(at: number, input: ShardInput): ShardStep {
    const before = this.works[at]!;
    const step = stepShard(this.job, before, input, (this.#nowMs += 1));
    this.works = this.works.with(at, step.work);
    this.needs[at] = step.need;
    const counted = countStep(this.job, before.shard, step, this.#nowMs);
    this.#check(before, step, this.job, counted);
    this.job = counted;
    return step;
  }

  #candidate(pick: number) {
    const contributor = `c_${pick % CONTRIBUTORS}` as Assignment['contributor'];
    const capabilities = { engines: [], adapter: '', memoryBytes: 0 };
    return {
      contributor,
      cohort: contributor,
      capabilities,
      coolsUntilMs: 0,
      quarantinedUntilMs: 0,
      ejectedFrom: new Set<string>(),
      wishes: ALL_WORK,
      classQuarantines: new Set<string>(),
      driverRefuses: new Set<string>(),
    };
  }

  #assignment(shard: Shard, contributor: Assignment['contributor']): Assignment {
    return {
      id: `asg_${(this.#granted += 1)}` as AssignmentId,
      shard: shard.id,
      job: shard.job,
      host: `host_of_${contributor}` as Assignment['host'],
      contributor,
      probes: [],
      cohort: contributor,
      grantedAtMs: this.#nowMs,
      state: { ...LEASED, deadlineMs: this.#nowMs + 9 },
    };
  }

  #check(before: ShardWork, step: ShardStep, job: Job, counted: Job): void {
    const { shard, assignments } = step.work;
    const holding = assignments.filter(
      ({ state }) => state.kind === 'leased' || state.kind === 'reported',
    );
    expect(new Set(holding.map(({ contributor }) => contributor)).size, 'one copy each').toBe(
      holding.length,
    );
    expect(assignments.length).toBeGreaterThanOrEqual(before.assignments.length);
    assertFinal(before, step.work);
    if (shard.state.kind !== 'open') {
      const leases = assignments.filter(({ state }) => state.kind === 'leased');
      expect(leases, 'a shard that is not open has no leases').toEqual([]);
    }
    const committed = assignments.filter(({ id }) => isCommitted(step.work, id));
    for (const it of committed) expect(rivalsOf(assignments, it), 'it keeps the shard').toEqual([]);
    for (const it of step.revoked) expect(find(before, it.id).state.kind).toBe('leased');
    if (!hasEnded(before.shard) && hasEnded(shard) && 'sequence' in shard.state) {
      this.sequences.push(shard.state.sequence);
      expect(counted.counts.settledShards + counted.counts.failedShards).toBe(
        this.sequences.length,
      );
    } else {
      const faults = step.judged.length;
      const disagreedReports = job.counts.disagreedReports + faults;
      const { provisionalItems: _, ...others } = job.counts;
      expect(counted.counts).toMatchObject({ ...others, disagreedReports });
    }
    checkCredits(job, before, step);
    if (shard.state.kind === 'settled') {
      const first = this.settledOutputs.get(shard.id) ?? shard.state.output;
      expect(shard.state.output, 'the canonical output never changes').toBe(first);
      this.settledOutputs.set(shard.id, first);
    }
  }
}

function isCommitted(work: ShardWork, id: AssignmentId): boolean {
  const { state } = find(work, id);
  return state.kind === 'leased' && state.committed !== null;
}

/** What has an end stays as it ended. */
function assertFinal(before: ShardWork, after: ShardWork): void {
  for (const was of before.assignments) {
    const now = find(after, was.id);
    if (was.state.kind === 'leased') continue;
    if (was.state.kind === 'reported') expect(['reported', 'judged']).toContain(now.state.kind);
    else expect(now).toEqual(was);
  }
  if (hasEnded(before.shard)) expect(after.shard).toEqual(before.shard);
}

/** Credit goes to agreeing reports of a shard that settles in this step, at its price, and to nobody else. */
function checkCredits(
  job: Job,
  before: ShardWork,
  { work, credits, judged, trust }: ShardStep,
): void {
  const price = priceMicroCredits(job.facts.flopsPerItem, work.shard.items);
  const settles = before.shard.state.kind !== 'settled' && work.shard.state.kind === 'settled';
  if (!settles) {
    // Only a report that failed its own check is judged before the end.
    expect(credits).toEqual([]);
    expect(judged.length).toBeLessThanOrEqual(job.verification.kind === 'quorum' ? 0 : 1);
    for (const { state } of judged) expect(state).toMatchObject({ verdict: 'disagree' });
  } else expect(judged.map(({ id }) => id)).toEqual(reportsOf(before).map(({ id }) => id));
  const paid = new Map(credits.map((entry) => [entry.assignment, entry]));
  expect(new Set(credits.map(({ contributor }) => contributor)).size).toBe(credits.length);
  for (const { id, state, contributor } of judged) {
    if (state.kind !== 'judged') return expect.fail('judged, but not so');
    const agreed = state.verdict !== 'disagree';
    const alone = judged.filter((it) => paid.has(it.id)).length === 1;
    const byQuorum = work.shard.state.kind === 'settled' && work.shard.state.by === 'quorum';
    if (agreed) expect(state.verdict).toBe(byQuorum && alone ? 'unchecked' : 'agree');
    expect(state.microCredits).toBe(agreed ? price : 0n);
    expect(paid.get(id)?.microCredits).toBe(agreed ? price : undefined);
    if (agreed) expect(paid.get(id)).toMatchObject({ contributor, items: work.shard.items });
    const events = trust
      .filter(({ assignment }) => assignment.id === id)
      .map(({ event }) => event.kind);
    expect(events).toEqual([agreed ? 'agreed' : 'disagreed']);
  }
}

describe('random lives', () => {
  it('the invariants hold after every step', () => {
    const ends: Record<string, number> = {};
    fc.assert(
      fc.property(
        anyVerification,
        fc.array(anyMove, { minLength: 60, maxLength: 220 }),
        (verification, moves) => {
          const life = new Life(verification);
          for (const move of moves) {
            const input = life.inputOf(move);
            if (input !== null && life.job.state.kind === 'running') life.apply(move.shard, input);
          }
          expect(life.sequences).toEqual(life.sequences.map((_, i) => i + 1));
          const { counts } = life.job;
          const ended = life.works.filter(({ shard }) => hasEnded(shard));
          const items = ended.reduce((sum, { shard }) => sum + shard.items, 0);
          expect(counts.settledItems + counts.failedItems).toBe(items);
          const provisional = life.works.filter(({ shard }) => shard.state.kind === 'provisional');
          expect(counts.provisionalItems).toBe(
            provisional.reduce((sum, { shard }) => sum + shard.items, 0),
          );
          for (const { shard } of life.works)
            ends[shard.state.kind] = (ends[shard.state.kind] ?? 0) + 1;
          const isOver = ended.length === SHARDS;
          expect(life.job.state.kind).toBe(
            isOver ? (counts.failedShards > 0 ? 'failed' : 'done') : 'running',
          );
        },
      ),
      { numRuns: 800 },
    );
    // The walk reaches every kind of end, or it proves nothing.
    expect(Object.keys(ends).sort()).toEqual([
      'failed',
      'open',
      'provisional',
      'refereeing',
      'settled',
    ]);
    expect(ends['settled']).toBeGreaterThan(100);
  });
});
