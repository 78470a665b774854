/**
 * What crosses the edge between a page and its peer worker. Types only.
 *
 * The page makes connections (only a page has RTCPeerConnection) and gives their channels away; the worker owns the
 * links. Invariant: every command with a `call` is answered by one event with it; everything is a value.
 */
import type { MessageKey } from '../../shared/peerFrame.ts';
import type { Result } from '../../shared/result.ts';
import type { DataChannel, Movable } from './movable.ts';
import type {
  IncomingMessage,
  LinkEnd,
  LinkLimits,
  LinkStats,
  OutgoingMessage,
  SendFailure,
} from './linkTypes.ts';

export type LinkNumber = number;

export interface LinkSpec {
  readonly lanes: number;
  /** At most `MAX_PEER_HELLO_BYTES`. */
  readonly hello: Uint8Array;
  readonly openDeadlineMs: number;
  /** Tell of every slice that comes. */
  readonly progress: boolean;
  readonly limits: Partial<LinkLimits>;
}

export type PeerCommand =
  | { readonly type: 'open'; readonly link: LinkNumber; readonly spec: LinkSpec }
  /** A channel moves in; it must be transferred with the message. */
  | {
      readonly type: 'channel';
      readonly link: LinkNumber;
      readonly lane: number;
      readonly channel: DataChannel;
    }
  /** The lane is a socket to the coordinator's relay, which the worker opens. */
  | {
      readonly type: 'relay';
      readonly link: LinkNumber;
      readonly lane: number;
      readonly url: string;
    }
  /** What the connection takes in one message, which only the page can read. */
  | { readonly type: 'most'; readonly link: LinkNumber; readonly maxMessageBytes: number }
  | {
      readonly type: 'send';
      readonly link: LinkNumber;
      readonly call: number;
      readonly message: OutgoingMessage;
      readonly progress: boolean;
    }
  | { readonly type: 'abort'; readonly call: number }
  | {
      readonly type: 'ack' | 'release' | 'cancel';
      readonly link: LinkNumber;
      readonly key: MessageKey;
    }
  | { readonly type: 'stats'; readonly link: LinkNumber; readonly call: number }
  /** `end` where it is not the caller's wish. */
  | { readonly type: 'close'; readonly link: LinkNumber; readonly end?: LinkEnd };

export type PeerEvent =
  | {
      readonly type: 'opened';
      readonly link: LinkNumber;
      /** The peer's hello. */
      readonly result: Result<Uint8Array, LinkEnd>;
    }
  | {
      readonly type: 'sent';
      readonly call: number;
      readonly result: Result<void, SendFailure>;
    }
  | {
      readonly type: 'sending';
      readonly call: number;
      readonly bytes: number;
      readonly total: number;
    }
  | { readonly type: 'tensors'; readonly link: LinkNumber; readonly message: IncomingMessage }
  | { readonly type: 'acked' | 'cancelled'; readonly link: LinkNumber; readonly key: MessageKey }
  | {
      readonly type: 'arriving';
      readonly link: LinkNumber;
      readonly key: MessageKey;
      readonly bytes: number;
      readonly total: number;
    }
  /** Null where the link is no more. */
  | { readonly type: 'stats'; readonly call: number; readonly stats: LinkStats | null }
  | { readonly type: 'ended'; readonly link: LinkNumber; readonly end: LinkEnd };

/** The page's way to whoever owns the links. */
export interface PeerEndpoint {
  post(commands: readonly PeerCommand[], transfer: Movable[]): void;
  /** Set once. */
  listen(onEvent: (event: PeerEvent) => void, onDeath: (why: string) => void): void;
  terminate(): void;
}
