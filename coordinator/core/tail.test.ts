import { describe, expect, it } from 'vitest';
import { isWorthCopying, leftMs } from './tail.ts';

describe('what a lease lasts yet', () => {
  it('follows from its progress', () => {
    expect(leftMs({ elapsedMs: 3_000, items: 100, itemsDone: 25 })).toBe(9_000);
    expect(leftMs({ elapsedMs: 3_000, items: 100, itemsDone: 100 })).toBe(0);
  });

  it('is as long again where none was shown', () => {
    expect(leftMs({ elapsedMs: 3_000, items: 100, itemsDone: 0 })).toBe(3_000);
  });
});

describe('a copy is worth it', () => {
  it('where it ends much sooner', () => {
    expect(isWorthCopying(10_000, 1_000)).toBe(true);
    expect(isWorthCopying(10_000, 5_000)).toBe(false);
  });

  it('and not for a moment', () => {
    expect(isWorthCopying(999, 1)).toBe(false);
  });
});
