/**
 * Compares outputs of one shard by the rule for what computed them, outside of the tick: bytes may have to be
 * read, and large ones take time. What it finds comes back as an input of the core.
 */
import { compareOutputs, type Acceptance } from '../../shared/acceptance.ts';
import type { AssignmentId } from '../../shared/ids.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { REFEREE_CLASS } from '../core/engineClass.ts';
import type { Assignment, Shard } from '../core/state.ts';
import type { ShardInput } from '../core/shardInput.ts';
import { outputOf } from '../core/step.ts';
import { classOf } from './findings.ts';
import type { Outputs } from './outputs.ts';

/** How reports of these engine classes are compared. */
export type RuleOf = (a: string, b: string) => Acceptance;

export type Compared = Extract<ShardInput, { kind: 'compared' }>;

/** Equal digests are equal outputs: nothing has to be read. */
export function comparedByDigest(reports: readonly Assignment[]): Compared | null {
  const [first] = reports;
  if (first === undefined || reports.some((it) => outputOf(it) !== outputOf(first))) return null;
  return { kind: 'compared', agrees: () => true, reasonOf: () => 'agrees with all' };
}

export async function comparePairs(
  rule: RuleOf,
  shard: Shard,
  reports: readonly Assignment[],
  outputs: Outputs,
): Promise<Compared> {
  const agreeing = new Set<string>();
  const reasons = new Map<AssignmentId, string>();
  const pair = (a: AssignmentId, b: AssignmentId) => (a < b ? `${a}/${b}` : `${b}/${a}`);
  for (const [i, a] of reports.entries()) {
    for (const b of reports.slice(i + 1)) {
      const why = await disagreement(rule(classOf(a), classOf(b)), shard, outputs, a, b);
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
  rule: RuleOf,
  shard: Shard,
  reports: readonly Assignment[],
  truth: NamedTensors,
  outputs: Outputs,
): Promise<Map<AssignmentId, string>> {
  const disagreeing = new Map<AssignmentId, string>();
  for (const report of reports) {
    const reported = await outputs.tensors(shard.id, outputOf(report));
    const asked = rule(classOf(report), REFEREE_CLASS);
    const comparison = compareOutputs(reported, truth, shard.items, asked);
    if (comparison.kind === 'disagree') {
      disagreeing.set(report.id, `the referee disagreed: ${comparison.reason}`);
    }
  }
  return disagreeing;
}

async function disagreement(
  rule: Acceptance,
  shard: Shard,
  outputs: Outputs,
  a: Assignment,
  b: Assignment,
): Promise<string | null> {
  if (outputOf(a) === outputOf(b)) return null;
  const left = await outputs.tensors(shard.id, outputOf(a));
  const right = await outputs.tensors(shard.id, outputOf(b));
  const comparison = compareOutputs(left, right, shard.items, rule);
  return comparison.kind === 'agree' ? null : comparison.reason;
}
