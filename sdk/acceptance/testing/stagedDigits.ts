/** The digit model in stages as a job, and engines that change what a stage gives. */
import { readModel } from '../../../shared/onnx/graph.ts';
import { factsOfRun } from '../../../shared/onnx/split/factsOfRun.ts';
import { emitStages, planStages } from '../../../shared/onnx/split/splitModel.ts';
import { assert, ok } from '../../../shared/result.ts';
import { boundaryTree } from '../../../shared/stage.ts';
import { byteLengthOf, valuesOf, type NamedTensors, type Tensor } from '../../../shared/tensor.ts';
import { ort } from '../../../shared/testing/composedStages.ts';
import type { Compute, ComputeTask } from '../../../web/compute/api.ts';
import type { SubmitOptions } from '../../client.ts';
import { pickDigits, type Digits } from '../../demo/digits.ts';

export interface StagedDigits {
  readonly options: SubmitOptions;
  readonly images: Tensor;
  readonly model: Uint8Array;
}

/** Cut as `submit --stages` cuts: by what one run on zeros tells. `dims` are those of its one input in a run. */
export async function stagesOf(
  bytes: Uint8Array,
  stages: number,
  dims: readonly number[],
): Promise<Uint8Array[]> {
  const model = readModel(bytes);
  assert(model.ok, 'the model cannot be read');
  const zeros = { dtype: 'F32', dims, bytes: new Uint8Array(byteLengthOf({ dtype: 'F32', dims })) };
  const feeds = { [model.value.inputs[0]!.name]: zeros } as NamedTensors;
  const facts = await factsOfRun(ort, model.value, feeds);
  const plan = planStages(model.value, { stages, facts });
  assert(plan.ok, 'the model cannot be cut');
  return emitStages(model.value, plan.value).map((stage) => stage.bytes);
}

export async function stagedDigits(
  digits: Digits,
  stages: number,
  items: number,
  itemsPerShard: number,
  seed: number,
): Promise<StagedDigits> {
  const { images } = pickDigits(digits, items, seed);
  return {
    images,
    model: digits.model,
    options: {
      name: `digits in ${stages} stages`,
      program: { stages: await stagesOf(digits.model, stages, [1, ...images.dims.slice(1)]) },
      inputs: { stacked: { image: images } },
      itemsPerShard,
    },
  };
}

/** Changes what it computes at a stage, and commits to it as it is. */
export const changing =
  (change: (values: Float32Array, task: ComputeTask, name: string) => void) =>
  (compute: Compute): Compute => ({
    ...bound(compute),
    async run(task, onProgress) {
      const computed = await compute.run(task, onProgress);
      if (!computed.ok || task.treeOfInputs !== true) return computed;
      const outputs = Object.fromEntries(
        Object.entries(computed.value.outputs).map(([name, tensor]) => {
          const copy = { ...tensor, bytes: new Uint8Array(tensor.bytes) };
          change(valuesOf(copy) as Float32Array, task, name);
          return [name, copy];
        }),
      );
      return ok({ ...computed.value, outputs, tree: boundaryTree(outputs, task.items.length) });
    },
  });

/** Changes what it computes a stage from, and says that it received just that. */
export const receiving =
  (change: (task: ComputeTask) => void) =>
  (compute: Compute): Compute => ({
    ...bound(compute),
    run(task, onProgress) {
      if (task.treeOfInputs === true) change(task);
      return compute.run(task, onProgress);
    },
  });

const bound = (compute: Compute): Compute => ({
  facts: () => compute.facts(),
  load: (source) => compute.load(source),
  run: (task, onProgress) => compute.run(task, onProgress),
  cancel: (id) => {
    compute.cancel(id);
  },
  setDuty: (duty) => {
    compute.setDuty(duty);
  },
  bareLoop: (task, items) => compute.bareLoop(task, items),
  close: () => compute.close(),
});
