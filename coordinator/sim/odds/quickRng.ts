/**
 * Seeded randomness for millions of draws: sfc32 (C. Doty-Humphrey, PractRand), the same numbers for a seed
 * forever. `Rng` beside it is for where 64-bit arithmetic is quick enough.
 */
export class QuickRng {
  #a: number;
  #b: number;
  #c = 0x9e3779b9;
  #counter = 1;

  constructor(seed: number, stream = 0) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    // PractRand's own number of rounds before the first use.
    for (let i = 0; i < 12; i++) this.next();
  }

  /** In [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Marked ones among `draws` of `total` without putting back, of which `marked` are (hypergeometric). */
  marked(draws: number, marked: number, total: number): number {
    if (marked <= 0) return 0;
    if (marked >= total) return draws;
    let found = 0;
    for (let i = 0; i < draws && found < marked; i++) {
      if (this.chance((marked - found) / (total - i))) found += 1;
    }
    return found;
  }
}

/** 32 bits of a text (FNV-1a): a seed of its own for everything that has a name. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
