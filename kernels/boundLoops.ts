/**
 * Bounds the loops of an author's module before a volunteer's graphics card runs it: the coordinator has seen its first item
 * end, and data may differ.
 *
 * Each loop counts by itself: a count that several shared would make what follows depend on each invocation, and then none
 * may wait for another. A loop in which invocations wait is left as it is, for the same reason. What still takes too long the
 * browser ends.
 */
import { MAX_LOOP_ROUNDS_PER_ITEM } from '../shared/limits.ts';
import { structureOf, tokensOf, withInsertions, type Insertion } from './wgslText.ts';

export function boundLoops(source: string): string {
  const { loops, statements } = structureOf(tokensOf(source));
  const begins = new Set(statements.map(({ at }) => at));
  const insertions = loops
    // An attribute stands before some.
    .filter(({ word, mayWait }) => !mayWait && begins.has(word.at))
    .flatMap(({ word, first }, i): Insertion[] => {
      const left = `${RESERVED}left_${i}`;
      return [
        { at: word.at, text: `var ${left} = ${MAX_LOOP_ROUNDS_PER_ITEM}u; ` },
        { at: first.at, text: `if ${left} == 0u { break; } ${left} -= 1u; ` },
      ];
    });
  return withInsertions(source, insertions);
}

/** Names that begin so are the network's own: the coordinator refuses modules that have them. */
export const RESERVED = 'idlewave_';
