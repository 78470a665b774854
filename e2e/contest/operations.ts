/**
 * What the contest computes, as data in nobody's words: each contender turns an operation into its own calls.
 *
 * Invariant: the inputs of an operation are the same for every contender, and none is constant (jax-js folds constants:
 * reference, performance, section 3).
 */
import { noise } from '../../kernels/noise.ts';

/** A convolution with a bias and padding that keeps the side, stride 1, over one picture of equal sides. */
export interface Convolution {
  readonly kind: 'conv2d';
  readonly channels: number;
  readonly filters: number;
  readonly side: number;
  /** Of a filter; odd. */
  readonly kernel: number;
  /** 1, or as many as channels (depthwise). */
  readonly groups: number;
}

export type Operation =
  | { readonly kind: 'matmul'; readonly m: number; readonly k: number; readonly n: number }
  | { readonly kind: 'matvec'; readonly m: number; readonly k: number }
  | Convolution
  | { readonly kind: 'softmax' | 'layernorm'; readonly rows: number; readonly columns: number }
  /** The sum of every row. */
  | { readonly kind: 'reduce'; readonly rows: number; readonly columns: number }
  /** Of complex values; `height` null in one dimension. */
  | { readonly kind: 'fft'; readonly width: number; readonly height: number | null };

export interface Input {
  readonly dims: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
  /** Weights stay where they are computed with, as a model's do; data may come anew for every run. */
  readonly role: 'data' | 'weights';
}

export type Inputs = Readonly<Record<string, Input>>;

/** Repeatable noise in [-1, 1); of sums in [0, 2), so that they do not cancel. */
export function inputsOf(operation: Operation): Inputs {
  const random = noise(11);
  const make = (role: Input['role'], dims: readonly number[], offset = 0): Input => {
    const length = dims.reduce((a, b) => a * b, 1);
    return { dims, role, values: Float32Array.from({ length }, () => random() + offset) };
  };
  switch (operation.kind) {
    case 'matmul': {
      const { m, k, n } = operation;
      return { a: make('data', [m, k]), b: make('data', [k, n]) };
    }
    case 'matvec': {
      const { m, k } = operation;
      return { a: make('weights', [m, k]), x: make('data', [k]) };
    }
    case 'conv2d': {
      const { channels, filters, side, kernel, groups } = operation;
      return {
        image: make('data', [channels, side, side]),
        weights: make('weights', [filters, channels / groups, kernel, kernel]),
        bias: make('weights', [filters]),
      };
    }
    case 'softmax':
      return { x: make('data', [operation.rows, operation.columns]) };
    case 'layernorm': {
      const { rows, columns } = operation;
      return {
        x: make('data', [rows, columns]),
        scale: make('weights', [columns]),
        bias: make('weights', [columns]),
      };
    }
    case 'reduce':
      return { x: make('data', [operation.rows, operation.columns], 1) };
    case 'fft': {
      const { width, height } = operation;
      return { signal: make('data', height === null ? [width, 2] : [height, width, 2]) };
    }
    default:
      return operation satisfies never;
  }
}

/** Where inputs lie when a run starts: on the GPU already, or (data, not weights) in JavaScript's memory. */
export type Residence = 'gpu' | 'host';

/** One way of a contender to compute an operation. */
export interface Way {
  /** The call it is, for people: `MatMul`, `jit(matmul)`. */
  readonly form: string;
  /** The whole run: ends with the output in JavaScript's memory. */
  run(): Promise<Float32Array>;
  /** The output as the operation has it, of what `run` gave; not timed. */
  canonical?(output: Float32Array): Float32Array;
}

/** An operation that a contender is ready to run. */
export interface Prepared {
  /** The call that one finds first comes first. Not empty. */
  readonly ways: readonly Way[];
  close(): Promise<void> | void;
}

export interface Contender {
  readonly name: string;
  /** A sentence where it cannot compute the operation. */
  prepare(operation: Operation, inputs: Inputs, residence: Residence): Promise<Prepared | string>;
}

/** `[c, h, w]` to `[h, w, c]`, for those who have channels last. */
export function channelsLast(values: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const pixels = values.length / channels;
  return Float32Array.from(
    values,
    (_, i) => values[(i % channels) * pixels + Math.floor(i / channels)]!,
  );
}

/** Undoes `channelsLast`. */
export function channelsFirst(values: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const pixels = values.length / channels;
  return Float32Array.from(
    values,
    (_, i) => values[(i % pixels) * channels + Math.floor(i / pixels)]!,
  );
}

/** `[filters, channels / groups, kernel, kernel]` to `[kernel, kernel, channels / groups, filters]`. */
export function filtersLast(
  values: Float32Array,
  { filters, channels, groups, kernel }: Convolution,
): Float32Array<ArrayBuffer> {
  const depth = channels / groups;
  const taps = kernel * kernel;
  return Float32Array.from(values, (_, i) => {
    const filter = i % filters;
    const channel = Math.floor(i / filters) % depth;
    const tap = Math.floor(i / (filters * depth));
    return values[(filter * depth + channel) * taps + tap]!;
  });
}

/** Complex values, real and imaginary in turn, apart. */
export function complexParts(values: Float32Array): [real: Float32Array, imaginary: Float32Array] {
  const part = (at: number) =>
    Float32Array.from({ length: values.length / 2 }, (_, i) => values[2 * i + at]!);
  return [part(0), part(1)];
}
