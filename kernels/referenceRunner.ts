/**
 * A kernel's CPU reference as an `ItemRunner`: what the referee and a host without a GPU run.
 */
import { assert } from '../shared/result.ts';
import { allocateOutputs, type ItemRunner } from '../shared/program.ts';
import { sameDims, type NamedTensors, type Tensor } from '../shared/tensor.ts';
import { batchInput, inputOfRow } from './batchInputs.ts';
import { kernelId, type CatalogueEntry } from './manifest.ts';

/**
 * Arithmetic of one run. Plain JavaScript does 0.2 to 1 GFLOP/s, so a run holds the thread for some
 * 20 to 100 ms (or one item, if that takes longer) before the caller may yield.
 */
const FLOPS_PER_RUN = 2e7;
const MAX_ITEMS_PER_RUN = 1024;

/**
 * `params` must have been parsed by the entry's own schema. A run rejects with `KernelInputError` where
 * the batch does not fit the manifest.
 */
export function referenceRunner(entry: CatalogueEntry, params: unknown): ItemRunner {
  const { manifest, reference } = entry;
  const inputSpecs = Object.entries(manifest.inputs(params));
  const outputSpecs = manifest.outputs(params);
  const affordable = Math.floor(FLOPS_PER_RUN / manifest.flopsPerItem(params));
  return {
    itemsPerRun: Math.min(Math.max(affordable, 1), MAX_ITEMS_PER_RUN),
    // async: a batch that does not fit must be a rejection, as on a GPU
    async run(batch, start, end) {
      const inputs = inputSpecs.map(
        ([name, spec]) => [name, spec, batchInput(batch, name, spec)] as const,
      );
      const collected = allocateOutputs(outputSpecs, end - start);
      for (let row = start; row < end; row++) {
        const ofRow: NamedTensors = Object.fromEntries(
          inputs.map(([name, spec, input]) => [name, inputOfRow(input, row, spec)]),
        );
        const item = batch.items[row];
        assert(item !== undefined, `referenceRunner: row ${row} of ${batch.items.length}`);
        store(collected, row - start, reference(params, item, ofRow), kernelId(manifest));
      }
      return collected;
    },
  };
}

function store(collected: Record<string, Tensor>, row: number, made: NamedTensors, id: string) {
  for (const [name, tensor] of Object.entries(collected)) {
    const result = made[name];
    assert(
      result?.dtype === tensor.dtype && sameDims(result.dims, tensor.dims.slice(1)),
      `${id}: the reference made "${name}" in another shape than its manifest says`,
    );
    tensor.bytes.set(result.bytes, row * result.bytes.byteLength);
  }
}
