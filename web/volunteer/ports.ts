/**
 * What a host needs from its surroundings: a socket, a key, blobs, time. Types only.
 *
 * A browser tab and a Node process supply different ones; the host cannot tell them apart.
 */
import type { Region } from '../../shared/region.ts';
import type { BlobDigest, HostId, PeerId } from '../../shared/ids.ts';
import type { AssignMessage, HostMessage, RoutePlace } from '../../shared/protocol/link.ts';
import type { Wishes } from '../../shared/protocol/wishes.ts';
import type { SwarmEnded, SwarmPlace } from '../../shared/protocol/swarm.ts';
import type { Result } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
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
  /** Bytes from `start` up to `end`, without the rest being read; null where it is not there. */
  read(digest: BlobDigest, start: number, end: number): Promise<Uint8Array | null>;
  put(digest: BlobDigest, bytes: Uint8Array): Promise<void>;
  delete(digest: BlobDigest): Promise<void>;
}

export interface Clock {
  /** Monotonic. */
  nowMs(): number;
  /** Calls `fire` once, later; the result calls it off. */
  after(delayMs: number, fire: () => void): () => void;
}

/** Names one activation on a route, on both ends. */
export interface ActivationKey {
  readonly epoch: number;
  /** The stage that computes from it. */
  readonly stage: number;
  readonly sequence: number;
}

/** What a neighbour does; nothing comes after `onEnd`. */
export interface NeighbourHandlers {
  /** The tensors are the handler's. `release` or `ack` follows. */
  onActivation(key: ActivationKey, tensors: NamedTensors): void;
  /** What was sent is needed no more. */
  onAck(key: ActivationKey): void;
  onEnd(why: string): void;
}

/** A connection to the neighbour on one side of a route. */
export interface Neighbour {
  /** How it is reached. */
  readonly path: 'direct' | 'turn' | 'relayed';
  /** Sent in order, within what the neighbour has room for. The tensors must not change before it is acknowledged. */
  send(key: ActivationKey, tensors: NamedTensors): void;
  ack(key: ActivationKey): void;
  /** Its memory is free again, though nobody may forget it yet. */
  release(key: ActivationKey): void;
  stats(): Promise<{ readonly rttMs: number | null; readonly bytes: number }>;
  close(): void;
}

/** A host among the peers of its routes. */
export interface PeerPresence {
  /** Ends as a connection, by whatever way there is, or with the reason why there is none. */
  connect(peer: PeerId, handlers: NeighbourHandlers): Promise<Result<Neighbour, string>>;
  /** The same, where the other one calls. */
  accept(peer: PeerId, handlers: NeighbourHandlers): Promise<Result<Neighbour, string>>;
  /** Ends all connections, also those that are being made. */
  leave(): void;
}

/** How a host reaches others. */
export interface PeerPort {
  readonly ways: readonly ('webrtc' | 'relay')[];
  enter(place: Pick<RoutePlace, 'self' | 'iceServers'>): PeerPresence;
}

/** The host's part in swarms, as the host drives it. What it fetches it does by itself, as a source of blobs. */
export interface Swarming {
  /** A link was welcomed: messages go by `send`, which is false where they do not. */
  opened(send: (message: HostMessage) => boolean): void;
  closed(): void;
  take(message: SwarmPlace | SwarmEnded): void;
  assigned(assign: AssignMessage): void;
  /** It computes, or would: only then does it pass anything on. */
  setActive(isActive: boolean): void;
}

/** An assignment with what came in and what came out, as long as the call lasts: whoever wants more of it copies it. */
export interface ComputedWork {
  readonly assign: AssignMessage;
  readonly stacked: NamedTensors;
  readonly outputs: NamedTensors;
}

export interface HostPorts {
  /** The coordinator's public address; its origin is what the key signs. */
  readonly url: string;
  readonly connect: ConnectLink;
  readonly compute: Compute;
  readonly identity: Identity;
  readonly blobs: BlobSource;
  readonly clock: Clock;
  /** Null where the host exchanges nothing with others. */
  readonly peers: PeerPort | null;
  /** Null where all blobs come from the coordinator. */
  readonly swarms: Swarming | null;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Software and version, for operators. */
  readonly agent: string;
  /** What its volunteer wants to compute, as it is now; everything where absent. */
  readonly wishes?: () => Wishes;
  /** Is shown whatever was computed here; must not throw, and is quick. */
  readonly look?: (work: ComputedWork) => void;
  /** The site through which it computes, told at hello; none where absent or null. */
  readonly site?: string | null;
  /** Where the volunteer is, if it wants that known: asked at the beginning of each link. */
  readonly region?: () => Region | null;
}
