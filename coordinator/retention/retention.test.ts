/** What a coordinator keeps for a time only, on a clock that is moved. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId } from '../../shared/ids.ts';
import { BLOB_GRACE_MS } from '../../shared/retention.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import { digestOf } from '../digest.ts';
import { memoryBlobs } from '../store/memoryBlobs.ts';
import { EngineRig } from '../engine/testing/engineRig.ts';
import { deleteResults } from './deleteResults.ts';
import { Retention } from './retention.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KEEP_MS = 30 * DAY_MS;

let rig: EngineRig;
let retention: Retention;
let logged: string[];
let blobs = memoryBlobs();

async function begin(keepResultsMs: number | null): Promise<void> {
  rig = await EngineRig.started({ keepResultsMs });
  blobs = memoryBlobs(() => rig.nowMs);
  logged = [];
  await follow(keepResultsMs);
}

/** As at a start: of the same store. */
async function follow(keepResultsMs: number | null): Promise<void> {
  const { store } = rig;
  const log = (event: string) => void logged.push(event);
  retention = new Retention({ store, blobs, keepResultsMs, now: () => rig.nowMs, log });
  await retention.start();
}

beforeEach(() => begin(KEEP_MS));
afterEach(() => rig.engine.stop());

const sweepAfter = async (ms: number): Promise<void> => {
  rig.nowMs += ms;
  for (let i = 0; i < 20; i++) {
    rig.nowMs += 10_000;
    retention.sweep();
    await retention.idle();
  }
};
const deps = () => ({ engine: rig.engine, store: rig.store, now: () => rig.nowMs });
const stateOf = async (id: JobId) => (await rig.job(id)).state;

/** A job of two shards that two volunteers have computed. */
async function doneJob(): Promise<JobId> {
  const { id } = await rig.post();
  for (const who of ['ada', 'bob']) {
    const worker = await rig.worker(who, 2);
    for (const [index] of worker.link.assigned.entries()) rig.report(worker, index);
    await rig.quiet();
  }
  await rig.quiet();
  expect((await stateOf(id)).kind).toBe('done');
  return id;
}
const outputs = () => [...rig.data.outputs.values()].reduce((sum, { size }) => sum + size, 0);

describe('results', () => {
  it('have a time from the end of their job, stay until then, and leave the store after it', async () => {
    const id = await doneJob();
    const state = await stateOf(id);
    const untilMs = rig.nowMs + KEEP_MS;
    expect(state).toMatchObject({ results: { kind: 'kept', untilMs } });
    await sweepAfter(KEEP_MS - 201_000);
    expect([await stateOf(id), outputs()]).toEqual([state, 2]);
    const before = await rig.job(id);
    const credited = await rig.creditOf('ada');
    await sweepAfter(201_000);
    const after = await rig.job(id);
    expect(after.state).toMatchObject({
      results: { kind: 'deleted', why: 'time', isPruned: true },
    });
    expect({ ...after, state }).toEqual({ ...before, state });
    expect(outputs()).toBe(0);
    expect(credited).toBeGreaterThan(0n);
    expect(await rig.creditOf('ada')).toBe(credited);
    expect(logged).toEqual(['results-expired']);
  });

  it('are deleted by their author once the job has ended, in the moment of its end too', async () => {
    const job = await rig.post();
    expect(await deleteResults(deps(), job.id)).toBeNull();
    const cancelled = rig.engine.jobs.cancel(job.id);
    await new Promise((resolve) => setImmediate(resolve));
    const deleted = await deleteResults(deps(), job.id);
    expect(await cancelled).toMatchObject({ state: { results: { kind: 'kept' } } });
    const atMs = rig.nowMs;
    expect(deleted!.state).toMatchObject({ results: { kind: 'deleted', why: 'author', atMs } });
    rig.nowMs += 5;
    expect(await deleteResults(deps(), job.id)).toEqual(deleted);
    expect(await deleteResults(deps(), 'job_none' as JobId)).toBeNull();
  });

  it('stay without a time where they are kept for good, and get one when that changes', async () => {
    await begin(null);
    const id = await doneJob();
    expect(await stateOf(id)).not.toHaveProperty('results');
    await sweepAfter(10 * KEEP_MS);
    expect(outputs()).toBe(2);
    await follow(KEEP_MS);
    const untilMs = rig.nowMs + KEEP_MS;
    expect(await stateOf(id)).toMatchObject({ results: { kind: 'kept', untilMs } });
    await follow(DAY_MS);
    expect(await stateOf(id)).toMatchObject({ results: { kind: 'kept', untilMs } });
    await follow(null);
    await sweepAfter(10 * KEEP_MS);
    expect(outputs()).toBe(2);
  });

  it('of many jobs leave a few at a time', async () => {
    const ids = Array.from({ length: 9 }, (_, i) => `job_${i}` as JobId);
    for (const id of ids) await rig.post({ id });
    for (const id of ids) await rig.engine.jobs.cancel(id);
    rig.nowMs += KEEP_MS;
    const goneAfter = async (sweeps: number) => {
      for (let i = 0; i < sweeps; i++) {
        retention.sweep();
        await retention.idle();
      }
      const states = await Promise.all(ids.map(stateOf));
      return states.filter((it) => it.kind !== 'running' && it.results?.kind === 'deleted').length;
    };
    expect(await goneAfter(1)).toBe(4);
    expect(await goneAfter(1)).toBe(8);
    expect(await goneAfter(1)).toBe(9);
  });
});

describe('blobs', () => {
  const put = async (byte: number) => {
    const bytes = encodeTensors({ x: { dtype: 'U8', dims: [1], bytes: Uint8Array.of(byte) } });
    await blobs.put(bytes, digestOf(bytes), 1_000);
    return digestOf(bytes);
  };

  it('stay as long as results of their job, and go a day after they were last used', async () => {
    const [used, unused] = [await put(1), await put(2)];
    const { id } = await rig.post({ stacked: used });
    await sweepAfter(BLOB_GRACE_MS - 300_000);
    expect([await blobs.has(used), await blobs.has(unused)]).not.toContain(null);
    await sweepAfter(HOUR_MS);
    expect(await blobs.has(unused)).toBeNull();
    await rig.engine.jobs.cancel(id);
    await sweepAfter(KEEP_MS - DAY_MS);
    expect(await blobs.has(used)).not.toBeNull();
    await sweepAfter(DAY_MS + HOUR_MS);
    expect(await blobs.has(used)).toBeNull();
    expect(logged).toEqual(['blob-swept', 'results-expired', 'blob-swept']);
  });

  it('go a few at a time, over all of them, and what fails is tried again', async () => {
    for (let byte = 0; byte < 40; byte++) await put(byte);
    rig.nowMs += 2 * DAY_MS;
    const left = async () => (await blobs.list(null, 99)).length;
    const { list } = blobs;
    blobs.list = () => Promise.reject(new Error('the disk is gone'));
    retention.sweep();
    await retention.idle();
    expect(logged).toEqual(['retention-error']);
    blobs.list = list;
    rig.nowMs += 10_000;
    const counts = [];
    for (let i = 0; i < 3; i++) {
      retention.sweep();
      await retention.idle();
      counts.push(await left());
    }
    expect(counts).toEqual([24, 8, 0]);
  });
});
