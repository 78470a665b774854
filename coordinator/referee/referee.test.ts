/**
 * The referee against real models: its answers, its refusals, and that nothing a model does stops it.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../shared/digest.ts';
import { buildModel, node, value, type ModelInit } from '../../shared/onnx/modelBuilder.ts';
import type { Program } from '../../shared/protocol/program.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { AnalyseRequest, Referee } from './referee.ts';
import { workerReferee } from './workerReferee.ts';

// Starting workers and models takes as long as the machine is busy.
const BASE = { name: 'g', opset: 17, irVersion: 8, producer: 'test' } as const;
const f32 = (dims: readonly number[], values: readonly number[]) =>
  tensorOf('F32', dims, Float32Array.from(values));
const i64 = (dims: readonly number[], values: readonly bigint[]) =>
  tensorOf('I64', dims, BigInt64Array.from(values));

const buildOf = (graph: Omit<ModelInit, keyof typeof BASE>) => buildModel({ ...BASE, ...graph });

/** y = x · w + bias, over a symbolic batch axis. */
const dense = buildOf({
  inputs: [value('x', 'F32', ['N', 3]), value('bias', 'F32', [2])],
  outputs: [value('y', 'F32', ['N', 2])],
  nodes: [node('MatMul', ['x', 'w'], ['xw']), node('Add', ['xw', 'bias'], ['y'])],
  initializers: { w: f32([3, 2], [1, 2, 3, 4, 5, 6]) },
});
const bias = f32([2], [10, 20]);

/** Counts to 2^40 one by one. */
const endless = buildOf({
  inputs: [value('x', 'F32', [1])],
  outputs: [value('y', 'F32', [1])],
  nodes: [
    node('Loop', ['trips', '', 'x'], ['y'], {
      body: {
        name: 'body',
        inputs: [value('i', 'I64', []), value('go', 'BOOL', []), value('at', 'F32', [1])],
        outputs: [value('on', 'BOOL', []), value('next', 'F32', [1])],
        nodes: [node('Identity', ['go'], ['on']), node('Neg', ['at'], ['next'])],
      },
    }),
  ],
  initializers: { trips: i64([], [2n ** 40n]) },
});

function onnx(model: Uint8Array, more: { itemsPerRun?: number; outputs?: string[] } = {}): Program {
  return { kind: 'onnx', model: digestOf(model), itemsPerRun: 1, ...more };
}

function request(
  model: Uint8Array,
  sampleStacked: NamedTensors,
  constants: NamedTensors = {},
  more: { itemsPerRun?: number; outputs?: string[] } = {},
): AnalyseRequest {
  return { program: onnx(model, more), model, sampleStacked, constants };
}

async function analysed(referee: Referee, of: AnalyseRequest) {
  const result = await referee.analyse(of);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

async function problemOf(referee: Referee, of: AnalyseRequest) {
  const result = await referee.analyse(of);
  expect(result.ok).toBe(false);
  return result.ok ? undefined : result.error;
}

describe('analysing a model', () => {
  const referee = workerReferee();
  afterAll(() => referee.close());
  const row = f32([1, 3], [1, 1, 1]);

  test('finds feeds, output shapes, cost and sample outputs of a batched model', async () => {
    const found = await analysed(referee, request(dense, { x: row }, { bias }, { itemsPerRun: 4 }));
    expect(found.feeds).toEqual({ x: [4, 3] });
    expect(found.outputs).toEqual({ y: { dtype: 'F32', dims: [2] } });
    expect(found.inputs).toEqual({
      x: { dtype: 'F32', dims: [3] },
      bias: { dtype: 'F32', dims: [2] },
    });
    // 2 outputs of 3 multiply-adds, and the bias
    expect(found.flopsPerItem).toBe(2 * 3 * 2 + 2);
    expect(found.flopsFrom).toBe('graph');
    expect(found.sampleOutputs['y']?.dims).toEqual([1, 2]);
    expect([...valuesOf(found.sampleOutputs['y']!)]).toEqual([19, 32]);
    expect(found.msPerItem).toBeGreaterThan(0);
  });

  test('takes an item of the declared rank as it is', async () => {
    const item = f32([1, 2, 3], [1, 1, 1, 2, 2, 2]);
    const found = await analysed(referee, request(dense, { x: item }, { bias }));
    expect(found.feeds).toEqual({ x: [2, 3] });
    expect(found.outputs).toEqual({ y: { dtype: 'F32', dims: [2, 2] } });
  });

  test('refuses inputs that do not fit, each with its own code', async () => {
    const cases: [AnalyseRequest, string][] = [
      [request(dense, {}, { bias }), 'input-missing'],
      [request(dense, { x: row, z: row }, { bias }), 'input-unknown'],
      [request(dense, { x: row, bias: f32([1, 2], [0, 0]) }, { bias }), 'input-unknown'],
      [request(dense, { x: i64([1, 3], [1n, 1n, 1n]) }, { bias }), 'input-dtype'],
      [request(dense, { x: f32([1, 4], [1, 1, 1, 1]) }, { bias }), 'input-shape'],
      [request(dense, { x: row }, { bias: f32([3], [0, 0, 0]) }), 'input-shape'],
      [request(dense, { x: row }, { bias }, { outputs: ['nowhere'] }), 'output-unknown'],
      [request(dense, { x: row }, { bias: f32([2], [NaN, 0]) }), 'output-not-finite'],
      [
        request(dense, { x: f32([1, 1, 3], [1, 1, 1]) }, { bias }, { itemsPerRun: 2 }),
        'input-shape',
      ],
    ];
    for (const [asked, code] of cases) {
      const problem = await problemOf(referee, asked);
      expect(problem?.code, JSON.stringify(problem)).toBe(code);
    }
  });

  test('accepts non-finite outputs where they are data', async () => {
    const asked = request(dense, { x: row }, { bias: f32([2], [NaN, 0]) });
    const found = await analysed(referee, { ...asked, nonFinite: 'data' });
    expect(valuesOf(found.sampleOutputs['y']!)[0]).toBeNaN();
  });

  test('a fixed batch must be the run of the job', async () => {
    const fixed = buildOf({
      inputs: [value('x', 'F32', [8, 3])],
      outputs: [value('y', 'F32', [8, 3])],
      nodes: [node('Relu', ['x'], ['y'])],
    });
    const problem = await problemOf(referee, request(fixed, { x: row }));
    expect(problem).toMatchObject({ code: 'input-shape', fix: 'set itemsPerRun to 8' });
    const found = await analysed(referee, request(fixed, { x: row }, {}, { itemsPerRun: 8 }));
    expect(found.outputs).toEqual({ y: { dtype: 'F32', dims: [3] } });
  });

  test('an output without a row per item needs itemsPerRun 1', async () => {
    const summed = buildOf({
      inputs: [value('x', 'F32', ['N', 3])],
      outputs: [value('y', 'F32', null)],
      nodes: [node('ReduceSum', ['x'], ['y'], { keepdims: 0 })],
    });
    const problem = await problemOf(referee, request(summed, { x: row }, {}, { itemsPerRun: 2 }));
    expect(problem?.code).toBe('output-unknown');
    const found = await analysed(referee, request(summed, { x: row }));
    expect(found.outputs).toEqual({ y: { dtype: 'F32', dims: [] } });
  });

  test('bytes that are no model, and a model that onnxruntime refuses, give the reason', async () => {
    const junk = await problemOf(referee, request(Uint8Array.of(1, 2, 3), { x: row }));
    expect(junk).toMatchObject({ code: 'model-refused', detail: 'the model could not be read' });
    const unknownOperator = buildOf({
      inputs: [value('x', 'F32', ['N', 3])],
      outputs: [value('y', 'F32', null)],
      nodes: [node('Nonsense', ['x'], ['y'])],
    });
    const refused = await problemOf(referee, request(unknownOperator, { x: row }));
    expect(refused?.code).toBe('model-refused');
    expect(refused?.came).toContain('Nonsense');
  });

  test('a model that wants more memory than there is fails alone, and gives it back', async () => {
    const huge = buildOf({
      inputs: [value('x', 'F32', [3])],
      outputs: [value('y', 'F32', null)],
      nodes: [
        node('Expand', ['x', 'dims'], ['wide']),
        node('ReduceSum', ['wide'], ['y'], { keepdims: 0 }),
      ],
      // 3 GiB of f32
      initializers: { dims: i64([3], [16384n, 16384n, 3n]) },
    });
    const refused = await problemOf(referee, request(huge, { x: row }));
    expect(refused?.code).toBe('model-refused');
    expect(refused?.came).toMatch(/alloc/i);
    await analysed(referee, request(dense, { x: row }, { bias }));
  });

  test('a subgraph is estimated, and the count says so', async () => {
    const branching = buildOf({
      inputs: [value('x', 'F32', [3])],
      outputs: [value('y', 'F32', [3])],
      nodes: [
        node('If', ['yes'], ['y'], {
          then_branch: {
            name: 'then',
            inputs: [],
            outputs: [value('t', 'F32', [3])],
            nodes: [node('Neg', ['x'], ['t'])],
          },
          else_branch: {
            name: 'else',
            inputs: [],
            outputs: [value('e', 'F32', [3])],
            nodes: [node('Abs', ['x'], ['e'])],
          },
        }),
      ],
      initializers: { yes: tensorOf('BOOL', [], Uint8Array.of(1)) },
    });
    const found = await analysed(referee, request(branching, { x: row }));
    expect(found.flopsFrom).toBe('estimate');
    expect(found.estimatedOperators).toContain('If');
    expect([...valuesOf(found.sampleOutputs['y']!)]).toEqual([-1, -1, -1]);
  });
});

describe('analysing a kernel', () => {
  const referee = workerReferee();
  afterAll(() => referee.close());
  const program: Program = { kind: 'kernel', kernel: 'matmul@1', params: { m: 2, k: 3, n: 1 } };
  const a = f32([1, 2, 3], [1, 2, 3, 4, 5, 6]);
  const b = f32([3, 1], [1, 1, 1]);
  const asked = { program, model: null, sampleStacked: { a }, constants: { b } };

  test('checks its inputs and runs its reference', async () => {
    const found = await analysed(referee, asked);
    expect(found).toMatchObject({ flopsFrom: 'manifest', feeds: {} });
    expect([...valuesOf(found.sampleOutputs['c']!)]).toEqual([6, 15]);
  });

  test('refuses what the manifest does not take', async () => {
    const cases: [AnalyseRequest, string][] = [
      [{ ...asked, program: { ...program, kernel: 'matmul@999' } }, 'kernel-unknown'],
      [{ ...asked, program: { ...program, params: { m: -1 } } }, 'kernel-params'],
      [{ ...asked, program: { ...program, params: { m: 4096, k: 4096, n: 1 } } }, 'item-too-large'],
      // A matrix that all items share may be larger than an assignment: this one is only the wrong one.
      [{ ...asked, program: { ...program, params: { m: 1, k: 4096, n: 4096 } } }, 'input-shape'],
      [
        { ...asked, program: { ...program, params: { m: 512, k: 4096, n: 4096 } } },
        'item-too-large',
      ],
      [{ ...asked, program: { ...program, params: { m: 4096, k: 1, n: 4096 } } }, 'item-too-large'],
      [{ ...asked, constants: {} }, 'input-missing'],
      [{ ...asked, sampleStacked: { a, q: a } }, 'input-unknown'],
      [{ ...asked, sampleStacked: { a: f32([1, 3, 2], [1, 2, 3, 4, 5, 6]) } }, 'input-shape'],
      [{ ...asked, constants: { b: i64([3, 1], [1n, 1n, 1n]) } }, 'input-dtype'],
    ];
    for (const [of, code] of cases) {
      const problem = await problemOf(referee, of);
      expect(problem?.code, JSON.stringify(problem)).toBe(code);
    }
  });

  test('computes its items', async () => {
    const { outputs, feeds } = await analysed(referee, asked);
    const stacked = { a: f32([2, 2, 3], [1, 2, 3, 4, 5, 6, 0, 0, 1, 1, 0, 0]) };
    const batch = { items: [7, 3], stacked, constants: { b } };
    const result = await referee.compute({ program, model: null, feeds, outputs, batch });
    expect(result.ok && [...valuesOf(result.value['c']!)]).toEqual([6, 15, 1, 1]);
  });
});

describe('computing', () => {
  const x = f32([5, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]);
  const batch = { items: [4, 0, 9, 2, 7], stacked: { x }, constants: { bias } };
  const outputs = { y: { dtype: 'F32', dims: [2] } } as const;
  const asked = { program: onnx(dense, { itemsPerRun: 2 }), feeds: { x: [2, 3] }, outputs, batch };

  test('gives rows in the order of the items, a short last run included', async () => {
    const referee = workerReferee();
    const result = await referee.compute({ ...asked, model: dense });
    expect(result.ok && [...valuesOf(result.value['y']!)]).toEqual([
      11, 22, 13, 24, 15, 26, 19, 32, 28, 44,
    ]);
    expect(referee.queuedItems).toBe(0);
    await referee.close();
  });

  test('the model is loaded once and its session kept', async () => {
    const referee = workerReferee();
    let loads = 0;
    const model = () => Promise.resolve((loads++, dense));
    for (let i = 0; i < 3; i++) expect((await referee.compute({ ...asked, model })).ok).toBe(true);
    expect(loads).toBe(1);
    const lost = () => Promise.reject(new Error('no such blob'));
    const other = await referee.compute({ ...asked, program: onnx(endless), model: lost });
    expect(other).toMatchObject({ error: { code: 'referee-failed', came: 'no such blob' } });
    await referee.close();
  });

  test('a worker is replaced after its tasks, and nothing is lost', async () => {
    const referee = workerReferee({ tasksPerWorker: 1 });
    const answers = await Promise.all(
      [1, 2, 3].map(() => referee.compute({ ...asked, model: dense })),
    );
    expect(answers.map((answer) => answer.ok)).toEqual([true, true, true]);
    expect(answers[1]).toEqual(answers[0]);
    await referee.close();
  });

  test('a hung run is ended as a value, and what waits behind it is computed', async () => {
    const referee = workerReferee({ hungAfterMs: 3000 });
    const hung = referee.analyse(request(endless, { x: f32([1, 1], [1]) }));
    const behind = referee.compute({ ...asked, model: dense });
    expect(referee.queuedItems).toBe(6);
    expect(await hung).toMatchObject({ ok: false, error: { code: 'model-too-slow' } });
    expect((await behind).ok).toBe(true);
    await referee.close();
  });

  test('a worker that dies fails its task as a value, and the next one is computed', async () => {
    // 900,000 empty nodes: two bytes each in the file, hundreds in memory.
    const nodes = new Uint8Array(1_800_000);
    for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
    const size = nodes.length;
    const head = [0x3a, (size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14];
    const hungry = Uint8Array.from([...head, ...nodes]);
    const referee = workerReferee({ maxHeapMiB: 48 });
    const died = await referee.analyse(request(hungry, {}));
    expect(died).toMatchObject({ ok: false, error: { code: 'referee-failed' } });
    expect((await referee.compute({ ...asked, model: dense })).ok).toBe(true);
    await referee.close();
  });

  test('an abort settles at once, waiting or running', async () => {
    const referee = workerReferee({ hungAfterMs: 3000 });
    const running = new AbortController();
    const waiting = new AbortController();
    const first = referee.analyse(request(endless, { x: f32([1, 1], [1]) }), running.signal);
    const second = referee.compute({ ...asked, model: dense }, waiting.signal);
    waiting.abort();
    expect(await second).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(referee.queuedItems).toBe(1);
    running.abort();
    expect(await first).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(await referee.compute({ ...asked, model: dense }, AbortSignal.abort())).toMatchObject({
      error: { code: 'cancelled' },
    });
    await referee.close();
  });

  test('closing ends what is pending', async () => {
    const referee = workerReferee();
    const pending = [1, 2].map(() => referee.analyse(request(endless, { x: f32([1, 1], [1]) })));
    await referee.close();
    for (const answer of await Promise.all(pending)) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    }
    expect(await referee.compute({ ...asked, model: dense })).toMatchObject({ ok: false });
  });
});
