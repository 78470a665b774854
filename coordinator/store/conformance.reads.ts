/** What every store must answer: open work, listings, credits, outputs, keys. Run by `conformance.ts`. */
import { describe, expect, it } from 'vitest';
import type { Assignment, Contributor, Shard } from '../core/state.ts';
import type { LiveStore } from './conformance.ts';
import { refusalConformance } from './conformance.refusals.ts';
import { BadCursorError, classId, type Page, type Store } from './store.ts';
import {
  ASSIGNMENT_STATES,
  CALIBRATION_STATES,
  CLASS_STATES,
  JOB_STATES,
  SHARD_STATES,
  assignmentId,
  author,
  contributorId,
  digest,
  jobId,
  makeAssignment,
  makeCalibration,
  makeClass,
  makeContributor,
  makeCredit,
  makeJob,
  makeKey,
  makeShard,
  settled,
} from './testing/records.ts';

export function readConformance(live: LiveStore): void {
  describe('the public log', () => {
    const entryOf = (number: number): Uint8Array => new TextEncoder().encode(`entry ${number}`);
    const entries = (first: number, count: number): Uint8Array[] =>
      Array.from({ length: count }, (_, i) => entryOf(first + i));
    /** From a number to the end, in as many parts as the store gives them. */
    const readFrom = async (first: number): Promise<Uint8Array[]> => {
      const all: Uint8Array[] = [];
      for (;;) {
        const part = await live.store.logged(first + all.length);
        if (part.length === 0) return all;
        all.push(...part);
      }
    };

    it('has every entry once, in order, from any number on, also after a restart', async () => {
      expect([await live.store.logSize(), await readFrom(0)]).toEqual([0, []]);
      let size = 0;
      for (const count of [1, 30, 2, ...new Array<number>(80).fill(13)]) {
        const logged = [{ first: size, entries: entries(size, count) }];
        await live.commit({ logged });
        await live.commit({ logged });
        size += count;
      }
      await live.restart();
      expect(await live.store.logSize()).toBe(size);
      for (const first of [0, 1, 15, 31, 32, 33, 34, 98, 500, size - 1, size, size + 7]) {
        expect(await readFrom(first), `from ${first}`).toEqual(
          entries(first, Math.max(0, size - first)),
        );
      }
    });
  });

  describe('open work', () => {
    it('has the running jobs, their unended shards, and all assignments of those', async () => {
      const running = [makeJob('r2', { createdAtMs: 2 }), makeJob('r1', { createdAtMs: 1 })];
      const ended = JOB_STATES.filter(({ kind }) => kind !== 'running').map((state, index) =>
        makeJob(`e${index}`, { state }),
      );
      const shards: Shard[] = [];
      const assignments: Assignment[] = [];
      for (const job of [...running, ...ended]) {
        for (const [index, state] of SHARD_STATES.entries()) {
          const shard = makeShard(job.id, index, state);
          shards.push(shard);
          for (const [place, held] of ASSIGNMENT_STATES.entries()) {
            assignments.push(makeAssignment(`${shard.id}-${place}`, shard, held));
          }
        }
      }
      await live.commit({ jobs: [...running, ...ended], shards, assignments });
      await live.restart();
      const open = await live.store.openWork();
      // Oldest job first, as the engine serves them.
      expect(open.jobs).toEqual([running[1], running[0]]);
      const isOpen = ({ state }: Shard) => state.kind !== 'settled' && state.kind !== 'failed';
      const of = (job: string) => shards.filter((row) => row.job === job && isOpen(row));
      const expected = [...of(running[1]!.id), ...of(running[0]!.id)];
      expect(open.shards).toEqual(expected);
      const ids = new Set(expected.map(({ id }) => id));
      const byId = (rows: readonly Assignment[]) =>
        [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(byId(open.assignments)).toEqual(byId(assignments.filter((row) => ids.has(row.shard))));
    });
  });

  describe('listings', () => {
    async function all<T>(page: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
      const rows: T[] = [];
      let cursor: string | null = null;
      do {
        const { rows: found, next }: Page<T> = await page(cursor);
        expect(found.length).toBeGreaterThan(0);
        rows.push(...found);
        cursor = next;
      } while (cursor !== null);
      return rows;
    }

    it('pages jobs newest first, of all authors or of one', async () => {
      const jobs = Array.from({ length: 11 }, (_, index) =>
        makeJob(String.fromCharCode(97 + index), {
          createdAtMs: Math.floor(index / 3),
          author: author(index % 2),
        }),
      );
      await live.commit({ jobs });
      const newest = [...jobs].reverse();
      for (const limit of [1, 4, 11, 100]) {
        expect(await all((cursor) => live.store.jobs(null, cursor, limit))).toEqual(newest);
        const ofOne = newest.filter((job) => job.author === author(1));
        expect(await all((cursor) => live.store.jobs(author(1), cursor, limit))).toEqual(ofOne);
      }
      expect((await live.store.jobs(null, null, 11)).next).toBeNull();
      expect(await live.store.jobs(author('nobody'), null, 5)).toEqual({ rows: [], next: null });
    });

    it('neither repeats nor skips a job when others are posted in between', async () => {
      const jobs = [1, 2, 3, 4].map((ms) => makeJob(ms, { createdAtMs: ms }));
      await live.commit({ jobs });
      const first = await live.store.jobs(null, null, 2);
      await live.commit({ jobs: [makeJob(5, { createdAtMs: 5 })] });
      const second = await live.store.jobs(null, first.next, 2);
      expect([...first.rows, ...second.rows].map(({ createdAtMs }) => createdAtMs)).toEqual([
        4, 3, 2, 1,
      ]);
    });

    it('refuses a cursor that no page gave', async () => {
      const cursors = ['', 'x', '12', '~', '12~', '-1~a', '1.5~a', "1~'; --\u0000"];
      for (const cursor of [...cursors, `${'9'.repeat(16)}~a`]) {
        await expect(live.store.jobs(null, cursor, 5)).rejects.toThrow(BadCursorError);
        await expect(live.store.credits(contributorId(1), cursor, 5)).rejects.toThrow(
          BadCursorError,
        );
      }
    });

    it('gives ended shards in the order of their sequence, from any place', async () => {
      const job = jobId(1);
      const sequences = [5, 1, 4, 2, 3];
      const shards = sequences.map((sequence, index) => makeShard(job, index, settled(sequence)));
      shards[0] = makeShard(job, 0, { kind: 'failed', sequence: 5, reason: 'x', atMs: 1 });
      const open = [makeShard(job, 8), makeShard(job, 9, SHARD_STATES[1])];
      const ofOther = makeShard(jobId(2), 0, settled(2));
      await live.commit({ shards: [...shards, ...open, ofOther] });
      const read = async (after: number, limit: number) =>
        (await live.store.endedShards(job, after, limit)).map(({ sequence }) => sequence);
      expect(await read(0, 100)).toEqual([1, 2, 3, 4, 5]);
      expect(await read(2, 2)).toEqual([3, 4]);
      expect(await read(5, 10)).toEqual([]);
      const [last] = await live.store.endedShards(job, 4, 1);
      expect(last).toEqual({ shard: shards[0], sequence: 5 });
    });

    it('orders leaders by credit, and those who are even by id', async () => {
      const amounts: [string, bigint][] = [
        ['b', 5n],
        ['a', 5n],
        ['z', 2n ** 80n],
        ['d', 0n],
        ['y', 2n ** 80n + 1n],
      ];
      const contributors: Contributor[] = amounts.map(([name, microCredits]) =>
        makeContributor(name, { microCredits }),
      );
      await live.commit({ contributors });
      const ids = (await live.store.leaders(4)).map(({ id }) => id);
      expect(ids).toEqual(['y', 'z', 'a', 'b'].map(contributorId));
      expect((await live.store.leaders(100)).length).toBe(5);
    });
  });

  describe('engine classes', () => {
    it('gives every calibration and class as it was put last, by id, also after a restart', async () => {
      const calibrations = CALIBRATION_STATES.map((state, name) =>
        makeCalibration(name, { state }),
      );
      const engineClasses = CLASS_STATES.map((state, name) => makeClass(name, { state }));
      const ofOther = makeCalibration(0, { program: 'v1/kernel@1/0123' });
      await live.commit({ calibrations: [...calibrations].reverse(), engineClasses });
      const grown = makeCalibration(0, { comparisons: 301 });
      const stopped = makeClass(0, { state: CLASS_STATES[1]!, members: [] });
      await live.commit({
        calibrations: [ofOther, makeCalibration(0), grown],
        engineClasses: [stopped],
      });
      await live.restart();
      const [, second, third] = calibrations;
      expect(await live.store.calibrations()).toEqual([ofOther, grown, second, third]);
      expect(await live.store.engineClasses()).toEqual([stopped, engineClasses[1]]);
    });

    it('forgets the classes that are dropped, and only those', async () => {
      const [one, two, three] = [makeClass(0), makeClass(1), makeClass(2)];
      await live.commit({ engineClasses: [one, two] });
      await live.commit({ engineClasses: [three], droppedClasses: [classId(one)] });
      await live.commit({ droppedClasses: [classId(one)] });
      await live.restart();
      expect(await live.store.engineClasses()).toEqual([two, three]);
    });
  });

  describe('credits', () => {
    const shards = Array.from({ length: 7 }, (_, index) => makeShard(jobId(1), index));

    it('are unique for a shard and a contributor: the first one stands', async () => {
      const [shard] = shards;
      const first = makeCredit(contributorId(1), shard!.id, { microCredits: 1n });
      const second = makeCredit(contributorId(1), shard!.id, { microCredits: 2n });
      const ofOther = makeCredit(contributorId(2), shard!.id, { microCredits: 3n });
      await live.commit({ credits: [first, second] });
      await live.commit({ credits: [second, ofOther] });
      expect((await live.store.credits(contributorId(1), null, 10)).rows).toEqual([first]);
      expect((await live.store.credits(contributorId(2), null, 10)).rows).toEqual([ofOther]);
    });

    it('of stages are unique for each assignment, and page one by one', async () => {
      const [shard] = shards;
      const id = contributorId(1);
      const of = (name: string, stage: number) =>
        makeCredit(id, shard!.id, { assignment: assignmentId(name), stage, microCredits: 1n });
      const [a, b, c] = [of('a', 0), of('b', 1), of('c', 0)];
      await live.commit({ credits: [a, b] });
      await live.commit({ credits: [a, c] });
      const seen: unknown[] = [];
      for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
        const page: Awaited<ReturnType<Store['credits']>> = await live.store.credits(id, cursor, 1);
        seen.push(...page.rows);
        cursor = page.next;
      }
      expect(seen).toEqual([c, b, a]);
    });

    it('page newest first, and add up to what the contributor has', async () => {
      const id = contributorId(1);
      let microCredits = 0n;
      for (const [index, shard] of shards.entries()) {
        const amount = 10n ** BigInt(index * 3);
        microCredits += amount;
        const atMs = Math.floor(index / 2);
        await live.commit({
          credits: [makeCredit(id, shard.id, { microCredits: amount, atMs })],
          contributors: [makeContributor(1, { microCredits })],
        });
      }
      await live.commit({ credits: [makeCredit(contributorId(2), shards[0]!.id)] });
      const seen: string[] = [];
      let sum = 0n;
      for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
        const page: Awaited<ReturnType<Store['credits']>> = await live.store.credits(id, cursor, 3);
        for (const credit of page.rows) {
          seen.push(credit.shard);
          sum += credit.microCredits;
        }
        cursor = page.next;
      }
      expect(seen).toEqual(shards.map((shard) => shard.id).reverse());
      expect(sum).toBe((await live.store.contributor(id))?.microCredits);
    });
  });

  refusalConformance(live);

  describe('outputs', () => {
    const [one, two, three] = [0, 1, 2].map((index) => makeShard(jobId(1), index).id) as [
      Shard['id'],
      Shard['id'],
      Shard['id'],
    ];
    const stored = (shard: Shard['id'], name: string, bytes = new TextEncoder().encode(name)) => ({
      shard,
      digest: digest(name),
      bytes,
    });

    it('come back byte for byte, empty and large ones too', async () => {
      const large = new Uint8Array(3_000_001).map((_, index) => (index * 31) >> 3);
      const outputs = [
        stored(one, 'empty', new Uint8Array(0)),
        stored(
          one,
          'all bytes',
          new Uint8Array(256).map((_, index) => index),
        ),
        stored(two, 'large', large),
        stored(three, 'last'),
      ];
      await live.commit({ outputs });
      await live.restart();
      for (const { shard, digest: id, bytes } of outputs) {
        const read = await live.store.output(shard, id);
        expect(read).not.toBeNull();
        expect(Buffer.compare(read!, bytes)).toBe(0);
        expect(read!.constructor).toBe(Uint8Array);
      }
      expect(await live.store.output(two, digest('empty'))).toBeNull();
    });

    it('are pruned but for the one that is kept', async () => {
      await live.commit({
        outputs: [stored(one, 'a'), stored(one, 'b'), stored(two, 'a'), stored(three, 'a')],
      });
      await live.commit({
        outputs: [stored(one, 'c')],
        prunedOutputs: [
          { shard: one, keep: digest('b') },
          { shard: two, keep: null },
        ],
      });
      const have = async (shard: Shard['id'], name: string) =>
        (await live.store.output(shard, digest(name))) !== null;
      expect(await have(one, 'a')).toBe(false);
      expect(await have(one, 'b')).toBe(true);
      expect(await have(one, 'c')).toBe(false);
      expect(await have(two, 'a')).toBe(false);
      expect(await have(three, 'a')).toBe(true);
    });

    it('are not shared with the caller', async () => {
      const bytes = new Uint8Array([1, 2, 3]);
      await live.commit({ outputs: [stored(one, 'own', bytes)] });
      bytes.fill(9);
      (await live.store.output(one, digest('own')))!.fill(9);
      expect(await live.store.output(one, digest('own'))).toEqual(new Uint8Array([1, 2, 3]));
    });
  });

  describe('keys', () => {
    it('are found by hash, listed oldest first, and revoked once', async () => {
      const keys = [makeKey(2, { createdAtMs: 1 }), makeKey(1, { createdAtMs: 2 })];
      for (const key of [...keys].reverse()) await live.store.addKey(key);
      expect(await live.store.keys()).toEqual(keys);
      expect(await live.store.keyByHash(keys[0]!.hash)).toEqual(keys[0]);
      expect(await live.store.keyByHash(digest('unknown'))).toBeNull();
      expect(await live.store.revokeKey(keys[0]!.id, 77)).toBe(true);
      expect(await live.store.revokeKey(keys[0]!.id, 78)).toBe(false);
      expect(await live.store.revokeKey(author('unknown'), 78)).toBe(false);
      await live.restart();
      expect(await live.store.keyByHash(keys[0]!.hash)).toEqual({ ...keys[0], revokedAtMs: 77 });
      expect(await live.store.keys()).toHaveLength(2);
    });

    it('are refused where id or hash is known', async () => {
      await live.store.addKey(makeKey(1));
      await expect(live.store.addKey(makeKey(1, { hash: digest('other') }))).rejects.toThrow();
      await expect(live.store.addKey(makeKey(2, { hash: makeKey(1).hash }))).rejects.toThrow();
      expect(await live.store.keys()).toEqual([makeKey(1)]);
    });
  });
}
