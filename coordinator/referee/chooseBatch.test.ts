/** Which batch is chosen: by what runs take, and never where rows depend on what stands beside them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_CHOSEN_RUN_BYTES } from '../../shared/limits.ts';
import type { ModelSession } from '../../shared/program.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { chooseBatch, type Batchable } from './chooseBatch.ts';

const row = (...values: number[]): NamedTensors => ({
  x: tensorOf('F32', [1, values.length], Float32Array.from(values)),
});

/** Of the test: runs take what they say, and nothing else takes any time. */
let nowMs = 0;
beforeEach(() => void (nowMs = 0));

type Arithmetic = (values: Float32Array, rows: number) => Float32Array;
const doubled: Arithmetic = (values) => values.map((it) => 2 * it);

/** After `fixedMs` and `itemMs` for each row. */
const session = (fixedMs: number, itemMs: number, compute = doubled): ModelSession => ({
  run({ x }) {
    const [n, width] = x!.dims as [number, number];
    nowMs += fixedMs + n * itemMs;
    const y = compute(valuesOf(x!) as Float32Array, n);
    return Promise.resolve({ y: tensorOf('F32', [n, width], y) });
  },
});

let failures: unknown[] = [];
const batchable = (changes: Partial<Batchable>): Batchable => ({
  most: 32,
  session: session(1, 0.02),
  sample: row(1, 2),
  other: row(3, 4),
  constants: {},
  outputs: { y: { dtype: 'F32', dims: [2] } },
  valueBytes: 16,
  oneMs: 1,
  mixesRows: false,
  noteFailure: (thrown) => failures.push(thrown),
  now: () => nowMs,
  feeds: (n) => ({ x: [n, 2] }),
  ...changes,
});
const choose = async (changes: Partial<Batchable>) =>
  (await chooseBatch(batchable(changes), () => undefined)).facts;

describe('the batch that is chosen', () => {
  it('grows while that makes items cheaper, up to what is allowed', async () => {
    const { itemsPerRun, measured, text } = await choose({});
    expect(itemsPerRun).toBeGreaterThanOrEqual(16);
    expect(measured.map((it) => it.itemsPerRun)).toEqual([1, 2, 4, 8, 16, 32]);
    expect(measured[0]!.msPerItem).toBeGreaterThan(4 * measured.at(-1)!.msPerItem);
    expect(text).toContain('within 10 % of the fastest');
    expect((await choose({ most: 6 })).itemsPerRun).toBe(4);
  });

  it('stays at one where more gives nothing', async () => {
    expect((await choose({ session: session(0, 1) })).itemsPerRun).toBe(1);
  });

  const summed: Arithmetic = (values) => {
    const sum = values.reduce((a, b) => a + b, 0);
    return values.map((it) => it + sum);
  };
  /** To 255 levels of the largest value in the run, as models in int8 do it. */
  const quantized: Arithmetic = (values) => {
    const step = Math.max(...values.map(Math.abs)) / 255;
    return values.map((it) => Math.round(it / step) * step);
  };

  it.each([
    ['a sum over the run', summed],
    ['a scale of the run', quantized],
  ])('is one where an item’s values depend on its neighbours: %s', async (_, compute) => {
    // The two items themselves have the same range.
    const { itemsPerRun, text } = await choose({
      session: session(1, 0.02, compute),
      sample: row(1, -4),
      other: row(4, -0.3),
    });
    expect(itemsPerRun).toBe(1);
    expect(text).toContain('in a run of 2 an item gives other values than alone');
  });

  it('is one where the graph says that it mixes rows', async () => {
    expect((await choose({ mixesRows: true })).text).toContain('a whole run');
  });

  it('is one where that cannot be seen, because the items are the same', async () => {
    const same = { x: tensorOf('I32', [1, 2], Int32Array.of(1, 2)) };
    const { itemsPerRun, text } = await choose({ sample: same, other: same });
    expect([itemsPerRun, text]).toEqual([1, expect.stringContaining('are the same')]);
  });

  it('is one where an item cannot be computed: that is told of the item, and not here', async () => {
    failures = [];
    const inner = session(1, 0.02);
    const broken: ModelSession = {
      run: (feeds) =>
        (valuesOf(feeds['x']!) as Float32Array)[0] === 3
          ? Promise.reject(new Error('Aborted(OOM)'))
          : inner.run(feeds),
    };
    const { itemsPerRun, text } = await choose({ session: broken });
    expect([itemsPerRun, text]).toEqual([1, 'a trial run failed (Aborted(OOM))']);
    expect(failures).toEqual([new Error('Aborted(OOM)')]);
  });

  it('is what the model takes: a graph may be fixed where its input is free', async () => {
    const inner = session(1, 0.02);
    const fixed: ModelSession = {
      run: (feeds) =>
        feeds['x']!.dims[0]! > 4 ? Promise.reject(new Error('Reshape')) : inner.run(feeds),
    };
    const { itemsPerRun, text } = await choose({ session: fixed });
    expect(itemsPerRun).toBe(4);
    expect(text).toContain('does not take 8 items in one run');
  });

  it('keeps to its bounds of memory and of time', async () => {
    expect((await choose({ valueBytes: MAX_CHOSEN_RUN_BYTES / 4 })).itemsPerRun).toBe(4);
    expect((await choose({ valueBytes: MAX_CHOSEN_RUN_BYTES })).itemsPerRun).toBe(1);
    expect((await choose({ valueBytes: null })).text).toContain('could not be counted');
    nowMs = 0;
    const slow = await choose({ session: session(60, 0), oneMs: 60 });
    expect([slow.itemsPerRun, slow.measured, nowMs]).toEqual([1, [], 0]);
  });
});
