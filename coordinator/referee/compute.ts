/**
 * The trusted recomputation of items. Runs inside the referee's worker.
 */
import { findKernel } from '../../kernels/catalog.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import { KernelInputError } from '../../kernels/batchInputs.ts';
import { onnxRunner, runBatch } from '../../shared/program.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { moduleOf } from '../wgsl/modules.ts';
import { wgslRunner } from '../wgsl/wgslRunner.ts';
import type { WgslTrap } from '../wgsl/runtime.ts';
import { trapped } from './analyseWgsl.ts';
import { kernelOf } from './kernelInputs.ts';
import type { ComputeTask } from './messages.ts';
import { refusedByOrt } from './problems.ts';
import type { Sessions } from './sessions.ts';

/** Outputs stacked in the order of `task.items`. `alive` throws where nobody waits any more. */
export async function compute(
  task: ComputeTask,
  sessions: Sessions,
  alive: () => void,
): Promise<Result<NamedTensors, Problem>> {
  const { program, items, stacked, constants, outputs } = task;
  const batch = { items, stacked, constants };
  switch (program.kind) {
    case 'onnx':
      try {
        const session = await sessions.get(program.model, task.model, Object.keys(outputs));
        assert(session !== null, 'compute: the model was not sent and is not cached');
        alive();
        const runner = onnxRunner(session, program.itemsPerRun, task.feeds, outputs);
        return ok(await runBatch(runner, batch, outputs, alive));
      } catch (thrown) {
        sessions.noteFailure(thrown);
        return refusedByOrt(thrown);
      }
    case 'kernel': {
      const kernel = kernelOf(program, findKernel);
      if (!kernel.ok) return kernel;
      try {
        const runner = referenceRunner(kernel.value.entry, kernel.value.params);
        return ok(await runBatch(runner, batch, outputs, alive));
      } catch (thrown) {
        if (!(thrown instanceof KernelInputError)) throw thrown;
        return fail({ code: 'input-shape', detail: thrown.message, field: 'inputs' });
      }
    }
    case 'wgsl': {
      assert(task.model !== null, 'compute: a program without its module');
      const names = Object.keys(constants);
      const module = await moduleOf(program, task.model, names, sessions.giveUp);
      if (!module.ok) return module;
      try {
        return ok(await runBatch(wgslRunner(module.value, program), batch, outputs, alive));
      } catch (thrown) {
        const problem = trapped(thrown);
        const { item } = thrown as WgslTrap;
        return fail({ ...problem, detail: `item ${item}: ${problem.detail}` });
      }
    }
    default:
      return program satisfies never;
  }
}
