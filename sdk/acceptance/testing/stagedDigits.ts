/** The digit model in stages as a job, what it must give, and engines that change what a stage gives. */
import { expect } from 'vitest';
import { compareOutputs } from '../../../shared/acceptance.ts';
import { readModel } from '../../../shared/onnx/graph.ts';
import { emitStages, planStages } from '../../../shared/onnx/split/splitModel.ts';
import { assert, ok } from '../../../shared/result.ts';
import { boundaryTree } from '../../../shared/stage.ts';
import { valuesOf, type Tensor } from '../../../shared/tensor.ts';
import type { Compute, ComputeTask } from '../../../web/compute/api.ts';
import { collectResults, type Job, type SubmitOptions } from '../../client.ts';
import { pickDigits, runDirectly, type Digits } from '../../demo/digits.ts';
import { itemsNotOnce } from './ledger.ts';

/** Two orders of summation of the same small model. */
const CLOSE = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-6,
  maxElementError: 1e-5,
  nonFinite: 'refuse',
} as const;

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

/** The job is done, has every item once, and each is what the whole model gives. */
export async function expectRight(job: Job, { images, model }: StagedDigits): Promise<void> {
  const view = await job.done();
  const total = images.dims[0]!;
  expect(view).toMatchObject({ state: 'done', items: { total, settled: total, failed: 0 } });
  expect(await itemsNotOnce(job)).toEqual([]);
  const { outputs } = await collectResults(job);
  const truth = await runDirectly(model, images);
  expect(compareOutputs(outputs, truth, total, CLOSE)).toMatchObject({ kind: 'agree' });
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
