/**
 * Proof of a contributor's key, and the cohort a host counts to.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { ContributorId } from '../../../shared/ids.ts';
import { helloText } from '../../../shared/protocol/link.ts';

/** An Ed25519 public key as SubjectPublicKeyInfo is this prefix and the 32 raw bytes (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const ID_BYTES = 16;

/** `c_` and the first 16 bytes of the key's SHA-256, in hex. */
export const contributorIdOf = (publicKey: string): ContributorId =>
  `c_${createHash('sha256')
    .update(Buffer.from(publicKey, 'hex'))
    .digest('hex')
    .slice(0, ID_BYTES * 2)}` as ContributorId;

export interface HelloProof {
  readonly publicKey: string;
  readonly signature: string;
  readonly host: string;
}

/** True where the hello was signed by the key, for this origin and this nonce. */
export function provesKey(hello: HelloProof, origin: string, nonce: string): boolean {
  try {
    const key = createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, Buffer.from(hello.publicKey, 'hex')]),
      format: 'der',
      type: 'spki',
    });
    const text = helloText(origin, nonce, hello.host);
    return verify(null, text, key, Buffer.from(hello.signature, 'hex'));
  } catch {
    return false; // not a point of the curve
  }
}

/**
 * Hosts of one cohort never check each other: one network is most often one household or one operator.
 * On loopback and private networks addresses say nothing, and the contributor alone counts.
 */
export function cohortOf(address: string, contributor: ContributorId): string {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  if (isPrivate(plain)) return contributor;
  if (isIPv4(plain)) return `net4:${plain.split('.').slice(0, 3).join('.')}`;
  if (isIPv6(plain)) return `net6:${expandIPv6(plain).slice(0, 3).join(':')}`;
  return contributor;
}

const PRIVATE = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80:)/i;
const isPrivate = (address: string): boolean => PRIVATE.test(address);

/** The eight groups of an IPv6 address. */
function expandIPv6(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return tail === undefined ? left : [...left, ...zeros, ...right];
}
