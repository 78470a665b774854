/**
 * The words of a tensor link: what goes through it, how it ends, and its constants. No behaviour.
 */
import {
  MAX_PEER_FRAME_BYTES,
  MAX_PEER_WINDOW_BYTES,
  MAX_RUN_SILENCE_MS,
} from '../../shared/limits.ts';
import type { MessageKey } from '../../shared/peerFrame.ts';
import type { NamedTensors } from '../../shared/tensor.ts';

const KiB = 1024;

/**
 * Sending goes on when no more than this waits in a channel: it must not run dry while a thread is woken, which takes
 * some 10 ms on a busy machine (performance.md 2.5: 128 to 256 KiB).
 */
export const LOW_WATER_BYTES = 256 * KiB;
/** Sending stops at this on a slow line, where every byte that waits delays an acknowledgement. */
export const SLOW_HIGH_WATER_BYTES = 256 * KiB;
/** On a fast one. Far below the 16 MiB at which Chromium closes a channel. */
export const FAST_HIGH_WATER_BYTES = 1024 * KiB;
/** A line above this is fast: a frame of 256 KiB passes in a quarter of a second. */
export const FAST_BYTES_PER_MS = 1000;
/** Frames of bulk on a slow line, and what every browser's peer takes (RFC 8831). */
export const SLOW_FRAME_BYTES = 64 * KiB;
/** A message up to this is an activation that somebody waits for; above, its time is that of its bytes. */
export const LATENCY_BODY_BYTES = 64 * KiB;
/**
 * Frames of such a message when it is spread over several associations: 4 packets of 1,160 bytes leave at once
 * while an association is cold (performance.md 1.3). Over a single one they would only leave one after another.
 */
export const LATENCY_FRAME_BYTES = 4_600;
/** What a message costs of the window beyond its bytes: an entry in three maps and its decoded header. */
export const MESSAGE_OVERHEAD_BYTES = 1 * KiB;

/**
 * Acknowledgements of small messages go together, after this time: a frame for each would double the frames of an
 * activation's way there and back, and its time with them (1.9 times a bare channel's, measured).
 */
export const ACK_DELAY_MS = 20;
/** And at once when they make room for so much: bulk waits for it. */
export const ACK_AT_BYTES = 128 * KiB;

export interface LinkLimits {
  /** What the other end may have on its way to us, or here and not acknowledged. */
  readonly windowBytes: number;
  readonly maxFrameBytes: number;
  readonly beatEveryMs: number;
  /** Nothing heard for so long, not even a beat: the peer is gone. */
  readonly silenceMs: number;
  /** A message that has begun to arrive must not stand still for longer. */
  readonly messageStallMs: number;
  /** Room must be granted, and what was sent must leave, within this time. */
  readonly creditStallMs: number;
}

export const LINK_LIMITS: LinkLimits = {
  windowBytes: MAX_PEER_WINDOW_BYTES,
  maxFrameBytes: MAX_PEER_FRAME_BYTES,
  beatEveryMs: 500,
  // A tab that closes is told of at once by its channel, and one that crashes by its socket to the coordinator; this is
  // for machines that went away. Two seconds cut off tabs of a machine with five times more work than cores. Frames of
  // 64 KiB come more often on any line above 16 KB/s.
  silenceMs: 4_000,
  messageStallMs: 10_000,
  // As long as a stage may compute without a word.
  creditStallMs: MAX_RUN_SILENCE_MS,
};

export interface OutgoingMessage extends MessageKey {
  /** JSON, at most `MAX_PEER_DESCRIPTOR_BYTES` of it. */
  readonly descriptor: unknown;
  /** Must not change until `send` has ended. */
  readonly tensors: NamedTensors;
}

export interface IncomingMessage extends MessageKey {
  /** Not checked against a schema. */
  readonly descriptor: unknown;
  /** Views of `buffer`. */
  readonly tensors: NamedTensors;
  /** Belongs to whoever takes the message, and holds nothing else of ours. */
  readonly buffer: ArrayBuffer;
}

/** Why a link is no more. */
export interface LinkEnd {
  readonly kind:
    /** We closed it. */
    | 'closed'
    /** The peer said goodbye. */
    | 'left'
    /** The channel closed under us. */
    | 'lost'
    /** Nothing moved for too long. */
    | 'stalled'
    /** The peer broke the protocol; `message` says how. */
    | 'misbehaved'
    /** It never opened. */
    | 'not-open';
  readonly message: string;
}

export interface SendFailure {
  readonly kind: 'cancelled' | 'too-large' | 'link-ended';
  readonly message: string;
}

export interface LinkEvents {
  /** In the order in which they were sent. `ack` or `release` it when its memory is free again. */
  onTensors(message: IncomingMessage): void;
  onAck(key: MessageKey): void;
  onCancel(key: MessageKey): void;
  onProgress(key: MessageKey, receivedBytes: number, totalBytes: number): void;
  /** Once, after a link was open; nothing comes after it. */
  onEnd(end: LinkEnd): void;
}

export interface SendOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (sentBytes: number, totalBytes: number) => void;
}

export interface LinkStats {
  /** Payload bytes of tensor messages. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Of what left while something was being sent; 0 before there is a measure. */
  readonly sendBytesPerSecond: number;
  /** Null before the first echo. */
  readonly roundTripMs: number | null;
  /** Sent and not acknowledged. */
  readonly inFlight: number;
}
