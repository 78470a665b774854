/**
 * SHA-256 and HMAC-SHA256 by Node's own crypto: the same values as `shared/digest.ts` and `core/challenge.ts`, at
 * native speed.
 */
import { createHmac, hash } from 'node:crypto';
import type { BlobDigest } from '../shared/ids.ts';

export const sha256 = (message: Uint8Array): Uint8Array => hash('sha256', message, 'buffer');

export const digestOf = (bytes: Uint8Array): BlobDigest =>
  hash('sha256', bytes, 'hex') as BlobDigest;

export const hmacSha256 = (key: string, text: string): Uint8Array =>
  createHmac('sha256', key).update(text).digest();
