/**
 * The form of every benchmark: `x.bench.ts` exports `bench`, `npm run bench -- x` runs it and prints the report.
 *
 * Pure: measures nothing itself. Only ratios within one report mean anything on a machine that others use too,
 * so contenders take turns (ABAB ...) and every block's raw figure is kept beside the median.
 */

/** Arrays are raw figures: in the JSON, not in the table. */
export type BenchCell = string | number | boolean | null | readonly number[];

export type BenchRow = Readonly<Record<string, BenchCell>>;

export interface BenchReport {
  readonly name: string;
  /** What the columns mean, for whoever reads the table. */
  readonly notes: readonly string[];
  /** What this run had: adapter, browser, sizes. */
  readonly facts: Readonly<Record<string, BenchCell>>;
  readonly rows: readonly BenchRow[];
}

/** The middle value; the mean of the two middle ones of an even number. NaN where there is none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (lower + upper) / 2;
}
