/**
 * sort@1 on the CPU: numbers that hold a key before its place, sorted by the language.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { MAX_SORT_LENGTH, type SortParams } from './manifest.ts';

/** `keys`, and `values` if any, U32 [length] to `sortedKeys`, and `sortedValues` if any, of the same shape. */
export function sortReference(
  { length, descending, keyBits, values }: SortParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const keys = valuesOf(inputs['keys']!) as Uint32Array;
  const mask = keyBits === 32 ? 0xffffffff : 2 ** keyBits - 1;
  const flip = descending ? mask : 0;
  // 32 bits of key and 20 of place: exact in f64.
  const ordered = new Float64Array(length);
  for (let place = 0; place < length; place++) {
    const counted = ((keys[place]! & mask) ^ flip) >>> 0;
    ordered[place] = counted * MAX_SORT_LENGTH + place;
  }
  ordered.sort();
  const places = new Uint32Array(length);
  for (let i = 0; i < length; i++) places[i] = ordered[i]! % MAX_SORT_LENGTH;
  const gathered = (words: Uint32Array) =>
    tensorOf(
      'U32',
      [length],
      places.map((place) => words[place]!),
    );
  const sortedKeys = gathered(keys);
  if (values === 'none') return { sortedKeys };
  if (values === 'places') return { sortedKeys, sortedValues: tensorOf('U32', [length], places) };
  return { sortedKeys, sortedValues: gathered(valuesOf(inputs['values']!) as Uint32Array) };
}
