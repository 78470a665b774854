/** The texts that are signed: pinned, because both ends and all versions must write the same. */
import { describe, expect, it } from 'vitest';
import { consentText, envelopeSchema, requestText, signRequest } from './signedRequest.ts';

const head = {
  publicKey: 'aa'.repeat(32),
  origin: 'https://idlewave.example',
  nonce: 'bb'.repeat(32),
  action: 'link',
};
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('requestText', () => {
  it('is bound to origin, challenge, key, action and fields, whatever their order', () => {
    const text = textOf(requestText(head, { code: 'ABCD1234', deviceName: 'Mac' }));
    expect(text).toBe(
      `idlewave request v1\nhttps://idlewave.example\n${head.nonce}\n${head.publicKey}\nlink\n` +
        '01d5da35f17bc196ea8c8371f6613369353d24f6ae276e167c72934d51e97558\n',
    );
    expect(textOf(requestText(head, { deviceName: 'Mac', code: 'ABCD1234' }))).toBe(text);
  });

  it.each([
    ['origin', { ...head, origin: 'https://evil.example' }, { a: 1 }],
    ['challenge', { ...head, nonce: 'cc'.repeat(32) }, { a: 1 }],
    ['key', { ...head, publicKey: 'cc'.repeat(32) }, { a: 1 }],
    ['action', { ...head, action: 'delete' }, { a: 1 }],
    ['a field', head, { a: 2 }],
  ])('is another one with another %s', (_, other, fields) => {
    expect(textOf(requestText(other, fields))).not.toBe(textOf(requestText(head, { a: 1 })));
  });
});

describe('consentText', () => {
  it('is pinned, and no request', () => {
    expect(textOf(consentText(head))).toBe(
      `idlewave consent v1\nhttps://idlewave.example\n${head.nonce}\n${head.publicKey}\nlink\n`,
    );
  });
});

describe('signRequest', () => {
  it('gives the fields and an envelope that the schema takes', async () => {
    const signed: Uint8Array[] = [];
    const signer = {
      publicKey: head.publicKey,
      sign: (text: Uint8Array) => {
        signed.push(text);
        return Promise.resolve(new Uint8Array(64).fill(7));
      },
    };
    const body = await signRequest(signer, head, { code: 'x' });
    const { code, ...envelope } = body;
    expect([code, envelopeSchema.parse(envelope)]).toEqual(['x', envelope]);
    expect(envelope.signature).toBe('07'.repeat(64));
    expect(textOf(signed[0]!)).toBe(textOf(requestText(head, { code: 'x' })));
  });
});
