/** The hash beside the platform's, what an item finds beside all its hashes, limits and the plan. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../shared/tensor.ts';
import { LEAST_TRAITS, ONLY_VARIANT } from '../variants.ts';
import { bytesOfHex } from './arithmetic.ts';
import {
  MAX_NONCES_PER_ITEM,
  MAX_TARGET_BITS,
  NO_HIT,
  sha256SearchManifest,
  sha256SearchParams,
} from './manifest.ts';
import { sha256SearchReference } from './reference.ts';
import { sha256SearchShader } from './shader.ts';

const found = (given: object, item: number) => {
  const made = sha256SearchReference(sha256SearchParams.parse(given), item, {});
  const words = (name: string) => [...(valuesOf(made[name]!) as Uint32Array)];
  return {
    hits: words('hits')[0]!,
    firstHit: words('firstHit')[0]!,
    leastNonce: words('leastNonce')[0]!,
    leastHash: words('leastHash')
      .map((word) => word.toString(16).padStart(8, '0'))
      .join(''),
  };
};

/** By node:crypto, of the message as the manifest describes it. */
function hashOf(prefixHex: string, item: number, nonce: number): string {
  const tail = new DataView(new ArrayBuffer(8));
  tail.setUint32(0, item);
  tail.setUint32(4, nonce);
  return createHash('sha256')
    .update(bytesOfHex(prefixHex))
    .update(new Uint8Array(tail.buffer))
    .digest('hex');
}

const zeroBitsOf = (hash: string): number => {
  const bits = BigInt(`0x${hash}`).toString(2).padStart(256, '0');
  return bits.indexOf('1');
};

describe('sha256SearchReference', () => {
  it.each([0, 1, 5, 11, 16, 17, 19, 27, 32, 59])(
    'hashes what the platform hashes, after %i words of prefix',
    (words) => {
      const prefixHex = 'deadbeef'.repeat(words);
      for (const item of [0, 7, 0xffffffff]) {
        const { leastHash } = found({ prefixHex, noncesPerItem: 1, targetZeroBits: 0 }, item);
        expect(leastHash).toBe(hashOf(prefixHex, item, 0));
      }
    },
  );

  it('finds the hits, the first of them and the least hash of an item', () => {
    const prefixHex = '0123456789abcdef';
    const noncesPerItem = 3000;
    const hashes = Array.from({ length: noncesPerItem }, (_, nonce) => hashOf(prefixHex, 5, nonce));
    for (const targetZeroBits of [0, 1, 7, 10, 20]) {
      const hits = hashes.flatMap((hash, i) => (zeroBitsOf(hash) >= targetZeroBits ? [i] : []));
      const least = hashes.reduce((best, hash) => (hash < best ? hash : best));
      expect(found({ prefixHex, noncesPerItem, targetZeroBits }, 5)).toEqual({
        hits: hits.length,
        firstHit: hits[0] ?? NO_HIT,
        leastNonce: hashes.indexOf(least),
        leastHash: least,
      });
    }
  });
});

describe('sha256SearchManifest', () => {
  const least = { prefixHex: '', noncesPerItem: 1, targetZeroBits: 0 };

  it('takes parameters up to each limit and refuses them beyond', () => {
    const accepts = (change: object) =>
      sha256SearchParams.safeParse({ ...least, ...change }).success;
    const prefixed = (words: number) => accepts({ prefixHex: '00000000'.repeat(words) });
    expect([0, 1, 11, 16, 27, 48, 59, 64].filter((words) => !prefixed(words))).toEqual([]);
    expect([12, 15, 28, 31, 60, 63, 65].filter(prefixed)).toEqual([]);
    for (const prefixHex of ['00', '0000000g', 'ABCDEF00', ' 0000000'])
      expect(accepts({ prefixHex })).toBe(false);
    expect(accepts({ noncesPerItem: 0 })).toBe(false);
    expect(accepts({ noncesPerItem: MAX_NONCES_PER_ITEM })).toBe(true);
    expect(accepts({ noncesPerItem: MAX_NONCES_PER_ITEM + 1 })).toBe(false);
    expect(accepts({ targetZeroBits: MAX_TARGET_BITS })).toBe(true);
    expect(accepts({ targetZeroBits: MAX_TARGET_BITS + 1 })).toBe(false);
    expect(accepts({ targetZeroBits: -1 })).toBe(false);
  });

  it('plans lanes and groups that cover every nonce once', () => {
    for (const noncesPerItem of [1, 16, 17, 2048, 2049, 262_145, MAX_NONCES_PER_ITEM]) {
      const params = sha256SearchParams.parse({ ...least, noncesPerItem });
      const { passes } = sha256SearchManifest.plan(params, { rows: 3, strides: {} }, ONLY_VARIANT);
      const { LANES, NONCES_PER_LANE } = passes[0]!.constants;
      const { GROUPS, LANES_PER_GROUP } = passes[1]!.constants;
      expect(LANES! * NONCES_PER_LANE!).toBeGreaterThanOrEqual(noncesPerItem);
      expect((LANES! - 1) * NONCES_PER_LANE!).toBeLessThan(noncesPerItem);
      expect(GROUPS! * LANES_PER_GROUP!).toBeGreaterThanOrEqual(LANES!);
      expect((GROUPS! - 1) * LANES_PER_GROUP!).toBeLessThan(LANES!);
      expect(passes[0]!.workgroups[0] * 64).toBeGreaterThanOrEqual(LANES!);
      expect(passes[0]!.flopsPerWorkgroup).toBeLessThan(2e7);
    }
  });

  it('writes out sixteen rounds', () => {
    const params = sha256SearchParams.parse(least);
    const [rotations, products] = sha256SearchManifest.variants!(params, LEAST_TRAITS).map(
      (variant) => sha256SearchShader(params, variant),
    );
    const rounds = rotations!.match(/    . \+= big1[^}]*(?=  })/)![0].split('\n');
    expect(rounds).toHaveLength(4 * 16 + 1);
    expect([...rounds.slice(0, 4), ...rounds.slice(60, 64)]).toMatchInlineSnapshot(`
      [
        "    h += big1(e) + chosen(e, f, g) + w0 + byTurn(turn, 1116352408u, 3835390401u, 666307205u, 430227734u);",
        "    d += h;",
        "    h += big0(a) + majority(a, b, c);",
        "    w0 += small0(w1) + w9 + small1(w14);",
        "    a += big1(f) + chosen(f, g, h) + w15 + byTurn(turn, 3248222580u, 338241895u, 275423344u, 3329325298u);",
        "    e += a;",
        "    a += big0(b) + majority(b, c, d);",
        "    w15 += small0(w0) + w8 + small1(w13);",
      ]
    `);
    const mixer = /fn big0[^}]*/;
    expect([rotations, products].map((text) => mixer.exec(text!)![0])).toMatchInlineSnapshot(`
      [
        "fn big0(x: u32) -> u32 {
        return ((x >> 2u) | (x << 30u)) ^ ((x >> 13u) | (x << 19u)) ^ ((x >> 22u) | (x << 10u));
      ",
        "fn big0(x: u32) -> u32 {
        return ((x >> 2u) | (x * 1073741824u)) ^ ((x >> 13u) | (x * 524288u)) ^ ((x >> 22u) | (x * 1024u));
      ",
      ]
    `);
  });
});
