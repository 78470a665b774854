/**
 * The Open Inference Protocol as a client of KServe or Triton speaks it, byte for byte, over a published model that two
 * volunteers compute.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MEMORY } from '../../coordinator/config.ts';
import type { Coordinator } from '../../coordinator/coordinator.ts';
import { startCoordinator } from '../../coordinator/main.ts';
import { digestOf } from '../../coordinator/digest.ts';
import { jsonNumbers } from '../../shared/jsonTensor.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import { valuesOf, type Tensor } from '../../shared/tensor.ts';
import { loadDigits, pickDigits, runDirectly, type Digits } from '../demo/digits.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };

let coordinator: Coordinator;
let digits: Digits;
/** Two of them, and what the model says of them. */
let images: Tensor;
let truth: Tensor;
const hosts: TestHost[] = [];

beforeAll(async () => {
  coordinator = await startCoordinator({ port: 0, host: '127.0.0.1', dataDir: MEMORY });
  digits = await loadDigits();
  images = pickDigits(digits, 2, 1).images;
  truth = (await runDirectly(digits.model, images))['logits']!;
  const [model, stacked] = [
    await upload(digits.model),
    await upload(encodeTensors({ image: images })),
  ];
  const program = { kind: 'onnx', model };
  const template = { program, inputs: { stacked } };
  const published = await ask('/v1/models/digits', {
    method: 'PUT',
    body: JSON.stringify(template),
  });
  expect(published.status).toBe(201);
  const again = await ask('/v1/models/digits', { method: 'PUT', body: JSON.stringify(template) });
  expect(again.status).toBe(200);
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await coordinator.close();
});

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = {
    Authorization: `Bearer ${coordinator.adminToken}`,
    ...(init.body === undefined ? {} : JSON_TYPE),
    ...init.headers,
  };
  return fetch(coordinator.url + path, { ...init, headers });
}

async function upload(bytes: Uint8Array): Promise<string> {
  const digest = digestOf(bytes);
  await ask(`/v1/blobs/${digest}`, { method: 'PUT', body: new Uint8Array(bytes) });
  return digest;
}

const infer = (body: unknown, under = '/v2/models/digits'): Promise<Response> =>
  ask(`${under}/infer`, { method: 'POST', body: JSON.stringify(body) });

const imageInput = () => ({
  name: 'image',
  shape: [2, 1, 28, 28],
  datatype: 'FP32',
  data: [...(valuesOf(images) as Float32Array)],
});

describe('metadata and health', () => {
  test('of the server', async () => {
    const texts = await Promise.all(
      ['/v2', '/v2/health/live', '/v2/health/ready'].map(async (path) => {
        const response = await fetch(coordinator.url + path);
        expect([response.status, response.headers.get('Content-Type')]).toEqual([
          200,
          'application/json',
        ]);
        return response.text();
      }),
    );
    expect(texts).toEqual([
      '{"name":"idlewave","version":"1","extensions":["binary_tensor_data"]}',
      '{"live":true}',
      '{"live":true,"ready":true}',
    ]);
  });

  test('of a model, with its version and without; anybody may read them', async () => {
    const tensors =
      '"inputs":[{"name":"image","datatype":"FP32","shape":[-1,1,28,28]}],' +
      '"outputs":[{"name":"logits","datatype":"FP32","shape":[-1,10]}]';
    for (const path of ['/v2/models/digits', '/v2/models/digits/versions/1']) {
      const response = await fetch(coordinator.url + path);
      expect(await response.text()).toBe(
        `{"name":"digits","versions":["1"],"platform":"onnxruntime_onnx",${tensors}}`,
      );
    }
  });

  test('a model is ready when a volunteer is there that could run it', async () => {
    const before = await fetch(`${coordinator.url}/v2/models/digits/ready`);
    expect([before.status, await before.text()]).toEqual([409, '{"name":"digits","ready":false}']);
    for (let i = 0; i < 2; i++) hosts.push(await startTestHost(coordinator.url));
    const after = await fetch(`${coordinator.url}/v2/models/digits/versions/1/ready`);
    expect([after.status, await after.text()]).toEqual([200, '{"name":"digits","ready":true}']);
  });
});

describe('inference', () => {
  test('in JSON', async () => {
    const response = await infer({
      id: '42',
      inputs: [imageInput()],
      outputs: [{ name: 'logits' }],
    });
    const data = jsonNumbers(truth).join(',');
    expect(await response.text()).toBe(
      '{"model_name":"digits","model_version":"1","id":"42","outputs":[' +
        `{"name":"logits","shape":[2,10],"datatype":"FP32","data":[${data}]}]}`,
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    const job = await ask(`/v1/jobs/${response.headers.get('Idlewave-Job')}`);
    expect(await job.json()).toMatchObject({ name: 'digits', items: { settled: 2, failed: 0 } });
  });

  test('in bytes, as Triton’s clients send and want them', async () => {
    const { data: _, ...input } = imageInput();
    const size = images.bytes.byteLength;
    const json = JSON.stringify({
      inputs: [{ ...input, parameters: { binary_data_size: size } }],
      parameters: { binary_data_output: true },
    });
    const response = await ask('/v2/models/digits/versions/1/infer', {
      method: 'POST',
      body: Buffer.concat([Buffer.from(json), images.bytes]),
      headers: {
        'Content-Type': 'application/octet-stream',
        'Inference-Header-Content-Length': String(Buffer.byteLength(json)),
      },
    });
    const body = Buffer.from(await response.arrayBuffer());
    const head =
      '{"model_name":"digits","model_version":"1","outputs":[' +
      '{"name":"logits","shape":[2,10],"datatype":"FP32","parameters":{"binary_data_size":80}}]}';
    expect(body).toEqual(Buffer.concat([Buffer.from(head), truth.bytes]));
    expect(response.headers.get('Content-Type')).toBe('application/octet-stream');
    expect(response.headers.get('Content-Length')).toBe(String(head.length + 80));
    expect(response.headers.get('Inference-Header-Content-Length')).toBe(String(head.length));
  });

  test('that nobody answers in time is given up, costs nothing, and says what was missing', async () => {
    for (const host of hosts) host.pause();
    const response = await infer({ inputs: [imageInput()], parameters: { timeout: 300_000 } });
    expect(response.status).toBe(504);
    expect(await response.text()).toMatch(
      /^\{"error":"inference-timeout: the volunteers have not answered in time; the job was cancelled; expected: an answer within 0.3 s; came: 2 shards are waiting for a free device: .+; to do: .+"\}$/,
    );
    const { rows } = (await (await ask('/v1/jobs')).json()) as { rows: object[] };
    expect(rows[0]).toMatchObject({ state: 'cancelled', granted: '0' });
    for (const host of hosts) host.resume();
  });

  test('whose client goes away ends its job', async () => {
    for (const host of hosts) host.pause();
    const gone = new AbortController();
    const asked = ask('/v2/models/digits/infer', {
      method: 'POST',
      body: JSON.stringify({ inputs: [imageInput()] }),
      signal: gone.signal,
    });
    const failure = expect(asked).rejects.toThrow();
    const newest = async () =>
      ((await (await ask('/v1/jobs')).json()) as { rows: { id: string; state: string }[] })
        .rows[0]!;
    const before = (await newest()).id;
    await expect.poll(async () => (await newest()).id, { timeout: 20_000 }).not.toBe(before);
    gone.abort();
    await failure;
    await expect.poll(async () => (await newest()).state, { timeout: 20_000 }).toBe('cancelled');
    for (const host of hosts) host.resume();
  });
});

describe('errors', () => {
  const errorOf = async (response: Response) => [response.status, await response.text()];

  test('are the protocol’s object', async () => {
    expect(await errorOf(await infer({ inputs: [imageInput()] }, '/v2/models/none'))).toEqual([
      404,
      '{"error":"model-unknown: no model is published under this name; came: none; to do: see what is there: GET /v1/models"}',
    ]);
    expect(
      await errorOf(await infer({ inputs: [imageInput()] }, '/v2/models/digits/versions/7')),
    ).toEqual([
      404,
      '{"error":"model-unknown: model \\"digits\\" has no such version; expected: one of 1; came: 7"}',
    ]);
    expect(await errorOf(await infer({ inputs: [{ ...imageInput(), shape: [1, 784] }] }))).toEqual([
      422,
      '{"error":"input-shape: input \\"image\\" is of another shape; field: inputs[0].shape; expected: [N,1,28,28], N items of at least one; came: [1,784]"}',
    ]);
    expect(
      await errorOf(await ask('/v2/models/digits/infer', { method: 'POST', body: '{' })),
    ).toEqual([400, '{"error":"malformed-json: the text is not JSON; came: \\"{\\""}']);
    const nobody = await fetch(`${coordinator.url}/v2/models/digits/infer`, {
      method: 'POST',
      body: '{}',
    });
    expect(nobody.status).toBe(401);
    expect(await nobody.json()).toEqual({
      error: expect.stringMatching(/^not-authenticated: /) as string,
    });
    expect((await errorOf(await ask('/v2/none')))[0]).toBe(404);
    expect(await (await ask('/v2/health/live', { method: 'POST' })).json()).toEqual({
      error: expect.stringMatching(/^method-not-allowed: /) as string,
    });
  });
});
