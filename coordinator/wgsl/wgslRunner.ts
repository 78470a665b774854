/** An author's module as an `ItemRunner` on the processor: one item at a time, in buffers of its own. */
import { batchInput, inputOfRow } from '../../kernels/batchInputs.ts';
import { MAX_LOOP_ROUNDS_PER_ITEM } from '../../shared/limits.ts';
import { allocateOutputs, type ItemRunner } from '../../shared/program.ts';
import type { WgslProgram } from '../../shared/protocol/program.ts';
import { byteLengthOf } from '../../shared/tensor.ts';
import type { Runnable } from './emit.ts';
import { WgslTrap } from './runtime.ts';

export interface WgslRunner extends ItemRunner {
  /** Operations on numbers in the last run. */
  readonly flops: number;
}

/**
 * `rows` items are computed together, each in its row of the same buffers, as a GPU computes them. A run rejects with
 * `WgslTrap`, or with `KernelInputError` where the batch does not fit the program.
 */
export function wgslRunner(runnable: Runnable, program: WgslProgram, rows = 1): WgslRunner {
  const { inputs, outputs, workgroupsPerItem } = program;
  return {
    itemsPerRun: rows,
    get flops() {
      return runnable.flops;
    },
    // async: a batch that does not fit must be a rejection, as on a GPU
    async run(batch, start, end) {
      for (const [name, spec] of Object.entries(inputs)) {
        const input = batchInput(batch, name, spec);
        const parts = input.kind === 'constant' ? [start] : range(start, end);
        const bytes = parts.map((row) => inputOfRow(input, row, spec).bytes);
        runnable.bind(spec.binding, joined(bytes));
      }
      const collected = allocateOutputs(outputs, end - start);
      for (const [name, spec] of Object.entries(outputs)) {
        const bytes = new ArrayBuffer((end - start) * byteLengthOf(spec));
        runnable.bind(spec.binding, bytes);
        collected[name] = { ...collected[name]!, bytes: new Uint8Array(bytes) };
      }
      try {
        runnable.run([workgroupsPerItem, 1, end - start], MAX_LOOP_ROUNDS_PER_ITEM * (end - start));
      } catch (thrown) {
        if (thrown instanceof WgslTrap) thrown.item = batch.items[start] ?? null;
        throw thrown;
      }
      return collected;
    },
  };
}

const range = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, i) => start + i);

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole.buffer;
}
