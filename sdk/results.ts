/**
 * All results of a job in memory, in item order.
 *
 * Memory is taken once, from the shapes that the coordinator states. For more than fits, walk the pages of
 * `job.pages()` instead.
 */
import { allocateOutputs } from '../shared/program.ts';
import type { JobView } from '../shared/protocol/job.ts';
import {
  byteLengthOf,
  describeSpec,
  sameDims,
  valuesOf,
  type NamedTensors,
  type Tensor,
} from '../shared/tensor.ts';
import { formatBytes } from '../shared/units.ts';
import { IdlewaveError, invalid, unexpectedAnswer } from './error.ts';
import type { Job, ResultsPage } from './job.ts';

/** A file of results and the memory of an ordinary machine hold this much. */
export const MAX_COLLECTED_BYTES = 2 * 1024 ** 3;

export interface CollectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Wait for the end of the job (the default), or take what is there now. */
  readonly follow?: boolean | undefined;
  readonly onPage?: ((itemsSoFar: number) => void) | undefined;
}

export interface CollectedResults {
  /** Every output `[N, ...itemShape]`. Rows of items without a result are NaN for floats and 0 otherwise. */
  readonly outputs: NamedTensors;
  /** Items with a verified result. */
  readonly settled: number;
  /** Items that could not be computed, ascending. */
  readonly failed: readonly number[];
  /** All items without a result, ascending: they failed, were cancelled, or have not settled yet. */
  readonly missing: readonly number[];
}

/** Throws `IdlewaveError`: `invalid` where the outputs are too large to hold. */
export async function collectResults(
  job: Job,
  options: CollectOptions = {},
): Promise<CollectedResults> {
  const { signal, follow = true, onPage } = options;
  let outputs = allocate(job.view);
  let seen = new Uint8Array(job.view.items.total);
  // Items were added meanwhile: what is here moves to where there is room for all.
  const grow = (): void => {
    const total = job.view.items.total;
    if (total <= seen.length) return;
    const larger = allocate(job.view);
    for (const [name, { bytes }] of Object.entries(outputs)) larger[name]!.bytes.set(bytes);
    outputs = larger;
    const before = seen;
    seen = new Uint8Array(total);
    seen.set(before);
  };
  const failed: number[] = [];
  let settled = 0;
  for await (const page of job.pages({ follow, signal })) {
    if (lastItemOf(page) >= seen.length) {
      await newestTotal(job, signal);
      grow();
    }
    for (const item of page.failed) failed.push(item);
    settled += place(page, outputs, seen);
    onPage?.(settled);
  }
  grow();
  const missing: number[] = [];
  for (let item = 0; item < seen.length; item++) if (seen[item] === 0) missing.push(item);
  for (const tensor of Object.values(outputs)) markMissing(tensor, missing);
  failed.sort((a, b) => a - b);
  return { outputs, settled, failed, missing };
}

function allocate(view: JobView): Record<string, Tensor> {
  const itemBytes = Object.values(view.facts.outputs).reduce((sum, s) => sum + byteLengthOf(s), 0);
  const bytes = itemBytes * view.items.total;
  if (bytes <= MAX_COLLECTED_BYTES) return allocateOutputs(view.facts.outputs, view.items.total);
  throw invalid({
    code: 'body-too-large',
    detail: 'the results are too large to hold at once',
    expected: `at most ${formatBytes(MAX_COLLECTED_BYTES)}`,
    came: formatBytes(bytes),
    fix: 'read them page by page with job.pages(), or one by one with job.results()',
  });
}

/** Copies a page's rows to their places; returns how many items are new. */
function place(page: ResultsPage, outputs: Record<string, Tensor>, seen: Uint8Array): number {
  for (const [name, whole] of Object.entries(outputs)) {
    const rows = page.outputs[name];
    const dims = [page.items.length, ...whole.dims.slice(1)];
    if (rows === undefined || rows.dtype !== whole.dtype || !sameDims(rows.dims, dims)) {
      const expected = `"${name}" ${describeSpec({ dtype: whole.dtype, dims })}`;
      throw wrongPage(expected, rows === undefined ? 'nothing' : describeSpec(rows));
    }
    const itemBytes = whole.bytes.byteLength / seen.length;
    page.items.forEach((item, row) => {
      if (item >= seen.length) throw wrongPage(`items below ${seen.length}`, `${item}`);
      const bytes = rows.bytes.subarray(row * itemBytes, (row + 1) * itemBytes);
      whole.bytes.set(bytes, item * itemBytes);
    });
  }
  let fresh = 0;
  for (const item of page.items) {
    if (seen[item] === 0) fresh += 1;
    seen[item] = 1;
  }
  return fresh;
}

/** The bits of a quiet NaN in IEEE 754 binary16, which no typed array holds as a number. */
const HALF_NAN_BITS = 0x7e00;

/** A row that was never computed must not look like a result. */
export function markMissing(tensor: Tensor, missing: readonly number[]): void {
  const nan = { F32: NaN, F64: NaN, F16: HALF_NAN_BITS } as const;
  const value = nan[tensor.dtype as keyof typeof nan] as number | undefined;
  if (value === undefined) return;
  const values = valuesOf(tensor) as Float32Array | Float64Array | Uint16Array;
  const size = values.length / tensor.dims[0]!;
  for (const item of missing) values.fill(value, item * size, (item + 1) * size);
}

const wrongPage = (expected: string, came: string): IdlewaveError =>
  unexpectedAnswer('a page of results does not fit its job', expected, came);

/** -1 of a page without items. */
export const lastItemOf = ({ items, failed }: Pick<ResultsPage, 'items' | 'failed'>): number =>
  [items, failed].reduce((last, some) => some.reduce((a, b) => Math.max(a, b), last), -1);

/** Items of the job by now: what was seen of it last may be from before some were added. */
export async function newestTotal(job: Job, signal: AbortSignal | undefined): Promise<number> {
  const { items, openUntilMs } = job.view;
  return openUntilMs === null ? items.total : (await job.refresh(signal)).items.total;
}
