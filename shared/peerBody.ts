/**
 * What one message between peers carries: JSON padded with spaces to 8 | safetensors.
 *
 * Not the frames that it is cut into (peerFrame.ts). Encoding copies no tensor and decoding neither: what is
 * sent is read from the caller's memory, what has come are views of one buffer.
 */
import { MAX_PEER_BODY_BYTES, MAX_PEER_DESCRIPTOR_BYTES, MAX_PEER_TENSOR_BYTES } from './limits.ts';
import { readJson } from './protocol/parse.ts';
import { assert, fail, ok, type Result } from './result.ts';
import { decodeTensors, tensorFileParts } from './safetensors.ts';
import type { NamedTensors } from './tensor.ts';

export interface PeerBodyError {
  readonly kind: 'malformed-body';
  readonly expected: string;
  readonly came: string;
}

/** A message's body in pieces that lie one after another; tensors are the caller's own memory, uncopied. */
export interface PeerBody {
  readonly descriptorBytes: number;
  readonly total: number;
  readonly parts: readonly Uint8Array[];
}

export function peerBody(
  descriptor: unknown,
  tensors: NamedTensors,
): Result<PeerBody, PeerBodyError> {
  const json = JSON.stringify(descriptor);
  assert(json !== undefined, 'peerBody: the descriptor is not JSON');
  const text = new TextEncoder().encode(json);
  const padded = new Uint8Array((text.byteLength + 7) & ~7).fill(0x20);
  padded.set(text);
  if (padded.byteLength > MAX_PEER_DESCRIPTOR_BYTES) {
    const expected = `a descriptor of at most ${MAX_PEER_DESCRIPTOR_BYTES} bytes`;
    return malformed(expected, `${text.byteLength}`);
  }
  const parts = [padded, ...tensorFileParts(tensors)];
  const total = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const tensorBytes = Object.values(tensors).reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  if (tensorBytes > MAX_PEER_TENSOR_BYTES || total > MAX_PEER_BODY_BYTES) {
    return malformed(`at most ${MAX_PEER_TENSOR_BYTES} bytes of tensors`, `${tensorBytes}`);
  }
  return ok({ descriptorBytes: padded.byteLength, total, parts });
}

/** Copies bytes `[offset, offset + target.byteLength)` of the body to `target`. */
export function readPeerBody({ parts }: PeerBody, offset: number, target: Uint8Array): void {
  let skip = offset;
  let written = 0;
  for (const part of parts) {
    if (skip >= part.byteLength) {
      skip -= part.byteLength;
      continue;
    }
    const piece = part.subarray(skip, skip + target.byteLength - written);
    target.set(piece, written);
    written += piece.byteLength;
    skip = 0;
    if (written === target.byteLength) return;
  }
  assert(written === target.byteLength, 'readPeerBody: past the end of the body');
}

export interface PeerContent {
  /** Parsed JSON of bounded depth, not yet checked against a schema. */
  readonly descriptor: unknown;
  readonly tensors: NamedTensors;
}

/** Tensors of the result are views of `body`. */
export function decodePeerBody(
  body: Uint8Array,
  descriptorBytes: number,
): Result<PeerContent, PeerBodyError> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body.subarray(0, descriptorBytes));
  } catch {
    return malformed('a descriptor in UTF-8', 'other bytes');
  }
  const descriptor = readJson(text);
  if (!descriptor.ok) {
    const { expected, detail, came } = descriptor.error;
    return malformed(expected ?? 'a descriptor in JSON', came ?? detail);
  }
  const tensors = decodeTensors(body.subarray(descriptorBytes));
  if (!tensors.ok) return malformed(tensors.error.expected, tensors.error.came);
  return ok({ descriptor: descriptor.value, tensors: tensors.value });
}

const malformed = (expected: string, came: string): Result<never, PeerBodyError> =>
  fail({ kind: 'malformed-body', expected, came });
