/**
 * Branded identifiers: two kinds of id never change places.
 *
 * An id is opaque text. Makers take random bytes as an argument, so that the pure core can make
 * ids without asking for randomness itself.
 */
import { bytesToHex } from '@noble/hashes/utils.js';

declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type JobId = Brand<string, 'JobId'>;
export type ShardId = Brand<string, 'ShardId'>;
export type AssignmentId = Brand<string, 'AssignmentId'>;
/** One browser profile (or one Node process) on one machine. Chosen by the host, unique per contributor. */
export type HostId = Brand<string, 'HostId'>;
/** SHA-256 of the contributor's Ed25519 public key: the first 16 bytes, as hex, behind `c_`. */
export type ContributorId = Brand<string, 'ContributorId'>;
/** SHA-256 of a blob's bytes: 64 lower-case hex digits. */
export type BlobDigest = Brand<string, 'BlobDigest'>;
/** Hosts that run the stages of one model together, for as long as they do. */
export type RouteId = Brand<string, 'RouteId'>;
/** An author's API key record, never the key itself. */
export type KeyId = Brand<string, 'KeyId'>;

/** Contributors that earn together. */
export type TeamId = Brand<string, 'TeamId'>;
/** Whoever sends visitors here, registered by an API key. */
export type SiteId = Brand<string, 'SiteId'>;

/** A host on routes: who it is to other peers, issued for one stay and told to those it may meet only. */
export type PeerId = Brand<string, 'PeerId'>;

/** Bytes of randomness in a made id: 128 bits, so that ids can be neither guessed nor met twice. */
export const ID_BYTES = 16;

/** Fills an array of the given length with random bytes; a secret seed's stream or `crypto`. */
export type RandomBytes = (length: number) => Uint8Array;

export const makeJobId = (random: RandomBytes): JobId => made('job', random) as JobId;
export const makeAssignmentId = (random: RandomBytes): AssignmentId =>
  made('asg', random) as AssignmentId;
export const makeHostId = (random: RandomBytes): HostId => made('host', random) as HostId;
export const makeRouteId = (random: RandomBytes): RouteId => made('route', random) as RouteId;
export const makeKeyId = (random: RandomBytes): KeyId => made('key', random) as KeyId;
export const makeTeamId = (random: RandomBytes): TeamId => made('team', random) as TeamId;
export const makeSiteId = (random: RandomBytes): SiteId => made('site', random) as SiteId;
/** Files, batches and webhooks are named by text: nothing but their records is found by it. */
export const makeFileId = (random: RandomBytes): string => made('file', random);
export const makeBatchId = (random: RandomBytes): string => made('batch', random);
export const makeWebhookId = (random: RandomBytes): string => made('wh', random);
export const makePeerId = (random: RandomBytes): PeerId => made('peer', random) as PeerId;

/** A shard is the `index`-th part of its job: the id says so, and needs no randomness. */
export const shardIdOf = (job: JobId, index: number): ShardId => `${job}.${index}` as ShardId;
/** The `index` of `shardIdOf`. */
export const shardIndexOf = (shard: ShardId): number =>
  Number(shard.slice(shard.lastIndexOf('.') + 1));

function made(prefix: string, random: RandomBytes): string {
  return `${prefix}_${bytesToHex(random(ID_BYTES))}`;
}
