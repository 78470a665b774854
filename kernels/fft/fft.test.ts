/** fft@1 beside the sum that defines it, its passes, limits and price. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { shaderText, variantsOf } from '../manifest.ts';
import { noise } from '../noise.ts';
import { LEAST_TRAITS } from '../variants.ts';
import { fft } from './gpu.ts';
import { MAX_FFT_POINTS, fftManifest, fftParams, type FftParams } from './manifest.ts';
import { chirpLength, passesOf, radicesOf } from './passes.ts';
import { fftReference } from './reference.ts';

const run = (params: FftParams, values: ArrayLike<number>): Float32Array => {
  const { dims } = fftManifest.inputs(params)['signal']!;
  const signal = tensorOf('F32', dims, Float32Array.from(values));
  return valuesOf(fftReference(params, 0, { signal })['spectrum']!) as Float32Array;
};

/** By the definition, in f64, along one axis. */
function sums(values: ArrayLike<number>, sign: 1 | -1): number[] {
  const n = values.length / 2;
  const made: number[] = [];
  for (let k = 0; k < n; k++) {
    let [re, im] = [0, 0];
    for (let j = 0; j < n; j++) {
      const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      re += values[2 * j]! * c - values[2 * j + 1]! * s;
      im += values[2 * j]! * s + values[2 * j + 1]! * c;
    }
    made.push(re, im);
  }
  return made;
}

describe('fftReference', () => {
  it('transforms by hand', () => {
    expect([...run(fftParams.parse({ width: 4 }), [1, 0, 2, 0, 3, 0, 4, 0])]).toEqual([
      10, 0, -2, 2, -2, 0, -2, -2,
    ]);
    const inverse = fftParams.parse({ width: 4, direction: 'inverse' });
    expect([...run(inverse, [10, 0, -2, 2, -2, 0, -2, -2])].map((value) => value + 0)).toEqual([
      1, 0, 2, 0, 3, 0, 4, 0,
    ]);
  });

  it.each([1, 2, 3, 5, 8, 13, 64, 97, 100])(
    'is the sum that defines it, for %i points',
    (width) => {
      const random = noise(width);
      const values = Float32Array.from({ length: 2 * width }, random);
      const forward = run(fftParams.parse({ width }), values);
      sums(values, -1).forEach((value, i) => expect(forward[i]).toBeCloseTo(value, 5));
      const inverse = run(fftParams.parse({ width, direction: 'inverse' }), values);
      sums(values, 1).forEach((value, i) => expect(inverse[i]).toBeCloseTo(value / width, 5));
    },
  );

  it('transforms both axes: rows, then columns', () => {
    const [width, height] = [6, 4];
    const random = noise(3);
    const values = Float32Array.from({ length: 2 * width * height }, random);
    const rows = Array.from({ length: height }, (_, y) =>
      sums(values.subarray(2 * y * width, 2 * (y + 1) * width), -1),
    );
    const made = run(fftParams.parse({ width, height }), values);
    for (let x = 0; x < width; x++) {
      const column = rows.flatMap((row) => [row[2 * x]!, row[2 * x + 1]!]);
      sums(column, -1).forEach((value, i) => {
        const at = 2 * ((i >> 1) * width + x) + (i % 2);
        expect(made[at]).toBeCloseTo(value, 5);
      });
    }
  });
});

describe('passesOf', () => {
  it('takes the fewest radices, and the smallest of those', () => {
    expect(radicesOf(1, 16)).toEqual([]);
    expect(radicesOf(64, 16)).toEqual([8, 8]);
    expect(radicesOf(2 ** 20, 16)).toEqual([16, 16, 16, 16, 16]);
    expect(radicesOf(2 ** 20, 8)).toHaveLength(7);
    expect(radicesOf(1000, 16)).toEqual([10, 10, 10]);
    expect(radicesOf(11, 16)).toBeNull();
    expect(radicesOf(22, 16)).toBeNull();
    for (let n = 1; n < 3000; n++) {
      const radices = radicesOf(n, 16);
      if (radices !== null) expect(radices.reduce((product, r) => product * r, 1)).toBe(n);
    }
  });

  it('convolves in a power of two that the chirp does not wrap in', () => {
    expect(chirpLength(11)).toBe(32);
    expect(chirpLength(17)).toBe(64);
    expect(chirpLength(MAX_FFT_POINTS - 1)).toBe(2 * MAX_FFT_POINTS);
  });

  it.each([
    { width: 11 },
    { width: 64, height: 11 },
    { width: 11, height: 13 },
    { width: 1 },
    { width: 1, height: 5 },
    { width: 512 },
  ])('never writes what it reads, and ends in the spectrum: %j', (shape) => {
    const passes = passesOf(fftParams.parse(shape), 16);
    const stockham = passes.filter((pass) => pass.kind === 'stockham');
    for (const { source, target } of stockham) expect(source).not.toBe(target);
    const own = stockham.filter(({ isShared }) => !isShared);
    expect(own[0]).toMatchObject({ source: 'signal', isFirst: true });
    expect(own.at(-1)).toMatchObject({ target: 'spectrum', isLast: true });
    own.slice(1).forEach(({ source }, i) => expect(source).toBe(own[i]!.target));
  });
});

describe('fftManifest', () => {
  it('takes parameters up to each limit and refuses them beyond', () => {
    const accepts = (params: object) => fftParams.safeParse(params).success;
    expect(accepts({ width: 0 })).toBe(false);
    expect(accepts({ width: MAX_FFT_POINTS })).toBe(true);
    expect(accepts({ width: MAX_FFT_POINTS + 1 })).toBe(false);
    expect(accepts({ width: 1024, height: 1024 })).toBe(true);
    expect(accepts({ width: 1024, height: 1025 })).toBe(false);
    expect(accepts({ width: 4, direction: 'backward' })).toBe(false);
  });

  it('prices a chirp at several times its neighbour', () => {
    const price = (width: number) => fftManifest.flopsPerItem(fftParams.parse({ width }));
    expect(price(1009) / price(1024)).toBeGreaterThan(4);
    expect(price(1009) / price(1024)).toBeLessThan(12);
    expect(fftManifest.bytesPerItem(fftParams.parse({ width: 10, height: 3 }))).toBe(2 * 8 * 30);
  });

  it('names a second variant only where it differs', () => {
    const names = (width: number) =>
      variantsOf(fftManifest, fftParams.parse({ width }), LEAST_TRAITS).map(({ name }) => name);
    expect(names(64)).toEqual(['registers-16']);
    expect(names(4096)).toEqual(['registers-16', 'registers-8']);
  });

  it('composes this for three points, and one text for passes of one kind', () => {
    const params = fftParams.parse({ width: 3, direction: 'inverse' });
    const [variant] = variantsOf(fftManifest, params, LEAST_TRAITS);
    const text = shaderText(fft, params, variant);
    expect(text.slice(text.indexOf('@compute'))).toMatchInlineSnapshot(`
      "@compute @workgroup_size(64)
      fn line3SignalSpectrumFirstLast(
        @builtin(workgroup_id) group: vec3u,
        @builtin(local_invocation_id) thread: vec3u,
      ) {
        let index = (group.x + base.x) * 64u + thread.x;
        if (index >= THREADS) { return; }
        let line = 0u;
        let j = index;
        let row = group.z + base.z;
        let start = row * ROW_FROM + line * LINE_FROM;
        let into = row * ROW_TO + line * LINE_TO;
        let x0 = conjugate(signal[start + (j) * STEP]);
        let x1 = conjugate(signal[start + (j + 1u * BUTTERFLIES) * STEP]);
        let x2 = conjugate(signal[start + (j + 2u * BUTTERFLIES) * STEP]);
        let k = 0u;
        let first = j * 3u;
        let t0 = x1 + x2;
        let t1 = x1 - x2;
        let t2 = x0 + t0;
        let t3 = x0 + (-0.5) * t0;
        let t4 = 0.8660253882408142 * t1;
        let t5 = vec2f(t3.x + t4.y, t3.y - t4.x);
        let t6 = vec2f(t3.x - t4.y, t3.y + t4.x);
        let q0 = first;
        spectrum[into + q0 * STEP] = conjugate(t2) * SCALE;
        let q1 = first + 1u * 1u;
        spectrum[into + q1 * STEP] = conjugate(t5) * SCALE;
        let q2 = first + 2u * 1u;
        spectrum[into + q2 * STEP] = conjugate(t6) * SCALE;
      }"
    `);
    const long = fftParams.parse({ width: 2 ** 20 });
    expect(shaderText(fft, long, variant).split('@compute')).toHaveLength(1 + 4);
  });
});
