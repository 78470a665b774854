/**
 * The binary link frame: one control message with its tensors, in one WebSocket message.
 *
 *   u32 magic "IDW1" | u32 length of the control JSON | JSON, padded with spaces to 8 | safetensors
 *
 * Little-endian throughout. The tensor part starts at a multiple of 8, so tensors decode without a copy.
 */
import { MAX_CONTROL_BYTES, MAX_FRAME_BYTES } from './limits.ts';
import { fail, ok, type Result } from './result.ts';
import { decodeTensors, encodeTensors } from './safetensors.ts';
import type { NamedTensors } from './tensor.ts';

/** "IDW1" read as a little-endian u32. A later layout takes another magic. */
export const FRAME_MAGIC = 0x31574449;
const PREFIX_BYTES = 8;

export interface Frame {
  /** The control message's JSON text, not yet parsed. */
  readonly control: string;
  readonly tensors: NamedTensors;
}

export interface FrameError {
  readonly kind: 'malformed-frame' | 'frame-too-large' | 'malformed-tensors';
  readonly expected: string;
  readonly came: string;
}

/** The frame's bytes; the caller owns them. */
export function encodeFrame(
  control: unknown,
  tensors: NamedTensors | Uint8Array,
): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(control));
  const padded = (json.byteLength + 7) & ~7;
  const body = tensors instanceof Uint8Array ? tensors : encodeTensors(tensors);
  const frame = new Uint8Array(PREFIX_BYTES + padded + body.byteLength);
  const view = new DataView(frame.buffer);
  view.setUint32(0, FRAME_MAGIC, true);
  view.setUint32(4, padded, true);
  frame.fill(0x20, PREFIX_BYTES + json.byteLength, PREFIX_BYTES + padded);
  frame.set(json, PREFIX_BYTES);
  frame.set(body, PREFIX_BYTES + padded);
  return frame;
}

/** Tensors of the result are views of `bytes`. */
export function decodeFrame(bytes: Uint8Array): Result<Frame, FrameError> {
  if (bytes.byteLength > MAX_FRAME_BYTES) {
    return fail({
      kind: 'frame-too-large',
      expected: `at most ${MAX_FRAME_BYTES} bytes`,
      came: `${bytes.byteLength}`,
    });
  }
  const malformed = (expected: string, came: string) =>
    fail({ kind: 'malformed-frame' as const, expected, came });
  if (bytes.byteLength < PREFIX_BYTES) {
    return malformed(`at least ${PREFIX_BYTES} bytes`, `${bytes.byteLength} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0, true);
  if (magic !== FRAME_MAGIC) return malformed('the magic IDW1', `0x${magic.toString(16)}`);
  const controlBytes = view.getUint32(4, true);
  if (controlBytes > MAX_CONTROL_BYTES) {
    return malformed(`at most ${MAX_CONTROL_BYTES} control bytes`, `${controlBytes}`);
  }
  const tensorStart = PREFIX_BYTES + controlBytes;
  if (tensorStart > bytes.byteLength) {
    return malformed(`${controlBytes} control bytes`, `a frame of ${bytes.byteLength} bytes`);
  }
  let control: string;
  try {
    const text = new TextDecoder('utf-8', { fatal: true });
    control = text.decode(bytes.subarray(PREFIX_BYTES, tensorStart));
  } catch {
    return malformed('control text in UTF-8', 'other bytes');
  }
  const tensors = decodeTensors(bytes.subarray(tensorStart));
  return tensors.ok ? ok({ control, tensors: tensors.value }) : tensors;
}
