/**
 * The client against a real HTTP server that answers as scripted: uploads, problems, retries.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { digestOf } from '../shared/digest.ts';
import { jobSpecSchema } from '../shared/protocol/job.ts';
import { problemDetails } from '../shared/protocol/problem.ts';
import { decodeTensors } from '../shared/safetensors.ts';
import { tensorOf } from '../shared/tensor.ts';
import { IdlewaveClient, IdlewaveError, type ClientOptions } from './client.ts';
import { jobView } from './testing/jobViews.ts';
import { scriptedServer, type Handler, type ScriptedServer } from './testing/scriptedServer.ts';

/** Waits of a few milliseconds: the tests count attempts, not time. */
const QUICK = { firstPatienceMs: 5_000, patienceMs: 5_000, baseDelayMs: 1, maxDelayMs: 2 };

let server: ScriptedServer;
afterEach(() => server.close());

async function clientOf(handler: Handler, options: Partial<ClientOptions> = {}) {
  server = await scriptedServer(handler);
  return new IdlewaveClient({ url: server.url, retry: QUICK, ...options });
}

async function errorOf(promise: Promise<unknown>): Promise<IdlewaveError> {
  const thrown: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof IdlewaveError) return thrown;
  throw new Error(`expected an IdlewaveError, came ${String(thrown)}`);
}

const ABSENT = {
  status: 404,
  json: problemDetails({ code: 'blob-absent', detail: 'there is no such blob' }),
};
const stacked = { x: tensorOf('F32', [4, 1], Float32Array.of(1, 2, 3, 4)) };
const model = Uint8Array.of(8, 1, 2, 3);

describe('submit', () => {
  it('sends a blob again that the coordinator forgot in between, and asks once more', async () => {
    let posts = 0;
    const client = await clientOf(({ method, path }) => {
      if (method === 'HEAD') return posts === 0 ? {} : ABSENT;
      if (method === 'PUT') return { status: 201, json: {} };
      if (path === '/v1/jobs' && ++posts === 1) return ABSENT;
      return { status: 201, json: jobView() };
    });
    const options = { name: 'mine', program: { onnx: model }, inputs: { stacked } };
    expect((await client.submit({ ...options, idempotencyKey: 'once' })).id).toBe('job_1');
    const lines = server.requests.map(({ method }) => method);
    expect(lines).toEqual(['HEAD', 'HEAD', 'POST', 'HEAD', 'PUT', 'HEAD', 'PUT', 'POST']);
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys.filter((key) => key !== undefined))).toEqual(new Set(['once']));
    const absent = await clientOf(({ method }) =>
      method === 'PUT' ? { status: 201, json: {} } : ABSENT,
    );
    expect((await errorOf(absent.submit(options))).problem.code).toBe('blob-absent');
  });

  it('uploads what is missing, skips what is there, and posts a job the coordinator accepts', async () => {
    const digest = digestOf(model);
    const client = await clientOf(
      ({ method, path }) => {
        if (method === 'HEAD') return path.endsWith(digest) ? {} : ABSENT;
        if (method === 'PUT') return { status: 201, json: {} };
        return { status: 201, json: jobView() };
      },
      { key: 'secret' },
    );
    const uploads: boolean[] = [];
    const job = await client.submit(
      {
        name: 'mine',
        program: { onnx: model, outputs: ['y'], itemsPerRun: 2 },
        inputs: { stacked },
        budget: 7n,
        idempotencyKey: 'once',
      },
      { onUpload: ({ sent }) => uploads.push(sent) },
    );
    expect(job.id).toBe('job_1');
    expect(uploads).toEqual([false, true]);
    const put = server.requests.find(({ method }) => method === 'PUT')!;
    expect(put.path).toBe(`/v1/blobs/${digestOf(put.body)}`);
    const sent = decodeTensors(put.body);
    expect(sent.ok && sent.value['x']?.dims).toEqual([4, 1]);
    const post = server.requests.at(-1)!;
    expect(post.headers).toMatchObject({
      authorization: 'Bearer secret',
      'idempotency-key': 'once',
    });
    const spec = jobSpecSchema.parse(JSON.parse(post.body.toString()));
    expect(spec).toMatchObject({
      name: 'mine',
      program: { kind: 'onnx', model: digest, outputs: ['y'], itemsPerRun: 2 },
      inputs: { stacked: digestOf(put.body) },
      budget: '7',
    });
  });

  it('uploads also where nobody listens', async () => {
    const client = await clientOf(({ method }) =>
      method === 'HEAD' ? ABSENT : { json: jobView() },
    );
    await client.submit({ name: 'n', program: { kernel: 'test@1' }, inputs: { stacked } });
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'PUT', 'POST']);
  });

  it('repeats a post that was lost under the same idempotency key', async () => {
    let lost = 0;
    const client = await clientOf(({ method }) => {
      if (method === 'POST' && lost++ < 2) return 'break';
      return { json: jobView() };
    });
    await client.submit({ name: 'n', program: { kernel: 'test@1' }, items: 4 });
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('refuses before sending anything what is wrong to see', async () => {
    const client = await clientOf(() => ({ json: jobView() }));
    const other = { ...stacked, z: tensorOf('F32', [3], Float32Array.of(1, 2, 3)) };
    const program = { kernel: 'test@1' };
    const errors = [
      await errorOf(client.submit({ name: 'n', program, inputs: { stacked: other } })),
      await errorOf(client.submit({ name: 'n', program, inputs: { stacked }, items: 5 })),
      await errorOf(client.submit({ name: '', program, inputs: { stacked } })),
    ];
    expect(errors.map(({ kind }) => kind)).toEqual(['invalid', 'invalid', 'invalid']);
    expect(errors.map(({ problem }) => problem.code)).toEqual([
      'input-count',
      'input-count',
      'invalid-field',
    ]);
    expect(errors[0]!.problem.fix).toContain('stack the items');
    expect(server.requests).toEqual([]);
  });
});

describe('failures', () => {
  it('carries the problem of the coordinator, and does not repeat what was refused', async () => {
    const problem = problemDetails({
      code: 'kernel-unknown',
      detail: 'no such kernel',
      came: 'x@1',
      fix: 'see the catalogue',
    });
    const client = await clientOf(() => ({ status: 422, json: problem }));
    const error = await errorOf(client.submit({ name: 'n', program: { kernel: 'x@1' }, items: 1 }));
    expect(error.kind).toBe('refused');
    expect(error.problem).toEqual(problem);
    expect(error.message).toContain('see the catalogue');
    expect(server.requests).toHaveLength(1);
  });

  it('makes a problem of an answer that has none', async () => {
    const client = await clientOf(() => ({ status: 401, bytes: Buffer.from('<html>') }));
    const error = await errorOf(client.jobs());
    expect(error.problem).toMatchObject({ code: 'not-authenticated', status: 401 });
  });

  it('waits for a coordinator that is not ready, and tells about it', async () => {
    let asked = 0;
    const told: string[] = [];
    const notReady = problemDetails({ code: 'not-ready', detail: 'it starts' });
    const client = await clientOf(
      () => (asked++ < 3 ? { status: 503, json: notReady } : { json: { rows: [], next: null } }),
      { onRetry: ({ why, attempt }) => told.push(`${attempt} ${why}`) },
    );
    expect(await client.jobs()).toEqual({ rows: [], next: null });
    expect(told).toEqual(['1 it starts', '2 it starts', '3 it starts']);
  });

  it('gives up where patience ends, with what was the matter', async () => {
    const client = await clientOf(() => 'break', { retry: { ...QUICK, firstPatienceMs: 0 } });
    const error = await errorOf(client.jobs());
    expect(error.kind).toBe('unreachable');
    expect(error.problem.detail).toContain(`GET ${server.url}/v1/jobs`);
    expect(error.problem.fix).toContain('check that a coordinator runs');
  });

  it('is patient only with a coordinator that has answered before', async () => {
    let down = false;
    let tries = 0;
    const client = await clientOf(
      () => (down && tries++ < 3 ? 'break' : { json: { rows: [], next: null } }),
      { retry: { ...QUICK, firstPatienceMs: 0 } },
    );
    await client.jobs();
    down = true;
    expect(await client.jobs()).toEqual({ rows: [], next: null });
    expect(tries).toBe(4);
  });

  it('never repeats the making of a key', async () => {
    const client = await clientOf(() => 'break');
    expect((await errorOf(client.createKey('me'))).kind).toBe('unreachable');
    expect(server.requests).toHaveLength(1);
  });

  it('throws the reason of an aborted signal, also while it waits to try again', async () => {
    const stop = new AbortController();
    const client = await clientOf(() => 'break', {
      onRetry: () => stop.abort(new Error('enough')),
    });
    await expect(client.jobs({ signal: stop.signal })).rejects.toThrow('enough');
  });

  it('says where an answer is not what the protocol says', async () => {
    const client = await clientOf(() => ({ json: { rows: [{ id: 3 }], next: null } }));
    const error = await errorOf(client.jobs());
    expect(error.kind).toBe('unexpected-answer');
    expect(error.problem.detail).toContain('rows.0.id');
  });

  it('does not take a blob whose bytes are others', async () => {
    const client = await clientOf(() => ({ bytes: Uint8Array.of(1) }));
    const error = await errorOf(client.blob(digestOf(Uint8Array.of(2))));
    expect(error.problem).toMatchObject({
      code: 'unexpected-answer',
      came: digestOf(Uint8Array.of(1)),
    });
  });

  it('refuses a coordinator URL that is none', () => {
    for (const url of ['localhost:7433', 'ftp://a', '']) {
      expect(() => new IdlewaveClient({ url })).toThrow(/coordinator URL/);
    }
    server = { close: async () => undefined } as ScriptedServer;
  });
});

describe('listings', () => {
  it('walks every page', async () => {
    const client = await clientOf(({ path }) => ({
      json: path.endsWith('cursor=a%2Fb')
        ? { rows: [jobView({ name: 'second' })], next: null }
        : { rows: [jobView({ name: 'first' })], next: 'a/b' },
    }));
    const names: string[] = [];
    for await (const view of client.allJobs()) names.push(view.name);
    expect(names).toEqual(['first', 'second']);
  });
});
