/** The books stay right, whatever people do at once and whenever the coordinator is killed; on every store alike. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { KeyId } from '../../shared/ids.ts';
import { authorAccount } from '../../shared/ledger.ts';
import { openMemoryStore } from '../store/memoryStore.ts';
import { openPgliteStore } from '../store/pgliteStore.ts';
import { openPostgresStore } from '../store/postgresStore.ts';
import type { Store } from '../store/store.ts';
import { NO_POSTGRES, startPostgres } from '../store/testing/postgres.ts';
import { LedgerLife } from './testing/ledgerLife.ts';
import { anyMove, type Move } from './testing/ledgerMoves.ts';

const folder = await mkdtemp(join(tmpdir(), 'idlewave-ledger-'));
const server = await startPostgres();
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

let made = 0;
/** Opens a fresh store, again and again the same one. */
async function pglite(): Promise<() => Promise<Store>> {
  const directory = join(folder, `pglite-${(made += 1)}`);
  return () => openPgliteStore(directory);
}
async function postgres(): Promise<() => Promise<Store>> {
  const url = await server!.createDatabase(`ledger_${(made += 1)}`);
  return () => openPostgresStore(url);
}

const stopsEarly = (move: Move): boolean => move.what === 'kill' || move.what === 'restart';
/** What is asked for at once; a restart comes alone. */
const anyBatch = fc
  .array(anyMove, { minLength: 1, maxLength: 8 })
  .map((moves) => (moves.some(({ what }) => what === 'restart') ? [moves[0]!] : moves));

async function live(batches: readonly (readonly Move[])[], open?: () => Promise<Store>) {
  const life = await LedgerLife.begin(open);
  try {
    for (const batch of batches) await life.play(batch);
    const faults = await life.faults();
    return { faults, balances: (await life.rig.store.ledger.balances(null, 1_000)).rows };
  } finally {
    await life.end();
  }
}

describe('the ledger', () => {
  it('adds up over thousands of moves at once, with kills in the middle', async () => {
    const property = fc.asyncProperty(
      fc.array(anyBatch, { minLength: 5, maxLength: 40 }),
      async (batches) => {
        expect((await live(batches)).faults).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns: 60, interruptAfterTimeLimit: 120_000 });
  });

  // PGlite takes a second to open.
  const RUNS = { pglite: 1, postgres: 4 };
  const stores = [['pglite', pglite] as const, ['postgres', postgres] as const];
  it.for(stores)('is the same on %s as in memory', async ([name, openFresh], { skip }) => {
    if (name === 'postgres' && server === null) skip(NO_POSTGRES);
    // One after the other: what happens at once may happen in any order.
    const oneByOne = fc.array(
      anyMove.filter((move) => !stopsEarly(move)).map((move) => [move]),
      { minLength: 20, maxLength: 60 },
    );
    const property = fc.asyncProperty(oneByOne, async (batches) => {
      const stored = await live(batches, await openFresh());
      expect(stored.faults).toEqual([]);
      expect(stored.balances).toEqual((await live(batches)).balances);
    });
    await fc.assert(property, { numRuns: RUNS[name], endOnFailure: true });
  });

  it.for(stores)('adds up on %s with kills in the middle', async ([name, openFresh], { skip }) => {
    if (name === 'postgres' && server === null) skip(NO_POSTGRES);
    const batches = fc.array(anyBatch, { minLength: 10, maxLength: 20 });
    const property = fc.asyncProperty(batches, async (given) => {
      expect((await live(given, await openFresh())).faults).toEqual([]);
    });
    await fc.assert(property, { numRuns: RUNS[name], endOnFailure: true });
  });

  it('lets exactly those spend who find something left', async () => {
    const life = await LedgerLife.begin(() => openMemoryStore());
    const { payments } = life.rig.engine;
    const [from, to] = ['key_a', 'key_b'].map((key) => authorAccount(key as KeyId));
    const atMs = 1;
    await payments.move({ type: 'grant', id: 'g', to: from!, microCredits: 105n, atMs });
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        payments.move({
          type: 'transfer',
          id: `${i}`,
          from: from!,
          to: to!,
          microCredits: 10n,
          atMs,
        }),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'moved')).toHaveLength(10);
    expect(await life.rig.store.ledger.balance(from!)).toBe(5n);
    expect(await life.rig.store.ledger.balance(to!)).toBe(100n);
    expect(await life.faults()).toEqual([]);
    await life.end();
  });
});
