/**
 * What the JavaScript of a module calls: the parts of WGSL's arithmetic that have no operator, and how it stops.
 */
export type TrapKind = 'out-of-bounds' | 'endless' | 'barrier';

/** The module did what no module may; `line` is of the author's text, 0 where it is not known. */
export class WgslTrap extends Error {
  override name = 'WgslTrap';
  readonly kind: TrapKind;
  readonly line: number;
  /** Of the job, where it is known. */
  item: number | null = null;

  constructor(kind: TrapKind, line: number, message: string) {
    super(message);
    this.kind = kind;
    this.line = line;
  }
}

const words = new DataView(new ArrayBuffer(4));

/** Every name is one that the emitted text uses. */
export const RUNTIME = {
  R: Math.fround,
  TO_U32: (a: number): number => (a >= 0xffffffff ? 0xffffffff : a > 0 ? Math.trunc(a) : 0),
  TO_I32: (a: number): number =>
    a >= 0x7fffffff ? 0x7fffffff : a <= -0x80000000 ? -0x80000000 : Math.trunc(a) | 0,
  BITS_OF(a: number): number {
    words.setFloat32(0, a);
    return words.getInt32(0);
  },
  FLOAT_OF(a: number): number {
    words.setInt32(0, a);
    return words.getFloat32(0);
  },
  ROUND_EVEN(a: number): number {
    const below = Math.floor(a);
    const rest = a - below;
    const isBelow = rest === 0.5 ? below % 2 === 0 : rest < 0.5;
    const rounded = isBelow ? below : below + 1;
    // Zero keeps its sign.
    return rounded === 0 ? a * 0 : rounded;
  },
  SMOOTH_STEP(low: number, high: number, a: number): number {
    const f = Math.fround;
    const t = Math.min(Math.max(f(f(a - low) / f(high - low)), 0), 1);
    return f(f(t * t) * f(3 - f(2 * t)));
  },
  SIGNED_BITS: (a: number, offset: number, count: number): number =>
    count === 0 ? 0 : (a << (32 - offset - count)) >> (32 - count),
  UNSIGNED_BITS: (a: number, offset: number, count: number): number =>
    count === 0 ? 0 : (a << (32 - offset - count)) >>> (32 - count),
  REVERSE_BITS(a: number): number {
    let reversed = 0;
    for (let bit = 0; bit < 32; bit++) if ((a >>> bit) & 1) reversed |= 1 << (31 - bit);
    return reversed;
  },
  COUNT_BITS(a: number): number {
    let count = 0;
    for (let rest = a >>> 0; rest !== 0; rest >>>= 1) count += rest & 1;
    return count;
  },
  LOWEST_BIT: (a: number): number => (a === 0 ? -1 : 31 - Math.clz32(a & -a)),
  HIGHEST_BIT: (a: number): number => 31 - Math.clz32(a),
  OUT_OF_BOUNDS(line: number, name: string, index: number, count: number): never {
    const what = name === '' ? 'an array' : `"${name}"`;
    throw new WgslTrap('out-of-bounds', line, `element ${index} of ${what}, which has ${count}`);
  },
  APART(line: number): never {
    throw new WgslTrap(
      'barrier',
      line,
      'a barrier that some invocations of the workgroup do not reach',
    );
  },
  ENDLESS(line: number): never {
    throw new WgslTrap('endless', line, 'a loop that does not end');
  },
};
