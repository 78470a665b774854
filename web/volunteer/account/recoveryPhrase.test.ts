/** The phrase and its key: the same words must give the same key for ever, or accounts are lost. */
import * as ed25519 from '@noble/ed25519';
import { hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { makePhrase, phraseSigner } from './recoveryPhrase.ts';

const PHRASE = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

const keyOf = async (typed: string): Promise<string> => {
  const signer = await phraseSigner(typed);
  return signer.ok ? signer.value.publicKey : signer.error;
};

describe('a recovery phrase', () => {
  test('has twelve words that are read again, another one every time, and its key signs', async () => {
    const [phrase, other] = [makePhrase(), makePhrase()];
    expect(phrase.split(' ')).toHaveLength(12);
    expect(other).not.toBe(phrase);
    const signer = await phraseSigner(phrase);
    if (!signer.ok) throw new Error(signer.error);
    const message = new Uint8Array([1, 2, 3]);
    const signature = await signer.value.sign(message);
    expect(ed25519.verify(signature, message, hexToBytes(signer.value.publicKey))).toBe(true);
  });

  test('its key is pinned (computed by Node’s own pbkdf2, hkdf and Ed25519)', async () => {
    expect(await keyOf(PHRASE)).toBe(
      '4364fbe6fda924252a81e47c510286c9fbff2f847f35489cdbf028565b81b82c',
    );
  });

  test('is read however it was written down', async () => {
    const written = `1. ${PHRASE.toUpperCase().split(' ').join(',\n 2) ')} `;
    expect(await keyOf(written)).toBe(await keyOf(PHRASE));
  });

  test.each([
    ['a word less', PHRASE.replace(/ \w+$/, ''), 'expected 12 words, came 11'],
    ['a slip of the pen', PHRASE.replace('sausage', 'sausige'), 'sausige'],
    ['two words that changed places', PHRASE.replace('legal winner', 'winner legal'), 'belong'],
  ])('%s is said', async (_, typed, text) => {
    const signer = await phraseSigner(typed);
    expect(signer.ok).toBe(false);
    expect(signer).toMatchObject({ error: expect.stringContaining(text) as unknown });
  });
});
