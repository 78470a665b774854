/**
 * Tensors as JSON has them, and back: flat lists of numbers.
 *
 * Nothing is rounded to an integer, cut to a range or filled in. Numbers that are written are the shortest that give the
 * same f32, f16 or f64 again when they are read, so equal tensors have equal text on every machine.
 */
import { MAX_JSON_DEPTH } from './limits.ts';
import { fromHalfBits, toHalfBits } from './float16.ts';
import { fail, ok, type Result } from './result.ts';
import { elementCount, valuesOf, type Dtype, type Tensor, type TensorSpec } from './tensor.ts';

/** What was expected of a value, or of how many there are, and what came. */
export interface ValueProblem {
  readonly kind: 'value-problem';
  readonly expected: string;
  readonly came: string;
}

/** Row-major values of arrays within arrays: of too many one more than `count`, enough to say so. */
export function flattened(value: unknown, count: number): unknown[] {
  const flat: unknown[] = [];
  flatten(value, flat, count, 0);
  return flat;
}

function flatten(value: unknown, into: unknown[], count: number, depth: number): void {
  if (into.length > count || depth > MAX_JSON_DEPTH) return;
  if (Array.isArray(value)) for (const one of value) flatten(one, into, count, depth + 1);
  else into.push(value);
}

const ARRAYS = {
  F32: Float32Array,
  F16: Float32Array,
  F64: Float64Array,
  I8: Int8Array,
  U8: Uint8Array,
  I32: Int32Array,
  U32: Uint32Array,
  BOOL: Uint8Array,
} as const;

const WHOLE: Readonly<Partial<Record<Dtype, readonly [min: number, max: number]>>> = {
  I8: [-128, 127],
  U8: [0, 255],
  I32: [-(2 ** 31), 2 ** 31 - 1],
  U32: [0, 2 ** 32 - 1],
  BOOL: [0, 1],
};

/** Above it (and below its negative) a value would become infinite. */
const LARGEST: Readonly<Partial<Record<Dtype, number>>> = {
  F32: (2 - 2 ** -24) * 2 ** 127,
  F16: 65_520,
};

/** The bytes of a tensor of these values: numbers, booleans, and for I64 decimal text as well. */
export function bytesOfValues(
  values: readonly unknown[],
  { name, dtype, dims }: TensorSpec & { readonly name: string },
): Result<Uint8Array<ArrayBuffer>, ValueProblem> {
  const count = elementCount(dims);
  if (values.length !== count) {
    const came = values.length > count ? 'more' : `${values.length}`;
    return problem(`${count} numbers for "${name}" [${dims.join(', ')}]`, came);
  }
  const wrong = (value: unknown, what: string) =>
    problem(`${what} for "${name}" (${dtype})`, shown(value));
  if (dtype === 'I64') {
    const big = new BigInt64Array(count);
    for (const [i, value] of values.entries()) {
      const isWhole =
        Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,19}$/.test(value));
      if (!isWhole) return wrong(value, 'whole numbers');
      const whole = BigInt(value as number | string);
      if (BigInt.asIntN(64, whole) !== whole) return wrong(value, 'whole numbers of 64 bits');
      big[i] = whole;
    }
    return ok(new Uint8Array(big.buffer));
  }
  const array = new ARRAYS[dtype](count);
  const range = WHOLE[dtype];
  const largest = LARGEST[dtype] ?? Infinity;
  for (const [i, value] of values.entries()) {
    const number = typeof value === 'boolean' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) return wrong(value, 'numbers');
    if (
      range !== undefined &&
      !(Number.isInteger(number) && number >= range[0] && number <= range[1])
    )
      return wrong(value, `whole numbers from ${range[0]} to ${range[1]}`);
    if (Math.abs(number) >= largest) return wrong(value, `numbers nearer to 0 than ${largest}`);
    array[i] = number;
  }
  const stored = dtype === 'F16' ? toHalfBits(array as Float32Array) : array;
  return ok(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
}

export type JsonNumber = number | boolean | string | null;

/** Null for NaN, text for the infinite and for integers that no double holds. */
export function jsonNumbers(tensor: Tensor): JsonNumber[] {
  const values = valuesOf(tensor);
  if (values instanceof BigInt64Array) {
    return Array.from(values, (one) => {
      const near = Number(one);
      return Number.isSafeInteger(near) ? near : one.toString();
    });
  }
  if (tensor.dtype === 'F16') {
    return Array.from(fromHalfBits(values as Uint16Array), (one) => shortest(one, Math.fround));
  }
  if (tensor.dtype === 'F32') return Array.from(values, (one) => shortest(one, Math.fround));
  if (tensor.dtype === 'BOOL') return Array.from(values, (one) => one !== 0);
  return Array.from(values, (one) => shortest(one, (same) => same));
}

/** `round` is that of the dtype. */
export function shortest(value: number, round: (value: number) => number): number | string | null {
  if (Number.isNaN(value)) return null;
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Number.isInteger(value) || round(0.1) === 0.1) return value;
  // An f32 has 6 to 9 decimal digits; most that were computed need 8.
  for (const digits of [6, 7, 8]) {
    const shorter = Number(value.toPrecision(digits));
    if (round(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(9));
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);

const problem = (expected: string, came: string): Result<never, ValueProblem> =>
  fail({ kind: 'value-problem', expected, came });
