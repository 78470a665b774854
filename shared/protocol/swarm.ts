/**
 * What is said of large blobs that travel in chunks between hosts: to the coordinator, by it, and from peer to peer.
 *
 * A **swarm** is the hosts that fetch or hold one blob now. The coordinator says who meets whom, and which chunks each
 * gets from the coordinator itself; what a chunk must be only its list of hashes says. Every message may come twice.
 */
import { z } from 'zod';
import type { PeerId } from '../ids.ts';
import {
  CHUNK_BYTES,
  MAX_BLOB_BYTES,
  MAX_CHUNKS,
  MAX_ICE_SERVERS,
  MAX_SWARM_NEIGHBOURS,
} from '../limits.ts';
import { iceServerSchema } from './peers.ts';
import { digestSchema } from './program.ts';

/** Of GET /v1/blobs/{digest}/chunks. */
export const chunkListSchema = z.strictObject({
  /** Of the whole blob. */
  bytes: z.number().int().min(0).max(MAX_BLOB_BYTES),
  chunkBytes: z.literal(CHUNK_BYTES),
  /** SHA-256 of each chunk, in order. */
  chunks: z.array(digestSchema).max(MAX_CHUNKS),
});
export type ChunkList = z.infer<typeof chunkListSchema>;

/** `ChunkSet.toHex` (shared/chunks.ts); how many chunks there are the blob says. */
const chunkSetText = z
  .string()
  .regex(/^(?:[0-9a-f]{2})*$/)
  .max(MAX_CHUNKS / 4);
const peerId = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,80}$/)
  .transform((text) => text as PeerId);
const chunkIndex = z
  .number()
  .int()
  .min(0)
  .max(MAX_CHUNKS - 1);

/** A host's messages, part of the link's. */
export const swarmHostMessages = [
  /** It fetches, or holds, a blob that an assignment of its needs. Answered by `swarm` or `swarm-ended`. */
  z.strictObject({
    type: z.literal('swarm-join'),
    blob: digestSchema,
    /** Empty: nothing, of however many chunks. */
    have: chunkSetText,
    /** Passes chunks on. */
    shares: z.boolean(),
  }),
  /** What it has by now. */
  z.strictObject({
    type: z.literal('swarm-have'),
    blob: digestSchema,
    have: chunkSetText,
    shares: z.boolean(),
    /** Bytes of it that came from neighbours since this was last said. */
    fromPeers: z.number().int().min(0).max(MAX_BLOB_BYTES),
  }),
  /** A neighbour is of no use: nothing leads to it, it does not answer, or it sent what the chunk is not. */
  z.strictObject({
    type: z.literal('swarm-lost'),
    blob: digestSchema,
    peer: peerId,
    why: z.enum(['unreachable', 'silent', 'wrong-chunk']),
  }),
  z.strictObject({ type: z.literal('swarm-leave'), blob: digestSchema }),
] as const;

/**
 * A host's place in a swarm, whole: sent again whenever something of it changed. `share` is what it gets from the
 * coordinator; the rest its neighbours have, or will have.
 */
export const swarmPlaceSchema = z.strictObject({
  type: z.literal('swarm'),
  blob: digestSchema,
  bytes: z.number().int().min(1).max(MAX_BLOB_BYTES),
  /** What it is known by on the signalling server, in all its swarms; `token` is its secret. */
  self: z.strictObject({ peer: peerId, token: z.string().max(128) }),
  /** STUN only: chunks go directly or not at all. */
  iceServers: z.array(iceServerSchema).max(MAX_ICE_SERVERS),
  share: chunkSetText,
  /** `calls`: this host calls that one; else it waits for its call. */
  neighbours: z
    .array(z.strictObject({ peer: peerId, calls: z.boolean() }))
    .max(MAX_SWARM_NEIGHBOURS),
});
export type SwarmPlace = z.infer<typeof swarmPlaceSchema>;

/** The host is in no swarm of this blob: the coordinator sends it all of it. */
export const swarmEndedSchema = z.strictObject({
  type: z.literal('swarm-ended'),
  blob: digestSchema,
  reason: z.enum([
    /** No assignment of this host needs it. */
    'not-assigned',
    'too-small',
    'full',
    /** Several others were sent wrong chunks by this contributor. */
    'cut-off',
  ]),
});
export type SwarmEnded = z.infer<typeof swarmEndedSchema>;

/** What peers say to each other: the descriptor of a message; the bytes of a `chunk` are its one tensor. */
export const chunkMessageSchema = z.discriminatedUnion('type', [
  /** All that the sender has and passes on: first of all, and when that began or ended. */
  z.strictObject({ type: z.literal('have'), blob: digestSchema, have: chunkSetText }),
  /** It has one more. */
  z.strictObject({ type: z.literal('got'), blob: digestSchema, chunk: chunkIndex }),
  /** Answered by `chunk` or `refuse`; at most MAX_CHUNK_REQUESTS are open at once. */
  z.strictObject({ type: z.literal('want'), blob: digestSchema, chunk: chunkIndex }),
  z.strictObject({ type: z.literal('chunk'), blob: digestSchema, chunk: chunkIndex }),
  /** It does not pass this chunk on, or not any more. */
  z.strictObject({ type: z.literal('refuse'), blob: digestSchema, chunk: chunkIndex }),
]);
export type ChunkMessage = z.infer<typeof chunkMessageSchema>;
