/**
 * Now and then one item that this tab has computed, with what came in and what came out, for a page that shows it.
 *
 * Copies one row at most once in `EVERY_MS`, and only while somebody looks: a page that shows nothing costs nothing.
 */
import { MAX_SAMPLE_BYTES } from '../../shared/limits.ts';
import type { Program } from '../../shared/protocol/program.ts';
import { itemOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import type { ComputedWork } from '../volunteer/ports.ts';

export interface WorkSample {
  readonly job: string;
  readonly jobName: string;
  readonly program: Program;
  /** Its index in the job. */
  readonly item: number;
  /** Without the axis of items. */
  readonly inputs: NamedTensors;
  readonly outputs: NamedTensors;
}

const EVERY_MS = 1_000;

export class WorkSamples {
  readonly #nowMs: () => number;
  readonly #isSeen: () => boolean;
  readonly #listeners = new Set<(sample: WorkSample) => void>();
  #lastMs = -Infinity;

  constructor(nowMs: () => number, isSeen: () => boolean) {
    this.#nowMs = nowMs;
    this.#isSeen = isSeen;
  }

  /** The result ends it. */
  subscribe(listener: (sample: WorkSample) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The work may be reused as soon as this returns. */
  take({ assign, stacked, outputs }: ComputedWork): void {
    const nowMs = this.#nowMs();
    if (this.#listeners.size === 0 || nowMs - this.#lastMs < EVERY_MS || !this.#isSeen()) return;
    // Of a stage neither end is what the job is about.
    if (assign.stage !== undefined) return;
    const parts = [...Object.values(stacked), ...Object.values(outputs)];
    const rowBytes = parts.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    if (rowBytes / assign.items.length > MAX_SAMPLE_BYTES) return;
    this.#lastMs = nowMs;
    const { job, jobName, program, items } = assign;
    const sample: WorkSample = {
      job,
      jobName,
      program,
      item: items[0]!,
      inputs: firstOf(stacked),
      outputs: firstOf(outputs),
    };
    for (const listener of this.#listeners) listener(sample);
  }
}

const firstOf = (stacked: NamedTensors): NamedTensors =>
  Object.fromEntries(Object.entries(stacked).map(([name, it]) => [name, copied(itemOf(it, 0))]));

const copied = ({ dtype, dims, bytes }: Tensor): Tensor => ({
  dtype,
  dims,
  bytes: new Uint8Array(bytes),
});
