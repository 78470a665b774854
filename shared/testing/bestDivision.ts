/**
 * The evenest division of a small graph into stages there is: every set of nodes that can be a prefix is tried.
 *
 * Exponential, and of no use but to hold a planner against. Bit i of a set is node i.
 */
import { assert } from '../result.ts';

/** Beyond this the sets no longer fit the time of a test. */
const MAX_NODES = 12;

/** `before[i]`: the nodes whose values node i takes. The cost of the dearest stage; Infinity where none is possible. */
export function bestBottleneck(
  costs: readonly number[],
  before: readonly (readonly number[])[],
  stages: number,
): number {
  assert(costs.length <= MAX_NODES, `bestBottleneck: ${costs.length} nodes`);
  const needs = before.map((nodes) => nodes.reduce((set, node) => set | (1 << node), 0));
  const all = (1 << costs.length) - 1;
  const costOf = new Float64Array(all + 1);
  const prefixes: number[] = [];
  for (let set = 0; set <= all; set++) {
    if (set > 0) {
      const lowest = 31 - Math.clz32(set & -set);
      costOf[set] = costOf[set & (set - 1)]! + costs[lowest]!;
    }
    if (needs.every((need, node) => (set & (1 << node)) === 0 || (need & ~set) === 0)) {
      prefixes.push(set);
    }
  }
  let best = new Map<number, number>([[0, 0]]);
  for (let stage = 1; stage <= stages; stage++) {
    const next = new Map<number, number>();
    for (const set of prefixes) {
      let least = Infinity;
      for (const [earlier, bottleneck] of best) {
        if (earlier === set || (earlier & ~set) !== 0) continue;
        least = Math.min(least, Math.max(bottleneck, costOf[set]! - costOf[earlier]!));
      }
      if (least < Infinity) next.set(set, least);
    }
    best = next;
  }
  return best.get(all) ?? Infinity;
}
