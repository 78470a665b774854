/**
 * SHA-256 (FIPS 180-4) as sha256Search@1 needs it: one block at a time, synchronous, wherever the CPU reference
 * runs. For hashing anything else there is the platform's.
 */

/** Bytes of one block, and words. */
export const BLOCK_BYTES = 64;
export const BLOCK_WORDS = BLOCK_BYTES / 4;

/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (section 4.2.2). */
export const ROUND_CONSTANTS = Uint32Array.of(
  ...[0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4],
  ...[0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe],
  ...[0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f],
  ...[0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7],
  ...[0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc],
  ...[0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b],
  ...[0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116],
  ...[0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3],
  ...[0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7],
  0xc67178f2,
);

/** First 32 bits of the fractional parts of the square roots of the first eight primes (section 5.3.3). */
const INITIAL_HASH = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/** A message up to its nonce, ready for any nonce. */
export interface PreparedMessage {
  /** The hash of its whole blocks. */
  readonly midstate: Uint32Array;
  /** The last block, padded, with zeros in place of the nonce. */
  readonly lastBlock: Uint32Array;
  /** Where in it the nonce's two words stand. */
  readonly nonceWord: number;
}

const NONCE_BYTES = 8;
/** Nonce, a bit of padding in a word of its own, and the length: they must fit the block that the prefix ends in. */
export const MAX_LAST_PREFIX_BYTES = BLOCK_BYTES - NONCE_BYTES - 4 - 8;

/** `prefix` has whole words, and at most `MAX_LAST_PREFIX_BYTES` after its last whole block. */
export function prepareMessage(prefix: Uint8Array): PreparedMessage {
  const midstate = Uint32Array.from(INITIAL_HASH);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const block = new Uint32Array(BLOCK_WORDS);
  const wholeBytes = prefix.length - (prefix.length % BLOCK_BYTES);
  for (let start = 0; start < wholeBytes; start += BLOCK_BYTES) {
    for (let i = 0; i < BLOCK_WORDS; i++) block[i] = view.getUint32(start + 4 * i);
    compress(midstate, block, midstate);
  }
  const nonceWord = (prefix.length - wholeBytes) / 4;
  block.fill(0);
  for (let i = 0; i < nonceWord; i++) block[i] = view.getUint32(wholeBytes + 4 * i);
  block[nonceWord + 2] = 0x80000000;
  block[BLOCK_WORDS - 1] = 8 * (prefix.length + NONCE_BYTES);
  return { midstate, lastBlock: block, nonceWord };
}

export const bytesOfHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));

const rotated = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

const schedule = new Int32Array(64);

/** `made` = the hash `from` taken on by one block; the two may be the same array. */
export function compress(from: Uint32Array, block: Uint32Array, made: Uint32Array): void {
  for (let i = 0; i < BLOCK_WORDS; i++) schedule[i] = block[i]!;
  for (let i = BLOCK_WORDS; i < 64; i++) {
    const early = schedule[i - 15]!;
    const late = schedule[i - 2]!;
    const small0 = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
    const small1 = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
    schedule[i] = schedule[i - 16]! + small0 + schedule[i - 7]! + small1;
  }
  let [a, b, c, d, e, f, g, h] = from as unknown as [
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  for (let i = 0; i < 64; i++) {
    const big1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const chosen = g ^ (e & (f ^ g));
    const one = (h + big1 + chosen + ROUND_CONSTANTS[i]! + schedule[i]!) | 0;
    const big0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const majority = (a & b) | (c & (a | b));
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + big0 + majority) | 0;
  }
  const last = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) made[i] = from[i]! + last[i]!;
}
