/** The part of the contract's world that serves models: a published product of two numbers, and batches of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_LEASES_PER_HOST } from '../../../shared/limits.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf, type NamedTensors } from '../../../shared/tensor.ts';
import type { RightRequest } from './contractWorld.ts';
import type { HttpRig } from './httpRig.ts';
import type { FakeHost, KeyPair } from './linkRig.ts';

const MODEL = 'product';

export interface ServedModels {
  /** By the operation's name. */
  readonly right: ReadonlyMap<string, () => Promise<RightRequest>>;
  readonly model: string;
  readonly file: string;
  readonly batch: string;
}

/** `veteran` computes the requests: no newcomer, so that it holds as many leases as it likes. */
export async function servedModels(http: HttpRig, veteran: KeyPair): Promise<ServedModels> {
  const right = new Map<string, () => Promise<RightRequest>>();
  const plain = (names: readonly string[], request: () => RightRequest = () => ({})): void => {
    for (const name of names) right.set(name, () => Promise.resolve(request()));
  };
  const one = tensorOf('F32', [1, 1, 1], Float32Array.of(1));
  const program = { kind: 'kernel', kernel: 'matmul@1', params: { m: 1, k: 1, n: 1 } };
  const stacked = await http.upload(encodeTensors({ a: one, b: one }));
  const template = { program, inputs: { stacked }, verification: { kind: 'quorum', quorum: 1 } };
  const publish = (name: string) => ({ id: name, method: 'PUT', body: template });
  await http.ask(`/v1/models/${MODEL}`, publish(MODEL));
  plain(['GET /v1/models']);
  plain(['PUT /v1/models/{name}'], () => publish('another'));
  plain(['GET /v1/models/{name}'], () => ({ id: MODEL }));
  right.set('DELETE /v1/models/{name}', async () => {
    await http.ask('/v1/models/short-lived', publish('short-lived'));
    return { id: 'short-lived' };
  });

  plain(['GET /v2', 'GET /v2/health/live', 'GET /v2/health/ready'], () => ({ key: null }));
  const input = { shape: [1, 1, 1], datatype: 'FP32', data: [1] };
  const body = { inputs: ['a', 'b'].map((name) => ({ name, ...input })) };
  const host = await http.links.welcomed(MAX_LEASES_PER_HOST, 'serving', veteran);
  for (const [under, id] of [
    ['/v2/models/{name}', MODEL],
    ['/v2/models/{name}/versions/{version}', '1'],
  ] as const) {
    // A path's names are all filled in alike: this is the first version of the model "1".
    if (id !== MODEL) await http.ask(`/v1/models/${id}`, publish(id));
    plain([`GET ${under}`, `GET ${under}/ready`], () => ({ key: null, id }));
    right.set(`POST ${under}/infer`, async () => {
      void computeNext(host, { c: one });
      return { id, body };
    });
  }

  const upload = (): RightRequest => ({ method: 'POST', headers: FORM, body: FORM_BODY });
  const added = async () => (await http.json<{ id: string }>('/v1/files', upload())).id;
  const file = await added();
  const endpoint = `/v2/models/${MODEL}/infer`;
  const order = { input_file_id: file, endpoint, completion_window: '24h' };
  const created = async () => (await http.json<{ id: string }>('/v1/batches', { body: order })).id;
  const batch = await created();
  plain(['GET /v1/files', 'GET /v1/batches'], () => ({ query: '?limit=1' }));
  plain(['POST /v1/files'], upload);
  plain(['GET /v1/files/{id}', 'GET /v1/files/{id}/content'], () => ({ id: file }));
  right.set('DELETE /v1/files/{id}', async () => ({ id: await added() }));
  plain(['POST /v1/batches'], () => ({ body: order }));
  plain(['GET /v1/batches/{id}'], () => ({ id: batch }));
  right.set('POST /v1/batches/{id}/cancel', async () => ({ id: await created() }));
  return { right, model: MODEL, file, batch };
}

const FORM = { 'Content-Type': 'multipart/form-data; boundary=x' };
const FORM_BODY = [
  '--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n',
  '--x\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n{}\r\n',
  '--x--\r\n',
].join('');

/** The host's next assignment of a product, when it comes. */
async function computeNext(host: FakeHost, outputs: NamedTensors): Promise<void> {
  const products = () =>
    [...host.assignments.keys()].filter((i) => 'a' in host.assignments[i]!.tensors);
  const before = products().length;
  for (let waits = 0; products().length === before && waits < 1_000; waits++) await sleep(5);
  await host.deliver(products().at(-1), outputs);
}
