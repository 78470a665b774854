/**
 * jax-js on WebGPU as a contender: operations under `jit`, whose inputs are arguments, so that nothing can be folded.
 *
 * Its arrays are consumed by whoever is given them; `ref` lends one more.
 */
import {
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  type Array as JaxArray,
} from '@jax-js/jax';
import { assert } from '../../shared/result.ts';
import {
  complexParts,
  type Contender,
  type Input,
  type Inputs,
  type Operation,
  type Way,
} from './operations.ts';

interface Call {
  readonly form: string;
  /** In the order of the operation's inputs; complex ones as two. Consumes them. */
  compute(...inputs: JaxArray[]): JaxArray | JaxArray[];
}

export async function jaxJs(): Promise<Contender> {
  const available = await init('webgpu');
  assert(available.includes('webgpu'), 'jax-js has no WebGPU here');
  defaultDevice('webgpu');
  return {
    name: 'jax-js',
    prepare: (operation, inputs, residence) => {
      const resident = Object.values(inputs).map((input) =>
        residence === 'gpu' || input.role === 'weights' ? made(operation, input) : null,
      );
      return Promise.resolve({
        ways: callsOf(operation).map((call) => wayOf(operation, inputs, resident, call)),
        close: () => {
          for (const kept of resident.flatMap((arrays) => arrays ?? [])) kept.dispose();
        },
      });
    },
  };
}

function wayOf(
  operation: Operation,
  inputs: Inputs,
  resident: readonly (readonly JaxArray[] | null)[],
  { form, compute }: Call,
): Way {
  const of = Object.values(inputs);
  return {
    form,
    async run() {
      const given = resident.flatMap(
        (kept, i) => kept?.map(({ ref }) => ref) ?? made(operation, of[i]!),
      );
      const output = compute(...given);
      if (!Array.isArray(output)) return valuesOf(output);
      const [real, imaginary] = [await valuesOf(output[0]!), await valuesOf(output[1]!)];
      const joined = new Float32Array(2 * real.length);
      for (let i = 0; i < real.length; i++) {
        joined[2 * i] = real[i]!;
        joined[2 * i + 1] = imaginary[i]!;
      }
      return joined;
    },
  };
}

const valuesOf = async (array: JaxArray): Promise<Float32Array> =>
  (await array.data()) as Float32Array;

function made(operation: Operation, { dims, values, role }: Input): JaxArray[] {
  if (operation.kind === 'fft') {
    return complexParts(values).map((part) =>
      np.array(part as Float32Array<ArrayBuffer>, { shape: dims.slice(0, -1) }),
    );
  }
  const isPicture = operation.kind === 'conv2d' && role === 'data';
  return [np.array(values, { shape: isPicture ? [1, ...dims] : [...dims] })];
}

function callsOf(operation: Operation): readonly Call[] {
  switch (operation.kind) {
    case 'matmul':
      return [{ form: 'jit(matmul)', compute: jit((a: JaxArray, b: JaxArray) => np.matmul(a, b)) }];
    case 'matvec':
      return [{ form: 'jit(matvec)', compute: jit((a: JaxArray, x: JaxArray) => np.matvec(a, x)) }];
    case 'conv2d': {
      const { groups, filters } = operation;
      const conv = (image: JaxArray, weights: JaxArray, bias: JaxArray) =>
        lax
          .convGeneralDilated(image, weights, [1, 1], 'SAME', { featureGroupCount: groups })
          .add(bias.reshape([1, filters, 1, 1]));
      return [{ form: 'jit(convGeneralDilated, +)', compute: jit(conv) }];
    }
    case 'softmax':
      return [{ form: 'jit(softmax)', compute: jit((x: JaxArray) => nn.softmax(x)) }];
    case 'layernorm': {
      const norm = (x: JaxArray, scale: JaxArray, bias: JaxArray) =>
        nn.standardize(x).mul(scale).add(bias);
      return [{ form: 'jit(standardize, ×, +)', compute: jit(norm) }];
    }
    case 'reduce':
      return [{ form: 'jit(sum)', compute: jit((x: JaxArray) => np.sum(x, 1)) }];
    case 'fft': {
      const transform = operation.height === null ? np.fft.fft : np.fft.fft2;
      const compute = jit((real: JaxArray, imag: JaxArray) => {
        const spectrum = transform({ real, imag });
        return [spectrum.real, spectrum.imag];
      });
      return [{ form: operation.height === null ? 'jit(fft)' : 'jit(fft2)', compute }];
    }
    default:
      return operation satisfies never;
  }
}
