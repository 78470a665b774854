/**
 * What each instruction does to one component, as JavaScript: `R` rounds to f32, integers are kept as `| 0` (i32) or
 * `>>> 0` (u32) leaves them. Functions in capitals are those of `runtime.ts`.
 */
import { Glsl, Op } from './opcodes.ts';
import type { Scalar } from './types.ts';

type ScalarOp = (result: Scalar, a: string, b: string, c: string) => string;

const whole = (result: Scalar, text: string): string =>
  result === 'u32' ? `((${text}) >>> 0)` : `((${text}) | 0)`;
const rounded = (text: string): string => `R(${text})`;
const infix =
  (operator: string): ScalarOp =>
  (_, a, b) =>
    `(${a} ${operator} ${b})`;
const float =
  (operator: string): ScalarOp =>
  (_, a, b) =>
    rounded(`${a} ${operator} ${b}`);
const integer =
  (operator: string): ScalarOp =>
  (result, a, b) =>
    whole(result, `${a} ${operator} ${b}`);
const call =
  (name: string): ScalarOp =>
  (_, a) =>
    rounded(`Math.${name}(${a})`);
const helper =
  (name: string, operands: 1 | 2 | 3 = 1): ScalarOp =>
  (_, ...given) =>
    `${name}(${given.slice(0, operands).join(', ')})`;
const extreme =
  (name: 'min' | 'max'): ScalarOp =>
  (_, a, b) =>
    `Math.${name}(${a}, ${b})`;
const clamp: ScalarOp = (_, a, low, high) => `Math.min(Math.max(${a}, ${low}), ${high})`;

/** Operations on numbers; each counts as one. */
export const ARITHMETIC: Readonly<Record<number, ScalarOp>> = {
  [Op.SNegate]: (result, a) => whole(result, `-${a}`),
  [Op.FNegate]: (_, a) => `(-${a})`,
  [Op.IAdd]: integer('+'),
  [Op.ISub]: integer('-'),
  [Op.IMul]: (result, a, b) => whole(result, `Math.imul(${a}, ${b})`),
  [Op.FAdd]: float('+'),
  [Op.FSub]: float('-'),
  [Op.FMul]: float('*'),
  [Op.FDiv]: float('/'),
  [Op.UDiv]: integer('/'),
  [Op.SDiv]: integer('/'),
  [Op.UMod]: integer('%'),
  [Op.SRem]: integer('%'),
  [Op.FRem]: float('%'),
  [Op.ShiftRightLogical]: (result, a, b) => whole(result, `${a} >>> ${b}`),
  [Op.ShiftRightArithmetic]: (result, a, b) => whole(result, `${a} >> ${b}`),
  [Op.ShiftLeftLogical]: (result, a, b) => whole(result, `${a} << ${b}`),
  [Op.BitwiseOr]: integer('|'),
  [Op.BitwiseXor]: integer('^'),
  [Op.BitwiseAnd]: integer('&'),
  [Op.Not]: (result, a) => whole(result, `~${a}`),
  [Op.BitFieldSExtract]: helper('SIGNED_BITS', 3),
  [Op.BitFieldUExtract]: helper('UNSIGNED_BITS', 3),
  [Op.BitReverse]: (result, a) => whole(result, `REVERSE_BITS(${a})`),
  [Op.BitCount]: helper('COUNT_BITS'),
};

/** Comparisons, choices and conversions: not counted as arithmetic. */
export const OTHERS: Readonly<Record<number, ScalarOp>> = {
  [Op.CopyObject]: (_, a) => a,
  [Op.ConvertFToU]: helper('TO_U32'),
  [Op.ConvertFToS]: helper('TO_I32'),
  [Op.ConvertSToF]: (_, a) => rounded(a),
  [Op.ConvertUToF]: (_, a) => rounded(a),
  [Op.IsNan]: helper('Number.isNaN'),
  [Op.IsInf]: (_, a) => `(Math.abs(${a}) === Infinity)`,
  [Op.LogicalEqual]: infix('==='),
  [Op.LogicalNotEqual]: infix('!=='),
  [Op.LogicalOr]: infix('||'),
  [Op.LogicalAnd]: infix('&&'),
  [Op.LogicalNot]: (_, a) => `(!${a})`,
  [Op.IEqual]: infix('==='),
  [Op.INotEqual]: infix('!=='),
  [Op.UGreaterThan]: infix('>'),
  [Op.SGreaterThan]: infix('>'),
  [Op.UGreaterThanEqual]: infix('>='),
  [Op.SGreaterThanEqual]: infix('>='),
  [Op.ULessThan]: infix('<'),
  [Op.SLessThan]: infix('<'),
  [Op.ULessThanEqual]: infix('<='),
  [Op.SLessThanEqual]: infix('<='),
  [Op.FOrdEqual]: infix('==='),
  [Op.FUnordEqual]: infix('==='),
  [Op.FOrdNotEqual]: infix('!=='),
  [Op.FUnordNotEqual]: infix('!=='),
  [Op.FOrdLessThan]: infix('<'),
  [Op.FOrdGreaterThan]: infix('>'),
  [Op.FOrdLessThanEqual]: infix('<='),
  [Op.FOrdGreaterThanEqual]: infix('>='),
};

/** The standard library, component by component; each counts as one operation. */
export const LIBRARY: Readonly<Record<number, ScalarOp>> = {
  [Glsl.Round]: helper('ROUND_EVEN'),
  [Glsl.RoundEven]: helper('ROUND_EVEN'),
  [Glsl.Trunc]: (_, a) => `Math.trunc(${a})`,
  [Glsl.FAbs]: (_, a) => `Math.abs(${a})`,
  [Glsl.SAbs]: (result, a) => whole(result, `Math.abs(${a})`),
  [Glsl.FSign]: (_, a) => `Math.sign(${a})`,
  [Glsl.SSign]: (_, a) => `Math.sign(${a})`,
  [Glsl.Floor]: (_, a) => `Math.floor(${a})`,
  [Glsl.Ceil]: (_, a) => `Math.ceil(${a})`,
  [Glsl.Fract]: (_, a) => rounded(`${a} - Math.floor(${a})`),
  [Glsl.Radians]: (_, a) => rounded(`${a} * (Math.PI / 180)`),
  [Glsl.Degrees]: (_, a) => rounded(`${a} * (180 / Math.PI)`),
  [Glsl.Sin]: call('sin'),
  [Glsl.Cos]: call('cos'),
  [Glsl.Tan]: call('tan'),
  [Glsl.Asin]: call('asin'),
  [Glsl.Acos]: call('acos'),
  [Glsl.Atan]: call('atan'),
  [Glsl.Sinh]: call('sinh'),
  [Glsl.Cosh]: call('cosh'),
  [Glsl.Tanh]: call('tanh'),
  [Glsl.Asinh]: call('asinh'),
  [Glsl.Acosh]: call('acosh'),
  [Glsl.Atanh]: call('atanh'),
  [Glsl.Atan2]: (_, a, b) => rounded(`Math.atan2(${a}, ${b})`),
  [Glsl.Pow]: (_, a, b) => rounded(`Math.pow(${a}, ${b})`),
  [Glsl.Exp]: call('exp'),
  [Glsl.Log]: call('log'),
  [Glsl.Exp2]: (_, a) => rounded(`Math.pow(2, ${a})`),
  [Glsl.Log2]: call('log2'),
  [Glsl.Sqrt]: call('sqrt'),
  [Glsl.InverseSqrt]: (_, a) => rounded(`1 / Math.sqrt(${a})`),
  [Glsl.FMin]: extreme('min'),
  [Glsl.UMin]: (_, a, b) => `Math.min(${a} >>> 0, ${b} >>> 0)`,
  [Glsl.SMin]: extreme('min'),
  [Glsl.FMax]: extreme('max'),
  [Glsl.UMax]: (_, a, b) => `Math.max(${a} >>> 0, ${b} >>> 0)`,
  [Glsl.SMax]: extreme('max'),
  [Glsl.FClamp]: clamp,
  [Glsl.UClamp]: (_, ...given) => {
    const [a, low, high] = given.map((it) => `${it} >>> 0`);
    return `Math.min(Math.max(${a}, ${low}), ${high})`;
  },
  [Glsl.SClamp]: clamp,
  [Glsl.FMix]: (_, a, b, t) => rounded(`R(${a} * R(1 - ${t})) + R(${b} * ${t})`),
  [Glsl.Step]: (_, edge, a) => `(${a} < ${edge} ? 0 : 1)`,
  [Glsl.SmoothStep]: helper('SMOOTH_STEP', 3),
  [Glsl.Fma]: (_, a, b, c) => rounded(`${a} * ${b} + ${c}`),
  [Glsl.FindILsb]: (result, a) => whole(result, `LOWEST_BIT(${a})`),
  [Glsl.FindUMsb]: (result, a) => whole(result, `HIGHEST_BIT(${a})`),
  [Glsl.FindSMsb]: (result, a) => whole(result, `HIGHEST_BIT(${a} < 0 ? ~${a} : ${a})`),
};

/** The same bits as another type. */
export function bitcast(from: Scalar, to: Scalar, a: string): string {
  if (from === to) return a;
  if (from === 'f32') return to === 'u32' ? `(BITS_OF(${a}) >>> 0)` : `BITS_OF(${a})`;
  return to === 'f32' ? `FLOAT_OF(${a})` : whole(to, a);
}
