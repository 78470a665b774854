/** The types of a module's values: numbers, and what is made of them. */

export type Scalar = 'bool' | 'i32' | 'u32' | 'f32';

export type Type =
  | { readonly kind: 'void' }
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  | { readonly kind: 'vector'; readonly of: Type; readonly count: number }
  /** `count` columns, each a vector. */
  | { readonly kind: 'matrix'; readonly of: Type; readonly count: number }
  /** `count` is null where the buffer says how many there are; `strideWords` where it lies in a buffer. */
  | {
      readonly kind: 'array';
      readonly of: Type;
      readonly count: number | null;
      readonly strideWords: number;
    }
  | { readonly kind: 'struct'; readonly members: readonly Member[] }
  | { readonly kind: 'pointer'; readonly to: Type; readonly storage: number };

export interface Member {
  readonly type: Type;
  readonly offsetWords: number;
  /** From one column to the next, of a matrix. */
  readonly matrixStrideWords: number;
}

/** A module uses what this reader does not know. */
export class UnsupportedError extends Error {
  override name = 'UnsupportedError';
}

/** Scalars of a value of the type. Throws `UnsupportedError` where a buffer alone says how many. */
export function scalarsOf(type: Type): number {
  switch (type.kind) {
    case 'scalar':
      return 1;
    case 'vector':
    case 'matrix':
      return type.count * scalarsOf(type.of);
    case 'array':
      if (type.count === null) throw new UnsupportedError('an array without a size as a value');
      return type.count * scalarsOf(type.of);
    case 'struct':
      return type.members.reduce((sum, member) => sum + scalarsOf(member.type), 0);
    case 'void':
    case 'pointer':
      return 0;
    default:
      return type satisfies never;
  }
}

/** The scalar types of all that a value of the type holds, in order and once for each. */
export function scalarTypesOf(type: Type): Scalar[] {
  switch (type.kind) {
    case 'scalar':
      return [type.scalar];
    case 'vector':
    case 'matrix':
      return Array.from({ length: type.count }, () => scalarTypesOf(type.of)).flat();
    case 'array':
      return Array.from({ length: type.count ?? 1 }, () => scalarTypesOf(type.of)).flat();
    case 'struct':
      return type.members.flatMap((member) => scalarTypesOf(member.type));
    case 'void':
    case 'pointer':
      return [];
    default:
      return type satisfies never;
  }
}

/** The scalar types of what a value of the type holds, once each. */
export function kindsOf(type: Type): ReadonlySet<Scalar> {
  switch (type.kind) {
    case 'scalar':
      return new Set([type.scalar]);
    case 'vector':
    case 'matrix':
    case 'array':
      return kindsOf(type.of);
    case 'struct':
      return new Set(type.members.flatMap((member) => [...kindsOf(member.type)]));
    case 'void':
    case 'pointer':
      return new Set();
    default:
      return type satisfies never;
  }
}

/** Far more than a workgroup may share: what is larger is not even looked at. */
const MAX_SCALARS = 65_536;

/** Throws where a value is too large to be written down. */
export function checkSize(type: Type): void {
  const count = scalarsOf(type);
  if (count > MAX_SCALARS)
    throw new UnsupportedError(`a value of ${count} numbers: at most ${MAX_SCALARS}`);
}

/** More than these are not computed with as one value: nobody means to. */
const MAX_SCALARS_OF_A_VALUE = 1_024;

/** Throws where a value is too large to be computed with whole. */
export function checkValue(type: Type): void {
  const count = scalarsOf(type);
  if (count > MAX_SCALARS_OF_A_VALUE) {
    const text = `a value of ${count} numbers taken whole: at most ${MAX_SCALARS_OF_A_VALUE}`;
    throw new UnsupportedError(`${text}, take its parts by index`);
  }
}

/** WGSL's limit for the variables of one function, and for private ones: 8,192 bytes. */
const MAX_OWN_SCALARS = 2_048;

/** Throws where variables of an invocation's own are too large together. */
export function checkOwn(types: readonly Type[]): void {
  const count = types.reduce((sum, type) => sum + scalarsOf(type), 0);
  if (count > MAX_OWN_SCALARS)
    throw new UnsupportedError(`variables of ${count} numbers: at most ${MAX_OWN_SCALARS}`);
}

export interface Layout {
  readonly bytes: number;
  readonly align: number;
}

const roundUp = (bytes: number, align: number): number => Math.ceil(bytes / align) * align;

/** How large a value is in memory, and where it may begin: WGSL's SizeOf and AlignOf ("Alignment and Size"). */
export function layoutOf(type: Type): Layout {
  switch (type.kind) {
    case 'scalar':
      return { bytes: 4, align: 4 };
    case 'vector':
      return { bytes: 4 * type.count, align: type.count === 2 ? 8 : 16 };
    case 'matrix':
    case 'array': {
      const { bytes, align } = layoutOf(type.of);
      return { bytes: (type.count ?? 0) * roundUp(bytes, align), align };
    }
    case 'struct': {
      let bytes = 0;
      let align = 1;
      for (const member of type.members) {
        const of = layoutOf(member.type);
        bytes = roundUp(bytes, of.align) + of.bytes;
        align = Math.max(align, of.align);
      }
      return { bytes: roundUp(bytes, align), align };
    }
    case 'void':
    case 'pointer':
      return { bytes: 0, align: 1 };
    default:
      return type satisfies never;
  }
}
