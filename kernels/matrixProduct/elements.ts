/**
 * What the composers of matrix products share: how elements lie in memory, and the head of a module.
 */

/** f16 and i8 lie packed in words of 32 bits, and are read four at a time. */
export type Element = 'f32' | 'f16' | 'i8';

export interface ProductNames {
  readonly a: string;
  readonly b: string;
  readonly c: string;
}

export const PRODUCT_NAMES: ProductNames = { a: 'a', b: 'b', c: 'c' };

export interface ProductModule {
  /** First line: what it is. */
  readonly title: string;
  readonly element: Element;
  /** a is [k,m] where it is transposed, [m,k] where not. */
  readonly transposeA: boolean;
  /** b is [n,k] where it is transposed, [k,n] where not. */
  readonly transposeB: boolean;
  /** What a, b and c are called, where not so. */
  readonly names?: ProductNames;
  /** Declarations of further bindings and functions. */
  readonly more?: string;
  /** What is stored for an accumulated value; `column` counts values, or vectors of four. */
  epilogue(value: string, column: string): string;
}

interface ElementText {
  /** Of the accumulators. */
  readonly scalar: string;
  readonly vector: string;
  /** Four elements, as they lie in memory. */
  readonly packed: string;
  /** Of four packed elements. */
  unpack(packed: string): string;
  /** A vector more a scalar times a vector. */
  addProduct(sum: string, scalar: string, vector: string): string;
}

const addFused = (sum: string, scalar: string, vector: string): string =>
  `fma(vec4f(${scalar}), ${vector}, ${sum})`;

export const ELEMENTS: Readonly<Record<Element, ElementText>> = {
  f32: {
    scalar: 'f32',
    vector: 'vec4f',
    packed: 'vec4f',
    unpack: (it) => it,
    addProduct: addFused,
  },
  f16: {
    scalar: 'f32',
    vector: 'vec4f',
    packed: 'vec2u',
    unpack: (it) => `vec4f(unpack2x16float(${it}.x), unpack2x16float(${it}.y))`,
    addProduct: addFused,
  },
  i8: {
    scalar: 'i32',
    vector: 'vec4i',
    packed: 'u32',
    // Signs are kept by shifts, which every driver has; unpack4xI8 is not everywhere.
    unpack: (it) => `(bitcast<vec4i>(vec4u(${it}) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u))`,
    addProduct: (sum, scalar, right) => `${sum} + ${scalar} * ${right}`,
  },
};

/** Reading one value at a time is for f32 only. */
export function header(product: ProductModule, reads: 'vectors' | 'scalars'): string {
  const { scalar, vector, packed, unpack } = ELEMENTS[product.element];
  const inVectors = reads === 'vectors';
  const input = inVectors ? packed : 'f32';
  const value = inVectors ? vector : scalar;
  const read = (name: string) => (inVectors ? unpack(`${name}[i]`) : `${name}[i]`);
  const { a, b, c } = product.names ?? PRODUCT_NAMES;
  return `// ${product.title}
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> ${a}: array<${input}>;
@group(0) @binding(2) var<storage, read> ${b}: array<${input}>;
@group(0) @binding(3) var<storage, read_write> ${c}: array<${value}>;
${product.more ?? ''}
override M: u32;
override K: u32;
override N: u32;
// Values from one item's matrix to the next; 0 where all items share it.
override A_STRIDE: u32;
override B_STRIDE: u32;

fn loadA(i: u32) -> ${value} { return ${read(a)}; }
fn loadB(i: u32) -> ${value} { return ${read(b)}; }`;
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
