/**
 * Batches through OpenAI's own client, with nothing changed but its address: a thousand requests to a published model, of
 * which some cannot be answered, while the coordinator is killed.
 */
import OpenAI, { toFile } from 'openai';
import type { Batch } from 'openai/resources/batches';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOf } from '../../coordinator/digest.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import { gatherItems, itemOf, valuesOf, type Tensor } from '../../shared/tensor.ts';
import { loadDigits, runDirectly, type Digits } from '../demo/digits.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

const LINES = 1_000;
/** Different images among them; and every so many lines one that cannot be answered. */
const IMAGES = 40;
const WRONG_EVERY = 100;
const ENDPOINT = '/v2/models/digits/infer' as Batch['endpoint'] as '/v1/embeddings';

let coordinator: CoordinatorProcess;
let client: OpenAI;
let digits: Digits;
let truth: Tensor;
const hosts: TestHost[] = [];

beforeAll(async () => {
  coordinator = await CoordinatorProcess.start();
  client = new OpenAI({ apiKey: coordinator.adminToken, baseURL: `${coordinator.url}/v1` });
  digits = await loadDigits();
  const images = gatherItems(digits.images, [...Array(IMAGES).keys()]);
  truth = (await runDirectly(digits.model, images))['logits']!;
  const stacked = await upload(encodeTensors({ image: gatherItems(images, [0]) }));
  const template = {
    program: { kind: 'onnx', model: await upload(digits.model) },
    inputs: { stacked },
    itemsPerShard: 25,
  };
  const published = await put('/v1/models/digits', JSON.stringify(template), 'application/json');
  expect(published.status).toBe(201);
  for (let i = 0; i < 2; i++) hosts.push(await startTestHost(coordinator.url));
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await coordinator.stop();
});

const put = (path: string, body: string | Uint8Array<ArrayBuffer>, type: string) =>
  fetch(coordinator.url + path, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${coordinator.adminToken}`, 'Content-Type': type },
    body,
  });

async function upload(bytes: Uint8Array): Promise<string> {
  const digest = digestOf(bytes);
  await put(`/v1/blobs/${digest}`, new Uint8Array(bytes), 'application/octet-stream');
  return digest;
}

const isWrong = (line: number): boolean => line % WRONG_EVERY === 7;

function requestOf(line: number): object {
  const image = itemOf(digits.images, line % IMAGES);
  const data = [...(valuesOf(image) as Float32Array)];
  const shape = isWrong(line) ? [1, 784] : [1, 1, 28, 28];
  const body = { inputs: [{ name: 'image', shape, datatype: 'FP32', data }] };
  return { custom_id: `request-${line}`, method: 'POST', url: ENDPOINT, body };
}

async function sent(lines: readonly object[]): Promise<Batch> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const file = await client.files.create({
    file: await toFile(Buffer.from(text), 'requests.jsonl'),
    purpose: 'batch',
  });
  expect(file).toMatchObject({ object: 'file', purpose: 'batch', filename: 'requests.jsonl' });
  return client.batches.create({
    input_file_id: file.id,
    endpoint: ENDPOINT,
    completion_window: '24h',
    metadata: { project: 'digits' },
  });
}

async function ended(id: string): Promise<Batch> {
  const END = ['completed', 'failed', 'cancelled', 'expired'];
  let batch = await client.batches.retrieve(id);
  await expect
    .poll(async () => (batch = await client.batches.retrieve(id)).status, { timeout: 240_000 })
    .toSatisfy((status: string) => END.includes(status));
  return batch;
}

interface Line {
  readonly custom_id: string;
  readonly response: {
    readonly status_code: number;
    readonly body: { readonly error?: string; readonly outputs?: readonly { data: number[] }[] };
  };
  readonly error: { readonly code: string; readonly message: string } | null;
}

async function linesOf(file: string | undefined | null): Promise<Line[]> {
  const text = await (await client.files.content(file!)).text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

test(`${LINES} lines come back, those that cannot be answered with their codes, over a kill`, async () => {
  const lines = Array.from({ length: LINES }, (_, line) => requestOf(line));
  const created = await sent(lines);
  expect(created).toMatchObject({ object: 'batch', endpoint: ENDPOINT, errors: null });
  await expect
    .poll(async () => (await client.batches.retrieve(created.id)).request_counts?.completed, {
      timeout: 240_000,
    })
    .toBeGreaterThan(50);
  await coordinator.kill9();
  await coordinator.restart();
  const batch = await ended(created.id);
  const failed = LINES / WRONG_EVERY;
  expect(batch).toMatchObject({
    status: 'completed',
    metadata: { project: 'digits' },
    request_counts: { total: LINES, completed: LINES - failed, failed },
  });

  const answers = await linesOf(batch.output_file_id);
  const right = [...lines.keys()].filter((line) => !isWrong(line));
  expect(answers.map((it) => it.custom_id)).toEqual(right.map((line) => `request-${line}`));
  for (const [i, { response, error }] of answers.entries()) {
    expect([response.status_code, error]).toEqual([200, null]);
    const logits = response.body.outputs![0]!.data.map(Math.fround);
    expect(logits).toEqual([...(valuesOf(itemOf(truth, right[i]! % IMAGES)) as Float32Array)]);
  }

  const refused = await linesOf(batch.error_file_id);
  expect(refused.map((it) => it.custom_id)).toEqual(
    [...lines.keys()].filter(isWrong).map((line) => `request-${line}`),
  );
  for (const { response, error } of refused) {
    expect([response.status_code, error?.code]).toEqual([422, 'input-shape']);
    expect(response.body.error).toBe(error?.message);
  }
});

test('a file of lines that are no requests refuses the whole batch, line by line', async () => {
  const once = requestOf(0);
  const batch = await ended((await sent([once, { ...once, url: '/v1/chat' }, once, {}])).id);
  expect(batch.status).toBe('failed');
  expect(batch.output_file_id ?? null).toBeNull();
  const [url, twice, empty] = batch.errors!.data!;
  expect([url, twice, empty]).toMatchObject([
    { code: 'invalid-field', line: 2, param: 'url' },
    { code: 'invalid-field', line: 3, param: 'custom_id' },
    { code: 'invalid-field', line: 4, param: 'custom_id' },
  ]);
});

test('a batch that is cancelled keeps what it has, and says of the rest that it was', async () => {
  for (const host of hosts) host.pause();
  const created = await sent([requestOf(0), requestOf(1)]);
  const cancelled = await client.batches.cancel(created.id);
  expect(cancelled.status).toBe('cancelled');
  const refused = await linesOf(cancelled.error_file_id);
  expect(refused.map((it) => it.error?.code)).toEqual(['batch-cancelled', 'batch-cancelled']);
  for (const host of hosts) host.resume();
});

test('files and batches are listed page by page', async () => {
  const batches = [];
  for await (const batch of client.batches.list({ limit: 2 })) batches.push(batch.status);
  expect(batches).toEqual(['cancelled', 'failed', 'completed']);
  const files = [];
  for await (const file of client.files.list({ limit: 2 })) files.push(file);
  expect(files.map(({ purpose }) => purpose).sort()).toEqual([
    ...Array<string>(3).fill('batch'),
    ...Array<string>(3).fill('batch_output'),
  ]);
  expect(await client.files.delete(files[0]!.id)).toMatchObject({ deleted: true });
  await expect(client.files.retrieve(files[0]!.id)).rejects.toMatchObject({ status: 404 });
});
