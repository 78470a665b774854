/** Running a program over items: fixed batch shapes, short last runs, and outputs of a wrong shape. */
import { describe, expect, it } from 'vitest';
import {
  OutputShapeError,
  allocateOutputs,
  itemChunks,
  onnxRunner,
  runBatch,
  type ItemRunner,
  type ModelSession,
} from './program.ts';
import { BugError } from './result.ts';
import { tensorOf, valuesOf, type NamedTensors, type Tensor } from './tensor.ts';

const f32 = (dims: readonly number[], ...values: number[]) =>
  tensorOf('F32', dims, Float32Array.from(values));
const valuesIn = (tensors: NamedTensors, name: string) => [...valuesOf(tensors[name]!)];

/** y = 10 x + c, whatever the shape; remembers what it was fed. */
function session(outputs: (x: Tensor, y: Tensor) => NamedTensors = (_, y) => ({ y })) {
  const fed: NamedTensors[] = [];
  const model: ModelSession = {
    async run(feeds) {
      fed.push(feeds);
      const x = feeds['x']!;
      const c = feeds['c'] === undefined ? 0 : Number(valuesOf(feeds['c'])[0]);
      const y = Float32Array.from(valuesOf(x) as Float32Array, (value) => 10 * value + c);
      return outputs(x, tensorOf('F32', x.dims, y));
    },
  };
  return { fed, model };
}

const batchOf = (rows: number, constants: NamedTensors = {}) => ({
  items: Array.from({ length: rows }, (_, i) => 100 + i),
  stacked: { x: f32([rows, 2], ...Array.from({ length: 2 * rows }, (_, i) => i)) },
  constants,
});
const Y = { y: { dtype: 'F32', dims: [2] } } as const;

describe('onnxRunner', () => {
  it('feeds one run of the fixed batch shape, as a view where rows lie together', async () => {
    const { fed, model } = session();
    const batch = batchOf(4);
    const out = await onnxRunner(model, 2, { x: [2, 2] }, Y).run(batch, 2, 4);
    expect(fed[0]!['x']!.dims).toEqual([2, 2]);
    expect(fed[0]!['x']!.bytes.buffer).toBe(batch.stacked.x.bytes.buffer);
    expect(out['y']!.dims).toEqual([2, 2]);
    expect(valuesIn(out, 'y')).toEqual([40, 50, 60, 70]);
  });

  it('a short last run repeats its last row and drops the surplus', async () => {
    const { fed, model } = session();
    const out = await onnxRunner(model, 4, { x: [4, 2] }, Y).run(batchOf(6), 4, 6);
    expect(fed[0]!['x']!.dims).toEqual([4, 2]);
    expect([...valuesOf(fed[0]!['x']!)]).toEqual([8, 9, 10, 11, 10, 11, 10, 11]);
    expect(out['y']!.dims).toEqual([2, 2]);
    expect(valuesIn(out, 'y')).toEqual([80, 90, 100, 110]);
  });

  it('a single row at the end of a batch', async () => {
    const { fed, model } = session();
    const out = await onnxRunner(model, 2, { x: [2, 2] }, Y).run(batchOf(5), 4, 5);
    expect([...valuesOf(fed[0]!['x']!)]).toEqual([8, 9, 8, 9]);
    expect(valuesIn(out, 'y')).toEqual([80, 90]);
  });

  it('a model without a batch axis gets the item itself', async () => {
    const { fed, model } = session();
    const out = await onnxRunner(model, 1, { x: [2] }, Y).run(batchOf(3), 1, 2);
    expect(fed[0]!['x']!.dims).toEqual([2]);
    expect(out['y']).toMatchObject({ dims: [1, 2] });
    expect(valuesIn(out, 'y')).toEqual([20, 30]);
  });

  it('constants go along unchanged', async () => {
    const { fed, model } = session();
    const constants = { c: f32([1], 5) };
    const out = await onnxRunner(model, 1, { x: [1, 2] }, Y).run(batchOf(1, constants), 0, 1);
    expect(fed[0]!['c']).toBe(constants.c);
    expect(valuesIn(out, 'y')).toEqual([5, 15]);
  });

  it('outputs that the job does not want are left out', async () => {
    const { model } = session((x, y) => ({ x, y }));
    const out = await onnxRunner(model, 1, { x: [1, 2] }, Y).run(batchOf(1), 0, 1);
    expect(Object.keys(out)).toEqual(['y']);
  });

  it('a scalar per item', async () => {
    const { model } = session(() => ({ y: f32([2, 1], 7, 8) }));
    const spec = { y: { dtype: 'F32', dims: [1] } } as const;
    const out = await onnxRunner(model, 2, { x: [2, 2] }, spec).run(batchOf(1), 0, 1);
    expect(out['y']).toMatchObject({ dims: [1, 1] });
    expect(valuesIn(out, 'y')).toEqual([7]);
  });

  it.each<[string, NamedTensors, string]>([
    ['is missing', {}, 'came nothing'],
    ['has another dtype', { y: tensorOf('I32', [2, 2], new Int32Array(4)) }, 'came I32[2,2]'],
    ['has a row too few', { y: f32([1, 2], 1, 2) }, 'came F32[1,2]'],
    ['has a row too many', { y: f32([3, 2], 1, 2, 3, 4, 5, 6) }, 'came F32[3,2]'],
    ['has the right count in another shape', { y: f32([4, 1], 1, 2, 3, 4) }, 'came F32[4,1]'],
    ['is flat', { y: f32([4], 1, 2, 3, 4) }, 'came F32[4]'],
  ])('an output that %s is a compute error', async (_, outputs, came) => {
    const { model } = session(() => outputs);
    const run = onnxRunner(model, 2, { x: [2, 2] }, Y).run(batchOf(2), 0, 2);
    await expect(run).rejects.toThrow(OutputShapeError);
    await expect(run).rejects.toThrow(`output "y": expected F32[2,2] of one run, ${came}`);
  });

  it('a stacked input that the job has no feed for is a bug', async () => {
    await expect(onnxRunner(session().model, 1, {}, Y).run(batchOf(1), 0, 1)).rejects.toThrow(
      BugError,
    );
  });
});

describe('runBatch', () => {
  it('gives all rows in order, in runs of the runner’s size, and tells the progress', async () => {
    const { fed, model } = session();
    const progress: number[] = [];
    const runner = onnxRunner(model, 4, { x: [4, 2] }, Y);
    const out = await runBatch(runner, batchOf(10), Y, (done) => void progress.push(done));
    expect(out['y']!.dims).toEqual([10, 2]);
    expect(valuesIn(out, 'y')).toEqual(Array.from({ length: 20 }, (_, i) => 10 * i));
    expect(progress).toEqual([4, 8, 10]);
    expect(fed.map(({ x }) => x!.dims)).toEqual([
      [4, 2],
      [4, 2],
      [4, 2],
    ]);
  });

  it('a runner may change its size between runs', async () => {
    const asked: [number, number][] = [];
    const sizes = [1, 3, 2, 2];
    const runner: ItemRunner = {
      get itemsPerRun() {
        return sizes[asked.length]!;
      },
      async run(_, start, end) {
        asked.push([start, end]);
        return {
          y: f32([end - start], ...Array.from({ length: end - start }, (_, i) => start + i)),
        };
      },
    };
    const spec = { y: { dtype: 'F32', dims: [] } } as const;
    const out = await runBatch(runner, batchOf(7), spec);
    expect(asked).toEqual([
      [0, 1],
      [1, 4],
      [4, 6],
      [6, 7],
    ]);
    expect(valuesIn(out, 'y')).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('waits for the progress: a pause between runs is a pause', async () => {
    const { fed, model } = session();
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const running = runBatch(onnxRunner(model, 1, { x: [1, 2] }, Y), batchOf(2), Y, () => gate);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(fed).toHaveLength(1);
    release();
    await running;
    expect(fed).toHaveLength(2);
  });
});

describe('itemChunks', () => {
  const two = {
    b: tensorOf('U8', [2, 2], Uint8Array.of(1, 2, 3, 4)),
    a: tensorOf('U8', [2, 1], Uint8Array.of(9, 8)),
  };

  it('are row by row, outputs in the order of their names', () => {
    expect(itemChunks(two, 2).map((chunk) => [...chunk])).toEqual([
      [9, 1, 2],
      [8, 3, 4],
    ]);
    const { a, b } = two;
    expect(itemChunks({ a, b }, 2)).toEqual(itemChunks({ b, a }, 2));
  });

  it('of one output they are views', () => {
    const chunks = itemChunks({ b: two.b }, 2);
    expect(chunks.map((chunk) => [...chunk])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    for (const chunk of chunks) expect(chunk.buffer).toBe(two.b.bytes.buffer);
  });

  it('of items without bytes they are empty', () => {
    expect(itemChunks({ y: tensorOf('F32', [2, 0], new Float32Array(0)) }, 2)).toHaveLength(2);
    expect(itemChunks({}, 2).map((chunk) => chunk.length)).toEqual([0, 0]);
  });
});

describe('allocateOutputs', () => {
  it('is zeroed and stacked', () => {
    const out = allocateOutputs(
      { s: { dtype: 'I64', dims: [] }, m: { dtype: 'U8', dims: [2, 3] } },
      4,
    );
    expect(out['s']).toMatchObject({ dtype: 'I64', dims: [4] });
    expect(out['m']).toMatchObject({ dims: [4, 2, 3] });
    expect(out['m']!.bytes.length).toBe(24);
    expect(out['s']!.bytes.every((byte) => byte === 0)).toBe(true);
  });
});
