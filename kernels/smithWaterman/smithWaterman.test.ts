/** A published alignment, the recurrence beside one with gaps of every length, limits and the plan. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { ONLY_VARIANT } from '../variants.ts';
import {
  MAX_GAP_SCORE,
  MAX_LENGTH,
  MAX_SYMBOLS,
  smithWatermanManifest,
  smithWatermanParams,
} from './manifest.ts';
import { smithWatermanReference } from './reference.ts';
import { smithWatermanShader } from './shader.ts';

const LETTERS = 'ACGT-';
const FILLER = 4;

interface Scoring {
  readonly match: number;
  readonly mismatch: number;
  readonly gapOpen: number;
  readonly gapExtend: number;
}

/** Filled up to whole blocks with a symbol that nothing pairs with. */
function aligned(query: string, subject: string, { match, mismatch, ...gaps }: Scoring) {
  const filled = (text: string) => {
    const length = 16 * Math.ceil(text.length / 16);
    return Uint8Array.from({ length }, (_, i) => LETTERS.indexOf(text[i] ?? '-'));
  };
  const [a, b] = [filled(query), filled(subject)];
  const table = Int32Array.from({ length: 25 }, (_, i) => {
    const [row, column] = [Math.floor(i / 5), i % 5];
    if (row === FILLER || column === FILLER) return -1000;
    return row === column ? match : mismatch;
  });
  const params = smithWatermanParams.parse({
    queryLength: a.length,
    subjectLength: b.length,
    symbols: 5,
    ...gaps,
  });
  const made = smithWatermanReference(params, 0, {
    query: tensorOf('U8', [a.length], a),
    subject: tensorOf('U8', [b.length], b),
    substitution: tensorOf('I32', [5, 5], table),
  });
  const end = valuesOf(made['end']!) as Uint32Array;
  return { score: (valuesOf(made['score']!) as Int32Array)[0]!, end: [...end] };
}

/** By the definition: the best over pairs and over gaps of every length, without carrying gaps along. */
function byDefinition(query: string, subject: string, scoring: Scoring) {
  const { match, mismatch, gapOpen, gapExtend } = scoring;
  const cost = (length: number) => gapOpen + (length - 1) * gapExtend;
  const h = Array.from({ length: query.length + 1 }, () =>
    new Array<number>(subject.length + 1).fill(0),
  );
  let found = { score: 0, end: [0, 0] };
  for (let i = 1; i <= query.length; i++) {
    for (let j = 1; j <= subject.length; j++) {
      const pair = query[i - 1] === subject[j - 1] ? match : mismatch;
      let best = Math.max(0, h[i - 1]![j - 1]! + pair);
      for (let k = 1; k <= i; k++) best = Math.max(best, h[i - k]![j]! - cost(k));
      for (let k = 1; k <= j; k++) best = Math.max(best, h[i]![j - k]! - cost(k));
      h[i]![j] = best;
      if (best > found.score) found = { score: best, end: [i, j] };
    }
  }
  return found;
}

describe('smithWatermanReference', () => {
  it('finds GTT-AC in TGTTACGG, with 13', () => {
    // The worked example of the encyclopaedias: 3 for a match, -3 for a mismatch, 2 for every symbol of a gap.
    const scoring = { match: 3, mismatch: -3, gapOpen: 2, gapExtend: 2 };
    expect(aligned('TGTTACGG', 'GGTTGACTA', scoring)).toEqual({ score: 13, end: [6, 7] });
  });

  it('is the best over gaps of every length, and says where the first of equals ends', () => {
    const text = fc.string({
      unit: fc.constantFrom('A', 'C', 'G', 'T'),
      minLength: 1,
      maxLength: 40,
    });
    const scoring = fc
      .record({
        match: fc.integer({ min: 1, max: 5 }),
        mismatch: fc.integer({ min: -4, max: 0 }),
        gapOpen: fc.integer({ min: 0, max: 8 }),
        gapExtend: fc.integer({ min: 0, max: 3 }),
      })
      // The definition knows gaps, not gaps beside gaps: those pay only where opening is cheaper than going on.
      .filter(({ gapOpen, gapExtend }) => gapOpen >= gapExtend);
    fc.assert(
      fc.property(text, text, scoring, (query, subject, given) => {
        expect(aligned(query, subject, given)).toEqual(byDefinition(query, subject, given));
      }),
      { numRuns: 100 },
    );
  });
});

describe('smithWatermanManifest', () => {
  const least = { queryLength: 16, subjectLength: 16, symbols: 2, gapOpen: 0, gapExtend: 0 };

  it('takes parameters up to each limit and refuses them beyond', () => {
    const accepts = (change: object) =>
      smithWatermanParams.safeParse({ ...least, ...change }).success;
    expect(accepts({})).toBe(true);
    for (const name of ['queryLength', 'subjectLength']) {
      for (const wrong of [0, 15, 17, MAX_LENGTH + 16])
        expect(accepts({ [name]: wrong })).toBe(false);
      expect(accepts({ [name]: MAX_LENGTH })).toBe(true);
    }
    expect(accepts({ queryLength: MAX_LENGTH, subjectLength: 4096 })).toBe(true);
    expect(accepts({ queryLength: MAX_LENGTH, subjectLength: 4112 })).toBe(false);
    expect(accepts({ symbols: 1 })).toBe(false);
    expect(accepts({ symbols: MAX_SYMBOLS })).toBe(true);
    expect(accepts({ symbols: MAX_SYMBOLS + 1 })).toBe(false);
    for (const name of ['gapOpen', 'gapExtend']) {
      expect(accepts({ [name]: -1 })).toBe(false);
      expect(accepts({ [name]: MAX_GAP_SCORE })).toBe(true);
      expect(accepts({ [name]: MAX_GAP_SCORE + 1 })).toBe(false);
    }
  });

  it('plans a turn for every diagonal of blocks, all of them one pass', () => {
    const params = smithWatermanParams.parse({ ...least, queryLength: 80, subjectLength: 64 });
    const strides = { query: 0, subject: 64, substitution: 0 };
    const { passes, scratchBytes } = smithWatermanManifest.plan(
      params,
      { rows: 50, strides },
      ONLY_VARIANT,
    );
    const turns = passes.filter(({ entryPoint }) => entryPoint === 'align');
    // Three rows of blocks and four columns.
    expect(turns).toHaveLength(6);
    expect(new Set(turns).size).toBe(1);
    expect(turns[0]!.workgroups).toEqual([3, 1, 1]);
    expect(scratchBytes).toEqual({ edges: 50 * 8 * (80 + 64 + 3 + 4), rowsOfBlocks: 50 * 16 * 3 });
  });

  it('writes out a row of a block', () => {
    const text = smithWatermanShader();
    expect(text.match(/f\d+ = max\(.*/g)).toHaveLength(16);
    expect(/    f15 = [^}]*?h15 = left;/.exec(text)![0]).toMatchInlineSnapshot(`
      "    f15 = max(f15 - GAP_EXTEND, h15 - GAP_OPEN);
          e = max(e - GAP_EXTEND, left - GAP_OPEN);
          left = max(max(0, diagonal + substitution[table + code15]), max(e, f15));
          diagonal = h15;
          h15 = left;"
    `);
  });
});
