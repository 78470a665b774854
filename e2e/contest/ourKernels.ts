/**
 * The catalogue's kernels as a contender: as a library, on a device of its own.
 *
 * Also the judge: an operation's kernel has the CPU reference and the rule that every contender's output is held against.
 */
import { array, GpuArray, type AnyArray } from '../../kernels/library/arrays.ts';
import type { DeviceKernels } from '../../kernels/library/deviceKernels.ts';
import { loadKernel } from '../../kernels/loadKernel.ts';
import type { GpuKernel } from '../../kernels/manifest.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import type { Acceptance } from '../../shared/acceptance.ts';
import { runBatch, type ItemBatch } from '../../shared/program.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import {
  channelsFirst,
  channelsLast,
  filtersLast,
  type Contender,
  type Convolution,
  type Inputs,
  type Operation,
} from './operations.ts';

interface Ours {
  readonly kernel: string;
  readonly params: unknown;
  /** Items of one run. */
  readonly items: number;
  readonly output: string;
  /** The inputs as the kernel has them. */
  given?(inputs: Inputs): Inputs;
  /** The output as the operation has it. */
  canonical?(output: Float32Array): Float32Array;
}

function oursFor(operation: Operation): Ours {
  switch (operation.kind) {
    case 'matmul': {
      const { m, k, n } = operation;
      return { kernel: 'matmul@1', params: { m, k, n }, items: 1, output: 'c' };
    }
    case 'matvec': {
      const { m, k } = operation;
      return { kernel: 'matvec@1', params: { m, k }, items: 1, output: 'y' };
    }
    case 'conv2d':
      return ourConvolution(operation);
    case 'softmax':
    case 'layernorm': {
      const { kind, rows, columns } = operation;
      return { kernel: `${kind}@1`, params: { rows, columns }, items: 1, output: 'y' };
    }
    case 'reduce':
      return {
        kernel: 'reduce@1',
        params: { length: operation.columns, operation: 'sum' },
        items: operation.rows,
        output: 'result',
        // Beside each sum stands the sum of magnitudes.
        canonical: (output) => output.filter((_, i) => i % 2 === 0),
      };
    case 'fft': {
      const { width, height } = operation;
      const params = { width, ...(height === null ? {} : { height }) };
      return { kernel: 'fft@1', params, items: 1, output: 'spectrum' };
    }
    default:
      return operation satisfies never;
  }
}

/** Channels last, in and out. */
function ourConvolution(operation: Convolution): Ours {
  const { channels, filters, side, kernel, groups } = operation;
  return {
    kernel: 'conv2d@1',
    params: {
      height: side,
      width: side,
      inChannels: channels,
      outChannels: filters,
      kernelHeight: kernel,
      kernelWidth: kernel,
      padding: (kernel - 1) / 2,
      groups,
    },
    items: 1,
    output: 'y',
    given: ({ image, weights, bias }) => ({
      x: {
        dims: [side, side, channels],
        values: channelsLast(image!.values, channels),
        role: 'data',
      },
      weights: {
        dims: [kernel, kernel, channels / groups, filters],
        values: filtersLast(weights!.values, operation),
        role: 'weights',
      },
      bias: bias!,
    }),
    canonical: (output) => channelsFirst(output, filters),
  };
}

/** An operation's kernel of the catalogue; a sentence where it has none. */
async function openOurs(operation: Operation): Promise<string | (Ours & { kernelOf: GpuKernel })> {
  const ours = oursFor(operation);
  const kernelOf = await loadKernel(ours.kernel);
  if (kernelOf === undefined) return `the catalogue has no ${ours.kernel}: not measured`;
  return { ...ours, kernelOf, params: kernelOf.manifest.params.parse(ours.params) };
}

/** For the reference. */
function batchOf(operation: Operation, inputs: Inputs, items: number): ItemBatch {
  // The rows of a reduction are its items.
  const hasItemAxis = operation.kind === 'reduce';
  const stacked = Object.entries(inputs).map(([name, { dims, values }]) => [
    name,
    tensorOf('F32', hasItemAxis ? dims : [1, ...dims], values),
  ]);
  return {
    items: Array.from({ length: items }, (_, i) => i),
    stacked: Object.fromEntries(stacked) as NamedTensors,
    constants: {},
  };
}

const valuesAt = (outputs: NamedTensors, { output }: Ours): Float32Array =>
  valuesOf(outputs[output]!) as Float32Array;

export const ourKernels = (kernels: DeviceKernels): Contender => ({
  name: 'idlewave',
  async prepare(operation, inputs, residence) {
    const ours = await openOurs(operation);
    if (typeof ours === 'string') return ours;
    const { kernel, params, output, canonical } = ours;
    const given: Record<string, AnyArray> = {};
    for (const [name, { dims, values, role }] of Object.entries(ours.given?.(inputs) ?? inputs)) {
      const inMemory = array(values, dims);
      const stays = residence === 'gpu' || role === 'weights';
      given[name] = stays ? await kernels.upload(inMemory) : inMemory;
    }
    const run = async (): Promise<Float32Array> => {
      const outputs = await kernels.run(kernel, params, given);
      const made = outputs[output]!;
      if (!(made instanceof GpuArray)) return made.data as Float32Array;
      const { data } = await kernels.download(made);
      made.destroy();
      return data as Float32Array;
    };
    const close = (): Promise<void> => {
      for (const one of Object.values(given)) if (one instanceof GpuArray) one.destroy();
      return Promise.resolve();
    };
    return { ways: [{ form: kernel, run, ...(canonical && { canonical }) }], close };
  },
});

export interface Verdict {
  readonly expected: Float32Array;
  readonly rule: Acceptance;
  /** Of one run in plain JavaScript. */
  readonly referenceMs: number;
  /** Arithmetic operations, by the kernel's own price. */
  readonly flops: number;
}

/** What is right, by the kernel's CPU reference; a sentence where the catalogue has no such kernel. */
export async function judge(operation: Operation, inputs: Inputs): Promise<Verdict | string> {
  const ours = await openOurs(operation);
  if (typeof ours === 'string') return ours;
  const { kernelOf, params, items } = ours;
  const { manifest } = kernelOf;
  const given = ours.given?.(inputs) ?? inputs;
  const batch = batchOf(operation, given, items);
  const startMs = performance.now();
  const outputs = await runBatch(
    referenceRunner(kernelOf, params),
    batch,
    manifest.outputs(params),
  );
  const referenceMs = performance.now() - startMs;
  const flops = manifest.flopsPerItem(params) * items;
  const output = valuesAt(outputs, ours);
  const expected = ours.canonical?.(output) ?? output;
  return { expected, rule: manifest.acceptance, referenceMs, flops };
}
