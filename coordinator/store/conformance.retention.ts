/** What every store must do with what is kept for a time only. Run by `conformance.ts`. */
import { describe, expect, it } from 'vitest';
import type { BlobDigest } from '../../shared/ids.ts';
import type { JobProgram } from '../../shared/protocol/program.ts';
import type { ResultsState } from '../core/state.ts';
import type { AuthorRecord } from './authorRecords.ts';
import type { LiveStore } from './conformance.ts';
import { author, digest, jobId, makeJob, makeShard } from './testing/records.ts';

const DAY_MS = 86_400_000;
const done = (endedAtMs: number, results?: ResultsState) =>
  ({ kind: 'done', endedAtMs, ...(results === undefined ? {} : { results }) }) as const;
const kept = (untilMs: number): ResultsState => ({ kind: 'kept', untilMs });
const deleted = (atMs: number, isPruned = false): ResultsState => ({
  kind: 'deleted',
  atMs,
  why: 'author',
  isPruned,
});

export function retentionConformance(live: LiveStore): void {
  const retention = () => live.store.retention;
  const dueAt = async (nowMs: number) => (await retention().due(nowMs, 9)).map(({ id }) => id);
  const resultsOf = async (name: string) => {
    const state = (await live.store.job(jobId(name)))!.state;
    return state.kind === 'running' ? 'running' : state.results;
  };

  describe('results', () => {
    it('are due when their time is over, the longest due first, over a restart', async () => {
      await live.commit({
        jobs: [
          makeJob('runs'),
          makeJob('no-time', { state: done(1) }),
          makeJob('late', { state: done(1, kept(30)) }),
          makeJob('b', { state: done(2, kept(20)) }),
          makeJob('a', { state: { kind: 'cancelled', endedAtMs: 3, results: kept(20) } }),
          makeJob('going', { state: done(4, deleted(10)) }),
          makeJob('gone', { state: done(4, deleted(10, true)) }),
        ],
      });
      await live.restart();
      expect(await dueAt(9)).toEqual([]);
      expect(await dueAt(20)).toEqual(['going', 'a', 'b'].map(jobId));
      expect((await retention().due(20, 2)).map(({ id }) => id)).toEqual(['going', 'a'].map(jobId));
      expect(await dueAt(30)).toHaveLength(4);
    });

    it('get a time at a start, which is never shortened, and lose it where there is none', async () => {
      const jobs = [
        makeJob('runs'),
        makeJob('no-time', { state: done(DAY_MS) }),
        makeJob('long', { state: done(DAY_MS, kept(50 * DAY_MS)) }),
        makeJob('short', { state: done(9 * DAY_MS, kept(10 * DAY_MS)) }),
        makeJob('gone', { state: done(1, deleted(5, true)) }),
      ];
      await live.commit({ jobs });
      await retention().setTimes(30 * DAY_MS, 10 * DAY_MS);
      const times = async () =>
        Promise.all(['runs', 'no-time', 'long', 'short', 'gone'].map(resultsOf));
      const set = ['running', kept(40 * DAY_MS), kept(50 * DAY_MS), kept(39 * DAY_MS)];
      expect(await times()).toEqual([...set, deleted(5, true)]);
      expect(await dueAt(39 * DAY_MS)).toEqual([jobId('short')]);
      await retention().setTimes(DAY_MS, 20 * DAY_MS);
      expect(await times()).toEqual([...set, deleted(5, true)]);
      await retention().setTimes(null, 20 * DAY_MS);
      await live.restart();
      expect(await times()).toEqual(['running', undefined, undefined, undefined, deleted(5, true)]);
      expect(await dueAt(99 * DAY_MS)).toEqual([]);
    });

    it('are deleted once, of a job that has ended; everything else of it stays', async () => {
      const job = makeJob('done', { state: done(4, kept(50)) });
      await live.commit({ jobs: [job, makeJob('runs')] });
      expect(await retention().deleteResults(jobId('none'), 9, 'author')).toBeNull();
      expect(await retention().deleteResults(jobId('runs'), 9, 'author')).toBeNull();
      const expected = { ...job, state: done(4, deleted(9)) };
      expect(await retention().deleteResults(job.id, 9, 'author')).toEqual(expected);
      expect(await retention().deleteResults(job.id, 11, 'time')).toEqual(expected);
      await live.restart();
      expect(await live.store.job(job.id)).toEqual(expected);
      expect(await dueAt(9)).toEqual([job.id]);
      await retention().setTimes(null, 60);
      expect(await live.store.job(job.id)).toEqual(expected);
    });

    it('are pruned a part at a time, and those of another job are left', async () => {
      const jobs = ['1', '10'].map((name) => makeJob(name, { state: done(1, deleted(5)) }));
      const outputs = jobs.flatMap(({ id }) =>
        [0, 1, 2].map((index) => ({
          shard: makeShard(id, index).id,
          digest: digest(`output ${index}`),
          bytes: new Uint8Array(100),
        })),
      );
      await live.commit({ jobs, outputs });
      const there = async () => {
        const found = outputs.map(({ shard, digest: id }) => live.store.output(shard, id));
        return (await Promise.all(found)).map((bytes) => bytes !== null);
      };
      expect(await retention().pruneResults(jobId('1'), 101)).toBe(false);
      expect(await there()).toEqual([false, false, true, true, true, true]);
      await live.restart();
      expect(await dueAt(5)).toEqual([jobId('1'), jobId('10')]);
      expect(await retention().pruneResults(jobId('1'), 100)).toBe(true);
      expect(await there()).toEqual([false, false, false, true, true, true]);
      expect(await resultsOf('1')).toEqual(deleted(5, true));
      expect(await retention().pruneResults(jobId('1'), 100)).toBe(true);
      expect(await dueAt(5)).toEqual([jobId('10')]);
      expect(await retention().pruneResults(jobId('10'), 1)).toBe(false);
      expect(await retention().pruneResults(jobId('10'), 1e9)).toBe(true);
      expect(await there()).toEqual(outputs.map(() => false));
    });
  });

  describe('blobs', () => {
    const all = ['stacked', 'constant', 'model', 'stage', 'file', 'lot', 'nobody'].map(digest);
    const named = async () => {
      const found = await retention().namedOf(all);
      return all.filter((blob) => found.has(blob));
    };

    it('are named by a job that runs or has results, by whatever it is made of', async () => {
      expect(await named()).toEqual([]);
      expect(await retention().namedOf([])).toEqual(new Set());
      const [stacked, constants, model, stage] = all as [BlobDigest, ...BlobDigest[]];
      const staged: JobProgram = { kind: 'staged', stages: [stage!, digest('x')], itemsPerRun: 1 };
      const jobs = [
        makeJob('runs', { stacked, program: { kind: 'onnx', model: model!, itemsPerRun: 1 } }),
        makeJob('ended', { stacked: null, constants: constants!, state: done(1), program: staged }),
      ];
      await live.commit({ jobs });
      await live.restart();
      expect(await named()).toEqual([stacked, constants, model, stage]);
      await live.commit({ jobs: [{ ...jobs[0]!, state: done(1, kept(5)) }] });
      expect(await named()).toEqual([stacked, constants, model, stage]);
      await retention().deleteResults(jobId('ended'), 9, 'author');
      expect(await named()).toEqual([stacked, model]);
      await retention().deleteResults(jobId('runs'), 9, 'time');
      await live.restart();
      expect(await named()).toEqual([]);
    });

    it('are named by a job to which they were added, from then on', async () => {
      const job = makeJob('held', { stacked: digest('stacked'), constants: null });
      await live.commit({ jobs: [job] });
      const lot = { firstItem: 100, items: 1, firstShard: 10, shards: 1, itemsPerShard: 1 };
      const more = { ...lot, stacked: digest('lot'), key: digest('key'), atMs: 1 };
      const none = { ...more, firstItem: 101, firstShard: 11, stacked: null, key: null };
      const grown = { ...job, items: 102, shards: 12, added: [more, none] };
      await live.commit({ jobs: [grown] });
      await live.restart();
      expect(await live.store.job(job.id)).toEqual(grown);
      expect(await named()).toEqual([digest('stacked'), digest('lot')]);
      await live.commit({ jobs: [{ ...grown, state: done(1) }] });
      await retention().deleteResults(job.id, 9, 'author');
      expect(await named()).toEqual([]);
    });

    it('are named by models, files and open batches, until these change or are deleted', async () => {
      const put = (kind: string, body: unknown) =>
        live.store.authorRecords.put({
          kind,
          id: 'one',
          author: author('a'),
          createdAtMs: 1,
          body,
        } as AuthorRecord);
      const order = { file: digest('file'), model: { version: { template: digest('model') } } };
      await put('model', { versions: [{ template: { inputs: { stacked: digest('stacked') } } }] });
      await put('file', { digest: digest('file') });
      await put('webhook', { url: digest('nobody') });
      expect(await named()).toEqual([digest('stacked'), digest('file')]);
      await put('batch', { order, state: { kind: 'running' } });
      await live.store.authorRecords.delete('file', 'one');
      await live.store.authorRecords.delete('model', 'one');
      await live.restart();
      expect(await named()).toEqual([digest('model'), digest('file')]);
      await put('batch', { order, state: { kind: 'ended' } });
      expect(await named()).toEqual([]);
    });
  });
}
