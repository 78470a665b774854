/**
 * A burst of uploads and messages that are far too large, against the real process: its memory stays bounded,
 * nothing of them is kept, and a job that runs meanwhile loses nothing.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { LINK_PATH } from '../../shared/protocol/link.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { kernelJob, wrongItems } from './testing/kernelJob.ts';
import { faultsOfBooks, itemsNotOnce } from './testing/ledger.ts';
import { memoryBytes } from './testing/memory.ts';
import { startTestHost } from './testing/testHost.ts';

const MiB = 1024 * 1024;
const BURST = 12;
const BODY_BYTES = 48 * MiB;
/** The bursts are 4 × 12 × 48 MiB: a server that kept what it reads would need 2.2 GiB. */
const MAX_GROWTH_BYTES = 400 * MiB;
const JOB = { items: 400, itemsPerShard: 4, samplesPerItem: 100_000, seed: 1 };
const DEADLINE_MS = 300_000;
const isLinux = existsSync('/proc/self/status');

test.skipIf(!isLinux)(
  'oversize uploads and messages leave memory bounded (reads /proc: Linux only)',
  { timeout: DEADLINE_MS },
  async () => {
    const coordinator = await CoordinatorProcess.start();
    onTestFinished(() => coordinator.stop());
    const hosts = [await startTestHost(coordinator.url), await startTestHost(coordinator.url)];
    onTestFinished(async () => void (await Promise.all(hosts.map((host) => host.stop()))));
    const client = coordinator.client();
    const job = await client.submit(kernelJob(JOB));
    const before = memoryBytes(coordinator.pid, 'VmRSS');

    const { url, adminToken } = coordinator;
    const authorization = `Bearer ${adminToken}`;
    const json = { authorization, 'content-type': 'application/json' };
    const absent = '0'.repeat(64);
    expect((await job.refresh()).state).toBe('running');
    const bursts = await Promise.all(
      Array.from({ length: BURST }, async () => ({
        declared: await send('POST', `${url}/v1/jobs`, json, BODY_BYTES, true),
        chunked: await send('POST', `${url}/v1/estimates`, json, BODY_BYTES, false),
        blob: await send('PUT', `${url}/v1/blobs/${absent}`, { authorization }, BODY_BYTES, false),
        frame: await sendFrame(url, BODY_BYTES),
      })),
    );
    for (const { declared, chunked, blob, frame } of bursts) {
      expect(declared).toMatch(/^(cut|413 body-too-large)$/);
      expect(chunked).toMatch(/^(cut|413 body-too-large)$/);
      expect(blob).toBe('422 digest-mismatch');
      expect(frame).toBe(1009); // RFC 6455: message too big
    }
    // A client that stops to read the answer gets one; one that is cut while it sends may not.
    expect(bursts.map(({ declared }) => declared)).toContain('413 body-too-large');
    const huge = { authorization, 'content-length': String(2 ** 40) };
    expect(await send('PUT', `${url}/v1/blobs/${absent}`, huge, 0, false)).toBe(
      '413 body-too-large',
    );

    const peak = memoryBytes(coordinator.pid, 'VmHWM');
    console.log(`resident before ${before / MiB} MiB, at most ${peak / MiB} MiB`);
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
    expect(blobFiles(coordinator.dataDir)).toEqual([]);

    expect(await job.done()).toMatchObject({ state: 'done', items: { settled: JOB.items } });
    expect(await itemsNotOnce(job)).toEqual([]);
    expect(await wrongItems(job, JOB)).toEqual([]);
    expect(await faultsOfBooks(client, [job])).toEqual([]);
  },
);

/** Files under the blob store: a kernel job has none, and none of the uploads may stay. */
const blobFiles = (dataDir: string): string[] =>
  readdirSync(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

const CHUNK = randomBytes(MiB);

/** `413 body-too-large`, or `cut` where the connection ended without an answer. */
function send(
  method: string,
  url: string,
  headers: Record<string, string>,
  bytes: number,
  declared: boolean,
): Promise<string> {
  return new Promise((resolve) => {
    const length = declared ? { 'content-length': String(bytes) } : {};
    const sending = request(url, { method, headers: { ...headers, ...length }, agent: false });
    let answered = false;
    sending.on('response', (response) => {
      answered = true;
      let body = '';
      response.on('data', (text) => (body += text));
      response.on('close', () => {
        const { code } = JSON.parse(body === '' ? '{}' : body) as { code?: string };
        resolve(`${response.statusCode} ${code}`);
        sending.destroy();
      });
    });
    sending.on('error', () => {
      if (!answered) resolve('cut');
    });
    let sent = 0;
    const more = (): void => {
      while (!answered && sent < bytes) {
        sent += CHUNK.length;
        if (!sending.write(CHUNK)) return;
      }
      // A declared length is fulfilled or cut, never cut short by us.
      if (sent >= bytes && headers['content-length'] === undefined) sending.end();
    };
    sending.on('drain', more);
    sending.flushHeaders();
    more();
  });
}

/** The close code that one message of so many bytes is answered with. */
function sendFrame(url: string, bytes: number): Promise<number> {
  return new Promise((resolve) => {
    const address = new URL(LINK_PATH, url);
    address.protocol = 'ws:';
    const socket = new WebSocket(address);
    socket.on('open', () => socket.send(Buffer.alloc(bytes)));
    socket.on('error', () => undefined);
    socket.on('close', (code) => resolve(code));
  });
}
