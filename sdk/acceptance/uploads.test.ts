/** Uploads that are cut off go on where they were, and what has come is what was sent. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BlobDigest } from '../../shared/ids.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';

const UPLOAD_FILE = fileURLToPath(new URL('testing/uploadFile.ts', import.meta.url));
const BYTES = 160 * 1024 * 1024;
const KILLS = 8;
/** Eight times this, and what a dead sender had under way, is less than all. */
const MOST_A_ROUND = 4 * 1024 * 1024;

let coordinator: CoordinatorProcess;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'idlewave-uploads-'));
  coordinator = await CoordinatorProcess.start();
});
afterAll(async () => {
  await coordinator.stop();
  await rm(folder, { recursive: true, force: true });
});

const digestOf = (bytes: Uint8Array): BlobDigest =>
  createHash('sha256').update(bytes).digest('hex') as BlobDigest;

/** Random bytes in a file. */
async function made(name: string, length: number): Promise<{ path: string; bytes: Buffer }> {
  const bytes = randomBytes(length);
  const path = join(folder, name);
  await writeFile(path, bytes);
  return { path, bytes };
}

function begin(path: string) {
  const { url, adminToken } = coordinator;
  const env = { ...process.env, IDLEWAVE_URL: url, IDLEWAVE_KEY: adminToken };
  const child = spawn(process.execPath, ['--import', 'tsx', UPLOAD_FILE, path], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((resolve) => child.on('close', resolve));
  return { child, lines, ended };
}

async function expectStored(bytes: Buffer): Promise<void> {
  const response = await fetch(`${coordinator.url}/v1/blobs/${digestOf(bytes)}`);
  expect(digestOf(new Uint8Array(await response.arrayBuffer()))).toBe(digestOf(bytes));
}

describe('an upload', () => {
  test('that is killed again and again goes on, also after the coordinator was killed', async () => {
    const { path, bytes } = await made('large.bin', BYTES);
    const file = join(coordinator.dataDir, 'blobs/uploads', `operator.${digestOf(bytes)}`);
    const came = async (): Promise<number> => (await stat(file).catch(() => ({ size: 0 }))).size;
    let most = 0;
    for (let round = 0; round < KILLS; round++) {
      const { child, ended } = begin(path);
      // At any moment, but each time some more has come.
      const least = most + Math.random() * MOST_A_ROUND;
      while ((await came()) <= least) await sleep(1);
      if (round === KILLS / 2) {
        await coordinator.kill9();
        child.kill('SIGKILL');
        await coordinator.restart();
      } else child.kill('SIGKILL');
      await ended;
      most = await came();
      expect(most).toBeGreaterThan(least);
    }
    const { lines, ended } = begin(path);
    await lines.next();
    const answer: IteratorResult<string, undefined> = await lines.next();
    await ended;
    const notice = JSON.parse(answer.value!) as { sent: boolean; resumedAt: number };
    expect(notice).toMatchObject({ sent: true });
    // A slice that was on its way may end after its sender.
    expect(notice.resumedAt).toBeGreaterThanOrEqual(most);
    expect(await came()).toBe(0);
    await expectStored(bytes);
  });

  test('of a client of tus that was not made for this is taken, and what does not have its digest is not', async () => {
    const { bytes } = await made('small.bin', 3_000_000);
    const send = (digest: string) =>
      new Promise<void>((resolve, reject) => {
        new Upload(bytes, {
          endpoint: `${coordinator.url}/v1/uploads`,
          headers: { Authorization: `Bearer ${coordinator.adminToken}` },
          metadata: { digest },
          chunkSize: 1_000_000,
          retryDelays: null,
          onSuccess: () => {
            resolve();
          },
          onError: reject,
        }).start();
      });
    await send(digestOf(bytes));
    await expectStored(bytes);
    await expect(send(digestOf(Buffer.from('other')))).rejects.toThrow('digest');
    await expect(send('no digest')).rejects.toThrow('digest');
  });

  test('of one author is not another’s', async () => {
    const client = coordinator.client();
    const [one, other] = [await client.createKey('one'), await client.createKey('other')];
    const digest = digestOf(Buffer.from('whatever'));
    const ask = (key: string, method: string, path: string, headers = {}) =>
      fetch(coordinator.url + path, {
        method,
        headers: { Authorization: `Bearer ${key}`, 'Tus-Resumable': '1.0.0', ...headers },
      });
    const created = await ask(one.key, 'POST', '/v1/uploads', {
      'Upload-Length': '100',
      'Upload-Metadata': `digest ${btoa(digest)}`,
    });
    expect([created.status, created.headers.get('Location')]).toEqual([
      201,
      `/v1/uploads/${digest}`,
    ]);
    expect((await ask(one.key, 'HEAD', `/v1/uploads/${digest}`)).status).toBe(200);
    expect((await ask(other.key, 'HEAD', `/v1/uploads/${digest}`)).status).toBe(404);
    expect((await fetch(`${coordinator.url}/v1/uploads/${digest}`)).status).toBe(401);
    const { id } = (await client.keys()).find(({ name }) => name === 'one')!;
    for (const path of [
      `${id}.${digest}`,
      `${digest}?x=/${id}.${digest}`,
      `x/../${id}.${digest}`,
    ]) {
      const found = await ask(other.key, 'DELETE', `/v1/uploads/${path}`);
      expect([path, found.status]).not.toEqual([path, 204]);
    }
    expect((await ask(one.key, 'HEAD', `/v1/uploads/${digest}`)).status).toBe(200);
    expect((await ask(one.key, 'DELETE', `/v1/uploads/${digest}`)).status).toBe(204);
  });

  test('nobody may have more than some open', async () => {
    const { key } = await coordinator.client().createKey('many');
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++) {
      const digest = digestOf(Buffer.from(`upload ${i}`));
      const response = await fetch(`${coordinator.url}/v1/uploads`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${key}`,
          'Tus-Resumable': '1.0.0',
          'Upload-Length': '100',
          'Upload-Metadata': `digest ${btoa(digest)}`,
        },
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([...Array.from({ length: 8 }, () => 201), 409, 409]);
  });
});
