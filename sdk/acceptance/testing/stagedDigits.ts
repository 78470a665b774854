/** The digit model in stages as a job, and engines that change what a stage gives. */
import { readModel } from '../../../shared/onnx/graph.ts';
import { emitStages, planStages } from '../../../shared/onnx/split/splitModel.ts';
import { assert, ok } from '../../../shared/result.ts';
import { boundaryTree } from '../../../shared/stage.ts';
import { valuesOf, type Tensor } from '../../../shared/tensor.ts';
import type { Compute, ComputeTask } from '../../../web/compute/api.ts';
import type { SubmitOptions } from '../../client.ts';
import { pickDigits, type Digits } from '../../demo/digits.ts';

export interface StagedDigits {
  readonly options: SubmitOptions;
  readonly images: Tensor;
  readonly model: Uint8Array;
}

export function stagedDigits(
  digits: Digits,
  stages: number,
  items: number,
  itemsPerShard: number,
  seed: number,
): StagedDigits {
  const model = readModel(digits.model);
  assert(model.ok, 'the digit model cannot be read');
  const plan = planStages(model.value, { stages });
  assert(plan.ok, 'the digit model cannot be cut');
  const { images } = pickDigits(digits, items, seed);
  return {
    images,
    model: digits.model,
    options: {
      name: `digits in ${stages} stages`,
      program: { stages: emitStages(model.value, plan.value).map(({ bytes }) => bytes) },
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
  setPolite: (polite) => {
    compute.setPolite(polite);
  },
  bareLoop: (task, items) => compute.bareLoop(task, items),
  close: () => compute.close(),
});
