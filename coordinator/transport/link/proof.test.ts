/** Proof of a key, and who counts as related to whom. */
import { describe, expect, it } from 'vitest';
import { helloText } from '../../../shared/protocol/link.ts';
import { ORIGIN, makeKeyPair } from '../testing/linkRig.ts';
import {
  contributorIdOf,
  helloProblem,
  isSignedBy,
  keyObjectOf,
  type HelloProof,
} from './proof.ts';

const NONCE = 'ab'.repeat(32);

describe('contributorIdOf', () => {
  it('is pinned: credit belongs to it (key of RFC 8032 test 1)', () => {
    const key = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    expect(contributorIdOf(key)).toBe('c_21fe31dfa154a261626bf854046fd227');
  });
});

describe('helloProblem', () => {
  const keys = makeKeyPair();
  const signed = (origin = ORIGIN, nonce = NONCE, host = 'host_1') => ({
    publicKey: keys.publicKey,
    host,
    origin,
    nonce,
    signature: keys.sign(helloText(origin, nonce, host)),
  });
  const codeOf = async (hello: HelloProof) => (await helloProblem(hello, ORIGIN, NONCE))?.code;

  it('is none of what the key signed for this origin, nonce and host', async () => {
    expect(await codeOf(signed())).toBeUndefined();
  });

  it('takes the signature of RFC 8032 test 1 for what it signs only', async () => {
    const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    const signature =
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';
    expect(await isSignedBy(keyObjectOf(publicKey)!, new Uint8Array(0), signature)).toBe(true);
    expect(await codeOf({ ...signed(), publicKey, signature })).toBe('bad-signature');
  });

  it('tells a true signature of elsewhere from a wrong one', async () => {
    expect(await codeOf(signed('https://evil.example'))).toBe('wrong-origin');
    expect(await codeOf(signed(ORIGIN, 'cd'.repeat(32)))).toBe('hello-replayed');
  });

  it.each([
    ['an origin changed afterwards', { ...signed('https://evil.example'), origin: ORIGIN }],
    ['a nonce changed afterwards', { ...signed(ORIGIN, 'cd'.repeat(32)), nonce: NONCE }],
    ['a host changed afterwards', { ...signed(), host: 'host_2' }],
    ['another key', { ...signed(), publicKey: makeKeyPair().publicKey }],
    ['a signature with one bit flipped', { ...signed(), signature: flipped(signed().signature) }],
    ['no signature', { ...signed(), signature: '' }],
    ['a key that is no point of the curve', { ...signed(), publicKey: 'ff'.repeat(32) }],
    ['a key of zeros', { ...signed(), publicKey: '00'.repeat(32) }],
    ['a key too short', { ...signed(), publicKey: 'aa' }],
  ])('refuses %s', async (_, hello) => {
    expect(await codeOf(hello)).toBe('bad-signature');
  });
});

function flipped(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  bytes[0]! ^= 1;
  return bytes.toString('hex');
}
