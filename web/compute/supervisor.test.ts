import * as Comlink from 'comlink';
import { afterEach, describe, expect, test } from 'vitest';
import type { AssignmentId } from '../../shared/ids.ts';
import { MAX_RUN_SILENCE_MS } from '../../shared/limits.ts';
import { ok } from '../../shared/result.ts';
import { ManualClock } from '../volunteer/testing.ts';
import type { ComputeTask, Computed, Duty, DutyReport } from './api.ts';
import { ComputeSupervisor, type ComputeWorkerApi, type SpawnedWorker } from './supervisor.ts';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

const COMPUTED: Computed = {
  outputs: {},
  tree: new Uint8Array(0),
  engine: 'cpu',
  reason: '',
  computeMs: 1,
};

/** A worker over a real message channel; `run` answers only where `answers` is set. */
class TestWorker {
  terminated = false;
  cancelled: string[] = [];
  readonly duties: Duty[] = [];
  tellDuty: ((report: DutyReport) => void) | undefined;
  listener: ((id: AssignmentId, rows: number) => void) | undefined;
  die: (text: string) => void = () => undefined;
  readonly spawned: SpawnedWorker;

  constructor(answers: boolean) {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    const api: ComputeWorkerApi = {
      listen: (listener, onDuty) => {
        this.listener = listener;
        this.tellDuty = onDuty;
      },
      facts: () => Promise.resolve({ engines: ['cpu'], adapter: 'x', memoryBytes: 1_000 }),
      load: () => Promise.resolve(ok(null)),
      run: () => (answers ? Promise.resolve(ok(COMPUTED)) : new Promise(() => undefined)),
      cancel: (id) => {
        this.cancelled.push(id);
      },
      setDuty: (duty) => {
        this.duties.push(duty);
      },
      bareLoop: () => Promise.resolve(ok({ items: 1, ms: 1, engine: 'cpu' as const })),
    };
    Comlink.expose(api, port1);
    port2.start();
    this.spawned = {
      endpoint: port2,
      onDeath: (listener) => (this.die = listener),
      terminate: () => (this.terminated = true),
    };
  }
}

function rig(...answering: boolean[]) {
  const reports: DutyReport[] = [];
  const cap: { bytes: number | null } = { bytes: null };
  const clock = new ManualClock();
  const workers: TestWorker[] = [];
  const supervisor = new ComputeSupervisor({
    spawn: () => {
      const worker = new TestWorker(answering[workers.length] ?? true);
      workers.push(worker);
      return worker.spawned;
    },
    nowMs: () => clock.nowMs(),
    onDuty: (report) => reports.push(report),
    memoryCapBytes: () => cap.bytes,
    after: (ms, fire) => clock.after(ms, fire),
  });
  return { clock, workers, supervisor, reports, cap };
}

const task = (id: string): ComputeTask => ({
  id: id as AssignmentId,
  programKey: 'p',
  items: [1],
  stacked: {},
});
const nothing = (): void => undefined;

describe('ComputeSupervisor', () => {
  test('spawns nothing before the first call, and one worker for many', async () => {
    const { workers, supervisor } = rig();
    expect(workers).toHaveLength(0);
    await supervisor.facts();
    expect(await supervisor.run(task('a'), nothing)).toEqual({ ok: true, value: COMPUTED });
    expect(workers).toHaveLength(1);
  });

  test('the duty holds for every worker, and what came of it is told', async () => {
    const { workers, supervisor, reports } = rig(false, true);
    const duty = { gpu: 0.25, cpu: 0.5 };
    supervisor.setDuty(duty);
    const first = supervisor.run(task('a'), nothing);
    workers[0]!.die('gone');
    await first;
    await supervisor.run(task('b'), nothing);
    expect(workers[1]!.duties).toEqual([duty]);
    supervisor.setDuty({ gpu: 1, cpu: 1 });
    await supervisor.facts();
    expect(workers[1]!.duties.at(-1)).toEqual({ gpu: 1, cpu: 1 });
    const report = { kind: 'gpu', wanted: 1, share: 0.9, overMs: 5 } as const;
    workers[1]!.tellDuty!(report);
    await expect.poll(() => reports).toEqual([report]);
  });

  test('tells of no more memory than a person allows', async () => {
    const { supervisor, cap } = rig();
    expect(await supervisor.facts()).toMatchObject({ memoryBytes: 1_000 });
    cap.bytes = 400;
    expect(await supervisor.facts()).toMatchObject({ memoryBytes: 400 });
    cap.bytes = 4_000;
    expect(await supervisor.facts()).toMatchObject({ memoryBytes: 1_000 });
  });

  test('what is pending when the worker dies ends, and the next call finds a new one', async () => {
    const { workers, supervisor } = rig(false, true);
    const pending = [supervisor.run(task('a'), nothing), supervisor.run(task('b'), nothing)];
    workers[0]!.die('out of memory');
    for (const result of await Promise.all(pending)) {
      expect(result).toEqual({
        ok: false,
        error: { kind: 'worker-died', message: 'the compute worker ended: out of memory' },
      });
    }
    expect(workers[0]!.terminated).toBe(true);
    expect((await supervisor.run(task('a'), nothing)).ok).toBe(true);
    expect(workers).toHaveLength(2);
  });

  test('a silent worker is taken for hung; one that shows progress is not', async () => {
    const { clock, workers, supervisor } = rig(false);
    const seen: number[] = [];
    const pending = supervisor.run(task('a'), (rows) => seen.push(rows));
    await supervisor.facts();
    clock.pass(MAX_RUN_SILENCE_MS - 1_000);
    workers[0]!.listener!('a' as AssignmentId, 1);
    await supervisor.facts();
    expect(seen).toEqual([1]);
    clock.pass(2_000);
    expect(workers[0]!.terminated).toBe(false);
    clock.pass(MAX_RUN_SILENCE_MS);
    clock.pass(MAX_RUN_SILENCE_MS);
    expect(await pending).toMatchObject({ ok: false, error: { kind: 'worker-died' } });
  });

  test('a cancelled run that does not end in time takes its worker with it', async () => {
    const { clock, workers, supervisor } = rig(false);
    const pending = supervisor.run(task('a'), nothing);
    supervisor.cancel('a' as AssignmentId);
    clock.pass(2_000);
    expect(await pending).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
    expect(workers[0]!.terminated).toBe(true);
  });

  test('but not while a run that is still wanted is in it', async () => {
    const { clock, workers, supervisor } = rig(false);
    void supervisor.run(task('a'), nothing);
    void supervisor.run(task('b'), nothing);
    supervisor.cancel('a' as AssignmentId);
    clock.pass(2_000);
    expect(workers[0]!.terminated).toBe(false);
    await supervisor.close();
  });

  test('gives up after workers that die in a row', async () => {
    const { workers, supervisor } = rig(false, false, false, false, false);
    for (let i = 0; i < 5; i++) {
      const pending = supervisor.run(task('a'), nothing);
      workers[i]!.die('gone');
      await pending;
    }
    expect(await supervisor.run(task('a'), nothing)).toMatchObject({
      ok: false,
      error: { kind: 'unavailable' },
    });
    expect(workers).toHaveLength(5);
    await expect(supervisor.facts()).rejects.toThrow('died 5 times');
  });
});
