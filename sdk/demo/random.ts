/**
 * Seeded randomness for data and training: PCG32 (pcg-random.org, PCG-XSH-RR 64/32), so that the same
 * seed makes the same images and the same model on every machine. Not for secrets.
 */
const MULTIPLIER = 6364136223846793005n;
const INCREMENT = 1442695040888963407n;
const MASK = (1n << 64n) - 1n;

export interface Random {
  /** Uniform in [0, 1), with 32 bits. */
  next(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform integer in [0, count). */
  below(count: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
}

export function seeded(seed: number): Random {
  let state = (BigInt(seed) + INCREMENT) & MASK;
  const nextBits = (): number => {
    const old = state;
    state = (old * MULTIPLIER + INCREMENT) & MASK;
    const mixed = Number((((old >> 18n) ^ old) >> 27n) & 0xffffffffn);
    const turn = Number(old >> 59n);
    return ((mixed >>> turn) | (mixed << (-turn & 31))) >>> 0;
  };
  nextBits();
  const next = (): number => nextBits() / 2 ** 32;
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    below: (count) => Math.floor(next() * count),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}
