/**
 * SHA-256 of bytes, as lower-case hex. Runs anywhere; a host with a faster native SHA-256 (Node's
 * `crypto`, WebCrypto) may compute the same value its own way.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { BlobDigest } from './ids.ts';

export const digestOf = (bytes: Uint8Array): BlobDigest => bytesToHex(sha256(bytes)) as BlobDigest;

const DIGEST_FORM = /^[0-9a-f]{64}$/;
export const isDigest = (text: string): text is BlobDigest => DIGEST_FORM.test(text);
