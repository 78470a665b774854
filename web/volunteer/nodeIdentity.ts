/**
 * A contributor's key in a file, for Node hosts: PKCS #8 PEM of an Ed25519 key beside the host id.
 *
 * Invariant: the file is readable by its owner only (0600) and appears whole; two processes that make it at
 * once end up with the same key.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeHostId, type HostId } from '../../shared/ids.ts';
import type { Identity } from './ports.ts';

const fileSchema = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,80}$/)
    .transform((text) => text as HostId),
  privateKey: z.string(),
});

/** Reads the key, or makes it at the first call. Throws where the file is there and is not one of ours. */
export async function nodeIdentity(path: string): Promise<Identity> {
  const text = (await readIfThere(path)) ?? (await make(path));
  let file: z.infer<typeof fileSchema>;
  try {
    file = fileSchema.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `${path}: expected an identity file with "host" and "privateKey"; move it away to get a new identity`,
    );
  }
  const privateKey = createPrivateKey(file.privateKey);
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (privateKey.asymmetricKeyType !== 'ed25519' || x === undefined) {
    throw new Error(`${path}: expected an Ed25519 key, came ${privateKey.asymmetricKeyType}`);
  }
  return {
    publicKey: Buffer.from(x, 'base64url').toString('hex'),
    host: file.host,
    sign: (message) => Promise.resolve(new Uint8Array(sign(null, message, privateKey))),
  };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}

async function make(path: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const host = makeHostId((length) => randomBytes(length));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Of its own also where one process makes it twice at once.
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  await writeFile(temporary, JSON.stringify({ host, privateKey: pem }), { mode: 0o600 });
  try {
    // A hard link fails where the name is taken: whoever was first decides the key.
    await link(temporary, path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
  return readFile(path, 'utf8');
}
