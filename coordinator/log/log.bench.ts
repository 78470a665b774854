/**
 * `npm run bench -- log`: what the public log costs. A million entries are committed to the embedded store and published
 * as files; then entries are proven from those files, as a page or a mirror would, cold and with tiles kept.
 *
 * Every proof is verified against the signed checkpoint's root; one that fails ends the benchmark.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFact } from '../../shared/protocol/publicLog.ts';
import { assert, fail, ok } from '../../shared/result.ts';
import { medianOf, type BenchReport, type BenchRow } from '../../shared/testing/bench.ts';
import type { Checkpoint } from '../../shared/tlog/checkpoint.ts';
import { LogEdge } from '../../shared/tlog/logEdge.ts';
import { LogReader, type FetchTile } from '../../shared/tlog/logReader.ts';
import { openMemoryStore } from '../store/memoryStore.ts';
import { openPgliteStore } from '../store/pgliteStore.ts';
import type { Store } from '../store/store.ts';
import { NO_CHANGES } from '../store/testing/records.ts';
import { diskLogFiles, type LogFiles } from './logFiles.ts';
import { PublicLog } from './publicLog.ts';

const ENTRIES = 1_000_000;
/** Of one tick under load: 256 inputs, of which a third settles and is paid twice. */
const ENTRIES_PER_COMMIT = 250;
const PROOFS = 1_000;

const sha256 = (message: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(message).digest());

const entryAt = (index: number): Uint8Array =>
  encodeFact({
    type: 'credit',
    contributor: `c_${(index % 997).toString(16).padStart(32, '0')}`,
    shard: `job_${'0'.repeat(32)}.${index >> 1}`,
    job: `job_${'0'.repeat(32)}`,
    assignment: `asg_${index.toString(16).padStart(32, '0')}`,
    items: 48,
    microCredits: 123456n,
    atMs: 1_700_000_000_000 + index,
  });

export async function bench(): Promise<BenchReport> {
  const rows: BenchRow[] = [];
  for (const kind of ['memory', 'pglite'] as const) {
    const folder = await mkdtemp(join(tmpdir(), 'idlewave-log-bench-'));
    try {
      const store =
        kind === 'memory' ? await openMemoryStore() : await openPgliteStore(join(folder, 'store'));
      try {
        rows.push(...(await measure(kind, store, join(folder, 'log'))));
      } finally {
        await store.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return {
    name: 'log',
    notes: [
      `${ENTRIES} entries of ${entryAt(0).length} bytes, ${ENTRIES_PER_COMMIT} a commit`,
      'append: the commit that adds them, durable on PGlite; nothing else is in it',
      'publish: tiles, bundles and the signed checkpoint, made of all entries at once from the store',
      `proof: of ${PROOFS} entries spread over the log, from files on disk to a verified root; perEntryUs is the median`,
      'cold: with nothing kept of the proof before; fileBytes is what a page would fetch for one proof',
    ],
    facts: { entries: ENTRIES, proofs: PROOFS },
    rows,
  };
}

async function measure(kind: string, store: Store, folder: string): Promise<BenchRow[]> {
  const appendMs: number[] = [];
  for (let first = 0; first < ENTRIES; first += ENTRIES_PER_COMMIT) {
    const entries = Array.from({ length: ENTRIES_PER_COMMIT }, (_, i) => entryAt(first + i));
    const changes = { ...NO_CHANGES, logged: [{ first, entries }] };
    appendMs.push(await timedMs(() => store.commit(changes)));
  }
  const files = diskLogFiles(folder);
  const secret = '00'.repeat(32);
  const faults: string[] = [];
  const publicLog = new PublicLog({
    store,
    files,
    secret,
    log: (event) => void faults.push(event),
  });
  const publishMs = await timedMs(async () => {
    publicLog.start();
    await publicLog.close();
  });
  assert(faults.length === 0, `the log was not published: ${faults.join()}`);
  const { checkpoint, older } = await checkpoints(store);
  const published = { ...(await folderFacts(folder)) };
  const row = (step: string, more: BenchRow): BenchRow => ({ store: kind, step, ...more });
  const total = appendMs.reduce((sum, ms) => sum + ms, 0);
  const rows = [
    row('append', {
      perEntryUs: (1_000 * total) / ENTRIES,
      firstTenthUs: perEntryUs(appendMs.slice(0, appendMs.length / 10)),
      lastTenthUs: perEntryUs(appendMs.slice(-appendMs.length / 10)),
      commitMsMedian: medianOf(appendMs),
    }),
    row('publish', { perEntryUs: (1_000 * publishMs) / ENTRIES, ...published }),
  ];
  // The files are the same whatever they were made from.
  if (kind !== 'memory') return [...rows, ...(await proofRows(row, files, checkpoint, older))];
  return rows;
}

const perEntryUs = (commitMs: readonly number[]): number =>
  (1_000 * commitMs.reduce((sum, ms) => sum + ms, 0)) / (commitMs.length * ENTRIES_PER_COMMIT);

async function proofRows(
  row: (step: string, more: BenchRow) => BenchRow,
  files: LogFiles,
  checkpoint: Checkpoint,
  older: Checkpoint,
): Promise<BenchRow[]> {
  let fetched = { files: 0, bytes: 0 };
  const fetch: FetchTile = async (path) => {
    const bytes = await files.get(path);
    if (bytes === null) return fail(`no ${path}`);
    fetched = { files: fetched.files + 1, bytes: fetched.bytes + bytes.length };
    return ok(bytes);
  };
  const rows: BenchRow[] = [];
  for (const step of ['proof, cold', 'proof, tiles kept'] as const) {
    const kept = new LogReader(fetch, sha256);
    const took: number[] = [];
    fetched = { files: 0, bytes: 0 };
    for (let i = 0; i < PROOFS; i++) {
      const reader = step === 'proof, cold' ? new LogReader(fetch, sha256) : kept;
      // Spread out, then all in the newest thousandth, as a page asks for its latest credits.
      const spread = Math.floor((i * ENTRIES) / PROOFS);
      const index = step === 'proof, cold' ? spread : ENTRIES - 1 - i;
      took.push(
        await timedMs(async () => {
          const entry = await reader.entry(index, checkpoint);
          assert(entry.ok, `entry ${index}: ${entry.ok ? '' : entry.error.text}`);
        }),
      );
    }
    const { files: count, bytes } = fetched;
    rows.push(
      row(step, {
        perEntryUs: 1_000 * medianOf(took),
        files: count / PROOFS,
        fileBytes: bytes / PROOFS,
      }),
    );
  }
  fetched = { files: 0, bytes: 0 };
  const consistencyMs = await timedMs(async () => {
    const broken = await new LogReader(fetch, sha256).inconsistency(older, checkpoint);
    assert(broken === null, broken ?? '');
  });
  const { files: count, bytes } = fetched;
  const of = `consistency with a log of ${older.size}`;
  rows.push(row(of, { perEntryUs: 1_000 * consistencyMs, files: count, fileBytes: bytes }));
  return rows;
}

/** The newest checkpoint, and one of a tenth of the log, by a tree of our own. */
async function checkpoints(store: Store): Promise<{ checkpoint: Checkpoint; older: Checkpoint }> {
  const edge = new LogEdge(sha256);
  let older: Checkpoint | null = null;
  while (edge.size < ENTRIES) {
    const entries = await store.logged(edge.size);
    edge.append(entries.slice(0, 50_000));
    if (older === null && edge.size >= ENTRIES / 10)
      older = { origin: 'bench', size: edge.size, root: edge.root };
  }
  assert(older !== null, 'no older checkpoint');
  return { checkpoint: { origin: 'bench', size: edge.size, root: edge.root }, older };
}

async function folderFacts(folder: string): Promise<{ files: number; fileBytes: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile());
  let fileBytes = 0;
  for (const { parentPath, name } of found) fileBytes += (await stat(join(parentPath, name))).size;
  return { files: found.length, fileBytes };
}

async function timedMs(action: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await action();
  return performance.now() - begin;
}
