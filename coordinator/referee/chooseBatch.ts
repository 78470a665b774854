/**
 * How many items a model computes in one run, where its author leaves that open and its first axis is free: measured here,
 * and the same for everybody who computes the job.
 *
 * A batch's shape decides which kernels run, and so the last bits of every row: one size for all keeps results comparable.
 * Invariant: a size is only taken if the rows of such a run are those of runs of one item, whatever stands beside them.
 */
import { performance } from 'node:perf_hooks';
import { compareOutputs, type Acceptance } from '../../shared/acceptance.ts';
import { equalBytes } from '../../shared/bytes.ts';
import { MAX_CHOSEN_RUN_BYTES } from '../../shared/limits.ts';
import { onnxRunner, type ItemRunner, type ModelSession } from '../../shared/program.ts';
import type { BatchFacts } from '../../shared/protocol/job.ts';
import {
  byteLengthOf,
  tensorOf,
  valuesOf,
  type NamedTensors,
  type Tensor,
  type TensorSpec,
} from '../../shared/tensor.ts';
import { messageOf } from '../../shared/result.ts';
import { Cancelled } from './problems.ts';

export interface BatchChoice {
  /** Items of a run at most. */
  readonly most: number;
  /** Another item than the sample: every tensor is `[1, ...itemShape]`. */
  readonly other: NamedTensors;
}

export interface Batchable extends BatchChoice {
  readonly session: ModelSession;
  readonly sample: NamedTensors;
  readonly constants: NamedTensors;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /** All values of the graph in a run of one item; null where they could not be counted. */
  readonly valueBytes: number | null;
  /** What a run of one item took. */
  readonly oneMs: number;
  /** Whether the graph has an operator that looks at all rows of a run at once. */
  readonly mixesRows: boolean;
  /** Told of every error of the engine: it may be lost after one. */
  noteFailure(thrown: unknown): void;
  /** In milliseconds. */
  readonly now?: () => number;
  /** Per stacked input, the dims of a run of so many items. */
  feeds(itemsPerRun: number): Readonly<Record<string, readonly number[]>>;
}

/** A run holds the engine: a pause is heard after it, on a phone ten times as late as here. */
const LONGEST_RUN_MS = 100;
/** All sizes together are measured for so long, each at least so often. */
const BUDGET_MS = 600;
const LEAST_ROUNDS = 3;
/** The smallest size this near to the best is taken: what does not fill its last run computes rows that nobody wants. */
const NEAR = 1.1;
/**
 * Two sizes may round differently and no more: a quarter of the least that honest reports may ever differ by
 * (`core/calibration.ts`).
 */
const SAME: Acceptance = {
  kind: 'relative-l2',
  maxRelativeL2: 2 ** -20,
  maxElementError: 2 ** -17,
  nonFinite: 'data',
};
/** Of the loud neighbour: what is scaled by the largest value of a run is scaled by this. */
const LOUD = 1024;

interface Size {
  readonly itemsPerRun: number;
  /** Of one item, each time. */
  readonly ms: number[];
}

export interface ChosenBatch {
  readonly facts: BatchFacts;
  /** Of runs of this size; null where only one was possible, and nothing was measured. */
  readonly msPerItem: number | null;
}

/** `alive` is called before every run. */
export async function chooseBatch(given: Batchable, alive: () => void): Promise<ChosenBatch> {
  const { most, valueBytes, oneMs, mixesRows } = given;
  if (valueBytes === null) return single('how much memory a run takes could not be counted');
  if (mixesRows) return single('the model scales by what it finds in a whole run');
  if (2 * oneMs > LONGEST_RUN_MS || 2 * valueBytes > MAX_CHOSEN_RUN_BYTES)
    return single('more would take too long or too much memory');
  const runs = new Runs(given, alive);
  if (!runs.differ)
    return single('the items that were tried are the same, so that rows cannot be told apart');
  try {
    return await measured(runs, most, valueBytes, oneMs);
  } catch (thrown) {
    if (thrown instanceof Cancelled) throw thrown;
    given.noteFailure(thrown);
    return single(`a trial run failed (${messageOf(thrown, 200)})`);
  }
}

async function measured(
  runs: Runs,
  most: number,
  valueBytes: number,
  oneMs: number,
): Promise<ChosenBatch> {
  const alone: NamedTensors[] = [];
  for (const row of runs.rows) alone.push(await runs.of([row]));
  const sizes: Size[] = [{ itemsPerRun: 1, ms: [] }];
  let stopped = '';
  for (let n = 2; n <= most; n *= 2) {
    if (n * valueBytes > MAX_CHOSEN_RUN_BYTES || n * oneMs > LONGEST_RUN_MS) break;
    const why = await runs.whyNot(n, alone);
    if (why !== null) {
      stopped = `; no more, because ${why}`;
      break;
    }
    sizes.push({ itemsPerRun: n, ms: [] });
  }
  if (sizes.length === 1)
    return single(stopped.slice(2) || 'more would take too long or too much memory');
  const endMs = runs.now() + BUDGET_MS;
  // Sizes take turns, so that other work on this machine slows all of them.
  for (let round = 0; round < LEAST_ROUNDS || runs.now() < endMs; round++)
    for (const { itemsPerRun, ms } of sizes) ms.push(await runs.timed(itemsPerRun));
  const best = Math.min(...sizes.map(fastest));
  const { itemsPerRun, ms } = sizes.find((size) => fastest(size) <= NEAR * best)!;
  const tried = sizes.map((size) => ({
    itemsPerRun: size.itemsPerRun,
    msPerItem: fastest(size),
  }));
  const text = `the smallest of those measured that is within ${Math.round((NEAR - 1) * 100)} % of the fastest${stopped}`;
  return { facts: { itemsPerRun, measured: tried, text }, msPerItem: medianOf(ms) };
}

const single = (why: string): ChosenBatch => ({
  facts: { itemsPerRun: 1, measured: [], text: why },
  msPerItem: null,
});

/** Runs of rows that are as different from each other as the model's input allows. */
class Runs {
  /** Two items of the job, one that is far larger, and one of zeros, where values have a size. */
  readonly rows: readonly NamedTensors[];
  readonly now: () => number;
  readonly #given: Batchable;
  readonly #alive: () => void;

  constructor(given: Batchable, alive: () => void) {
    const { sample, other } = given;
    this.#given = given;
    this.#alive = alive;
    this.now = given.now ?? (() => performance.now());
    this.rows = [sample, changed(sample, LOUD), other, changed(other, 0)];
  }

  get differ(): boolean {
    const [first, ...others] = this.rows;
    return others.some((row) =>
      Object.entries(row).some(([name, { bytes }]) => !equalBytes(bytes, first![name]!.bytes)),
    );
  }

  /** One run of these rows. */
  of(rows: readonly NamedTensors[]): Promise<NamedTensors> {
    const { session, outputs, feeds, constants } = this.#given;
    this.#alive();
    const batch = { items: rows.map((_, i) => i), stacked: stacked(rows), constants };
    const runner: ItemRunner = onnxRunner(session, rows.length, feeds(rows.length), outputs);
    return runner.run(batch, 0, rows.length);
  }

  /** Why runs of so many must not be made; null where each row is what a run of its item alone gives. */
  async whyNot(itemsPerRun: number, alone: readonly NamedTensors[]): Promise<string | null> {
    for (let first = 0; first < this.rows.length; first += itemsPerRun) {
      const picked = Array.from({ length: itemsPerRun }, (_, i) => (first + i) % this.rows.length);
      let came: NamedTensors;
      try {
        came = await this.of(picked.map((row) => this.rows[row]!));
      } catch (thrown) {
        if (thrown instanceof Cancelled) throw thrown;
        this.#given.noteFailure(thrown);
        return `the model does not take ${itemsPerRun} items in one run, though its first axis is free`;
      }
      const expected = stacked(picked.map((row) => alone[row]!));
      const compared = compareOutputs(expected, came, itemsPerRun, SAME);
      if (compared.kind !== 'agree')
        return `in a run of ${itemsPerRun} an item gives other values than alone (${compared.reason})`;
    }
    return null;
  }

  /** Milliseconds of one item. Clocks are coarse: shorter runs are timed several together. */
  async timed(itemsPerRun: number): Promise<number> {
    const rows = Array.from({ length: itemsPerRun }, (_, i) => this.rows[i % 2 === 0 ? 0 : 2]!);
    const startMs = this.now();
    let runs = 0;
    do {
      await this.of(rows);
      runs += 1;
    } while (this.now() - startMs < SHORTEST_MS);
    return (this.now() - startMs) / (runs * itemsPerRun);
  }
}

const SHORTEST_MS = 2;

/** One after the other, `[rows.length, ...itemShape]`. */
function stacked(rows: readonly NamedTensors[]): NamedTensors {
  return Object.fromEntries(
    Object.entries(rows[0]!).map(([name, { dtype, dims }]) => {
      const all: Tensor = { dtype, dims: [rows.length, ...dims.slice(1)], bytes: new Uint8Array() };
      const bytes = new Uint8Array(byteLengthOf(all));
      rows.forEach((row, i) => bytes.set(row[name]!.bytes, i * row[name]!.bytes.byteLength));
      return [name, { ...all, bytes }];
    }),
  );
}

/** Its F32 values times a factor; others, as indices are, stay what they are. */
const changed = (item: NamedTensors, factor: number): NamedTensors =>
  Object.fromEntries(
    Object.entries(item).map(([name, tensor]) => {
      if (tensor.dtype !== 'F32') return [name, tensor];
      const values = (valuesOf(tensor) as Float32Array).map((value) => value * factor);
      return [name, tensorOf('F32', tensor.dims, values)];
    }),
  );

const medianOf = (ms: readonly number[]): number =>
  [...ms].sort((a, b) => a - b)[Math.floor(ms.length / 2)]!;

const fastest = ({ ms }: Size): number => Math.min(...ms);
