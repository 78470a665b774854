/**
 * ONNX models on ONNX Runtime's WebGPU build, in a worker that takes the software adapter for a real GPU.
 */
import { faultsOfBooks, itemsNotOnce } from '../sdk/acceptance/testing/ledger.ts';
import { gpuProcessOf } from './fixtures/gpuProcess.ts';
import { expectRightDigits, postDigits } from './fixtures/jobs.ts';
import { pretendRealGpu, submitsOf } from './fixtures/pretendedGpu.ts';
import { expect, test } from './fixtures/test.ts';

test('a model is timed on WebGPU and on WASM of one build, and the faster one computes', async ({
  client,
  volunteers,
}) => {
  const pretending = await volunteers.visit();
  const builds: string[] = [];
  pretending.page.on('request', (request) => {
    if (request.url().endsWith('.wasm')) builds.push(request.url());
  });
  await pretendRealGpu(pretending.page, { gpuWins: false });
  await pretending.start();
  await volunteers.join();
  const digits = await postDigits(client, 128);
  await expectRightDigits(digits);
  await expect(pretending.main).toContainText(
    /WASM takes [\d.]+ ms an item here, WebGPU [\d.]+ ms/,
  );
  await expect(pretending.main).not.toContainText('0.0 ms');
  await expect(pretending.main).toHaveAttribute('data-engine', 'wasm');
  expect(await submitsOf(pretending.page)).toBeGreaterThan(0);
  expect(builds).toHaveLength(1);
  expect(builds[0]).toMatch(/\.(jspi|asyncify)\.wasm$/);
  pretending.expectNothingForeign();
});

test('a model on WebGPU is right beside WASM, also after the GPU process died', async ({
  client,
  volunteers,
}) => {
  test.skip(process.platform !== 'linux', 'finds the GPU process in /proc');
  const onGpu = await volunteers.visit();
  await pretendRealGpu(onGpu.page, { gpuWins: true });
  await onGpu.start();
  await volunteers.join();
  const digits = await postDigits(client, 600);
  await onGpu.expectMore('shards', 0);
  await expect(onGpu.main).toHaveAttribute('data-engine', 'webgpu');

  process.kill(gpuProcessOf(process.pid), 'SIGKILL');
  const submits = await submitsOf(onGpu.page);
  expect((await digits.job.refresh()).state).toBe('running');
  await expectRightDigits(digits);
  await expect(onGpu.main).toHaveAttribute('data-engine', 'webgpu');
  await expect(onGpu.main).toHaveAttribute('data-items', '600');
  expect(await submitsOf(onGpu.page)).toBeGreaterThan(submits);
  expect(digits.job.view.executions).toMatchObject({ disagreed: 0, byReferee: 0 });
  expect(await itemsNotOnce(digits.job)).toEqual([]);
  expect(await faultsOfBooks(client, [digits.job])).toEqual([]);
});
