/**
 * The port through which a host exchanges tensors with another one: by a direct path where there is one, else
 * through the coordinator's relay. Types, and the relay's address.
 *
 * A tab and a Node process implement it differently (browserPeers.ts, nodePeers.ts); a route cannot tell them apart.
 */
import type { MessageKey } from '../../shared/peerFrame.ts';
import type { Result } from '../../shared/result.ts';
import type {
  LinkEvents,
  LinkLimits,
  LinkStats,
  OutgoingMessage,
  SendFailure,
} from './linkTypes.ts';

/** Who we are to the coordinator's signalling server and relay. */
export interface PeerIdentity {
  readonly id: string;
  readonly token: string;
}

export interface PeerAddress {
  readonly id: string;
  /** The polite one waits to be called. Of two peers exactly one is. */
  readonly polite: boolean;
}

export interface ConnectOptions {
  /** What the peer is told of us on this route: at most `MAX_PEER_HELLO_BYTES`, opaque. */
  readonly hello: Uint8Array;
  readonly events: LinkEvents;
  /** Associations to stripe over; both ends say the same number. 1 unless said. */
  readonly lanes?: number;
  /** Tell of every slice that comes. */
  readonly progress?: boolean;
  /** Time for a direct path, and then as much again for the relay. `CONNECT_DEADLINE_MS` unless said. */
  readonly deadlineMs?: number;
  /** `relay` does not look for a direct path, `direct` for no other. Both ends say the same. */
  readonly via?: 'any' | 'relay' | 'direct';
  readonly limits?: Partial<LinkLimits>;
}

/** ICE on a home line takes 1 to 3 s; the other end may learn of the route a little later. */
export const CONNECT_DEADLINE_MS = 8_000;

/** `turn`: through a TURN server. `relayed`: through the coordinator. */
export type PeerPath = 'direct' | 'turn' | 'relayed';

export interface PeerFailure {
  readonly kind:
    /** Neither a direct path nor the relay came up in time. */
    | 'no-path'
    /** The peer is there and does not keep to the protocol. */
    | 'misbehaved'
    /** The transport was closed meanwhile. */
    | 'closed';
  readonly message: string;
}

export interface SendPeerOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (sentBytes: number, totalBytes: number) => void;
  /** The tensors' memory is given away instead of copied; the caller must not look at it again. */
  readonly give?: boolean;
}

export interface PeerLink {
  readonly path: PeerPath;
  /** What the peer said of itself; whether to believe it is the caller's to judge. */
  readonly hello: Uint8Array;
  /** Ends when the message is on its way, within what the peer has room for. */
  send(message: OutgoingMessage, options?: SendPeerOptions): Promise<Result<void, SendFailure>>;
  /** Done with a message that came: its sender may forget it and has room for another. */
  ack(key: MessageKey): void;
  /** Its sender has room for another, and does not know that it was dropped. */
  release(key: MessageKey): void;
  cancel(key: MessageKey): void;
  /** Null where the link has ended. */
  stats(): Promise<LinkStats | null>;
  /** Says goodbye; `onEnd` follows. */
  close(): void;
}

export interface PeerTransport {
  connect(peer: PeerAddress, options: ConnectOptions): Promise<Result<PeerLink, PeerFailure>>;
  /** Ends every link. */
  close(): void;
}

export const RELAY_PATH = '/v1/peers/relay';

/** One lane's socket at the coordinator at `url`. */
export function relayUrl(url: string, me: PeerIdentity, to: string, lane: number): string {
  const relay = new URL(RELAY_PATH, url);
  relay.protocol = relay.protocol.replace('http', 'ws');
  relay.search = new URLSearchParams({ ...me, to, lane: `${lane}` }).toString();
  return relay.href;
}
