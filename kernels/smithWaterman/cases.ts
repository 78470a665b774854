/** smithWaterman@1: one block, both sides of a block and of a workgroup, codes of no symbol, scores that wrap. */
import type { KernelCase } from '../testing/cases.ts';

const gaps = { gapOpen: 5, gapExtend: 2 };

/** Sequences of four symbols that resemble one another here and there; +3 and -2. */
const resembling = (input: string, index: number): number => {
  if (input === 'substitution') return index % 5 === 0 ? 3 : -2;
  const mixed = Math.imul(index + 1, 0x9e3779b1) >>> (input === 'query' ? 7 : 9);
  return (index % 23 < 17 ? index * index + (index >> 3) : mixed) & 3;
};

const of = (queryLength: number, subjectLength: number, change: object = {}) => ({
  queryLength,
  subjectLength,
  symbols: 4,
  ...gaps,
  ...change,
});

export const smithWatermanCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: of(32, 48), items: 3, value: resembling },
  { params: of(16, 16), items: 70, value: resembling },
  { params: of(48, 32), items: 3, value: resembling, constant: ['query', 'substitution'] },
  { params: of(400, 304), items: 2, value: resembling, constant: ['substitution'] },
  { params: of(2112, 32), items: 1, value: resembling },
  // Equal scores everywhere: the first counts. Nothing that scores: no alignment.
  { params: of(64, 64, { symbols: 2 }), items: 2, value: (input) => Number(input !== 'query') },
  { params: of(32, 32), items: 1, value: (input) => (input === 'substitution' ? -1 : 0) },
  { params: of(64, 64, { gapOpen: 0, gapExtend: 0 }), items: 1, value: resembling },
  // Any bytes and any scores.
  { params: of(48, 80, { symbols: 32, gapOpen: 32_767 }), items: 2 },
];
