/** sha256Search@1: around whole lanes, groups and workgroups, prefixes of every end, targets of every and no nonce. */
import type { KernelCase } from '../testing/cases.ts';

const word = '89abcdef';

export const sha256SearchCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { prefixHex: word, noncesPerItem: 300, targetZeroBits: 6 }, items: 3 },
  { params: { prefixHex: '', noncesPerItem: 1, targetZeroBits: 0 }, items: 67 },
  { params: { prefixHex: word.repeat(11), noncesPerItem: 17, targetZeroBits: 2 }, items: 2 },
  // A block header of Bitcoin's length, and lanes of more than one group.
  { params: { prefixHex: word.repeat(19), noncesPerItem: 2081, targetZeroBits: 10 }, items: 2 },
];
