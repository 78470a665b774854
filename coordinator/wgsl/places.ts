/**
 * Where values lie, and how they are read and written in JavaScript: in names of their own, in an array of scalars, or in
 * the words of a buffer.
 */
import type { Variable } from './spirv.ts';
import { UnsupportedError, checkValue, scalarsOf, type Scalar, type Type } from './types.ts';

export type Place =
  | { readonly kind: 'names'; readonly type: Type; readonly names: readonly string[] }
  | { readonly kind: 'memory'; readonly type: Type; readonly array: string; readonly at: string }
  | {
      readonly kind: 'buffer';
      readonly type: Type;
      readonly binding: number;
      readonly at: string;
      readonly matrixStrideWords: number;
    };

/** SPIR-V's storage classes, as far as compute shaders have them. */
export const Storage = {
  Input: 1,
  Uniform: 2,
  Workgroup: 4,
  Private: 6,
  Function: 7,
  StorageBuffer: 12,
} as const;

/** What an invocation is told of itself, by SPIR-V's number of it. */
export const BUILT_INS: Readonly<Record<number, readonly string[]>> = {
  24: ['NX', 'NY', 'NZ'],
  26: ['WX', 'WY', 'WZ'],
  27: ['TX', 'TY', 'TZ'],
  28: ['GX', 'GY', 'GZ'],
  29: ['TI'],
};

/** An index: a number that is known, or the name of what holds it. */
export type Index = number | string;

/** What the walk needs to know where an index may be wrong. */
export interface Walk {
  /** Of the variable, for messages. */
  readonly name: string;
  readonly place: Place;
}

const plus = (at: string, words: number): string =>
  words === 0 ? at : /^\d+$/.test(at) ? String(Number(at) + words) : `${at} + ${words}`;

/** The place of a part. What is not known to be inside is checked when it is computed. */
export function partOf({ name, place }: Walk, index: Index): Place {
  const { type } = place;
  if (type.kind === 'struct') {
    const member = type.members[Number(index)]!;
    if (place.kind === 'buffer') {
      const { matrixStrideWords } = member;
      const at = plus(place.at, member.offsetWords);
      return { ...place, type: member.type, at, matrixStrideWords };
    }
    const before = type.members.slice(0, Number(index));
    const skipped = before.reduce((sum, it) => sum + scalarsOf(it.type), 0);
    return stepped(place, member.type, skipped);
  }
  if (type.kind !== 'array' && type.kind !== 'vector' && type.kind !== 'matrix') {
    throw new UnsupportedError('an index into what has no parts');
  }
  const size = place.kind === 'buffer' ? wordsBetween(place) : scalarsOf(type.of);
  if (typeof index === 'number' && type.count !== null)
    return stepped(place, type.of, index * size);
  if (place.kind === 'names') throw new UnsupportedError('an index into names');
  const count = type.count === null ? countOf(place) : String(type.count);
  const text = String(index);
  const checked = `(${text} >>> 0 < ${count} ? ${text} : OUT_OF_BOUNDS(LINE, ${JSON.stringify(name)}, ${text}, ${count}))`;
  const step = size === 1 ? checked : `${checked} * ${size}`;
  return { ...place, type: type.of, at: place.at === '0' ? step : `${place.at} + ${step}` };
}

/** Elements of an array that fills the rest of its buffer. */
export function countOf(place: Place): string {
  if (place.kind !== 'buffer' || place.type.kind !== 'array') {
    throw new UnsupportedError('an array without a size that is no buffer');
  }
  return `((L${place.binding} - (${place.at})) / ${place.type.strideWords} | 0)`;
}

function stepped(place: Place, type: Type, by: number): Place {
  if (place.kind === 'names') {
    return { ...place, type, names: place.names.slice(by, by + scalarsOf(type)) };
  }
  return { ...place, type, at: plus(place.at, by) };
}

function wordsBetween({ type, matrixStrideWords }: Extract<Place, { kind: 'buffer' }>): number {
  if (type.kind === 'array') return type.strideWords;
  return type.kind === 'matrix' ? matrixStrideWords : 1;
}

const VIEWS: Readonly<Record<Scalar, string>> = { f32: 'F', i32: 'I', u32: 'U', bool: 'U' };

/** An expression for each scalar of the place, which can also be assigned to. */
export function scalarsAt(place: Place): string[] {
  if (place.kind === 'names') return [...place.names];
  checkValue(place.type);
  const count = scalarsOf(place.type);
  if (place.kind === 'memory') {
    return Array.from({ length: count }, (_, i) => `${place.array}[${plus(place.at, i)}]`);
  }
  if (place.type.kind === 'scalar') {
    return [`${VIEWS[place.type.scalar]}${place.binding}[${place.at}]`];
  }
  const { type } = place;
  const parts =
    type.kind === 'struct'
      ? type.members.length
      : 'count' in type && type.count !== null
        ? type.count
        : 0;
  return Array.from({ length: parts }, (_, i) => scalarsAt(partOf({ name: '', place }, i))).flat();
}

/** Zeros of the variable's type, or what it begins with. */
export const beginningOf = (scalars: readonly string[], variable: Variable): string =>
  scalars.every((scalar) => scalar === '0')
    ? `new Array(${scalarsOf(variable.type)}).fill(0)`
    : `[${scalars.join(', ')}]`;
