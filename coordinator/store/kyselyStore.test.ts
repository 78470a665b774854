/** What no database shows by itself: looks at the hold that take longer than the next one's. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely } from 'kysely';
import { expect, it } from 'vitest';
import { KyselyStore } from './kyselyStore.ts';
import { oneConnectionDialect } from './oneConnectionDialect.ts';
import type { Database } from './schema.ts';
import { StoreLostError } from './store.ts';
import { makeContributor, NO_CHANGES } from './testing/records.ts';

/** `looks`: what each look at the hold does, in their order. */
function storeOf(looks: (() => Promise<void>)[]) {
  const written: string[] = [];
  const db = new Kysely<Database>({
    dialect: oneConnectionDialect({
      query(_, parameters) {
        const name = /contributor-\d/.exec(JSON.stringify(parameters))?.[0];
        if (name !== undefined) written.push(name);
        return Promise.resolve({ rows: [], affectedRows: 1 });
      },
      close: () => Promise.resolve(),
    }),
  });
  const store = new KyselyStore({
    kind: 'scripted',
    writer: db,
    reader: db,
    assertHeld: () => looks.shift()?.() ?? Promise.resolve(),
    onLost: () => undefined,
    afterCommit: () => Promise.resolve(),
    close: () => db.destroy(),
  });
  const [stream] = makeContributor(1).streams;
  const commit = (name: string) => {
    const named = makeContributor(1, { streams: [{ ...stream!, key: name }] });
    return store.commit({ ...NO_CHANGES, contributors: [named] });
  };
  return { store, written, commit };
}

it('writes in the order in which it was asked to, however long a look at the hold takes', async () => {
  const { store, written, commit } = storeOf([() => sleep(30), () => sleep(10)]);
  await Promise.all(['contributor-1', 'contributor-2', 'contributor-3'].map(commit));
  expect(written).toEqual(['contributor-1', 'contributor-2', 'contributor-3']);
  await store.close();
});

it('a look that finds the hold lost fails its own write', async () => {
  const lost = () => Promise.reject(new StoreLostError('gone'));
  const { store, written, commit } = storeOf([lost]);
  const [first, second] = await Promise.allSettled(['contributor-1', 'contributor-2'].map(commit));
  expect(first).toMatchObject({ status: 'rejected', reason: { name: 'StoreLostError' } });
  expect(second!.status).toBe('fulfilled');
  expect(written).toEqual(['contributor-2']);
  await store.close();
});
