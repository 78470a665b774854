/**
 * What is drawn only when a host has committed, and follows from the commitment: the challenge that it is told,
 * and the rows that the referee looks at, which it is never told.
 *
 * HMAC-SHA256 under the job's secret key, each with its own domain: the same after a restart or a message sent
 * twice, another for every assignment, and unknown to a host before its root is fixed. Nothing is stored.
 */
import { hmac as hmacOf } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Assignment, Job } from './state.ts';

/** HMAC-SHA256 of a text; Node passes its native one where thousands are asked for a second. */
export type Hmac = (key: string, text: string) => Uint8Array;

const pureHmac: Hmac = (key, text) => hmacOf(sha256, utf8ToBytes(key), utf8ToBytes(text));

/** The challenge that opens a commitment, as hex. */
export function challengeOf(
  { permutationKey }: Pick<Job, 'permutationKey'>,
  { id, contributor }: Pick<Assignment, 'id' | 'contributor'>,
  root: string,
  hmac: Hmac = pureHmac,
): string {
  return bytesToHex(hmac(permutationKey, `idlewave challenge v1\n${id}\n${contributor}\n${root}`));
}

/** Fractions, uniform in [0, 1), that choose what the referee recomputes of a committed report. */
export function secretDraws(
  { permutationKey }: Pick<Job, 'permutationKey'>,
  { id }: Pick<Assignment, 'id'>,
  root: string,
  hmac: Hmac = pureHmac,
): () => number {
  let words: number[] = [];
  let block = 0;
  return () => {
    if (words.length === 0) {
      const bytes = hmac(permutationKey, `idlewave blind rows v1\n${id}\n${root}\n${block++}`);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      words = Array.from({ length: 8 }, (_, i) => view.getUint32(i * 4));
    }
    return words.shift()! / 2 ** 32;
  };
}
