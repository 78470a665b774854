/**
 * A request that a key signs: what it asks for cannot be changed, sent twice, or sent to another coordinator.
 *
 * Both ends, one definition. It answers a single-use challenge of the coordinator; the signature covers origin,
 * challenge, action and every other field of the body.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { canonicalJson } from './canonicalJson.ts';
import { MAX_ORIGIN_CHARS } from './limits.ts';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
export const publicKeySchema = hex(32);
export const signatureSchema = hex(64);

/** The fields that every signed request has beside its own. */
export const envelopeSchema = z.strictObject({
  publicKey: publicKeySchema,
  origin: z.string().max(MAX_ORIGIN_CHARS),
  nonce: hex(32),
  /** Ed25519 over `requestText(...)`. */
  signature: signatureSchema,
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** What is asked, and of whom: everything that is signed but the fields themselves. */
export interface RequestHead extends Omit<Envelope, 'signature'> {
  readonly action: string;
}

/** `fields`: the body without its envelope. */
export function requestText({ publicKey, origin, nonce, action }: RequestHead, fields: object) {
  const digest = bytesToHex(sha256(utf8ToBytes(canonicalJson(fields))));
  return utf8ToBytes(
    `idlewave request v1\n${origin}\n${nonce}\n${publicKey}\n${action}\n${digest}\n`,
  );
}

/**
 * What a second key signs that a request is about, so that nobody names a key that is not theirs: a recovery phrase's,
 * for one.
 */
export const consentText = ({ publicKey, origin, nonce, action }: RequestHead): Uint8Array =>
  utf8ToBytes(`idlewave consent v1\n${origin}\n${nonce}\n${publicKey}\n${action}\n`);

export interface Signer {
  /** Ed25519, lower-case hex. */
  readonly publicKey: string;
  /** 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export async function signRequest<F extends object>(
  signer: Signer,
  head: Omit<RequestHead, 'publicKey'>,
  fields: F,
): Promise<F & Envelope> {
  const { publicKey } = signer;
  const { origin, nonce } = head;
  const signature = bytesToHex(await signer.sign(requestText({ ...head, publicKey }, fields)));
  return { ...fields, publicKey, origin, nonce, signature };
}
