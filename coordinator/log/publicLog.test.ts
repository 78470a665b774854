import { describe, expect, it, vi } from 'vitest';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { fail, ok } from '../../shared/result.ts';
import { openCheckpoint, parseVerifierKey, type Checkpoint } from '../../shared/tlog/checkpoint.ts';
import { LogReader } from '../../shared/tlog/logReader.ts';
import { MemoryData, openMemoryStore } from '../store/memoryStore.ts';
import { NO_CHANGES } from '../store/testing/records.ts';
import type { Store } from '../store/store.ts';
import { memoryLogFiles, type LogFiles } from './logFiles.ts';
import { PublicLog } from './publicLog.ts';

const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const entryOf = (i: number): Uint8Array => new TextEncoder().encode(`entry ${i}`);

async function grow(store: Store, count: number): Promise<void> {
  const first = await store.logSize();
  const entries = Array.from({ length: count }, (_, i) => entryOf(first + i));
  await store.commit({ ...NO_CHANGES, logged: [{ first, entries }] });
}

const published = async (store: Store, files: LogFiles): Promise<PublicLog> => {
  const log = new PublicLog({ store, files, secret: 'secret', log: () => undefined });
  log.start();
  await log.close();
  return log;
};

async function checkpointOf(log: PublicLog): Promise<Checkpoint> {
  const key = parseVerifierKey(log.verifierKey);
  const note = new TextDecoder().decode(await log.file('checkpoint'));
  const opened = await openCheckpoint(
    note,
    key.ok ? key.value : log.key,
    (signature, message, bytes) => {
      const der = Buffer.concat([SPKI, bytes]);
      const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
      return verify(null, message, publicKey, signature);
    },
  );
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

const readerOf = (log: PublicLog): LogReader =>
  new LogReader(
    async (path) => {
      const bytes = await log.file(path);
      return bytes === null ? fail('absent') : ok(bytes);
    },
    (message) => createHash('sha256').update(message).digest(),
  );

describe('the public log', () => {
  it('is empty at first, and signed', async () => {
    const store = await openMemoryStore();
    const log = await published(store, memoryLogFiles());
    expect(await checkpointOf(log)).toMatchObject({ origin: log.key.name, size: 0 });
  });

  it('has the tiles of every checkpoint before, also where whole ones took their place', async () => {
    const store = await openMemoryStore();
    const files = memoryLogFiles();
    await grow(store, 200);
    const before = await published(store, files);
    const paths = ['tile/0/000.p/200', 'tile/entries/000.p/200'];
    const then = await Promise.all(paths.map((path) => before.file(path)));
    await grow(store, 100);
    const log = await published(store, files);
    expect(await files.get(paths[0]!)).toBeNull();
    expect(await Promise.all(paths.map((path) => log.file(path)))).toEqual(then);
    expect(await log.file('tile/0/001.p/200')).toBeNull();
  });

  it('goes on over restarts, with or without its files, and every entry can be proven', async () => {
    const data = new MemoryData();
    const files = memoryLogFiles();
    let older: Checkpoint | null = null;
    for (const [round, count] of [1, 254, 1, 300, 700].entries()) {
      const store = await openMemoryStore(data);
      await grow(store, count);
      const log = await published(store, round % 2 === 0 ? files : memoryLogFiles());
      const checkpoint = await checkpointOf(log);
      expect(checkpoint.size).toBe(await store.logSize());
      const reader = readerOf(log);
      if (older !== null) expect(await reader.inconsistency(older, checkpoint)).toBeNull();
      for (const index of [0, checkpoint.size >> 1, checkpoint.size - 1]) {
        expect(await reader.entry(index, checkpoint)).toEqual({
          ok: true,
          value: { index, bytes: entryOf(index) },
        });
      }
      older = checkpoint;
      await store.close();
    }
  });

  it('writes what a failure left out, and tells of it once', async () => {
    const store = await openMemoryStore();
    await grow(store, 600);
    const files = memoryLogFiles();
    let failing = 5;
    const told: string[] = [];
    const flaky = {
      ...files,
      put: (path: string, bytes: Uint8Array) =>
        path === 'tile/0/001' && failing-- > 0
          ? Promise.reject(new Error('disk full'))
          : files.put(path, bytes),
    };
    const log = new PublicLog({
      store,
      files: flaky,
      secret: 'secret',
      log: (event) => told.push(event),
    });
    log.start();
    await vi.waitFor(async () => expect(await log.file('checkpoint')).not.toBeNull(), {
      timeout: 20_000,
    });
    await log.close();
    expect(failing).toBe(-1);
    expect(told).toEqual(['log-not-published']);
    const checkpoint = await checkpointOf(log);
    for await (const part of readerOf(log).all(checkpoint)) expect(part.ok).toBe(true);
  });

  it('takes nothing back: of a store with fewer entries than were published there is no checkpoint', async () => {
    const files = memoryLogFiles();
    const full = await openMemoryStore();
    await grow(full, 10);
    const before = await checkpointOf(await published(full, files));
    const restored = await openMemoryStore();
    await grow(restored, 4);
    const told: unknown[] = [];
    const log = new PublicLog({
      store: restored,
      files,
      secret: 'secret',
      log: (...it) => told.push(it),
    });
    log.start();
    await log.close();
    expect(await checkpointOf(log)).toEqual(before);
    expect(told).toEqual([
      [
        'log-not-published',
        { error: expect.stringContaining('at least the 10 entries') as string },
      ],
    ]);
  });

  it('has the same key after a restart, and another for another secret', async () => {
    const store = await openMemoryStore();
    const keyOf = (secret: string): string =>
      new PublicLog({ store, files: memoryLogFiles(), secret, log: () => undefined }).verifierKey;
    expect(keyOf('a')).toBe(keyOf('a'));
    expect(keyOf('a')).not.toBe(keyOf('b'));
  });
});
