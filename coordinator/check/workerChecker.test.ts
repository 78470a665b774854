/** The checker's thread: verdicts cross it, and nothing that happens to it stops the next check. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ItemBatch } from '../../shared/program.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { tensorOf, type NamedTensors } from '../../shared/tensor.ts';
import type { Job } from '../core/state.ts';
import { jobOf } from '../core/testing/work.ts';
import { workerChecker, type WorkerChecker, type WorkerCheckerOptions } from './workerChecker.ts';

const f32 = (dims: number[], ...values: number[]) =>
  tensorOf('F32', dims, Float32Array.from(values));
const JOB: Job = jobOf({
  program: { kind: 'kernel', kernel: 'matmul@1', params: { m: 1, k: 2, n: 1 } },
  verification: { kind: 'algebraic' },
});
/** 1 * 3 + 2 * 4 */
const INPUTS = {
  batch: async (_job: unknown, items: readonly number[]): Promise<ItemBatch> => ({
    items,
    stacked: { a: f32([1, 1, 2], 1, 2) },
    constants: { b: f32([2, 1], 3, 4) },
  }),
};
const outputs = (value: number): NamedTensors => ({ c: f32([1, 1, 1], value) });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'idlewave-checker-'));
});
afterAll(() => rm(folder, { recursive: true }));
async function workerOf(name: string, code: string): Promise<URL> {
  const file = join(folder, `${name}.mjs`);
  await writeFile(file, `import { parentPort } from 'node:worker_threads';\n${code}`);
  return pathToFileURL(file);
}

const checkers: WorkerChecker[] = [];
const failures: Problem[] = [];
function checkerOf(options: WorkerCheckerOptions = {}): WorkerChecker {
  const checker = workerChecker(INPUTS, { onFailure: (it) => failures.push(it), ...options });
  checkers.push(checker);
  return checker;
}
afterEach(async () => {
  failures.length = 0;
  for (const checker of checkers.splice(0)) await checker.close();
});

describe('the real worker', () => {
  it('finds right what is right and wrong what is wrong, again and again', async () => {
    const checker = checkerOf();
    for (let round = 0; round < 3; round++) {
      expect(await checker.check(JOB, [9], outputs(11))).toEqual({ ok: true, value: null });
      const wrong = await checker.check(JOB, [9], outputs(11.01));
      expect(wrong).toMatchObject({
        ok: true,
        value: expect.stringContaining('item 9, output "c"') as string,
      });
    }
    expect(failures).toEqual([]);
  });

  it('a bug in the check is a value, and the next check works', async () => {
    const checker = checkerOf();
    const failed = await checker.check(JOB, [9], {});
    expect(failed).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(failures).toHaveLength(1);
    expect(await checker.check(JOB, [9], outputs(11))).toEqual({ ok: true, value: null });
  });

  it('the outputs stay with the caller: they are copied', async () => {
    const given = outputs(11);
    await checkerOf().check(JOB, [9], given);
    expect(given['c']!.bytes.byteLength).toBe(4);
  });
});

describe('a thread that fails', () => {
  const ANSWER = `parentPort.postMessage({ id, fault: { ok: true, value: null } })`;

  it('by ending: what it held fails, and the next check has a new one', async () => {
    const code = `parentPort.on('message', ({ id, task }) => {
      if (task.batch.items[0] === 13) process.exit(3);
      ${ANSWER};
    });`;
    const checker = checkerOf({ workerUrl: await workerOf('ends', code) });
    const held = await Promise.all([
      checker.check(JOB, [13], outputs(11)),
      checker.check(JOB, [9], outputs(11)),
    ]);
    expect(held.map(({ ok }) => ok)).toEqual([false, false]);
    expect(failures[0]).toMatchObject({ came: 'it ended with code 3' });
    expect(await checker.check(JOB, [9], outputs(11))).toEqual({ ok: true, value: null });
  });

  it('by silence: it is ended and replaced', async () => {
    const code = `parentPort.on('message', ({ id, task }) => {
      if (task.batch.items[0] === 13) for (;;);
      ${ANSWER};
    });`;
    const workerUrl = await workerOf('hangs', code);
    const checker = checkerOf({ workerUrl, hungAfterMs: 2_000 });
    expect(await checker.check(JOB, [13], outputs(11))).toMatchObject({
      ok: false,
      error: { came: 'it was silent for too long' },
    });
    expect(await checker.check(JOB, [9], outputs(11))).toEqual({ ok: true, value: null });
  });

  it('by being closed: what is pending fails', async () => {
    const checker = checkerOf({
      workerUrl: await workerOf('mute', `parentPort.on('message', () => {});`),
    });
    const pending = checker.check(JOB, [9], outputs(11));
    await new Promise((resolve) => setImmediate(resolve));
    await checker.close();
    expect(await pending).toMatchObject({ ok: false, error: { came: 'it was stopped' } });
  });
});
