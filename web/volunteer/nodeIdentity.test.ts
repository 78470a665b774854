import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ed25519 from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeIdentity } from './nodeIdentity.ts';

ed25519.hashes.sha512 = sha512;
const folder = await mkdtemp(join(tmpdir(), 'idlewave-identity-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('nodeIdentity', () => {
  test('makes a key once, readable by its owner only, and signs with it', async () => {
    const path = join(folder, 'new', 'one.json');
    const made = await nodeIdentity(path);
    const again = await nodeIdentity(path);
    expect([again.publicKey, again.host]).toEqual([made.publicKey, made.host]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const message = new Uint8Array([1, 2, 3]);
    const signature = await made.sign(message);
    expect(ed25519.verify(signature, message, hexToBytes(made.publicKey))).toBe(true);
  });

  test('several makers at once end up with one key, and leave nothing else behind', async () => {
    const path = join(folder, 'race', 'one.json');
    const made = await Promise.all([1, 2, 3, 4].map(() => nodeIdentity(path)));
    expect(new Set(made.map((identity) => identity.publicKey)).size).toBe(1);
    expect(await readdir(join(folder, 'race'))).toEqual(['one.json']);
  });

  test('a file that is not ours is an error that says what to do', async () => {
    const path = join(folder, 'other.json');
    await writeFile(path, '{"key":"abc"}');
    await expect(nodeIdentity(path)).rejects.toThrow('move it away');
  });
});
