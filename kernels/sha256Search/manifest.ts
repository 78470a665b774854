/**
 * sha256Search@1: what it is, what it costs, and its dispatches. Not the hash: that is `arithmetic.ts` on the CPU
 * and `shader.ts` on the GPU.
 *
 * Invariant: integers only, so every adapter finds the same; who skips a nonce misses the least hash sooner or later.
 */
import * as z from 'zod/mini';
import type { KernelManifest } from '../manifest.ts';
import { ITEMS_BINDING } from '../plan.ts';
import type { KernelVariant } from '../variants.ts';
import { BLOCK_BYTES, MAX_LAST_PREFIX_BYTES, bytesOfHex, prepareMessage } from './arithmetic.ts';

/** One item takes the CPU referee about 2 s at most. */
export const MAX_NONCES_PER_ITEM = 2 ** 20;
export const MAX_PREFIX_BYTES = 256;
/** A hash is told from another by its first two words. */
export const MAX_TARGET_BITS = 64;
/** `firstHit` where there is none. */
export const NO_HIT = 0xffffffff;

const WORKGROUP_LANES = 64;
/** Below this a lane is too short to pay for itself. */
const MIN_NONCES_PER_LANE = 16;
/** A workgroup of the longest lanes does some 1e7 operations: 10 ms on a software adapter. */
const MAX_LANES_PER_ITEM = MAX_NONCES_PER_ITEM / 64;
/** What one thread merges; what is left of the longest item is as many again. */
const LANES_PER_GROUP = 128;
/** 64 rounds of 36 operations, a rotation counted as three, and 48 words of the schedule of 21. */
const FLOPS_PER_HASH = 64 * 36 + 48 * 21;

/** GPUs know a rotation by its two shifts; software adapters multiply faster than they shift. */
const ROTATIONS: KernelVariant = { name: 'rotations', family: 'registers', options: {} };
const PRODUCTS: KernelVariant = {
  name: 'products',
  family: 'registers',
  options: { byProducts: 1 },
};

const lastBytes = (hex: string): number => (hex.length / 2) % BLOCK_BYTES;

export const sha256SearchParams = z.strictObject({
  /** What every message begins with: whole words, and room for nonce and padding in the block that it ends in. */
  prefixHex: z.string().check(
    z.maxLength(2 * MAX_PREFIX_BYTES),
    z.regex(/^([0-9a-f]{8})*$/),
    z.refine(
      (hex) => lastBytes(hex) <= MAX_LAST_PREFIX_BYTES,
      `expected 0 to ${MAX_LAST_PREFIX_BYTES} bytes after the last whole block of ${BLOCK_BYTES}`,
    ),
  ),
  noncesPerItem: z.int().check(z.minimum(1), z.maximum(MAX_NONCES_PER_ITEM)),
  /** Leading zero bits that make a hash a hit. */
  targetZeroBits: z.int().check(z.minimum(0), z.maximum(MAX_TARGET_BITS)),
});

export type Sha256SearchParams = z.infer<typeof sha256SearchParams>;

export const sha256SearchManifest: KernelManifest<Sha256SearchParams> = {
  name: 'sha256Search',
  version: 1,
  explanation:
    'A search for messages whose SHA-256 begins with zero bits, as in proofs of work: the message is the prefix, ' +
    "the item's index and a nonce from 0 up, both as 32 bits, highest byte first. An item gives how many of its " +
    'nonces hit, the first that does, and the least of all its hashes (by the first 64 bits, then by nonce), ' +
    'which nobody knows who has not tried them all. Whole blocks of the prefix are hashed once, by whoever plans.',
  source:
    'NIST FIPS 180-4, "Secure Hash Standard" (2015); A. Back, "Hashcash: a denial of service counter-measure" (2002)',
  params: sha256SearchParams,
  inputs: () => ({}),
  outputs: () => ({
    hits: { dtype: 'U32', dims: [] },
    /** The least nonce that hits; 0xffffffff where none does. */
    firstHit: { dtype: 'U32', dims: [] },
    leastNonce: { dtype: 'U32', dims: [] },
    leastHash: { dtype: 'U32', dims: [8] },
  }),
  flopsPerItem: ({ noncesPerItem }) => noncesPerItem * FLOPS_PER_HASH,
  /** An item index is read, eleven words are written. */
  bytesPerItem: () => 48,
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  variants: (_params, { isSoftware }) =>
    isSoftware ? [PRODUCTS, ROTATIONS] : [ROTATIONS, PRODUCTS],
  plan: (params, { rows }) => {
    const { noncesPerItem, targetZeroBits } = params;
    const { midstate, lastBlock, nonceWord } = prepareMessage(bytesOfHex(params.prefixHex));
    const perLane = Math.max(MIN_NONCES_PER_LANE, Math.ceil(noncesPerItem / MAX_LANES_PER_ITEM));
    const lanes = Math.ceil(noncesPerItem / perLane);
    const groups = Math.ceil(lanes / LANES_PER_GROUP);
    const message = Object.fromEntries([
      ...[...midstate].map((word, i) => [`MIDSTATE_${i}`, word] as const),
      ...[...lastBlock].map((word, i) => [`BLOCK_${i}`, word] as const),
      ['NONCE_WORD', nonceWord] as const,
    ]);
    const counts = { LANES: lanes, GROUPS: groups };
    return {
      bindings: [
        { name: ITEMS_BINDING, access: 'read' },
        { name: 'laneFinds', access: 'read-write' },
        { name: 'groupFinds', access: 'read-write' },
        { name: 'hits', access: 'read-write' },
        { name: 'firstHit', access: 'read-write' },
        { name: 'leastNonce', access: 'read-write' },
        { name: 'leastHash', access: 'read-write' },
      ],
      // A `Find` of the module is eleven words, on a boundary of four.
      scratchBytes: { laneFinds: 48 * lanes * rows, groupFinds: 48 * groups * rows },
      passes: [
        {
          entryPoint: 'search',
          workgroups: [Math.ceil(lanes / WORKGROUP_LANES), 1, rows],
          constants: {
            ...message,
            ...counts,
            NONCES: noncesPerItem,
            NONCES_PER_LANE: perLane,
            TARGET_ZERO_BITS: targetZeroBits,
          },
          flopsPerWorkgroup: Math.min(lanes, WORKGROUP_LANES) * perLane * FLOPS_PER_HASH,
        },
        {
          entryPoint: 'merge',
          workgroups: [Math.ceil(groups / WORKGROUP_LANES), 1, rows],
          constants: { ...counts, LANES_PER_GROUP },
          flopsPerWorkgroup: Math.min(groups, WORKGROUP_LANES) * LANES_PER_GROUP * 10,
        },
        {
          entryPoint: 'conclude',
          workgroups: [Math.ceil(rows / WORKGROUP_LANES), 1, 1],
          constants: counts,
          flopsPerWorkgroup: Math.min(rows, WORKGROUP_LANES) * groups * 10,
        },
      ],
    };
  },
};
