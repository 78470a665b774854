/**
 * What an author's WGSL is, found out before any volunteer sees it: it is checked, and its first item is computed as a
 * GPU would, with every access and every loop watched.
 */
import type { Problem } from '../../shared/protocol/problem.ts';
import type { WgslProgram } from '../../shared/protocol/program.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import type { NamedTensors, TensorSpec } from '../../shared/tensor.ts';
import { moduleOf, refused } from '../wgsl/modules.ts';
import { WgslTrap } from '../wgsl/runtime.ts';
import { wgslRunner } from '../wgsl/wgslRunner.ts';
import { checkKernelInputs } from './kernelInputs.ts';
import type { Analysis, AnalyseTask } from './messages.ts';
import { checkOutputs, sampleOf, timedRuns } from './sample.ts';

export async function analyseWgsl(
  task: AnalyseTask,
  program: WgslProgram,
  alive: () => void,
  onLost: () => void,
): Promise<Result<Analysis, Problem>> {
  assert(task.model !== null, 'analyseWgsl: a program without its module');
  const inputs = specsOf(program.inputs);
  const outputs = specsOf(program.outputs);
  if (Object.keys(outputs).length === 0) {
    return fail(refused({ line: 0, text: 'the program has no output' }));
  }
  const wrong = checkKernelInputs(inputs, task.sampleStacked, task.constants);
  if (wrong !== null) return fail(wrong);
  const module = await moduleOf(program, task.model, Object.keys(task.constants), onLost);
  if (!module.ok) return module;
  try {
    const runner = wgslRunner(module.value, program);
    const timed = await timedRuns(runner, sampleOf(task), alive);
    const bad = checkOutputs(outputs, timed.outputs, task);
    if (bad !== null) return fail(bad);
    const { flops } = module.value;
    alive();
    const mixed = await mixedRows(wgslRunner(module.value, program, 2), task, timed.outputs);
    if (mixed !== null) return fail(mixed);
    return ok({
      inputs,
      outputs,
      feeds: {},
      flopsPerItem: Math.max(flops, 1),
      flopsFrom: 'run',
      estimatedOperators: [],
      msPerItem: timed.medianMs,
      sampleOutputs: timed.outputs,
      runOutputs: {},
    });
  } catch (thrown) {
    return fail(trapped(thrown));
  }
}

/** What a module did that none may, as a problem. Throws what is none of its doing. */
export function trapped(thrown: unknown): Problem {
  if (!(thrown instanceof WgslTrap)) throw thrown;
  const { line, message, kind } = thrown;
  return refused({ line, text: message }, kind === 'endless' ? 'wgsl-endless' : 'wgsl-trapped');
}

/**
 * The sample beside other data in one run, before it and behind it: its row must come out as it does alone. What the other
 * data brings about is not the module's fault.
 */
async function mixedRows(
  runner: ReturnType<typeof wgslRunner>,
  task: AnalyseTask,
  alone: NamedTensors,
): Promise<Problem | null> {
  const other = mapped(task.sampleStacked, otherThan);
  for (const [row, pair] of [
    [task.sampleStacked, other],
    [other, task.sampleStacked],
  ].entries()) {
    const stacked = mapped(pair[0]!, (first, name) => joined(first, pair[1]![name]!.bytes));
    const together = await unlessTrapped(
      runner.run({ items: [0, 0], stacked, constants: task.constants }, 0, 2),
    );
    for (const [name, { bytes }] of Object.entries(together ?? {})) {
      const expected = alone[name]!.bytes;
      const came = bytes.subarray(row * expected.length, (row + 1) * expected.length);
      if (Buffer.compare(expected, came) === 0) continue;
      const text =
        `output "${name}" of an item depends on its place in the run, or on other items: each must read and write its own row ` +
        'alone, which is as long as its "dims" say (z of global_invocation_id says which row)';
      return refused({ line: 0, text });
    }
  }
  return null;
}

async function unlessTrapped<T>(run: Promise<T>): Promise<T | null> {
  try {
    return await run;
  } catch (thrown) {
    if (thrown instanceof WgslTrap) return null;
    throw thrown;
  }
}

const mapped = (
  tensors: NamedTensors,
  to: (bytes: Uint8Array, name: string) => Uint8Array,
): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const bytes = to(tensor.bytes, name);
      const rows = bytes.byteLength / tensor.bytes.byteLength;
      return [name, { ...tensor, dims: [rows, ...tensor.dims.slice(1)], bytes }];
    }),
  );

/** Its numbers from the last to the first; where those are the same, zeros, or ones. */
function otherThan(bytes: Uint8Array): Uint8Array {
  const numbers = new Uint32Array(bytes.slice().buffer);
  const reversed = new Uint8Array(numbers.toReversed().buffer);
  if (Buffer.compare(bytes, reversed) !== 0) return reversed;
  const isZero = bytes.every((byte) => byte === 0);
  return new Uint8Array(numbers.fill(isZero ? 1 : 0).buffer);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.byteLength + second.byteLength);
  both.set(first);
  both.set(second, first.byteLength);
  return both;
}

const specsOf = (buffers: WgslProgram['outputs']): Record<string, TensorSpec> =>
  Object.fromEntries(
    Object.entries(buffers).map(([name, { dtype, dims }]) => [name, { dtype, dims }]),
  );
