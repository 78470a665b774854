/**
 * fft@1 on the CPU in f64: radix 2 for powers of two, the chirp transform for all other lengths, roots of unity from
 * reduced integer phases. Each result is rounded once to f32.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { FftParams } from './manifest.ts';

/** Real and imaginary parts, apart. */
export interface Line {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

const zeros = (length: number): Line => ({
  re: new Float64Array(length),
  im: new Float64Array(length),
});

/** `signal` F32 [width,2] or [height,width,2] to `spectrum` of the same shape; the item index plays no part. */
export function fftReference(
  { width, height, direction }: FftParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const lines = height ?? 1;
  const isInverse = direction === 'inverse';
  // An inverse transform is a forward one of conjugates.
  const sign = isInverse ? -1 : 1;
  const values = Float64Array.from(valuesOf(inputs['signal']!) as Float32Array);
  for (let i = 1; i < values.length; i += 2) values[i]! *= sign;
  const along = (length: number, count: number, step: number, next: number): void => {
    const transform = transformOf(length);
    const line = zeros(length);
    for (let l = 0; l < count; l++) {
      for (let j = 0; j < length; j++) {
        const at = 2 * (l * next + j * step);
        line.re[j] = values[at]!;
        line.im[j] = values[at + 1]!;
      }
      transform(line);
      for (let j = 0; j < length; j++) {
        const at = 2 * (l * next + j * step);
        values[at] = line.re[j]!;
        values[at + 1] = line.im[j]!;
      }
    }
  };
  along(width, lines, 1, width);
  if (lines > 1) along(lines, width, width, 1);
  const scale = isInverse ? 1 / (width * lines) : 1;
  const spectrum = Float32Array.from(values, (value, i) => value * scale * (i % 2 ? sign : 1));
  const dims = height === undefined ? [width, 2] : [height, width, 2];
  return { spectrum: tensorOf('F32', dims, spectrum) };
}

/** A forward transform in place, with its tables made once for many lines. */
export function transformOf(length: number): (line: Line) => void {
  return (length & (length - 1)) === 0 ? powerOfTwo(length) : chirpTransform(length);
}

/** exp(-2 pi i k / order) for whole k in [0, order): the octant first, so that axes and diagonals are exact. */
function root(k: number, order: number): readonly [number, number] {
  const quarter = Math.round((4 * k) / order);
  const angle = ((4 * k - quarter * order) / order) * (Math.PI / 2);
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  switch (quarter % 4) {
    case 0:
      return [c, -s];
    case 1:
      return [-s, -c];
    case 2:
      return [-c, s];
    default:
      return [s, c];
  }
}

function powerOfTwo(length: number): (line: Line) => void {
  const roots = zeros(length / 2);
  for (let k = 0; k < length / 2; k++) [roots.re[k], roots.im[k]] = root(k, length);
  const bits = Math.log2(length);
  return ({ re, im }) => {
    for (let i = 0; i < length; i++) {
      let j = 0;
      for (let bit = 0; bit < bits; bit++) j |= ((i >> bit) & 1) << (bits - 1 - bit);
      if (j <= i) continue;
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
    for (let half = 1; half < length; half *= 2) {
      const step = length / (2 * half);
      for (let first = 0; first < length; first += 2 * half) {
        for (let k = 0; k < half; k++) {
          const a = first + k;
          const b = a + half;
          const wr = roots.re[k * step]!;
          const wi = roots.im[k * step]!;
          const br = re[b]! * wr - im[b]! * wi;
          const bi = re[b]! * wi + im[b]! * wr;
          re[b] = re[a]! - br;
          im[b] = im[a]! - bi;
          re[a]! += br;
          im[a]! += bi;
        }
      }
    }
  };
}

/** j k = (j^2 + k^2 - (k - j)^2) / 2: the transform is a convolution with a chirp, done in a power of two. */
function chirpTransform(length: number): (line: Line) => void {
  const long = 2 ** Math.ceil(Math.log2(2 * length - 1));
  const transform = powerOfTwo(long);
  const chirp = zeros(length);
  const filter = zeros(long);
  for (let k = 0; k < length; k++) {
    // k^2 is below 2^40: exact.
    const [c, s] = root((k * k) % (2 * length), 2 * length);
    chirp.re[k] = c;
    chirp.im[k] = s;
    for (const place of [k, (long - k) % long]) {
      filter.re[place] = c;
      filter.im[place] = -s;
    }
  }
  transform(filter);
  const work = zeros(long);
  return ({ re, im }) => {
    work.re.fill(0);
    work.im.fill(0);
    multiply({ re, im }, chirp, work, length, 1);
    transform(work);
    // The transform back, by conjugates.
    multiply(work, filter, work, long, -1);
    transform(work);
    for (let k = 0; k < length; k++) {
      work.re[k]! /= long;
      work.im[k]! /= -long;
    }
    multiply(work, chirp, { re, im }, length, 1);
  };
}

/** `into` = a b, its imaginary part times `sign`. */
function multiply(a: Line, b: Line, into: Line, length: number, sign: number): void {
  for (let k = 0; k < length; k++) {
    const re = a.re[k]! * b.re[k]! - a.im[k]! * b.im[k]!;
    into.im[k] = sign * (a.re[k]! * b.im[k]! + a.im[k]! * b.re[k]!);
    into.re[k] = re;
  }
}
