/** Proof of a contributor's key. */
import { createHash, createPublicKey, verify } from 'node:crypto';
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
