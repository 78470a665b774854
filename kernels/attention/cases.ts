/** attention@1: both sides of four keys, of tiles, chunks and pairs of queries; causal sequences whole and continued. */
import type { KernelCase } from '../testing/cases.ts';
import { MAX_ATTENTION_DIMENSION, MAX_ATTENTION_LENGTH } from './manifest.ts';

export const attentionCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { heads: 2, queries: 5, keys: 7, dimension: 8 }, items: 3 },
  { params: { heads: 1, queries: 1, keys: 1, dimension: 4 }, items: 2 },
  { params: { heads: 3, queries: 17, keys: 17, dimension: 16, causal: true }, items: 2 },
  { params: { heads: 2, queries: 3, keys: 12, dimension: 8, causal: true }, items: 2 },
  { params: { heads: 1, queries: 15, keys: 33, dimension: 60 }, items: 1, constant: ['k', 'v'] },
  {
    params: { heads: 1, queries: 65, keys: 31, dimension: 12, scale: 2 },
    items: 2,
    constant: ['q'],
  },
  { params: { heads: 1, queries: 9, keys: 10, dimension: MAX_ATTENTION_DIMENSION }, items: 1 },
  // One query and many keys, as when text is continued: the keys are split.
  { params: { heads: 2, queries: 1, keys: 515, dimension: 8, causal: true }, items: 2 },
  // The first queries see nothing of the last chunks.
  { params: { heads: 1, queries: 300, keys: 300, dimension: 4, causal: true }, items: 1 },
  { params: { heads: 1, queries: 2, keys: MAX_ATTENTION_LENGTH, dimension: 12 }, items: 1 },
  // Scores far apart, and far from zero.
  {
    params: { heads: 1, queries: 6, keys: 20, dimension: 4, scale: 1 },
    items: 1,
    value: (input, index) => (input === 'q' ? 5 : Math.sin(index) * 2 + 3),
  },
];
