/**
 * Compares outputs of one shard by the job's acceptance rule, outside of the tick: bytes may have to be
 * read, and large ones take time. What it finds comes back as an input of the core.
 */
import { compareOutputs } from '../../shared/acceptance.ts';
import type { AssignmentId } from '../../shared/ids.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { Assignment, Job, Shard } from '../core/state.ts';
import { outputOf, type ShardInput } from '../core/step.ts';
import type { Outputs } from './outputs.ts';

export type Compared = Extract<ShardInput, { kind: 'compared' }>;

/** Equal digests are equal outputs: nothing has to be read. */
export function comparedByDigest(reports: readonly Assignment[]): Compared | null {
  const [first] = reports;
  if (first === undefined || reports.some((it) => outputOf(it) !== outputOf(first))) return null;
  return { kind: 'compared', agrees: () => true, reasonOf: () => 'agrees with all' };
}

export async function comparePairs(
  job: Job,
  shard: Shard,
  reports: readonly Assignment[],
  outputs: Outputs,
): Promise<Compared> {
  const agreeing = new Set<string>();
  const reasons = new Map<AssignmentId, string>();
  const pair = (a: AssignmentId, b: AssignmentId) => (a < b ? `${a}/${b}` : `${b}/${a}`);
  for (const [i, a] of reports.entries()) {
    for (const b of reports.slice(i + 1)) {
      const why = await disagreement(job, shard, outputs, outputOf(a), outputOf(b));
      if (why === null) agreeing.add(pair(a.id, b.id));
      else for (const { id } of [a, b]) if (!reasons.has(id)) reasons.set(id, why);
    }
  }
  return {
    kind: 'compared',
    agrees: (a, b) => agreeing.has(pair(a, b)),
    reasonOf: (id) => `disagreed with the quorum: ${reasons.get(id) ?? 'no reason kept'}`,
  };
}

/** Why each report disagrees with the referee's outputs; absent where it agrees. */
export async function compareWithReferee(
  job: Job,
  shard: Shard,
  reports: readonly Assignment[],
  truth: NamedTensors,
  outputs: Outputs,
): Promise<Map<AssignmentId, string>> {
  const disagreeing = new Map<AssignmentId, string>();
  for (const report of reports) {
    const reported = await outputs.tensors(shard.id, outputOf(report));
    const comparison = compareOutputs(reported, truth, shard.items, job.acceptance);
    if (comparison.kind === 'disagree') {
      disagreeing.set(report.id, `the referee disagreed: ${comparison.reason}`);
    }
  }
  return disagreeing;
}

async function disagreement(
  job: Job,
  shard: Shard,
  outputs: Outputs,
  a: ReturnType<typeof outputOf>,
  b: ReturnType<typeof outputOf>,
): Promise<string | null> {
  if (a === b) return null;
  const left = await outputs.tensors(shard.id, a);
  const right = await outputs.tensors(shard.id, b);
  const comparison = compareOutputs(left, right, shard.items, job.acceptance);
  return comparison.kind === 'agree' ? null : comparison.reason;
}
