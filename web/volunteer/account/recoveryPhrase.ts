/**
 * A recovery phrase: twelve words of BIP-39's English list (128 bits and a checksum), and the key that follows from
 * them. Made and read on the device; neither the words nor the key's secret are ever sent or stored.
 *
 * Invariant: the same words give the same key for ever (recoveryPhrase.test.ts pins one).
 */
import { generateMnemonic, mnemonicToSeed, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import * as ed25519 from '@noble/ed25519';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { fail, ok, type Result } from '../../../shared/result.ts';
import type { Signer } from '../../../shared/signedRequest.ts';

const BITS = 128;
const WORDS = 12;
/** The seed of the same words in a wallet gives other keys. */
const DOMAIN = utf8ToBytes('idlewave recovery v1');
const SECRET_BYTES = 32;

export const makePhrase = (): string => generateMnemonic(wordlist, BITS);

/** The key of a phrase as it was typed, or what is wrong with the words. */
export async function phraseSigner(typed: string): Promise<Result<Signer, string>> {
  const words = typed
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  if (words.length !== WORDS) {
    return fail(`expected ${WORDS} words, came ${words.length}`);
  }
  const known = new Set(wordlist);
  const unknown = words.filter((word) => !known.has(word));
  if (unknown.length > 0) {
    return fail(`not on the list of words: ${unknown.join(', ')}. Look for a slip of the pen.`);
  }
  const phrase = words.join(' ');
  if (!validateMnemonic(phrase, wordlist)) {
    return fail('these words do not belong together: a word is wrong, or two changed places');
  }
  ed25519.hashes.sha512 = sha512;
  const seed = await mnemonicToSeed(phrase);
  const secret = hkdf(sha256, seed, undefined, DOMAIN, SECRET_BYTES);
  return ok({
    publicKey: bytesToHex(ed25519.getPublicKey(secret)),
    sign: (message) => Promise.resolve(ed25519.sign(message, secret)),
  });
}
