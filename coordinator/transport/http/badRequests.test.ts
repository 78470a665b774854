/** Every bad request by name: status, problem code, what it says to do, and that nothing was changed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_BLOB_BYTES, MAX_JSON_BODY_BYTES } from '../../../shared/limits.ts';
import { PROBLEM_STATUS, type ProblemCode } from '../../../shared/protocol/problem.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf } from '../../../shared/tensor.ts';
import { digestOf } from '../../digest.ts';
import { HttpRig, KERNEL_SPEC, type AskOptions } from '../testing/httpRig.ts';

let http: HttpRig;
let mine: string;
let others: string;
/** A key that was granted nothing. */
let prepaid: string;
/** Digests of uploaded files. */
const blobs: Record<string, string> = {};

const f32 = (dims: readonly number[], fill = 1) =>
  tensorOf('F32', dims, new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(fill));
const FILES = {
  rows: encodeTensors({ a: f32([4, 2, 2]), b: f32([4, 2, 2]) }),
  uneven: encodeTensors({ a: f32([4, 2, 2]), b: f32([3, 2, 2]) }),
  scalar: encodeTensors({ a: f32([]) }),
  empty: encodeTensors({ a: f32([0, 2, 2]) }),
  shape: encodeTensors({ a: f32([4, 3, 3]), b: f32([4, 2, 2]) }),
  dtype: encodeTensors({ a: tensorOf('I32', [4, 2, 2], new Int32Array(16)), b: f32([4, 2, 2]) }),
  onlyA: encodeTensors({ a: f32([4, 2, 2]) }),
  extra: encodeTensors({ a: f32([4, 2, 2]), b: f32([4, 2, 2]), c: f32([4, 1]) }),
  notFinite: encodeTensors({ a: f32([4, 2, 2], NaN), b: f32([4, 2, 2]) }),
  text: new TextEncoder().encode('this is neither a model nor tensors'),
};
const MATMUL = { kind: 'kernel', kernel: 'matmul@1', params: { m: 2, k: 2, n: 2 } };
const ABSENT = 'e'.repeat(64);

beforeAll(async () => {
  http = await HttpRig.started();
  for (const [name, bytes] of Object.entries(FILES)) blobs[name] = await http.upload(bytes);
  mine = (await http.post()).id;
  const { key } = await http.keys.create('another author');
  prepaid = (await http.keys.create('prepaid', true)).key;
  others = (await http.post({ name: 'another’s' }, { key })).id;
});
afterAll(() => http.close());

interface Case {
  readonly name: string;
  readonly code: ProblemCode;
  /** Path and request; made late, when the rig stands. */
  ask(): readonly [string, AskOptions?];
  readonly field?: string;
}
const bad = (name: string, code: ProblemCode, ask: Case['ask'], field?: string): Case => ({
  name,
  code,
  ask,
  ...(field === undefined ? {} : { field }),
});
/** A job that is wrong in one thing. */
const job = (name: string, code: ProblemCode, changes: () => object, field?: string): Case =>
  bad(name, code, () => ['/v1/jobs', { body: { ...KERNEL_SPEC, ...changes() } }], field);
const withItems = (stacked: string, changes: object = {}) => ({
  program: MATMUL,
  items: undefined,
  inputs: { stacked: blobs[stacked] },
  ...changes,
});
const TYPE = { 'Content-Type': 'application/json' };

const WHO: readonly Case[] = [
  bad('no key', 'not-authenticated', () => ['/v1/jobs', { key: null }]),
  bad('an unknown key', 'not-authenticated', () => ['/v1/jobs', { key: 'iwk_unknown' }]),
  bad('an empty key', 'not-authenticated', () => ['/v1/jobs', { key: '' }]),
  bad('another scheme', 'not-authenticated', () => [
    '/v1/jobs',
    { key: null, headers: { Authorization: `Basic ${http.key}` } },
  ]),
  bad('a key of megabytes', 'not-authenticated', () => ['/v1/jobs', { key: 'k'.repeat(1e6) }]),
  bad('a nearly right admin token', 'not-authenticated', () => [
    '/v1/keys',
    { key: `${http.keys.adminToken}0` },
  ]),
  bad('an author who would make keys', 'not-allowed', () => ['/v1/keys', { body: { name: 'x' } }]),
  bad('an upload without a key', 'not-authenticated', () => [
    `/v1/blobs/${ABSENT}`,
    { method: 'PUT', body: 'x', key: null },
  ]),
  bad('events of a job without a key', 'not-authenticated', () => [
    `/v1/jobs/${mine}/events`,
    { key: null },
  ]),
];

const READ: readonly Case[] = [
  bad('a job that is not there', 'not-found', () => ['/v1/jobs/job_nobody']),
  bad('another author’s job', 'not-found', () => [`/v1/jobs/${others}`]),
  bad('results of another author’s job', 'not-found', () => [`/v1/jobs/${others}/results`]),
  bad('cancelling another author’s job', 'not-found', () => [
    `/v1/jobs/${others}/cancel`,
    { method: 'POST' },
  ]),
  bad('events of another author’s job', 'not-found', () => [`/v1/jobs/${others}/events`]),
  bad('a contributor that is not there', 'not-found', () => ['/v1/contributors/c_nobody']),
  bad('a goodbye with a wrong token', 'not-found', () => [
    '/v1/links/nonsense/bye',
    { method: 'POST' },
  ]),
  bad('a path out of the site', 'invalid-field', () => ['/v1/jobs/..%2f..%2fetc%2fpasswd']),
  bad('a path with dots', 'not-found', () => ['/v1/jobs/../../etc/passwd']),
  bad('an id with a NUL', 'invalid-field', () => ['/v1/jobs/job%00'], 'param.id'),
  bad('events of an id with a NUL', 'malformed-path', () => ['/v1/jobs/job%00/events']),
  bad('an id of a kilobyte', 'malformed-path', () => [`/v1/jobs/${'j'.repeat(1_000)}`]),
  bad('percent signs that decode to nothing', 'invalid-field', () => ['/v1/jobs/%ff%zz']),
  bad('a cursor of another place', 'bad-cursor', () => ['/v1/jobs?cursor=nonsense']),
  bad('a cursor with SQL', 'bad-cursor', () => [
    `/v1/contributors/c_1/credits?cursor=${encodeURIComponent("1'; drop table jobs; --")}`,
  ]),
  bad(
    'a cursor of a kilobyte',
    'invalid-field',
    () => [`/v1/jobs?cursor=${'c'.repeat(1_000)}`],
    'query.cursor',
  ),
  bad(
    'results after less than nothing',
    'invalid-field',
    () => [`/v1/jobs/${mine}/results?after=-1`],
    'query.after',
  ),
  bad(
    'results after text',
    'invalid-field',
    () => [`/v1/jobs/${mine}/results?after=x`],
    'query.after',
  ),
  bad(
    'results after more than any integer',
    'invalid-field',
    () => [`/v1/jobs/${mine}/results?after=9007199254740991`],
    'query.after',
  ),
  bad('a blob that is not there', 'blob-absent', () => [`/v1/blobs/${ABSENT}`]),
  bad('a blob by a name', 'malformed-path', () => ['/v1/blobs/model.onnx']),
  bad('a blob by an upper-case digest', 'malformed-path', () => [
    `/v1/blobs/${ABSENT.toUpperCase()}`,
  ]),
  bad('a blob by a path', 'malformed-path', () => ['/v1/blobs/..%2f..%2fsecret']),
];

const BODIES: readonly Case[] = [
  bad('no JSON', 'malformed-json', () => ['/v1/jobs', { body: '{"name":', headers: TYPE }]),
  bad('an empty body', 'malformed-json', () => ['/v1/jobs', { body: '', headers: TYPE }]),
  bad('JSON nested too deeply', 'json-too-deep', () => [
    '/v1/jobs',
    { body: '['.repeat(1e5), headers: TYPE },
  ]),
  bad('a body beyond the limit', 'body-too-large', () => [
    '/v1/jobs',
    { body: ' '.repeat(MAX_JSON_BODY_BYTES + 1), headers: TYPE },
  ]),
  bad('a body beyond the limit, in chunks', 'body-too-large', () => [
    '/v1/jobs',
    { body: endless(), headers: TYPE },
  ]),
  bad('another content type', 'wrong-content-type', () => [
    '/v1/jobs',
    { body: JSON.stringify(KERNEL_SPEC), headers: { 'Content-Type': 'text/plain' } },
  ]),
  bad('no content type', 'wrong-content-type', () => [
    '/v1/jobs',
    { body: new TextEncoder().encode(JSON.stringify(KERNEL_SPEC)) },
  ]),
  bad('a form', 'wrong-content-type', () => [
    '/v1/jobs',
    { body: 'name=ball', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
  ]),
  bad('JSON nested too deeply under a type in capitals', 'json-too-deep', () => [
    '/v1/jobs',
    { body: '['.repeat(1e5), headers: { 'Content-Type': 'Application/JSON' } },
  ]),
  bad('no JSON under a type in capitals', 'malformed-json', () => [
    '/v1/jobs',
    { body: '{', headers: { 'Content-Type': 'application/JSON' } },
  ]),
  bad('JSON that is a list', 'invalid-field', () => ['/v1/jobs', { body: [KERNEL_SPEC] }]),
  bad('JSON null', 'invalid-field', () => ['/v1/jobs', { body: 'null', headers: TYPE }]),
  bad(
    'an idempotency key of a kilobyte',
    'invalid-field',
    () => ['/v1/jobs', { body: KERNEL_SPEC, headers: { 'Idempotency-Key': 'k'.repeat(1_000) } }],
    'header.idempotency-key',
  ),
  bad(
    'a key without a name',
    'invalid-field',
    () => ['/v1/keys', { body: { name: '' }, key: http.keys.adminToken }],
    'name',
  ),
  bad(
    'a second opinion by another',
    'invalid-field',
    () => [`/v1/jobs/${mine}/second-opinion`, { body: { secondOpinion: 'oracle' } }],
    'secondOpinion',
  ),
];

const UPLOADS: readonly Case[] = [
  bad('bytes of another digest', 'digest-mismatch', () => [
    `/v1/blobs/${ABSENT}`,
    { method: 'PUT', body: 'x' },
  ]),
  bad('nothing under a digest', 'digest-mismatch', () => [
    `/v1/blobs/${ABSENT}`,
    { method: 'PUT' },
  ]),
  bad('a body that ends in the middle', 'digest-mismatch', () => [
    `/v1/blobs/${digestOf(FILES.rows)}`.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
    { method: 'PUT', body: FILES.rows },
  ]),
  bad('a declared size beyond the limit', 'body-too-large', () => [
    `/v1/blobs/${ABSENT}`,
    { method: 'PUT', body: 'x', headers: { 'Content-Length': String(MAX_BLOB_BYTES + 1) } },
  ]),
  bad('an upload to a name', 'malformed-path', () => [
    '/v1/blobs/model.onnx',
    { method: 'PUT', body: 'x' },
  ]),
];

const JOBS: readonly Case[] = [
  job('a field more', 'invalid-field', () => ({ priority: 9 })),
  job(
    'a field of the prototype',
    'invalid-field',
    () => JSON.parse('{"__proto__":{"admin":true}}') as object,
  ),
  job('too many items asked for', 'invalid-field', () => ({ items: 1e7 }), 'items'),
  job(
    'a kernel that is none',
    'kernel-unknown',
    () => ({ program: { kind: 'kernel', kernel: 'mine@1' } }),
    'program.kernel',
  ),
  job(
    'a kernel of the prototype',
    'kernel-unknown',
    () => ({ program: { kind: 'kernel', kernel: '__proto__' } }),
    'program.kernel',
  ),
  job('parameters that do not fit', 'kernel-params', () => ({
    program: { ...KERNEL_SPEC.program, params: { dimensions: 99 } },
  })),
  job('a parameter more', 'kernel-params', () => ({
    program: { ...KERNEL_SPEC.program, params: { ...KERNEL_SPEC.program.params, x: 1 } },
  })),
  job(
    'a model that is not there',
    'blob-absent',
    () => ({ program: { kind: 'onnx', model: ABSENT } }),
    'program.model',
  ),
  job('a model that is text', 'model-refused', () => ({
    program: { kind: 'onnx', model: blobs['text'] },
  })),
  job(
    'inputs that are not there',
    'blob-absent',
    () => ({ inputs: { stacked: ABSENT } }),
    'inputs.stacked',
  ),
  job(
    'constants that are not there',
    'blob-absent',
    () => ({ inputs: { constant: ABSENT } }),
    'inputs.constant',
  ),
  job('inputs that are text', 'malformed-tensors', () => withItems('text'), 'inputs.stacked'),
  job('stacked inputs of two lengths', 'input-count', () => withItems('uneven'), 'inputs.stacked'),
  job('a stacked scalar', 'input-count', () => withItems('scalar'), 'inputs.stacked'),
  job('stacked inputs of no items', 'input-count', () => withItems('empty'), 'inputs.stacked'),
  job(
    'another number of items than stacked',
    'input-count',
    () => withItems('rows', { items: 5 }),
    'inputs.stacked',
  ),
  job('inputs of another shape', 'input-shape', () => withItems('shape')),
  job('inputs of another dtype', 'input-dtype', () => withItems('dtype')),
  job('an input missing', 'input-missing', () => withItems('onlyA')),
  job('an input more', 'input-unknown', () => withItems('extra')),
  job('an input that is not finite', 'output-not-finite', () => withItems('notFinite')),
  job('a budget below the price', 'budget-too-small', () => ({ budget: '0' }), 'budget'),
  job(
    'a shard larger than an assignment',
    'invalid-field',
    () => ({
      program: { kind: 'kernel', kernel: 'matmul@1', params: { m: 1024, k: 1, n: 1024 } },
      items: 4,
      itemsPerShard: 4,
      inputs: { constant: blobs['wide'] },
    }),
    'itemsPerShard',
  ),
];

const transfer = (name: string, code: ProblemCode, body: object, field?: string): Case =>
  bad(name, code, () => ['/v1/transfers', { body, key: prepaid }], field);
const TO = 'author:operator';

const CREDIT: readonly Case[] = [
  bad('a balance without a key', 'not-authenticated', () => ['/v1/balance', { key: null }]),
  bad('movements from another place', 'bad-cursor', () => ['/v1/movements?cursor=nonsense']),
  bad('an author who grants itself', 'not-allowed', () => [
    '/v1/keys/key_1/grants',
    { body: { microCredits: '1' } },
  ]),
  bad('a grant to nobody', 'account-unknown', () => [
    '/v1/keys/key_nobody/grants',
    { body: { microCredits: '1' }, key: http.keys.adminToken },
  ]),
  bad('movements of a key that the network pays for', 'not-allowed', () => [
    '/v1/transfers',
    { body: { to: TO, microCredits: '1' } },
  ]),
  bad('balances from another place', 'bad-cursor', () => [
    '/v1/ledger/balances?cursor=%00',
    { key: null },
  ]),
  transfer('more than there is', 'balance-too-small', { to: TO, microCredits: '1' }),
  transfer('to nobody', 'account-unknown', { to: 'contributor:c_nobody', microCredits: '1' }),
  transfer('to a team that is none', 'account-unknown', { to: 'team:none', microCredits: '1' }),
  transfer('out of nothing', 'invalid-field', { to: 'issuance', microCredits: '1' }, 'to'),
  transfer('into an escrow', 'invalid-field', { to: 'escrow:job_1', microCredits: '1' }, 'to'),
  transfer('nothing', 'invalid-field', { to: TO, microCredits: '0' }, 'microCredits'),
  transfer('less than nothing', 'invalid-field', { to: TO, microCredits: '-5' }, 'microCredits'),
  transfer('a fraction', 'invalid-field', { to: TO, microCredits: '0.5' }, 'microCredits'),
  transfer(
    'a number that loses digits',
    'invalid-field',
    { to: TO, microCredits: 2 ** 60 },
    'microCredits',
  ),
  transfer('from somebody else', 'invalid-field', {
    to: TO,
    microCredits: '1',
    from: 'author:key_2',
  }),
  bad('a job of a key that has nothing', 'balance-too-small', () => [
    '/v1/jobs',
    { body: KERNEL_SPEC, key: prepaid },
  ]),
];

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (out) => out.enqueue(new Uint8Array(64 * 1024).fill(0x20)) });
}

describe.each([
  ['who asks', WHO],
  ['what is read', READ],
  ['bodies', BODIES],
  ['uploads', UPLOADS],
  ['jobs', JOBS],
  ['credit', CREDIT],
])('%s', (_, cases) => {
  it.each(cases)('$name: $code', async ({ code, ask, field }) => {
    blobs['wide'] ??= await http.upload(encodeTensors({ a: f32([1024, 1]), b: f32([1, 1024]) }));
    const before = http.links.rig.data.jobs.size;
    const problem = await http.problem(...ask());
    expect(problem).toMatchObject({
      code,
      status: PROBLEM_STATUS[code],
      type: `urn:idlewave:problem:${code}`,
      ...(field === undefined ? {} : { field }),
    });
    expect(problem.detail).not.toBe('');
    expect(JSON.stringify(problem).length).toBeLessThan(5_000);
    expect(http.links.rig.data.jobs.size).toBe(before);
    expect(http.links.rig.fatal).toEqual([]);
  });
});

it('the tables cover the codes that a request can meet', () => {
  const cases = [...WHO, ...READ, ...BODIES, ...UPLOADS, ...JOBS];
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(new Set(cases.map(({ code }) => code)).size).toBeGreaterThanOrEqual(23);
});
