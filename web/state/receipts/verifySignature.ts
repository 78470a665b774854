/** Ed25519 by WebCrypto; by @noble/ed25519, loaded only there, where the browser has none or is in no secure context. */
import type { VerifySignature } from '../../../shared/tlog/checkpoint.ts';

export const verifySignature: VerifySignature = async (signature, message, publicKey) => {
  try {
    const raw = publicKey as Uint8Array<ArrayBuffer>;
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    const signed = message as Uint8Array<ArrayBuffer>;
    return await crypto.subtle.verify('Ed25519', key, signature as Uint8Array<ArrayBuffer>, signed);
  } catch {
    const ed25519 = await import('@noble/ed25519');
    const { sha512 } = await import('@noble/hashes/sha2.js');
    ed25519.hashes.sha512 = sha512;
    return ed25519.verify(signature, message, publicKey);
  }
};
