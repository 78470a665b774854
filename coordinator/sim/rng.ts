/**
 * Seeded randomness for simulations: PCG32 (O'Neill 2014, XSH-RR), the same numbers for a seed forever.
 */
import type { RandomBytes } from '../../shared/ids.ts';

const MULTIPLIER = 6364136223846793005n;
const MASK_64 = (1n << 64n) - 1n;

export class Rng {
  #state: bigint;
  readonly #increment: bigint;

  constructor(seed: number, stream = 1) {
    this.#increment = ((BigInt(stream) << 1n) | 1n) & MASK_64;
    this.#state = 0n;
    this.u32();
    this.#state = (this.#state + BigInt(seed)) & MASK_64;
    this.u32();
  }

  u32(): number {
    const old = this.#state;
    this.#state = (old * MULTIPLIER + this.#increment) & MASK_64;
    const shifted = Number((((old >> 18n) ^ old) >> 27n) & 0xffffffffn);
    const turn = Number(old >> 59n);
    return ((shifted >>> turn) | (shifted << (-turn & 31))) >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    return this.u32() / 2 ** 32;
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  readonly bytes: RandomBytes = (length) => Uint8Array.from({ length }, () => this.u32() & 0xff);
}
