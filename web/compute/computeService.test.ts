import { describe, expect, test } from 'vitest';
import type { AssignmentId } from '../../shared/ids.ts';
import { MAX_LOADED_PROGRAMS } from '../../shared/limits.ts';
import { merkleTree } from '../../shared/merkle.ts';
import { itemChunks, type ItemRunner } from '../../shared/program.ts';
import type { Engine } from '../../shared/protocol/program.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import type { ComputeTask, DutyReport, ProgramSource } from './api.ts';
import type { Candidate } from './candidate.ts';
import { ComputeService, type ComputeEnvironment } from './computeService.ts';

/** An engine that doubles item indices, takes `ms` of the test's clock per item, and counts what is open. */
class Bench {
  now = 0;
  open = 0;
  most = 0;
  running = 0;
  runs = 0;
  lossy = false;

  candidate(engine: Engine, ms: number, fault?: Error): Candidate {
    return {
      engine,
      label: engine,
      open: () => {
        if (fault !== undefined) return Promise.reject(fault);
        this.open += 1;
        return Promise.resolve({ runner: this.#runner(ms), close: () => this.#closed() });
      },
    };
  }

  #closed(): Promise<void> {
    this.open -= 1;
    return Promise.resolve();
  }

  #runner(ms: number): ItemRunner {
    return {
      itemsPerRun: 1,
      run: async (batch, start, end) => {
        this.running += 1;
        this.runs += 1;
        this.most = Math.max(this.most, this.running);
        this.now += ms * (end - start);
        await Promise.resolve();
        this.running -= 1;
        if (this.lossy) throw new Error('lost');
        const rows = batch.items.slice(start, end).map((item) => item * 2);
        return { out: tensorOf('U32', [rows.length], Uint32Array.from(rows)) };
      },
    };
  }

  service(
    list: readonly Candidate[],
    change: Partial<ComputeEnvironment> = {},
    onDuty?: (report: DutyReport) => void,
  ): ComputeService {
    const environment: ComputeEnvironment = {
      facts: () => Promise.resolve({ engines: [], adapter: '', memoryBytes: 0 }),
      candidates: () => Promise.resolve({ list, note: 'the note' }),
      nowMs: () => this.now,
      rest: (ms) => {
        this.now += ms;
        return Promise.resolve();
      },
      failureKind: (thrown) => ((thrown as Error).message === 'lost' ? 'device-lost' : null),
      setPolite: () => undefined,
      setSliceCheck: () => undefined,
      ...change,
    };
    return new ComputeService(environment, onDuty);
  }
}

const source = (key = 'p'): ProgramSource => ({
  key,
  program: { kind: 'kernel', kernel: 'double@1', params: {} },
  model: null,
  constants: {},
  feeds: {},
  outputs: { out: { dtype: 'U32', dims: [] } },
  flopsPerItem: 1,
});

const task = (id: string, items: number[], programKey = 'p'): ComputeTask => ({
  id: id as AssignmentId,
  programKey,
  items,
  stacked: {},
});

const nothing = (): void => undefined;

describe('ComputeService', () => {
  test('computes in the order of the items and commits to what it computed', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('cpu', 1)]);
    await service.load(source());
    const result = await service.run(task('a', [5, 3, 4]), nothing);
    if (!result.ok) throw new Error(result.error.message);
    const { outputs, tree, engine, reason } = result.value;
    expect([...(valuesOf(outputs['out']!) as Uint32Array)]).toEqual([10, 6, 8]);
    expect(tree).toEqual(merkleTree(itemChunks(outputs, 3)));
    expect({ engine, reason }).toEqual({ engine: 'cpu', reason: 'the note' });
  });

  test('keeps the faster engine and says by how much; the other is closed', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('webgpu', 30), bench.candidate('cpu', 2)]);
    await service.load(source());
    const result = await service.run(task('a', [1, 2]), nothing);
    expect(result).toMatchObject({
      ok: true,
      value: { engine: 'cpu', reason: 'cpu takes 2.0 ms an item here, webgpu 30.0 ms.' },
    });
    expect(bench.open).toBe(1);
  });

  test('runs shorter than a tick of the clock are told apart', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('webgpu', 0.04), bench.candidate('cpu', 0.01)], {
      nowMs: () => Math.floor(bench.now),
    });
    await service.load(source());
    const result = await service.run(task('a', [1, 2]), nothing);
    expect(result).toMatchObject({
      ok: true,
      value: { engine: 'cpu', reason: 'cpu takes 0.010 ms an item here, webgpu 0.040 ms.' },
    });
  });

  test('an engine that cannot open is passed over, and named where none can', async () => {
    const bench = new Bench();
    const broken = bench.candidate('webgpu', 1, new Error('no shader'));
    const one = bench.service([broken, bench.candidate('cpu', 1)]);
    await one.load(source());
    expect(await one.run(task('a', [1]), nothing)).toMatchObject({
      ok: true,
      value: { engine: 'cpu', reason: 'cpu, because webgpu: no shader.' },
    });
    const none = bench.service([broken]);
    await none.load(source());
    expect(await none.run(task('a', [1]), nothing)).toEqual({
      ok: false,
      error: { kind: 'not-capable', message: 'webgpu: no shader' },
    });
  });

  test('runs one task at a time, however many are asked for', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('cpu', 1)]);
    await service.load(source());
    await Promise.all(['a', 'b', 'c'].map((id) => service.run(task(id, [1, 2, 3]), nothing)));
    expect(bench.most).toBe(1);
  });

  test('a task whose program is not loaded says so', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('cpu', 1)]);
    const result = await service.run(task('a', [1]), nothing);
    expect(result).toMatchObject({ ok: false, error: { kind: 'not-loaded' } });
  });

  test('keeps the programs used last and closes the others', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('cpu', 1)]);
    for (let i = 0; i <= MAX_LOADED_PROGRAMS; i++) {
      await service.load(source(`p${i}`));
      await service.run(task('a', [1], `p${i}`), nothing);
    }
    expect(bench.open).toBe(MAX_LOADED_PROGRAMS);
    expect(await service.run(task('a', [1], 'p0'), nothing)).toMatchObject({ ok: false });
    expect(await service.run(task('a', [1], 'p1'), nothing)).toMatchObject({ ok: true });
  });

  test('a cancelled task ends between slices and the next one runs', async () => {
    const bench = new Bench();
    const id = 'a' as AssignmentId;
    // Whoever cancels is heard while the thread rests: here after the first of its runs.
    const service = bench.service([bench.candidate('cpu', 20)], {
      rest: () => {
        if (bench.runs === 1) service.cancel(id);
        return Promise.resolve();
      },
    });
    await service.load(source());
    const [cancelled, next] = await Promise.all([
      service.run(task('a', [1, 2, 3, 4]), nothing),
      service.run(task('b', [1]), nothing),
    ]);
    expect(cancelled).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
    expect(bench.runs).toBe(2);
    expect(next.ok).toBe(true);
  });

  test('a cancelled task that still waits never starts', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('cpu', 1)]);
    await service.load(source());
    const waiting = service.run(task('a', [1]), nothing);
    service.cancel('a' as AssignmentId);
    expect(await waiting).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
    expect(bench.runs).toBe(0);
  });

  test('a lost device closes every program: all must be loaded again', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('webgpu', 1)]);
    await service.load(source());
    await service.run(task('a', [1]), nothing);
    bench.lossy = true;
    const lost = await service.run(task('b', [1]), nothing);
    expect(lost).toMatchObject({ ok: false, error: { kind: 'device-lost' } });
    expect(bench.open).toBe(0);
    bench.lossy = false;
    expect(await service.run(task('b', [1]), nothing)).toMatchObject({
      ok: false,
      error: { kind: 'not-loaded' },
    });
  });

  test('at half duty it rests as long as it works, and rest is not compute time', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('cpu', 20)]);
    service.setDuty({ gpu: 1, cpu: 0.5 });
    await service.load(source());
    const result = await service.run(task('a', [1, 2, 3]), nothing);
    expect(result).toMatchObject({ ok: true, value: { computeMs: 60 } });
    // The last result does not wait for its rest: the next task does.
    expect(bench.now).toBe(100);
    await service.run(task('b', [1]), nothing);
    expect(bench.now).toBe(140);
  });

  test('a long run is followed by its whole rest, which says that it lives and ends when called off', async () => {
    const bench = new Bench();
    const rests: number[] = [];
    const service = bench.service([bench.candidate('cpu', 10_000)], {
      rest: (ms) => {
        if (ms > 0) rests.push(ms);
        bench.now += ms;
        if (rests.length === 4) service.cancel('b' as AssignmentId);
        return Promise.resolve();
      },
    });
    service.setDuty({ gpu: 1, cpu: 0.25 });
    await service.load(source());
    const told: number[] = [];
    expect((await service.run(task('a', [1, 2]), (rows) => told.push(rows))).ok).toBe(true);
    expect(rests).toEqual([10_000, 10_000, 10_000]);
    expect(told).toEqual([0, 1, 1, 1, 1, 2]);
    expect(await service.run(task('b', [1]), nothing)).toMatchObject({
      error: { kind: 'cancelled' },
    });
    expect(bench.runs).toBe(2);
  });

  test('tells how much was work, of the engine that works', async () => {
    const bench = new Bench();
    const reports: DutyReport[] = [];
    const service = bench.service([bench.candidate('webgpu', 100)], {}, (it) => reports.push(it));
    service.setDuty({ gpu: 0.25, cpu: 1 });
    await service.load(source());
    const items = Array.from({ length: 100 }, (_, i) => i);
    await service.run(task('a', items), nothing);
    await service.run(task('b', items), nothing);
    expect(new Set(reports.map(({ kind }) => kind))).toEqual(new Set(['gpu']));
    const last = reports.at(-1)!;
    expect(last).toMatchObject({ wanted: 0.25 });
    expect(Math.abs(last.share - 0.25)).toBeLessThan(0.01);
    expect(reports.length).toBeLessThan(200);
  });

  test('progress begins at 0, never falls, and does not come more often than ten times a second', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('cpu', 10)]);
    await service.load(source());
    const seen: number[] = [];
    await service.run(
      task(
        'a',
        Array.from({ length: 40 }, (_, i) => i),
      ),
      (rows) => seen.push(rows),
    );
    expect(seen).toEqual([0, 10, 20, 30, 40]);
  });

  test('the bare loop runs the same rows again until enough items ran', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('cpu', 3)]);
    await service.load(source());
    const result = await service.bareLoop(task('a', [1, 2]), 5);
    expect(result).toEqual({ ok: true, value: { items: 5, ms: 15, engine: 'cpu' } });
  });

  test('after close nothing is open and calls end as unavailable', async () => {
    const bench = new Bench();
    const service = bench.service([bench.candidate('cpu', 1)]);
    await service.load(source());
    await service.run(task('a', [1]), nothing);
    await service.close();
    expect(bench.open).toBe(0);
    expect(await service.run(task('b', [1]), nothing)).toMatchObject({
      ok: false,
      error: { kind: 'unavailable' },
    });
  });
});
