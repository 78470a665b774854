/**
 * Kernels as functions of arrays: shapes give the parameters. What is not here runs by its id (`DeviceKernels.run`).
 *
 * Axes before those that a function names are items, computed at once. An array without them is shared by all items.
 */
import { GpuArray, dtypeOf, type AnyArray, type ResultOf } from './arrays.ts';
import { KernelCallError } from './call.ts';
import type { DeviceKernels } from './deviceKernels.ts';

type Run = DeviceKernels['run'];
type Floats<From extends readonly AnyArray[]> = Promise<ResultOf<From, Float32Array>>;
type Words<From extends readonly AnyArray[]> = Promise<ResultOf<From, Uint32Array>>;

export interface MatmulOptions {
  /** a lies as [k, m]. */
  readonly transposeA?: boolean;
  /** b lies as [n, k]. */
  readonly transposeB?: boolean;
}

export interface LinearOptions {
  /** Weights lie as [out, in], as PyTorch keeps them. */
  readonly transposeWeights?: boolean;
  readonly activation?: 'none' | 'relu' | 'gelu' | 'silu';
}

export interface Conv2dOptions {
  readonly stride?: number;
  /** Zeros around the input, as many on each side. */
  readonly padding?: number;
  readonly dilation?: number;
  /** As many as channels is depthwise. */
  readonly groups?: number;
  readonly activation?: 'none' | 'relu' | 'relu6' | 'silu';
}

export interface AttentionOptions {
  /** A query sees no key after its own. */
  readonly causal?: boolean;
  /** One over the root of the dimension where absent. */
  readonly scale?: number;
}

export interface HistogramOptions {
  readonly bins: number;
  /** The least value of the first bin; 0 where absent. */
  readonly low?: number;
  readonly binWidth?: number;
}

/** Any of these may be called without `this`. Errors: as `DeviceKernels.run`. */
export interface KernelFunctions {
  /** c [m, n] = a [m, k] b [k, n]; f32, or f16 summed in f32. */
  matmul<A extends AnyArray, B extends AnyArray>(
    a: A,
    b: B,
    options?: MatmulOptions,
  ): Floats<[A, B]>;
  /** c [m, n] = a [m, k] b [k, n] of signed bytes, exact; k and n are multiples of 4. */
  matmulInt8<A extends AnyArray, B extends AnyArray>(
    a: A,
    b: B,
    options?: MatmulOptions,
  ): Promise<ResultOf<[A, B], Int32Array>>;
  /** y [rows, out] = activation(x [rows, in] weights [in, out] + bias [out]). */
  linear<X extends AnyArray, W extends AnyArray, B extends AnyArray>(
    x: X,
    weights: W,
    bias: B,
    options?: LinearOptions,
  ): Floats<[X, W, B]>;
  /** y [m] = a [m, k] x [k]. */
  matvec<A extends AnyArray, X extends AnyArray>(a: A, x: X): Floats<[A, X]>;
  /**
   * y [outHeight, outWidth, outChannels] of an image x [height, width, channels], weights
   * [kernelHeight, kernelWidth, channels / groups, outChannels] and a bias [outChannels].
   */
  conv2d<X extends AnyArray, W extends AnyArray, B extends AnyArray>(
    x: X,
    weights: W,
    bias: B,
    options?: Conv2dOptions,
  ): Floats<[X, W, B]>;
  /** Of every row of x [rows, columns]. */
  softmax<X extends AnyArray>(x: X, options?: { readonly logarithms?: boolean }): Floats<[X]>;
  /** Of every row of x [rows, columns], times a scale [columns] plus a bias [columns]. */
  layernorm<X extends AnyArray, S extends AnyArray, B extends AnyArray>(
    x: X,
    scale: S,
    bias: B,
    options?: { readonly epsilon?: number },
  ): Floats<[X, S, B]>;
  /** Of every row of x [rows, columns], times a scale [columns]. */
  rmsnorm<X extends AnyArray, S extends AnyArray>(
    x: X,
    scale: S,
    options?: { readonly epsilon?: number },
  ): Floats<[X, S]>;
  /** y [heads, queries, dimension] of q in that shape, and of k and v [heads, keys, dimension]. */
  attention<Q extends AnyArray, K extends AnyArray, V extends AnyArray>(
    q: Q,
    k: K,
    v: V,
    options?: AttentionOptions,
  ): Floats<[Q, K, V]>;
  /** y [columns, rows] of x [rows, columns]. */
  transpose<X extends AnyArray>(x: X): Floats<[X]>;
  /** The sum of x [n], and beside it the sum of magnitudes: [2]. */
  sum<X extends AnyArray>(x: X): Floats<[X]>;
  /** The Euclidean norm of x [n]: [1]. */
  norm<X extends AnyArray>(x: X): Floats<[X]>;
  /** The largest of x [n] and the first place where it is. */
  max<X extends AnyArray>(x: X): Promise<Extreme<X>>;
  /** The least of x [n] and the first place where it is. */
  min<X extends AnyArray>(x: X): Promise<Extreme<X>>;
  /** Prefix sums of the integers x [n], which wrap at 32 bits; each with its own value unless `inclusive` is false. */
  scan<X extends AnyArray>(
    x: X,
    options?: { readonly inclusive?: boolean },
  ): Promise<ResultOf<[X], Uint32Array | Int32Array>>;
  /** The u32 keys [n] in order. */
  sort<X extends AnyArray>(keys: X, options?: { readonly descending?: boolean }): Words<[X]>;
  /** The places of the u32 keys [n] in order: what to gather anything else by. */
  argsort<X extends AnyArray>(keys: X, options?: { readonly descending?: boolean }): Words<[X]>;
  /** How many of the u32 values x [n] lie in each bin: [bins]. */
  histogram<X extends AnyArray>(x: X, options: HistogramOptions): Words<[X]>;
  /** Of the complex signal [n, 2]; unscaled forwards, by 1 / n backwards. Any n. */
  fft<X extends AnyArray>(signal: X, options?: FftOptions): Floats<[X]>;
  /** Of the complex image [height, width, 2]. */
  fft2<X extends AnyArray>(signal: X, options?: FftOptions): Floats<[X]>;
}

export interface FftOptions {
  readonly direction?: 'forward' | 'inverse';
}

export interface Extreme<X extends AnyArray> {
  readonly value: ResultOf<[X], Float32Array>;
  readonly place: ResultOf<[X], Uint32Array>;
}

export function kernelFunctions(run: Run): KernelFunctions {
  /** One output of a call, as the caller's types have it: it lies where `run` says. */
  const one = async <T extends AnyArray>(
    id: string,
    params: object,
    inputs: Readonly<Record<string, AnyArray>>,
    output: string,
  ): Promise<T> => {
    const outputs = await run(id, params, inputs);
    for (const [name, value] of Object.entries(outputs)) {
      if (name !== output && value instanceof GpuArray) value.destroy();
    }
    return outputs[output] as T;
  };
  const extreme = async (x: AnyArray, operation: 'max' | 'min') => {
    const [length] = lastAxes(operation, 'x', x, 1);
    const { value, place } = await run('reduceExact@1', { length, operation }, { x });
    return { value, place } as never;
  };
  const reduced = async (x: AnyArray, operation: 'sum' | 'norm') => {
    const [length] = lastAxes(operation, 'x', x, 1);
    return one('reduce@1', { length, operation }, { x }, 'result') as never;
  };
  const sorted = async (keys: AnyArray, descending: boolean, places: boolean) => {
    const [length] = lastAxes('sort', 'keys', keys, 1);
    const params = { length, descending, values: places ? 'places' : 'none' };
    return one('sort@1', params, { keys }, places ? 'sortedValues' : 'sortedKeys') as never;
  };
  const rowsOf = (name: string, x: AnyArray) => {
    const [rows, columns] = lastAxes(name, 'x', x, 2);
    return { rows, columns };
  };

  return {
    async matmul(a, b, options = {}) {
      const dtype = dtypeOf(a) === 'F16' ? 'f16' : 'f32';
      return one('matmul@1', { ...sidesOf(a, b, options), dtype }, { a, b }, 'c');
    },
    matmulInt8: async (a, b, options = {}) =>
      one('matmulInt8@1', sidesOf(a, b, options), { a, b }, 'c'),
    async linear(x, weights, bias, { transposeWeights = false, activation = 'none' } = {}) {
      const [rows, inFeatures] = lastAxes('linear', 'x', x, 2);
      const axes = lastAxes('linear', 'weights', weights, 2);
      const [, outFeatures] = swapped(axes, transposeWeights);
      const params = { rows, inFeatures, outFeatures, transposeWeights, activation };
      return one('linear@1', params, { x, weights, bias }, 'y');
    },
    async matvec(a, x) {
      const [m, k] = lastAxes('matvec', 'a', a, 2);
      return one('matvec@1', { m, k }, { a, x }, 'y');
    },
    async conv2d(x, weights, bias, options = {}) {
      const [height, width, inChannels] = lastAxes('conv2d', 'x', x, 3);
      const axes = lastAxes('conv2d', 'weights', weights, 4);
      const [kernelHeight, kernelWidth, , outChannels] = axes;
      const shape = { height, width, inChannels, outChannels, kernelHeight, kernelWidth };
      return one('conv2d@1', { ...shape, ...options }, { x, weights, bias }, 'y');
    },
    async softmax(x, { logarithms = false } = {}) {
      const output = logarithms ? 'logarithms' : 'probabilities';
      return one('softmax@1', { ...rowsOf('softmax', x), output }, { x }, 'y');
    },
    async layernorm(x, scale, bias, options = {}) {
      const params = { ...rowsOf('layernorm', x), ...options };
      return one('layernorm@1', params, { x, scale, bias }, 'y');
    },
    rmsnorm: async (x, scale, options = {}) =>
      one('rmsnorm@1', { ...rowsOf('rmsnorm', x), ...options }, { x, scale }, 'y'),
    async attention(q, k, v, options = {}) {
      const [heads, queries, dimension] = lastAxes('attention', 'q', q, 3);
      const [, keys] = lastAxes('attention', 'k', k, 3);
      const params = { heads, queries, keys, dimension, ...options };
      return one('attention@1', params, { q, k, v }, 'y');
    },
    transpose: async (x) => one('transpose@1', rowsOf('transpose', x), { x }, 'y'),
    sum: (x) => reduced(x, 'sum'),
    norm: (x) => reduced(x, 'norm'),
    max: (x) => extreme(x, 'max'),
    min: (x) => extreme(x, 'min'),
    async scan(x, { inclusive = true } = {}) {
      const [length] = lastAxes('scan', 'x', x, 1);
      return one('scan@1', { length, dtype: dtypeOf(x), inclusive }, { x }, 'sums');
    },
    sort: (keys, { descending = false } = {}) => sorted(keys, descending, false),
    argsort: (keys, { descending = false } = {}) => sorted(keys, descending, true),
    async histogram(x, options) {
      const [length] = lastAxes('histogram', 'x', x, 1);
      return one('histogram@1', { length, ...options }, { x }, 'counts');
    },
    async fft(signal, options = {}) {
      const [width] = lastAxes('fft', 'signal', signal, 2);
      return one('fft@1', { width, ...options }, { signal }, 'spectrum');
    },
    async fft2(signal, options = {}) {
      const [height, width] = lastAxes('fft2', 'signal', signal, 3);
      return one('fft@1', { width, height, ...options }, { signal }, 'spectrum');
    },
  };
}

function lastAxes(name: string, input: string, { shape }: AnyArray, count: 1): [number];
function lastAxes(name: string, input: string, { shape }: AnyArray, count: 2): [number, number];
function lastAxes(
  name: string,
  input: string,
  { shape }: AnyArray,
  count: 3,
): [number, number, number];
function lastAxes(
  name: string,
  input: string,
  { shape }: AnyArray,
  count: 4,
): [number, number, number, number];
function lastAxes(name: string, input: string, { shape }: AnyArray, count: number): number[] {
  if (shape.length >= count) return shape.slice(-count);
  const came = `[${shape.join(',')}]`;
  throw new KernelCallError(`${name}: expected "${input}" of ${count} axes or more, came ${came}`);
}

function sidesOf(a: AnyArray, b: AnyArray, options: MatmulOptions) {
  const { transposeA = false, transposeB = false } = options;
  const [m, k] = swapped(lastAxes('matmul', 'a', a, 2), transposeA);
  const [, n] = swapped(lastAxes('matmul', 'b', b, 2), transposeB);
  return { m, k, n, transposeA, transposeB };
}

const swapped = ([first, last]: [number, number], isSwapped: boolean): [number, number] =>
  isSwapped ? [last, first] : [first, last];
