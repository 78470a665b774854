/**
 * TensorFlow.js on its WebGPU backend as a contender. Only `data()` forces what it queued (reference: performance,
 * section 3), so every run ends with it.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgpu';
import {
  channelsFirst,
  channelsLast,
  complexParts,
  filtersLast,
  type Contender,
  type Input,
  type Inputs,
  type Operation,
  type Way,
} from './operations.ts';

/** Its tensors of an operation's inputs. */
type Made = Readonly<Record<string, tf.Tensor>>;

interface Graph extends Pick<Way, 'form' | 'canonical'> {
  compute(inputs: Made): tf.Tensor;
}

const EPSILON = 1e-5;
/** Its shader sums every point for every point: 2^16 of them would take minutes on a software adapter. */
const MAX_FFT_WIDTH = 4096;

export async function tensorflow(): Promise<Contender> {
  await tf.setBackend('webgpu');
  await tf.ready();
  return {
    name: 'tfjs',
    prepare: (operation, inputs, residence) => {
      if (operation.kind === 'fft' && operation.width > MAX_FFT_WIDTH) {
        return Promise.resolve('its fft takes time with the square of the length: not measured');
      }
      const resident: Record<string, tf.Tensor> = {};
      for (const [name, input] of Object.entries(inputs)) {
        if (residence === 'gpu' || input.role === 'weights') {
          resident[name] = made(operation, input);
        }
      }
      return Promise.resolve({
        ways: graphsOf(operation).map((graph) => wayOf(operation, inputs, resident, graph)),
        close: () => {
          tf.dispose(resident);
        },
      });
    },
  };
}

function wayOf(
  operation: Operation,
  inputs: Inputs,
  resident: Made,
  { compute, ...graph }: Graph,
): Way {
  const fresh = Object.entries(inputs).filter(([name]) => resident[name] === undefined);
  return {
    ...graph,
    async run() {
      const uploaded = Object.fromEntries(
        fresh.map(([name, input]) => [name, made(operation, input)]),
      );
      const output = tf.tidy(() => compute({ ...resident, ...uploaded }));
      const values = (await output.data()) as Float32Array;
      output.dispose();
      tf.dispose(uploaded);
      return values;
    },
  };
}

/** Pictures with their channels last, filters as `[height, width, in, out]`, complex values as such. */
function made(operation: Operation, { dims, values, role }: Input): tf.Tensor {
  switch (operation.kind) {
    case 'conv2d': {
      const { channels, filters, side, kernel, groups } = operation;
      if (role === 'data') {
        return tf.tensor4d(channelsLast(values, channels), [1, side, side, channels]);
      }
      if (dims.length === 1) return tf.tensor1d(values);
      const inAndOut = groups === 1 ? ([channels, filters] as const) : ([channels, 1] as const);
      return tf.tensor4d(filtersLast(values, operation), [kernel, kernel, ...inAndOut]);
    }
    case 'fft': {
      const [real, imaginary] = complexParts(values);
      const shape = dims.slice(0, -1);
      return tf.complex(tf.tensor(real, shape), tf.tensor(imaginary, shape));
    }
    default:
      return tf.tensor(values, [...dims]);
  }
}

function graphsOf(operation: Operation): readonly Graph[] {
  switch (operation.kind) {
    case 'matmul':
      return [{ form: 'matMul', compute: ({ a, b }) => tf.matMul(a!, b!) }];
    case 'matvec':
      return [
        { form: 'dot', compute: ({ a, x }) => tf.dot(a!, x!) },
        {
          form: 'matMul, transposed',
          compute: ({ a, x }) => tf.matMul(tf.reshape(x!, [1, operation.k]), a!, false, true),
        },
      ];
    case 'conv2d': {
      const { filters, groups } = operation;
      const canonical = (output: Float32Array) => channelsFirst(output, filters);
      const compute = ({ image, weights, bias }: Made) =>
        (groups === 1 ? tf.fused.conv2d : tf.fused.depthwiseConv2d)({
          x: image as tf.Tensor4D,
          filter: weights as tf.Tensor4D,
          bias: bias!,
          strides: 1,
          pad: 'same',
        });
      const form = groups === 1 ? 'fused.conv2d' : 'fused.depthwiseConv2d';
      return [{ form, compute, canonical }];
    }
    case 'softmax':
      return [{ form: 'softmax', compute: ({ x }) => tf.softmax(x!) }];
    case 'layernorm':
      // As tfjs-layers' LayerNormalization composes it: there is no kernel for it.
      return [
        {
          form: 'moments, batchNorm',
          compute: ({ x, scale, bias }) => {
            const { mean, variance } = tf.moments(x!, 1, true);
            const { rows, columns } = operation;
            const wide = (t: tf.Tensor) => tf.broadcastTo(t, [rows, columns]);
            return tf.batchNorm(x!, wide(mean), wide(variance), wide(bias!), wide(scale!), EPSILON);
          },
        },
        {
          form: 'moments, arithmetic',
          compute: ({ x, scale, bias }) => {
            const { mean, variance } = tf.moments(x!, 1, true);
            const normed = tf.mul(tf.sub(x!, mean), tf.rsqrt(tf.add(variance, EPSILON)));
            return tf.add(tf.mul(normed, scale!), bias!);
          },
        },
      ];
    case 'reduce':
      return [{ form: 'sum', compute: ({ x }) => tf.sum(x!, 1) }];
    case 'fft': {
      if (operation.height === null) {
        return [{ form: 'fft', compute: ({ signal }) => tf.fft(signal!) }];
      }
      const compute = ({ signal }: Made) =>
        tf.transpose(tf.fft(tf.transpose(tf.fft(signal!), [1, 0])), [1, 0]);
      return [{ form: 'fft of rows, fft of columns', compute }];
    }
    default:
      return operation satisfies never;
  }
}
