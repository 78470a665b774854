import { generateKeyPairSync, createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { logRoot } from '../testing/memoryLog.ts';
import {
  checkpointText,
  formatVerifierKey,
  openCheckpoint,
  parseVerifierKey,
  signedNote,
  type NoteKey,
  type VerifySignature,
} from './checkpoint.ts';

/** DER of an Ed25519 public key before its 32 bytes (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const verifySignature: VerifySignature = (signature, message, publicKey) => {
  const key = createPublicKey({
    key: Buffer.concat([SPKI, publicKey]),
    format: 'der',
    type: 'spki',
  });
  return verify(null, message, key, signature);
};

function signer(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  const key: NoteKey = { name, publicKey: raw };
  return {
    key,
    note: (text: string) => signedNote(text, key, sign(null, Buffer.from(text), privateKey)),
  };
}

const text = checkpointText({ origin: 'log.example', size: 3, root: logRoot([]) });

describe('a signed note', () => {
  it('is what Go’s package reads and writes', async () => {
    const known = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    const key = parseVerifierKey(known);
    expect(key.ok && formatVerifierKey(key.value)).toBe(known);
    const note =
      'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n\n'.replace(
        '’',
        "'",
      ) +
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
    // Signed well, and no checkpoint.
    expect(key.ok && (await openCheckpoint(note, key.value, verifySignature))).toEqual({
      ok: false,
      error: 'its first line is no name of a log',
    });
  });

  it('gives its checkpoint, also with other signatures and lines behind', async () => {
    const ours = signer('log.example');
    const other = signer('witness.example');
    const opened = await openCheckpoint(ours.note(text), ours.key, verifySignature);
    expect(opened).toEqual({
      ok: true,
      value: { origin: 'log.example', size: 3, root: logRoot([]) },
    });
    const witness = other.note(text).split('\n\n')[1]!;
    const both = `${ours.note(text).slice(0, -1)}\n${witness}`;
    expect((await openCheckpoint(both, ours.key, verifySignature)).ok).toBe(true);
    expect((await openCheckpoint(both, other.key, verifySignature)).ok).toBe(true);
    expect((await openCheckpoint(ours.note(`${text}more\n`), ours.key, verifySignature)).ok).toBe(
      true,
    );
  });

  it('is refused when anything of it was changed', async () => {
    const { key, note } = signer('log.example');
    const good = note(text);
    for (let at = 0; at < good.length; at++) {
      const bent = good.slice(0, at) + (good[at] === 'A' ? 'B' : 'A') + good.slice(at + 1);
      if (bent === good) continue;
      const opened = await openCheckpoint(bent, key, verifySignature);
      // Bits behind the end of base64 must be zero too.
      expect(opened.ok, `changed at ${at}`).toBe(false);
    }
    expect((await openCheckpoint(good, signer('log.example').key, verifySignature)).ok).toBe(false);
    expect((await openCheckpoint(good + 'x'.repeat(20_000), key, verifySignature)).ok).toBe(false);
  });

  it.each(['', 'log.example', 'a+b', `log.example+00000000+${'A'.repeat(44)}`])(
    '“%s” is no key',
    (key) => {
      expect(parseVerifierKey(key).ok).toBe(false);
    },
  );
});
