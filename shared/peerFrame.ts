/**
 * The frame between peers: 32 bytes of header, then a payload. One frame is one message of a data channel.
 *
 *    0 u32 magic "IDP1"     8 u32 epoch       20 u32 message   (a sender's running number)
 *    4 u8  version         12 u32 sequence    24 u32 offset
 *    5 u8  kind            16 u16 stage       28 u32 total
 *    6 u8  lane            18 u16 descriptor bytes
 *    7 u8  zero
 *
 * Little-endian. A message of tensors is a body (peerBody.ts), sent as slices `[offset, offset + payload)` of `total`
 * bytes. A payload begins at a multiple of 8, so that a body of a single slice decodes without a copy. Says what bytes mean, not who may send them when (web/peer/tensorLink.ts).
 * Invariant: nothing that arrives makes decoding throw; what is not exactly of this form is a `PeerFrameError`.
 */
import {
  MAX_PEER_BODY_BYTES,
  MAX_PEER_DESCRIPTOR_BYTES,
  MAX_PEER_FRAME_BYTES,
  MAX_PEER_HELLO_BYTES,
  MIN_PEER_SLICE_BYTES,
} from './limits.ts';
import { fail, ok, type Result } from './result.ts';

/** "IDP1" read as a little-endian u32. */
export const PEER_FRAME_MAGIC = 0x31504449;
export const PEER_FRAME_VERSION = 1;
export const PEER_HEADER_BYTES = 32;
/** In a `cancel`: the message was not being sent, nothing is cut short. */
export const NO_MESSAGE = 0xffff_ffff;

/** A kind's number on the wire is its place here. */
const KINDS = ['hello', 'tensors', 'ack', 'credit', 'cancel', 'beat', 'echo', 'bye'] as const;
export type PeerFrameKind = (typeof KINDS)[number];

/** Which activation a frame speaks of. The route gives the numbers their meaning. */
export interface MessageKey {
  readonly epoch: number;
  readonly stage: number;
  readonly sequence: number;
}

/** Keys of one `ack`, and the bytes of each. */
export const MAX_KEYS = 64;
const KEY_BYTES = 12;

/** The payload of an `ack`: u32 epoch | u32 sequence | u32 stage, again and again. */
export function packKeys(keys: readonly MessageKey[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(keys.length * KEY_BYTES));
  keys.forEach(({ epoch, sequence, stage }, i) => {
    view.setUint32(i * KEY_BYTES, epoch, true);
    view.setUint32(i * KEY_BYTES + 4, sequence, true);
    view.setUint32(i * KEY_BYTES + 8, stage, true);
  });
  return new Uint8Array(view.buffer);
}

export function unpackKeys(payload: Uint8Array): MessageKey[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.from({ length: payload.byteLength / KEY_BYTES }, (_, i) => ({
    epoch: view.getUint32(i * KEY_BYTES, true),
    sequence: view.getUint32(i * KEY_BYTES + 4, true),
    stage: view.getUint32(i * KEY_BYTES + 8, true),
  }));
}

/** What a frame says. `lane` is the association that it is sent on. */
export type PeerFrame = { readonly lane: number } & (
  | {
      /** First on lane 0: what the sender takes, and who it says it is. */
      readonly kind: 'hello';
      readonly window: number;
      readonly maxFrameBytes: number;
      readonly lanes: number;
      readonly payload: Uint8Array;
    }
  | ({
      readonly kind: 'tensors';
      readonly message: number;
      readonly descriptorBytes: number;
      readonly offset: number;
      readonly total: number;
      readonly payload: Uint8Array;
    } & MessageKey)
  /** The receiver is done with these (`packKeys`): they need not be sent again, and so many bytes more may be sent. */
  | { readonly kind: 'ack'; readonly bytes: number; readonly payload: Uint8Array }
  /** So many bytes more may be sent. */
  | { readonly kind: 'credit'; readonly bytes: number }
  /** No longer wanted. A message that was being sent ends at `sent` of its `total` bytes. */
  | ({
      readonly kind: 'cancel';
      readonly message: number;
      readonly sent: number;
      readonly total: number;
    } & MessageKey)
  /** I am here; answered by an echo of its number. */
  | { readonly kind: 'beat'; readonly number: number }
  | { readonly kind: 'echo'; readonly number: number }
  | { readonly kind: 'bye' }
);

export interface PeerFrameError {
  readonly kind: 'malformed-frame';
  readonly expected: string;
  readonly came: string;
}

/** Numbers of a header by their place; what a kind does not use is zero. */
interface Fields {
  readonly epoch?: number;
  readonly sequence?: number;
  readonly stage?: number;
  readonly descriptorBytes?: number;
  readonly message?: number;
  readonly offset?: number;
  readonly total?: number;
}

function fieldsOf(frame: PeerFrame): Fields {
  switch (frame.kind) {
    case 'hello':
      return { sequence: frame.lanes, offset: frame.maxFrameBytes, total: frame.window };
    case 'tensors':
      return frame;
    case 'cancel': {
      const { epoch, sequence, stage, message, sent, total } = frame;
      return { epoch, sequence, stage, message, offset: sent, total };
    }
    case 'ack':
    case 'credit':
      return { total: frame.bytes };
    case 'beat':
    case 'echo':
      return { sequence: frame.number };
    case 'bye':
      return {};
    default:
      return frame satisfies never;
  }
}

/** Writes the header to the first 32 bytes of `target`. */
export function writePeerHeader(frame: PeerFrame, target: Uint8Array): void {
  const view = new DataView(target.buffer, target.byteOffset, PEER_HEADER_BYTES);
  const fields = fieldsOf(frame);
  view.setUint32(0, PEER_FRAME_MAGIC, true);
  view.setUint8(4, PEER_FRAME_VERSION);
  view.setUint8(5, KINDS.indexOf(frame.kind));
  view.setUint8(6, frame.lane);
  view.setUint8(7, 0);
  view.setUint32(8, fields.epoch ?? 0, true);
  view.setUint32(12, fields.sequence ?? 0, true);
  view.setUint16(16, fields.stage ?? 0, true);
  view.setUint16(18, fields.descriptorBytes ?? 0, true);
  view.setUint32(20, fields.message ?? 0, true);
  view.setUint32(24, fields.offset ?? 0, true);
  view.setUint32(28, fields.total ?? 0, true);
}

/** The frame's bytes; the caller owns them. */
export function encodePeerFrame(frame: PeerFrame): Uint8Array<ArrayBuffer> {
  const payload = 'payload' in frame ? frame.payload : new Uint8Array(0);
  const bytes = new Uint8Array(PEER_HEADER_BYTES + payload.byteLength);
  writePeerHeader(frame, bytes);
  bytes.set(payload, PEER_HEADER_BYTES);
  return bytes;
}

/** Payloads of the result are views of `bytes`. */
export function decodePeerFrame(bytes: Uint8Array): Result<PeerFrame, PeerFrameError> {
  if (bytes.byteLength < PEER_HEADER_BYTES || bytes.byteLength > MAX_PEER_FRAME_BYTES) {
    const expected = `${PEER_HEADER_BYTES} to ${MAX_PEER_FRAME_BYTES} bytes`;
    return malformed(expected, `${bytes.byteLength}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, PEER_HEADER_BYTES);
  const magic = view.getUint32(0, true);
  if (magic !== PEER_FRAME_MAGIC) return malformed('the magic IDP1', `0x${magic.toString(16)}`);
  const version = view.getUint8(4);
  if (version !== PEER_FRAME_VERSION) {
    return malformed(`version ${PEER_FRAME_VERSION}`, `version ${version}: load the page again`);
  }
  const kind = KINDS[view.getUint8(5)];
  if (kind === undefined) return malformed(`a kind of ${KINDS.join(', ')}`, `${view.getUint8(5)}`);
  const payload = bytes.subarray(PEER_HEADER_BYTES);
  const frame = frameOf(kind, view, payload);
  const wrong = faultOf(frame, payload.byteLength);
  if (wrong !== null) return malformed(wrong.expected, wrong.came);
  // Fields that a kind does not use must be zero: a later version may give them a meaning.
  const canonical = new Uint8Array(PEER_HEADER_BYTES);
  writePeerHeader(frame, canonical);
  const at = canonical.findIndex((byte, i) => bytes[i] !== byte);
  return at < 0 ? ok(frame) : malformed(`zero in unused byte ${at} of "${kind}"`, `${bytes[at]}`);
}

function frameOf(kind: PeerFrameKind, view: DataView, payload: Uint8Array): PeerFrame {
  const lane = view.getUint8(6);
  const key = {
    epoch: view.getUint32(8, true),
    sequence: view.getUint32(12, true),
    stage: view.getUint16(16, true),
  };
  const message = view.getUint32(20, true);
  const offset = view.getUint32(24, true);
  const total = view.getUint32(28, true);
  switch (kind) {
    case 'hello': {
      const lanes = key.sequence;
      return { kind, lane, lanes, window: total, maxFrameBytes: offset, payload };
    }
    case 'tensors': {
      const descriptorBytes = view.getUint16(18, true);
      return { kind, lane, ...key, message, descriptorBytes, offset, total, payload };
    }
    case 'ack':
      return { kind, lane, bytes: total, payload };
    case 'credit':
      return { kind, lane, bytes: total };
    case 'cancel':
      return { kind, lane, ...key, message, sent: offset, total };
    case 'beat':
    case 'echo':
      return { kind, lane, number: key.sequence };
    case 'bye':
      return { kind, lane };
    default:
      return kind satisfies never;
  }
}

type Fault = Pick<PeerFrameError, 'expected' | 'came'> | null;

/** What is wrong with the frame by itself. */
function faultOf(frame: PeerFrame, payloadBytes: number): Fault {
  switch (frame.kind) {
    case 'hello':
      return payloadBytes > MAX_PEER_HELLO_BYTES
        ? { expected: `a hello of at most ${MAX_PEER_HELLO_BYTES} bytes`, came: `${payloadBytes}` }
        : null;
    case 'tensors':
      return sliceFault(frame, payloadBytes);
    case 'ack':
      return payloadBytes % KEY_BYTES === 0 && payloadBytes <= MAX_KEYS * KEY_BYTES
        ? null
        : { expected: `at most ${MAX_KEYS} keys of ${KEY_BYTES} bytes`, came: `${payloadBytes}` };
    case 'credit':
    case 'cancel':
    case 'beat':
    case 'echo':
    case 'bye':
      return payloadBytes > 0
        ? { expected: `no payload in "${frame.kind}"`, came: `${payloadBytes} bytes` }
        : null;
    default:
      return frame satisfies never;
  }
}

function sliceFault(
  { message, descriptorBytes, offset, total }: Extract<PeerFrame, { kind: 'tensors' }>,
  payloadBytes: number,
): Fault {
  if (message === NO_MESSAGE) return { expected: 'a message number', came: 'the reserved one' };
  if (total > MAX_PEER_BODY_BYTES) {
    return { expected: `a body of at most ${MAX_PEER_BODY_BYTES} bytes`, came: `${total}` };
  }
  if (descriptorBytes > MAX_PEER_DESCRIPTOR_BYTES || descriptorBytes % 8 !== 0) {
    const expected = `a descriptor of at most ${MAX_PEER_DESCRIPTOR_BYTES} bytes, a multiple of 8`;
    return { expected, came: `${descriptorBytes}` };
  }
  if (descriptorBytes > total) {
    return { expected: `a descriptor within ${total} bytes`, came: `${descriptorBytes}` };
  }
  const end = offset + payloadBytes;
  if (end > total) return { expected: `a slice within ${total} bytes`, came: `its end at ${end}` };
  return end < total && payloadBytes < MIN_PEER_SLICE_BYTES
    ? { expected: `slices of at least ${MIN_PEER_SLICE_BYTES} bytes`, came: `${payloadBytes}` }
    : payloadBytes === 0
      ? { expected: 'a slice that is not empty', came: 'no bytes' }
      : null;
}

const malformed = (expected: string, came: string): Result<never, PeerFrameError> =>
  fail({ kind: 'malformed-frame', expected, came });
