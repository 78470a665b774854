/**
 * `idlewave run` as a process in a pipe: 10,000 rows through two hosts, of which one leaves in the middle and another
 * takes its place a little later.
 *
 * Order is kept, the first line is out before the last row is in, and memory does not follow the number of rows.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MEMORY } from '../../coordinator/config.ts';
import type { Coordinator } from '../../coordinator/coordinator.ts';
import { startCoordinator } from '../../coordinator/main.ts';
import { valuesOf } from '../../shared/tensor.ts';
import { loadDigits, runDirectly } from '../demo/digits.ts';
import { start } from './testing/idlewaveProcess.ts';
import { memoryBytes } from './testing/memory.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

vi.setConfig({ testTimeout: 400_000, hookTimeout: 60_000 });

const ROWS = Number(process.env['IDLEWAVE_PIPE_ROWS'] ?? 3_000);
const MODEL = fileURLToPath(new URL('../demo/data/digits.onnx', import.meta.url));
/** One host alone cannot settle what two must agree on. */
const AWAY_MS = 500;
/** What Node, the client and the pipe take, with room. */
const MOST_BYTES = 400 * 1024 * 1024;

let coordinator: Coordinator;
const hosts: TestHost[] = [];
beforeAll(async () => {
  coordinator = await startCoordinator({ port: 0, host: '127.0.0.1', dataDir: MEMORY });
  for (let i = 0; i < 2; i++) hosts.push(await startTestHost(coordinator.url));
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await coordinator.close();
});

test(`${ROWS} rows keep their order, stream, and survive a host that leaves`, async () => {
  const digits = await loadDigits();
  const images = valuesOf(digits.images) as Float32Array;
  const size = images.length / digits.images.dims[0]!;
  const count = digits.images.dims[0]!;
  const truth = valuesOf((await runDirectly(digits.model, digits.images))['logits']!);
  const rowText = (i: number): string => {
    const image = i % count;
    return `${JSON.stringify([...images.subarray(image * size, (image + 1) * size)])}\n`;
  };

  const env = { IDLEWAVE_URL: coordinator.url, IDLEWAVE_KEY: coordinator.adminToken };
  const startMs = performance.now();
  const running = start(['run', '--model', MODEL], env, { piped: true });
  let rest = '';
  let lines = 0;
  let inputEnded = false;
  let firstMs: number | null = null;
  let firstBeforeLast = false;
  const wrong: number[] = [];
  let replacing = Promise.resolve();
  const replaceHost = async (): Promise<void> => {
    await hosts.shift()!.stop();
    await sleep(AWAY_MS);
    hosts.push(await startTestHost(coordinator.url));
  };
  running.onOutput((piece) => {
    const parts = (rest + piece).split('\n');
    rest = parts.pop()!;
    for (const line of parts) {
      firstMs ??= performance.now() - startMs;
      firstBeforeLast ||= !inputEnded;
      const { item, outputs } = JSON.parse(line) as { item: number; outputs: { logits: number[] } };
      const expected = truth.subarray(
        (item % count) * 10,
        (item % count) * 10 + 10,
      ) as Float32Array;
      const isRight = outputs.logits.every((one, i) => Math.abs(one - expected[i]!) < 1e-3);
      if (item !== lines || !isRight) wrong.push(lines);
      lines += 1;
      if (lines === Math.floor(ROWS / 4)) replacing = replaceHost();
    }
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, memoryBytes(running.pid, 'VmHWM'));
  }, 200);
  try {
    for (let i = 0; i < ROWS; i++) {
      if (running.stdin!.write(rowText(i)) === false) await once(running.stdin!, 'drain');
    }
    inputEnded = true;
    running.stdin!.end();
    const { code } = await running.ended;
    expect(code, running.stderr()).toBe(0);
    await replacing;
  } finally {
    clearInterval(watch);
    running.kill('SIGKILL');
  }
  const seconds = (performance.now() - startMs) / 1000;
  console.log(
    `${ROWS} rows in ${seconds.toFixed(1)} s; the first line after ${(firstMs! / 1000).toFixed(2)} s; ` +
      `at most ${(peak / 2 ** 20).toFixed(0)} MiB; ${running.stderr().trim().split('\n').at(-1)}`,
  );
  expect(lines).toBe(ROWS);
  expect(wrong).toEqual([]);
  expect(firstBeforeLast).toBe(true);
  expect(peak).toBeLessThan(MOST_BYTES);
});

test('a row that does not fit ends it with its line, after the results before it', async () => {
  const env = { IDLEWAVE_URL: coordinator.url, IDLEWAVE_KEY: coordinator.adminToken };
  const args = ['run', '--kernel', 'matmul@1', '--params', '{"m":1,"k":2,"n":1}'];
  const running = start(args, env, { piped: true });
  running.stdin!.end('{"a":[1,2],"b":[3,4]}\n{"a":[1,2],"b":[3,4,5]}\n');
  const { code } = await running.ended;
  expect(running.stderr()).toContain('line 2: expected 2 numbers for "b" [2, 1]');
  expect(code).toBe(2);
  expect(running.stdout()).toBe('{"item":0,"outputs":{"c":[[11]]}}\n');
});
