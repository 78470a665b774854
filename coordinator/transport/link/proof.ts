/**
 * Proofs of a key: Ed25519 signatures, verified on Node's thread pool, so that links are served meanwhile.
 */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { ContributorId } from '../../../shared/ids.ts';
import { helloText } from '../../../shared/protocol/link.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';

/** An Ed25519 public key as SubjectPublicKeyInfo is this prefix and the 32 raw bytes (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const ID_BYTES = 16;

/** `c_` and the first 16 bytes of the key's SHA-256, in hex. */
export const contributorIdOf = (publicKey: string): ContributorId =>
  `c_${createHash('sha256')
    .update(Buffer.from(publicKey, 'hex'))
    .digest('hex')
    .slice(0, ID_BYTES * 2)}` as ContributorId;

/** Null where the hex is not 32 bytes. */
export function keyObjectOf(publicKey: string): KeyObject | null {
  try {
    return createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, Buffer.from(publicKey, 'hex')]),
      format: 'der',
      type: 'spki',
    });
  } catch {
    return null;
  }
}

/** False also where the key is no point of the curve, or the signature no 64 bytes. */
export const isSignedBy = (key: KeyObject, text: Uint8Array, signature: string): Promise<boolean> =>
  new Promise((resolve) => {
    verify(null, text, key, Buffer.from(signature, 'hex'), (error, isValid) =>
      resolve(error === null && isValid),
    );
  });

export interface HelloProof {
  readonly publicKey: string;
  readonly signature: string;
  readonly host: string;
  readonly origin: string;
  readonly nonce: string;
}

/** Why the hello does not prove its key on this link; null where it does. */
export async function helloProblem(
  hello: HelloProof,
  origin: string,
  nonce: string,
): Promise<Problem | null> {
  const key = keyObjectOf(hello.publicKey);
  // Over what it says it is for: a changed word is a bad signature, and a true one of elsewhere is told apart.
  const text = helloText(hello.origin, hello.nonce, hello.host);
  if (key === null || !(await isSignedBy(key, text, hello.signature))) {
    const detail = 'the signature does not prove the key for this link';
    return { code: 'bad-signature', detail, expected: `origin ${origin}` };
  }
  if (hello.origin !== origin) return originProblem(origin, hello.origin);
  if (hello.nonce === nonce) return null;
  return {
    code: 'hello-replayed',
    detail: 'the hello answers another challenge than this link’s',
    expected: 'a signature made for this link',
    fix: 'sign the nonce of this link’s challenge; a hello is good for one link',
  };
}

/** What was signed for another coordinator is good for nothing here. */
export const originProblem = (expected: string, came: string): Problem => ({
  code: 'wrong-origin',
  detail: 'this was signed for another coordinator',
  expected,
  came,
  fix: 'open the coordinator’s own address; behind a proxy, its operator sets --public-url',
});
