/**
 * How fft@1 cuts a transform into passes: which radix, from which buffer to which, and what else a pass does on its way.
 * Data only: the manifest makes dispatches of them, `shader.ts` their WGSL.
 *
 * Lengths with factors up to 7 go by Stockham passes of as large radices as the variant allows, since a pass reads and
 * writes everything once. Others are a convolution with a chirp (Bluestein) of a power of two at least twice as long.
 * Every pass is a forward transform; an inverse one conjugates what comes in and what goes out.
 */
import type { FftParams } from './manifest.ts';

export type FftBuffer = 'signal' | 'spectrum' | 'work' | 'other' | 'chirp' | 'response';

export interface StockhamPass {
  readonly kind: 'stockham';
  readonly radix: number;
  /** Points of each line that is transformed, and the product of the radices of its passes so far. */
  readonly length: number;
  readonly done: number;
  /** Lines lie one after another (`rows`) or side by side (`columns`). */
  readonly layout: 'rows' | 'columns';
  readonly lines: number;
  readonly source: FftBuffer;
  readonly target: FftBuffer;
  /** `chirp`: a line has `kept` points, each times the chirp, then zeros. */
  readonly load: 'plain' | 'chirp';
  /** `response`: conjugate of the product with the filter; `unchirp`: `kept` points, back from the chirp. */
  readonly store: 'plain' | 'response' | 'unchirp';
  readonly kept: number;
  /** The item's first and last pass: an inverse transform conjugates there. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** What the results are multiplied by. */
  readonly scale: number;
  /** Once for all rows, not for each. */
  readonly isShared: boolean;
  readonly tables: Tables;
}

/** Where an axis has its part of `chirp` and of `response`, in points. */
export interface Tables {
  readonly chirpAt: number;
  readonly responseAt: number;
}

/** Fills its part of `chirp` (`kept` points), and in `work` the filter of `length` points before its transform. */
export interface ChirpPass {
  readonly kind: 'chirp';
  readonly kept: number;
  readonly length: number;
  readonly tables: Tables;
}

export type FftPass = StockhamPass | ChirpPass;

const RADICES = [16, 15, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2];

/** Fewest factors of at most `largest` whose product is `length`, the smaller their sum the better; null where there are none. */
export function radicesOf(length: number, largest: number): readonly number[] | null {
  let best: readonly number[] | null = length === 1 ? [] : null;
  const sum = (some: readonly number[]) => some.reduce((total, each) => total + each, 0);
  const search = (left: number, chosen: readonly number[], most: number): void => {
    if (left === 1) {
      if (best === null || chosen.length < best.length || sum(chosen) < sum(best)) best = chosen;
      return;
    }
    if (best !== null && best.length > 0 && chosen.length >= best.length) return;
    for (const radix of RADICES) {
      if (radix <= most && left % radix === 0) search(left / radix, [...chosen, radix], radix);
    }
  };
  search(length, [], largest);
  return best;
}

/** The power of two in which the convolution of `length` points is not cyclic. */
export const chirpLength = (length: number): number => 2 ** Math.ceil(Math.log2(2 * length - 1));

/** What differs from pass to pass; the rest is the line's. */
type Draft = Omit<StockhamPass, 'source' | 'target' | 'isFirst' | 'isLast'>;

export function passesOf(
  { width, height = 1, direction }: FftParams,
  largestRadix: number,
): readonly FftPass[] {
  const axes = [
    { length: width, lines: height, layout: 'rows' as const },
    { length: height, lines: width, layout: 'columns' as const },
  ].filter(({ length, layout }) => length > 1 || (layout === 'rows' && height === 1));
  const scale = direction === 'inverse' ? 1 / (width * height) : 1;
  const own: Draft[] = [];
  const shared: FftPass[] = [];
  let tables: Tables = { chirpAt: 0, responseAt: 0 };
  for (const axis of axes) {
    const radices = radicesOf(axis.length, largestRadix);
    const line = { ...axis, kept: axis.length, load: 'plain', store: 'plain', tables } as const;
    if (radices !== null) {
      own.push(...stockham(radices, line));
      continue;
    }
    const length = chirpLength(axis.length);
    const ofPower = radicesOf(length, largestRadix)!;
    shared.push(...filterPasses(axis.length, length, ofPower, tables));
    const there = stockham(ofPower, { ...line, length });
    const back = stockham(ofPower, { ...line, length });
    own.push({ ...there[0]!, load: 'chirp' }, ...there.slice(1, -1));
    own.push({ ...there.at(-1)!, store: 'response' }, ...back.slice(0, -1));
    own.push({ ...back.at(-1)!, store: 'unchirp', scale: 1 / length });
    tables = {
      chirpAt: tables.chirpAt + axis.length,
      responseAt: tables.responseAt + length,
    };
  }
  // All shared ones first: they use the same work buffers.
  return [...shared, ...chain(own, shared.length > 0, scale)];
}

/** At least one pass: of radix 1, a copy, where there is nothing to transform. */
function stockham(
  radices: readonly number[],
  line: Omit<Draft, 'kind' | 'radix' | 'done' | 'scale' | 'isShared'>,
): Draft[] {
  let done = 1;
  return (radices.length === 0 ? [1] : radices).map((radix) => {
    const pass = { kind: 'stockham', radix, done, scale: 1, isShared: false, ...line } as const;
    done *= radix;
    return pass;
  });
}

/** Passes never write the buffer that they read. */
function chain(drafts: readonly Draft[], hasChirp: boolean, scale: number): StockhamPass[] {
  const last = drafts.length - 1;
  const targetOf = (i: number): FftBuffer => {
    if (i === last) return 'spectrum';
    if (hasChirp) return i % 2 === 0 ? 'work' : 'other';
    return (last - i) % 2 === 0 ? 'spectrum' : 'work';
  };
  return drafts.map((draft, i) => ({
    ...draft,
    source: i === 0 ? 'signal' : targetOf(i - 1),
    target: targetOf(i),
    isFirst: i === 0,
    isLast: i === last,
    scale: draft.scale * (i === last ? scale : 1),
  }));
}

function filterPasses(
  kept: number,
  length: number,
  radices: readonly number[],
  tables: Tables,
): FftPass[] {
  const line = { layout: 'rows', lines: 1, load: 'plain', store: 'plain', tables } as const;
  const drafts = stockham(radices, { ...line, length, kept: length });
  const bufferAt = (i: number): FftBuffer =>
    i === drafts.length ? 'response' : i % 2 === 0 ? 'work' : 'other';
  return [
    { kind: 'chirp', kept, length, tables },
    ...drafts.map((draft, i) => ({
      ...draft,
      source: bufferAt(i),
      target: bufferAt(i + 1),
      isFirst: false,
      isLast: false,
      isShared: true,
    })),
  ];
}

/** Points of one row of the work buffers; 0 where no pass uses them. */
export const workPoints = (passes: readonly FftPass[]): number =>
  Math.max(
    0,
    ...passes.map((pass) =>
      pass.kind === 'chirp'
        ? pass.length
        : pass.target === 'work' || pass.target === 'other'
          ? pass.lines * pass.length
          : 0,
    ),
  );

/** Points of `chirp` and of `response`. */
export const tablePoints = (passes: readonly FftPass[]): Tables => {
  const all = passes.filter((pass) => pass.kind === 'chirp');
  return {
    chirpAt: all.reduce((sum, { kept }) => sum + kept, 0),
    responseAt: all.reduce((sum, { length }) => sum + length, 0),
  };
};

/** Buffers in the order of their bindings. */
export function buffersOf(passes: readonly FftPass[]): readonly FftBuffer[] {
  const used = new Set<FftBuffer>(['signal', 'spectrum']);
  for (const pass of passes) {
    if (pass.kind === 'chirp')
      for (const it of ['work', 'chirp', 'response'] as const) used.add(it);
    else used.add(pass.source).add(pass.target);
  }
  const order: readonly FftBuffer[] = ['signal', 'spectrum', 'work', 'other', 'chirp', 'response'];
  return order.filter((name) => used.has(name));
}

/** Passes of one name have one text. */
export function entryPointOf(pass: FftPass): string {
  if (pass.kind === 'chirp') return 'chirpOf';
  const { radix, source, target, layout, lines, done, load, store, isFirst, isLast } = pass;
  const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
  return [
    lines === 1 ? 'line' : layout,
    String(radix),
    capital(source),
    capital(target),
    done === 1 ? '' : 'Turned',
    load === 'plain' ? '' : capital(load),
    store === 'plain' ? '' : capital(store),
    isFirst ? 'First' : '',
    isLast ? 'Last' : '',
  ].join('');
}
