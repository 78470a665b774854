/** What one author keeps here is not there for another; and what is asked twice, or is too large, is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_FILE_BYTES, MAX_INFERENCE_JSON_BYTES } from '../../../shared/limits.ts';
import type { BatchView } from '../../../shared/protocol/batches.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf } from '../../../shared/tensor.ts';
import { HttpRig } from '../testing/httpRig.ts';

const CANARY = 'canary-41c7';

let http: HttpRig;
let stranger: string;
let file: string;
let batch: string;
beforeAll(async () => {
  http = await HttpRig.started();
  stranger = (await http.keys.create('stranger')).key;
  const one = tensorOf('F32', [1, 1, 1], Float32Array.of(1));
  const stacked = await http.upload(encodeTensors({ a: one, b: one }));
  const program = { kind: 'kernel', kernel: 'matmul@1', params: { m: 1, k: 1, n: 1 } };
  const body = { program, inputs: { stacked } };
  expect((await http.ask('/v1/models/m', { method: 'PUT', body })).status).toBe(201);
  file = (await http.json<{ id: string }>('/v1/files', form(`{"${CANARY}":1}\n`))).id;
  const endpoint = '/v2/models/m/infer';
  const order = { input_file_id: file, endpoint, completion_window: '24h' };
  const metadata = { note: CANARY };
  batch = (await http.json<BatchView>('/v1/batches', { body: { ...order, metadata } })).id;
});
afterAll(() => http.close());

const form = (content: string, key = http.key) => ({
  method: 'POST',
  key,
  headers: { 'Content-Type': 'multipart/form-data; boundary=json' },
  body:
    '--json\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--json\r\n' +
    `Content-Disposition: form-data; name="file"; filename="${CANARY}.jsonl"\r\n\r\n` +
    `${content}\r\n--json--\r\n`,
});

describe('another author', () => {
  it('reads, lists, ends and deletes nothing of the first', async () => {
    const asked: [method: string, path: string][] = [
      ['GET', `/v1/files/${file}`],
      ['GET', `/v1/files/${file}/content`],
      ['DELETE', `/v1/files/${file}`],
      ['GET', `/v1/batches/${batch}`],
      ['POST', `/v1/batches/${batch}/cancel`],
    ];
    for (const [method, path] of asked) {
      const problem = await http.problem(path, { method, key: stranger });
      expect([method, path, problem.code]).toEqual([method, path, 'not-found']);
    }
    for (const path of ['/v1/files', '/v1/batches']) {
      expect(await http.json(path, { key: stranger })).toMatchObject({ data: [], has_more: false });
      const after = `${path}?after=${path === '/v1/files' ? file : batch}`;
      expect((await http.problem(after, { key: stranger })).code).toBe('bad-cursor');
    }
    expect((await http.ask(`/v1/files/${file}/content`)).status).toBe(200);
  });

  it('makes no batch of the first one’s file, and takes no model or name of it', async () => {
    const endpoint = '/v2/models/m/infer';
    const body = { input_file_id: file, endpoint, completion_window: '24h' };
    expect((await http.problem('/v1/batches', { body, key: stranger })).code).toBe('not-found');
    const withdrawn = await http.problem('/v1/models/m', { method: 'DELETE', key: stranger });
    expect(withdrawn.code).toBe('not-allowed');
    const model = await http.json<{ versions: { program: object }[] }>('/v1/models/m');
    const stacked = await http.upload(
      encodeTensors({
        a: tensorOf('F32', [1, 1, 1], Float32Array.of(2)),
        b: tensorOf('F32', [1, 1, 1], Float32Array.of(2)),
      }),
    );
    const own = { program: model.versions[0]!.program, inputs: { stacked } };
    const taken = await http.problem('/v1/models/m', { method: 'PUT', body: own, key: stranger });
    expect(taken.code).toBe('model-name-taken');
  });
});

describe('bodies', () => {
  it('of files are not read before it is known whose they are', async () => {
    let read = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(out) {
        read += 1;
        out.enqueue(new Uint8Array(65_536));
      },
    });
    const headers = { 'Content-Type': 'application/json' };
    const response = await http.ask('/v1/files', { body: endless, headers, key: null });
    expect(response.status).toBe(401);
    expect(read).toBeLessThan(10);
  });

  it('that are too large are refused', async () => {
    const large = 'x'.repeat(MAX_FILE_BYTES + 128 * 1024);
    expect((await http.problem('/v1/files', form(large))).code).toBe('body-too-large');
    const json = ' '.repeat(MAX_INFERENCE_JSON_BYTES + 1);
    const asked = await http.ask('/v2/models/m/infer', { body: json });
    expect([asked.status, await asked.text()]).toEqual([413, expect.stringMatching(/too large/)]);
  });

  it('that want an output twice are refused', async () => {
    const input = { shape: [1, 1, 1], datatype: 'FP32', data: [1] };
    const inputs = ['a', 'b'].map((name) => ({ name, ...input }));
    const body = { inputs, outputs: [{ name: 'c' }, { name: 'c' }] };
    const asked = await http.ask('/v2/models/m/infer', { body });
    expect([asked.status, await asked.text()]).toEqual([422, expect.stringMatching(/twice/)]);
  });
});
