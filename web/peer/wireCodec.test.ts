import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { packTensors, unpackTensors } from './wireCodec.ts';

/** Like a residual stream: small values, and three channels a hundred times as large. */
function residual(rows: number, row: number): Float32Array {
  let state = 42;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  return Float32Array.from({ length: rows * row }, (_, i) => {
    const normal = random() + random() + random() + random() - 2;
    return [7, 100, 301].includes(i % row) ? 278 * (1 + 0.1 * normal) : 2 * normal;
  });
}

const bytesIn = (tensors: NamedTensors): number =>
  Object.values(tensors).reduce((sum, { bytes }) => sum + bytes.byteLength, 0);

function relativeL2(x: Float32Array, y: Float32Array): number {
  let [difference, of] = [0, 0];
  x.forEach((value, i) => {
    difference += (value - y[i]!) ** 2;
    of += value ** 2;
  });
  return Math.sqrt(difference / of);
}

describe('wire encodings', () => {
  const values = residual(8, 5120);
  const tensors = {
    x: tensorOf('F32', [2, 4, 5120], values),
    ids: tensorOf('I32', [3], Int32Array.of(1, -2, 3)),
  };

  it('f32 is the same memory', () => {
    const packed = packTensors(tensors, 'f32');
    expect(packed).toEqual({ tensors, encoded: {}, relativeL2: 0 });
    expect(packed.tensors['x']).toBe(tensors.x);
  });

  it.each([
    ['f16', 3e-4, 5120 * 2],
    ['int8', 8e-3, 5120 + 16 * 4 + 4],
  ] as const)('%s loses what it says, and little', (encoding, most, bytesPerRow) => {
    const packed = packTensors(tensors, encoding);
    const unpacked = unpackTensors(packed.tensors, packed.encoded);
    if (!unpacked.ok) throw new Error(unpacked.error.expected);
    expect(Object.keys(unpacked.value)).toEqual(['x', 'ids']);
    expect(unpacked.value['x']!.dims).toEqual([2, 4, 5120]);
    expect(unpacked.value['ids']).toBe(tensors.ids);
    const error = relativeL2(values, valuesOf(unpacked.value['x']!) as Float32Array);
    expect(error).toBeGreaterThan(0);
    expect(packed.relativeL2).toBeCloseTo(error, 10);
    expect(packed.relativeL2).toBeLessThan(most);
    expect(bytesIn(packed.tensors)).toBe(8 * bytesPerRow + 12);
  });

  it('int8 without outliers would be useless: their row keeps the others’ precision', () => {
    const unpacked = unpackOf(packTensors(tensors, 'int8'));
    const small = (all: Float32Array) => all.filter((_, i) => ![7, 100, 301].includes(i % 5120));
    expect(relativeL2(small(values), small(unpacked))).toBeLessThan(0.02);
  });

  it('short rows go as f16, scalars too', () => {
    const short = {
      x: tensorOf('F32', [4, 32], residual(4, 32)),
      y: tensorOf('F32', [], new Float32Array([2])),
    };
    expect(packTensors(short, 'int8').encoded).toEqual({ x: 'f16', y: 'f16' });
  });

  it('say an infinite error where a value does not fit f16, and survive what is not a number', () => {
    const of = (...given: number[]) => ({
      x: tensorOf('F32', [given.length], Float32Array.from(given)),
    });
    expect(packTensors(of(1, 1e6), 'f16').relativeL2).toBe(Infinity);
    expect(packTensors(of(1, NaN), 'f16').relativeL2).toBe(Infinity);
    expect(packTensors(of(0, 0), 'f16').relativeL2).toBe(0);
    const odd = Float32Array.from({ length: 200 }, (_, i) =>
      i % 50 === 0 ? NaN : i === 3 ? -Infinity : i,
    );
    const back = unpackOf(packTensors({ x: tensorOf('F32', [200], odd) }, 'int8'));
    expect([back[0], back[50], back[3]]).toEqual([NaN, NaN, -Infinity]);
    expect(Math.abs(back[120]! - 120)).toBeLessThan(1);
  });

  it('int8: every value within half a step of its row, outliers within f16', () => {
    const row = fc.array(fc.float({ noNaN: true, min: -60_000, max: 60_000 }), {
      minLength: 128,
      maxLength: 200,
    });
    fc.assert(
      fc.property(row, (given) => {
        const x = Float32Array.from(given);
        const packed = packTensors({ x: tensorOf('F32', [1, x.length], x) }, 'int8');
        const back = unpackOf(packed);
        const step = (valuesOf(packed.tensors['x/int8.scales']!) as Float32Array)[0]!;
        x.forEach((value, i) => {
          const most = Math.max(step * 0.5001, Math.abs(value) * 2 ** -11, 2 ** -25);
          expect(Math.abs(value - back[i]!)).toBeLessThanOrEqual(most);
        });
      }),
    );
  });

  it('refuse parts that are absent or do not fit', () => {
    const packed = packTensors(tensors, 'int8');
    const without = (name: string, put?: NamedTensors[string]) => {
      const changed: Record<string, NamedTensors[string]> = { ...packed.tensors };
      delete changed[name];
      if (put !== undefined) changed[name] = put;
      return unpackTensors(changed, packed.encoded).ok;
    };
    expect(without('none')).toBe(true);
    for (const part of ['x', 'x/int8.scales', 'x/int8.places', 'x/int8.outliers']) {
      expect(without(part)).toBe(false);
    }
    const beyond = tensorOf('U8', [8, 32], new Uint8Array(8 * 32).fill(255));
    expect(without('x/int8.places', beyond)).toBe(false);
    expect(unpackTensors(tensors, { x: 'f16' })).toMatchObject({ ok: false });
    expect(unpackTensors(tensors, { absent: 'f16' })).toMatchObject({ ok: false });
  });
});

function unpackOf(packed: ReturnType<typeof packTensors>): Float32Array {
  const unpacked = unpackTensors(packed.tensors, packed.encoded);
  if (!unpacked.ok) throw new Error(unpacked.error.expected);
  return valuesOf(unpacked.value['x']!) as Float32Array;
}
