/**
 * reduceExact@1 on the CPU. Values times a power of two, their rounding, and sums below 2^53 are all exact in f64.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { ReduceExactParams } from './manifest.ts';

/** A value's integer stays below this. */
const LIMIT = 2 ** 31;

/** `x` F32 [length] to `total` I64 and `saturated` U32, or to `value` F32 and `place` U32; scalars all. */
export function reduceExactReference(
  { operation, fractionBits }: ReduceExactParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const x = valuesOf(inputs['x']!) as Float32Array;
  if (operation === 'sum') return fixedSum(x, 2 ** fractionBits);
  const place = placeOfExtreme(x, operation === 'min' ? -1 : 1);
  // The bits, not the number: a NaN has many.
  const bits = new Uint32Array(x.buffer, x.byteOffset, x.length).slice(place, place + 1);
  return {
    value: { dtype: 'F32', dims: [], bytes: new Uint8Array(bits.buffer) },
    place: tensorOf('U32', [], Uint32Array.of(place)),
  };
}

function fixedSum(x: Float32Array, scale: number): NamedTensors {
  let total = 0;
  let saturated = 0;
  for (const value of x) {
    const scaled = value * scale;
    if (Math.abs(scaled) < LIMIT) {
      total += roundHalfToEven(scaled);
    } else {
      saturated += 1;
      if (scaled > 0) total += LIMIT - 1;
      if (scaled < 0) total -= LIMIT - 1;
    }
  }
  return {
    total: tensorOf('I64', [], BigInt64Array.of(BigInt(total))),
    saturated: tensorOf('U32', [], Uint32Array.of(saturated)),
  };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1;
  return rest > 0.5 ? below + 1 : below;
}

/** The first NaN, else the first of the largest values times `sign`. */
function placeOfExtreme(x: Float32Array, sign: number): number {
  let best = 0;
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i]!)) return i;
    if (x[i]! * sign > x[best]! * sign) best = i;
  }
  return best;
}
