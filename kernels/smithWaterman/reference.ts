/**
 * smithWaterman@1 on the CPU: the definition of what is right, cell by cell. Sums wrap at 32 bits, as WGSL's do, so
 * that even a table of absurd scores has one answer.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { SmithWatermanParams } from './manifest.ts';

/** `score` I32 scalar, `end` U32 [2]. */
export function smithWatermanReference(
  { queryLength, subjectLength, symbols, gapOpen, gapExtend }: SmithWatermanParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const codes = (name: string) =>
    (valuesOf(inputs[name]!) as Uint8Array).map((code) => Math.min(code, symbols - 1));
  const query = codes('query');
  const subject = codes('subject');
  const substitution = valuesOf(inputs['substitution']!) as Int32Array;
  // Of the row above: the best score that ends in each cell, and the best that ends in a gap of the subject.
  const scores = new Int32Array(subjectLength);
  const gaps = new Int32Array(subjectLength);
  let best = 0;
  const end = new Uint32Array(2);
  for (let i = 0; i < queryLength; i++) {
    const table = query[i]! * symbols;
    let diagonal = 0;
    let left = 0;
    let gap = 0;
    for (let j = 0; j < subjectLength; j++) {
      const above = scores[j]!;
      gap = Math.max((gap - gapExtend) | 0, (left - gapOpen) | 0);
      const gapAbove = Math.max((gaps[j]! - gapExtend) | 0, (above - gapOpen) | 0);
      const paired = (diagonal + substitution[table + subject[j]!]!) | 0;
      left = Math.max(0, paired, gap, gapAbove);
      diagonal = above;
      scores[j] = left;
      gaps[j] = gapAbove;
      if (left <= best) continue;
      best = left;
      end[0] = i + 1;
      end[1] = j + 1;
    }
  }
  return { score: tensorOf('I32', [], Int32Array.of(best)), end: tensorOf('U32', [2], end) };
}
