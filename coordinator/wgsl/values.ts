/** What an instruction computes, as JavaScript: an expression for every scalar of its result. */
import { Glsl, Op } from './opcodes.ts';
import { ARITHMETIC, LIBRARY, OTHERS, bitcast } from './scalarOps.ts';
import type { Instruction } from './spirv.ts';
import { UnsupportedError, scalarTypesOf, scalarsOf, type Scalar, type Type } from './types.ts';

export interface Operands {
  /** The scalars of a value. */
  value(id: number): readonly string[];
  typeOf(id: number): Type;
  readonly glsl: number | null;
}

export interface Made {
  readonly scalars: readonly string[];
  /** They are names or literals already. */
  readonly isAlias: boolean;
  /** Operations on numbers. */
  readonly flops: number;
}

const alias = (scalars: readonly string[]): Made => ({ scalars, isAlias: true, flops: 0 });
const computed = (scalars: readonly string[], flops: number): Made => ({
  scalars,
  isAlias: false,
  flops,
});
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const product = (a: string, b: string): string => `R(${a} * ${b})`;
const sum = (terms: readonly string[]): string =>
  terms.reduce((left, right) => `R(${left} + ${right})`);
const dot = (a: readonly string[], b: readonly string[]): string =>
  sum(a.map((it, i) => product(it, b[i]!)));
const root = (a: string): string => `R(Math.sqrt(${a}))`;

const within = (index: string, count: number): string =>
  `(${index} >>> 0 < ${count} ? ${index} : OUT_OF_BOUNDS(LINE, "", ${index}, ${count}))`;

/** The new value of what an atomic operation changes, from what was there. */
export const ATOMICS: ReadonlyMap<
  number,
  (scalar: Scalar, before: string, value: string, compared: string) => string
> = new Map([
  [Op.AtomicLoad, (_, before) => before],
  [Op.AtomicStore, (_, __, value) => value],
  [Op.AtomicExchange, (_, __, value) => value],
  [
    Op.AtomicCompareExchange,
    (_, before, value, compared) => `${before} === ${compared} ? ${value} : ${before}`,
  ],
  [Op.AtomicIAdd, (scalar, ...given) => ARITHMETIC[Op.IAdd]!(scalar, ...given)],
  [Op.AtomicISub, (scalar, ...given) => ARITHMETIC[Op.ISub]!(scalar, ...given)],
  [Op.AtomicSMin, (_, before, value) => `Math.min(${before}, ${value})`],
  [Op.AtomicUMin, (_, before, value) => `Math.min(${before}, ${value})`],
  [Op.AtomicSMax, (_, before, value) => `Math.max(${before}, ${value})`],
  [Op.AtomicUMax, (_, before, value) => `Math.max(${before}, ${value})`],
  [Op.AtomicAnd, (scalar, ...given) => ARITHMETIC[Op.BitwiseAnd]!(scalar, ...given)],
  [Op.AtomicOr, (scalar, ...given) => ARITHMETIC[Op.BitwiseOr]!(scalar, ...given)],
  [Op.AtomicXor, (scalar, ...given) => ARITHMETIC[Op.BitwiseXor]!(scalar, ...given)],
]);

/** Throws `UnsupportedError` for what is not known here. */
export function valueOf({ op, args }: Instruction, type: Type, operands: Operands): Made {
  const [, , a = 0, b = 0] = args;
  const value = (id: number) => operands.value(id);
  switch (op) {
    case Op.CompositeConstruct:
      return alias(args.slice(2).flatMap(value));
    case Op.CompositeExtract:
      return alias(extracted(value(a), operands.typeOf(a), args.slice(3)).scalars);
    case Op.CompositeInsert: {
      const { at, scalars } = extracted(value(b), operands.typeOf(b), args.slice(4));
      const whole = [...value(b)];
      whole.splice(at, scalars.length, ...value(a));
      return alias(whole);
    }
    case Op.VectorShuffle: {
      const both = [...value(a), ...value(b)];
      return alias(args.slice(4).map((at) => both[at] ?? '0'));
    }
    case Op.CopyObject:
      return alias(value(a));
    case Op.Undef:
      return alias(scalarTypesOf(type).map((scalar) => (scalar === 'bool' ? 'false' : '0')));
    case Op.VectorExtractDynamic:
      return computed([`[${value(a).join(', ')}][${within(value(b)[0]!, value(a).length)}]`], 0);
    case Op.VectorInsertDynamic: {
      const index = within(value(args[4]!)[0]!, value(a).length);
      return computed(
        value(a).map((it, i) => `(${index} === ${i} ? ${value(b)[0]} : ${it})`),
        0,
      );
    }
    case Op.Select: {
      const [chosen, yes, no] = [value(a), value(b), value(args[4]!)];
      const by = (i: number) => (chosen.length === 1 ? chosen[0] : chosen[i]);
      return computed(
        yes.map((it, i) => `(${by(i)} ? ${it} : ${no[i]})`),
        0,
      );
    }
    case Op.Any:
      return computed([`(${value(a).join(' || ')})`], 0);
    case Op.All:
      return computed([`(${value(a).join(' && ')})`], 0);
    case Op.Bitcast: {
      const [from] = scalarTypesOf(operands.typeOf(a));
      const [to] = scalarTypesOf(type);
      return computed(
        value(a).map((it) => bitcast(from!, to!, it)),
        0,
      );
    }
    case Op.ExtInst:
      if (a !== operands.glsl) break;
      return ofLibrary(b, type, args.slice(4).map(value));
    default:
      return linear(op, type, args, operands) ?? byScalar(op, type, args.slice(2).map(value));
  }
  throw new UnsupportedError(`instruction ${op}`);
}

const LINEAR: ReadonlySet<number> = new Set([
  Op.VectorTimesScalar,
  Op.MatrixTimesScalar,
  Op.Dot,
  Op.MatrixTimesVector,
  Op.VectorTimesMatrix,
  Op.MatrixTimesMatrix,
  Op.OuterProduct,
  Op.Transpose,
]);

/** Vectors and matrices together. Matrices are columns, one after another. */
function linear(
  op: number,
  type: Type,
  [, , a = 0, b = 0]: readonly number[],
  operands: Operands,
): Made | null {
  if (!LINEAR.has(op)) return null;
  const [left, right] = [operands.value(a), op === Op.Transpose ? [] : operands.value(b)];
  const scaled = () =>
    computed(
      left.map((it) => product(it, right[0]!)),
      left.length,
    );
  const columnsOf = (id: number): readonly (readonly string[])[] => {
    const of = operands.typeOf(id);
    if (of.kind !== 'matrix') throw new UnsupportedError('a product of what is no matrix');
    const rows = scalarsOf(of.of);
    const scalars = operands.value(id);
    return range(of.count).map((column) => scalars.slice(column * rows, (column + 1) * rows));
  };
  const transformed = (matrix: readonly (readonly string[])[], vector: readonly string[]) =>
    range(matrix[0]!.length).map((row) =>
      dot(
        matrix.map((column) => column[row]!),
        vector,
      ),
    );
  switch (op) {
    case Op.VectorTimesScalar:
    case Op.MatrixTimesScalar:
      return scaled();
    case Op.Dot:
      return computed([dot(left, right)], 2 * left.length - 1);
    case Op.MatrixTimesVector:
      return computed(transformed(columnsOf(a), right), 2 * left.length);
    case Op.VectorTimesMatrix:
      return computed(
        columnsOf(b).map((column) => dot(left, column)),
        2 * right.length,
      );
    case Op.MatrixTimesMatrix: {
      const columns = columnsOf(b);
      return computed(
        columns.flatMap((column) => transformed(columnsOf(a), column)),
        2 * left.length * columns.length,
      );
    }
    case Op.OuterProduct:
      return computed(
        right.flatMap((it) => left.map((other) => product(other, it))),
        scalarsOf(type),
      );
    case Op.Transpose: {
      const columns = columnsOf(a);
      return alias(range(columns[0]!.length).flatMap((row) => columns.map((it) => it[row]!)));
    }
    default:
      return null;
  }
}

function byScalar(op: number, type: Type, given: readonly (readonly string[])[]): Made {
  const arithmetic = ARITHMETIC[op];
  const make = arithmetic ?? OTHERS[op];
  if (make === undefined) throw new UnsupportedError(`instruction ${op}`);
  const scalars = scalarTypesOf(type);
  // Of what is inserted, or how far is shifted, there may be one for all.
  const at = (operand: readonly string[] | undefined, i: number) =>
    operand?.length === 1 ? operand[0]! : (operand?.[i] ?? '');
  const made = scalars.map((scalar, i) =>
    make(scalar, at(given[0], i), at(given[1], i), at(given[2], i)),
  );
  return computed(made, arithmetic === undefined ? 0 : scalars.length);
}

function ofLibrary(number: number, type: Type, given: readonly (readonly string[])[]): Made {
  const [a = [], b = [], c = []] = given;
  const count = a.length;
  switch (number) {
    case Glsl.Length:
      return computed([root(dot(a, a))], 2 * count);
    case Glsl.Distance: {
      const apart = a.map((it, i) => `R(${it} - ${b[i]})`);
      return computed([root(dot(apart, apart))], 3 * count);
    }
    case Glsl.Normalize:
      return computed(
        a.map((it) => `R(${it} / ${root(dot(a, a))})`),
        3 * count,
      );
    case Glsl.Cross:
      return computed(
        [
          [1, 2],
          [2, 0],
          [0, 1],
        ].map(([i, j]) => `R(${product(a[i!]!, b[j!]!)} - ${product(a[j!]!, b[i!]!)})`),
        9,
      );
    case Glsl.Reflect:
      return computed(
        a.map((it, i) => `R(${it} - R(R(2 * ${dot(b, a)}) * ${b[i]}))`),
        4 * count,
      );
    case Glsl.FaceForward:
      return computed(
        a.map((it) => `(${dot(b, c)} < 0 ? ${it} : (-${it}))`),
        2 * count,
      );
    default: {
      const make = LIBRARY[number];
      if (make === undefined) throw new UnsupportedError(`function ${number} of the library`);
      const scalars = scalarTypesOf(type);
      const made = scalars.map((scalar, i) => make(scalar, a[i] ?? '', b[i] ?? '', c[i] ?? ''));
      return computed(made, scalars.length);
    }
  }
}

/** The part of a composite that constant indices name, and where it begins among its scalars. */
function extracted(
  scalars: readonly string[],
  type: Type,
  indices: readonly number[],
): { readonly at: number; readonly scalars: readonly string[] } {
  let at = 0;
  let of = type;
  for (const index of indices) {
    if (of.kind === 'struct') {
      for (const member of of.members.slice(0, index)) at += scalarsOf(member.type);
      of = of.members[index]!.type;
    } else if (of.kind === 'array' || of.kind === 'vector' || of.kind === 'matrix') {
      of = of.of;
      at += index * scalarsOf(of);
    }
  }
  return { at, scalars: scalars.slice(at, at + scalarsOf(of)) };
}
