/**
 * SHA-256 by Node's own crypto: the same values as `shared/digest.ts`, at native speed.
 */
import { hash } from 'node:crypto';
import type { BlobDigest } from '../shared/ids.ts';

export const sha256 = (message: Uint8Array): Uint8Array => hash('sha256', message, 'buffer');

export const digestOf = (bytes: Uint8Array): BlobDigest =>
  hash('sha256', bytes, 'hex') as BlobDigest;
