/**
 * What a host needs from its surroundings: a socket, a key, blobs, time. Types only.
 *
 * A browser tab and a Node process supply different ones; the host cannot tell them apart.
 */
import type { BlobDigest, HostId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import type { Compute } from '../compute/api.ts';

export interface LinkHandlers {
  onText(text: string): void;
  /** The handler may keep the bytes. */
  onBinary(bytes: Uint8Array): void;
  /** Once, however the link ended, also where it never opened; nothing comes after it. */
  onClose(): void;
}

export interface LinkSocket {
  /** False where the link is closed: the message was not taken. */
  send(message: string | Uint8Array): boolean;
  /** `onClose` still follows. */
  close(): void;
}

/** Opens a link to a `ws:` or `wss:` address; failing to is an `onClose`. */
export type ConnectLink = (url: string, handlers: LinkHandlers) => LinkSocket;

/** A contributor's key on one host. The secret stays behind `sign`. */
export interface Identity {
  /** Ed25519, lower-case hex. */
  readonly publicKey: string;
  readonly host: HostId;
  /** 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface BlobFailure {
  readonly kind: 'blob-absent' | 'blob-unreachable' | 'blob-wrong' | 'blob-too-large';
  readonly message: string;
}

/** Blobs of the coordinator by digest, already checked against it. */
export interface BlobSource {
  get(digest: BlobDigest, signal: AbortSignal): Promise<Result<Uint8Array, BlobFailure>>;
}

/**
 * Bytes kept between visits, bounded; the least recently used go first. A cache may lose anything at any
 * moment and never throws: what it cannot keep is simply not there. Every one passes blobCache.conformance.ts.
 */
export interface BlobCache {
  get(digest: BlobDigest): Promise<Uint8Array | null>;
  put(digest: BlobDigest, bytes: Uint8Array): Promise<void>;
  delete(digest: BlobDigest): Promise<void>;
}

export interface Clock {
  /** Monotonic. */
  nowMs(): number;
  /** Calls `fire` once, later; the result calls it off. */
  after(delayMs: number, fire: () => void): () => void;
}

export interface HostPorts {
  /** The coordinator's public address; its origin is what the key signs. */
  readonly url: string;
  readonly connect: ConnectLink;
  readonly compute: Compute;
  readonly identity: Identity;
  readonly blobs: BlobSource;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Software and version, for operators. */
  readonly agent: string;
}
