/**
 * Jobs whose reports are checked by themselves, from posting to explanation: real links, the real checker's thread, an
 * honest host and one that is wrong in a single element.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKernel } from '../../../kernels/catalog.ts';
import { referenceRunner } from '../../../kernels/referenceRunner.ts';
import { runBatch } from '../../../shared/program.ts';
import type { Estimate, JobView, ShardExplanation } from '../../../shared/protocol/job.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../../shared/tensor.ts';
import { buildModel, node, value } from '../../../shared/onnx/modelBuilder.ts';
import { HttpRig, KERNEL_SPEC } from '../testing/httpRig.ts';
import type { FakeHost } from '../testing/linkRig.ts';

const PARAMS = { m: 8, k: 32, n: 6 };
const ITEMS = 6;
const VERIFICATION = { kind: 'algebraic' } as const;
const ENTRY = findKernel('matmul@1')!;

const wave = (dims: number[], phase: number) =>
  tensorOf(
    'F32',
    dims,
    Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + phase)),
  );
const TENSORS: NamedTensors = { a: wave([ITEMS, 8, 32], 1), b: wave([ITEMS, 32, 6], 2) };
const SHARED: NamedTensors = { a: wave([8, 32], 3), b: wave([32, 6], 4) };

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

interface Given {
  readonly spec: object;
  readonly constants: NamedTensors;
}
/** A job whose named inputs are constant and the others stacked. */
async function givenJob(constant: readonly ('a' | 'b')[]): Promise<Given> {
  const take = (from: NamedTensors, wanted: boolean) =>
    Object.fromEntries(
      Object.entries(from).filter(([name]) => constant.includes(name as 'a') === wanted),
    );
  const constants = take(SHARED, true);
  const stacked = await http.upload(encodeTensors(take(TENSORS, false)));
  const inputs =
    constant.length === 0
      ? { stacked }
      : { stacked, constant: await http.upload(encodeTensors(constants)) };
  const program = { kind: 'kernel', kernel: 'matmul@1', params: PARAMS };
  const rest = { items: ITEMS, itemsPerShard: 2, verification: VERIFICATION };
  return { constants, spec: { name: 'products', program, inputs, ...rest } };
}

/** Does everything the host is given; where `wrong`, one element of each report is off by a thousandth. */
async function work(host: FakeHost, constants: NamedTensors, wrong = false): Promise<void> {
  for (let at = 0; at < host.assignments.length; at++) {
    const { message, tensors } = host.assignments[at]!;
    const batch = { items: message.items, stacked: tensors, constants };
    const outputs = await runBatch(
      referenceRunner(ENTRY, ENTRY.manifest.params.parse(PARAMS)),
      batch,
      message.outputs,
    );
    if (wrong) (valuesOf(outputs['c']!) as Float32Array)[7]! += 1e-3;
    await host.deliver(at, outputs);
    await settled(host, at + 1);
  }
}

/** The checker is a thread: its answer comes in real time. */
async function settled(host: FakeHost, count: number): Promise<void> {
  for (let i = 0; i < 400 && host.all('settled').length < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    await http.links.rig.quiet();
  }
  expect(host.all('settled')).toHaveLength(count);
}

describe.each([
  ['stacked', []],
  ['with a constant right factor', ['b']],
  ['with a constant left factor', ['a']],
] as const)('inputs %s', (_name, constant) => {
  it('one report a shard: right and paid; who spoils one element earns nothing', async () => {
    const { spec, constants } = await givenJob(constant);
    const job = await http.post(spec);
    const liar = await http.links.welcomed(1, 'host_liar');
    await work(liar, constants, true);
    expect(liar.all('settled').map(({ verdict }) => verdict)).toEqual(Array(3).fill('disagree'));
    expect(liar.last('settled').reason).toMatch(/^item \d, output "c", row 1, column 1: came /);
    const running = await http.json<JobView>(`/v1/jobs/${job.id}`);
    expect(running).toMatchObject({ items: { settled: 0 }, executions: { disagreed: 3 } });
    expect(running.waiting[0]).toMatchObject({ code: 'needs-other-contributor', shards: 3 });

    const honest = await http.links.welcomed(2, 'host_honest');
    await work(honest, constants);
    const done = await http.json<JobView>(`/v1/jobs/${job.id}`);
    expect(done).toMatchObject({
      state: 'done',
      items: { settled: ITEMS },
      executions: { byHosts: 2 * ITEMS, byReferee: 0, disagreed: 3 },
      granted: job.price,
    });
    // Nothing but what the liar did was computed twice.
    expect(done.checkOverhead).toBe(1);
    const credit = honest.all('settled').map(({ microCredits }) => BigInt(microCredits));
    expect(credit.reduce((sum, it) => sum + it, 0n)).toBe(BigInt(job.price));
    for (const { connection } of [liar, honest]) connection.closed();
    await http.links.rig.quiet();
  });
});

describe('an honest host alone', () => {
  it('is enough, costs no second computation, and the explanation says what was checked', async () => {
    const { spec, constants } = await givenJob(['b']);
    const estimates = () => http.json<Estimate>('/v1/estimates', { body: spec });
    expect((await estimates()).enoughContributors).toBe(false);
    const host = await http.links.welcomed(1, 'host_alone');
    const estimate = await estimates();
    expect(estimate.enoughContributors).toBe(true);
    // A product of 8 x 32 x 6: its check is more arithmetic than itself, and the estimate says so.
    expect(estimate.chosen.cost.now).toBeGreaterThan(1);
    expect(estimate.notes[0]).toMatch(
      /Each byte of output carries 16 FLOP: below 400,000 a fast GPU/,
    );
    const job = await http.post(spec);
    await http.links.rig.quiet();
    await work(host, constants);
    const done = await http.json<JobView>(`/v1/jobs/${job.id}`);
    expect(done).toMatchObject({ state: 'done', checkOverhead: 0, verification: VERIFICATION });
    const { shards } = await http.json<{ shards: ShardExplanation[] }>(
      `/v1/jobs/${job.id}/explain`,
    );
    expect(shards).toHaveLength(3);
    for (const { reason, assignments } of shards) {
      expect(reason).toMatch(/^every output was checked: each row by 4 secret projections/);
      expect(assignments).toMatchObject([{ verdict: 'agree', reason }]);
    }
    host.connection.closed();
  });

  it('a second opinion has no meaning, and is refused', async () => {
    const { spec } = await givenJob([]);
    const job = await http.post(spec);
    const body = { secondOpinion: 'referee' };
    const problem = await http.problem(`/v1/jobs/${job.id}/second-opinion`, { body });
    expect(problem).toMatchObject({ code: 'no-second-opinion', status: 409 });
    await http.ask(`/v1/jobs/${job.id}/cancel`, { method: 'POST' });
  });
});

describe('a job that cannot be checked so', () => {
  it('is refused: another kernel', async () => {
    const body = { ...KERNEL_SPEC, verification: VERIFICATION };
    expect(await http.problem('/v1/jobs', { body })).toMatchObject({
      code: 'no-algebraic-check',
      status: 422,
      field: 'verification',
      expected: 'one of the kernels matmul@1, matvec@1',
      came: 'montecarlo@1',
      fix: expect.stringContaining('leave verification out') as string,
    });
  });

  it('is refused: a model, though it were a product', async () => {
    const model = buildModel({
      name: 'g',
      opset: 17,
      irVersion: 8,
      producer: 'test',
      inputs: [value('x', 'F32', ['N', 3])],
      outputs: [value('y', 'F32', ['N', 3])],
      nodes: [node('Relu', ['x'], ['y'])],
      initializers: {},
    });
    const program = { kind: 'onnx', model: await http.upload(model) };
    const stacked = await http.upload(encodeTensors({ x: wave([4, 3], 0) }));
    const body = { name: 'j', program, inputs: { stacked }, verification: VERIFICATION };
    expect(await http.problem('/v1/jobs', { body })).toMatchObject({
      code: 'no-algebraic-check',
      came: 'an ONNX model',
    });
  });

  it('is refused: outputs that may be NaN', async () => {
    const { spec } = await givenJob([]);
    const body = { ...spec, acceptance: { kind: 'exact', nonFinite: 'data' } };
    expect(await http.problem('/v1/jobs', { body })).toMatchObject({
      code: 'no-algebraic-check',
      field: 'acceptance.nonFinite',
    });
  });
});
