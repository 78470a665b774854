/**
 * Adversaries that compute something cheaper, or nearly right: every item of theirs is a little wrong.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIGIT_CLASSES } from '../../demo/digits.ts';
import type { TypedArray } from '../../../shared/tensor.ts';
import type { Job } from '../../client.ts';
import { Arena } from './testing/arena.ts';
import { AT_ONCE, expectCaught } from './testing/caught.ts';
import { SLOTS, eachRow, eachValue, type Script } from './testing/engines.ts';
import { fineTuned, pruned, quantised, withModel, withoutLayer } from './testing/models.ts';
import { SCORES, digitsWork, scoresWork } from './testing/works.ts';

const DEADLINE_MS = 120_000;
let arena: Arena;

beforeAll(async () => {
  arena = await Arena.open();
}, DEADLINE_MS);
afterAll(() => arena.close(), DEADLINE_MS);

async function expectEjected(job: Job, script: Script, agent?: string): Promise<void> {
  const options = agent === undefined ? {} : { agent };
  const liar = await arena.enter(job, script, options);
  await expectCaught(arena, liar, {
    by: 'sampling',
    response: 'ejected',
    withinReports: AT_ONCE,
  });
}

describe('on the digit model', { timeout: DEADLINE_MS }, () => {
  let job: Job;
  beforeAll(async () => {
    job = await arena.open(await digitsWork({ items: 4_096, itemsPerShard: 64 }));
  }, DEADLINE_MS);

  it('#8 flips the sign of the tensor', () =>
    expectEjected(job, {
      outputs: (computed, { task }) => eachValue(computed, task.items, (x) => -x),
    }));

  it('#9 scales by 1.01, which no cosine sees', async () => {
    let lowest = 1;
    await expectEjected(job, {
      outputs: (computed, { task }) =>
        eachRow(computed, task.items, (values) => {
          const right = Float32Array.from(values as Float32Array);
          for (let at = 0; at < values.length; at++) values[at] = right[at]! * 1.01;
          lowest = Math.min(lowest, cosine(right, values as Float32Array));
        }),
    });
    expect(1 - lowest).toBeLessThan(1e-9);
  });

  it('#10 farms the tolerance: every element off by 0.99 of what one element may be off', async () => {
    const { acceptance } = job.view;
    const allowed = acceptance.kind === 'relative-l2' ? acceptance.maxElementError : 0;
    expect(allowed).toBeGreaterThan(0);
    await expectEjected(job, { outputs: farming(0.99 * allowed) });
  });

  it('#13 weights of 8 and of 4 bits', async () => {
    for (const bits of [8, 4]) await expectEjected(job, { program: withModel(quantised(bits)) });
  });

  it('#14 a fine-tuned and a smaller model of the same shapes, whose digest is only echoed', async () => {
    for (const other of [fineTuned, pruned]) {
      await expectEjected(job, { program: withModel(other) });
    }
  });

  it('#15 drops a layer', () => expectEjected(job, { program: withModel(withoutLayer('parts')) }));

  it('#16 sees only the first half of each input', () =>
    expectEjected(job, {
      task: (task) => ({
        ...task,
        stacked: eachRow(task.stacked, task.items, (values) =>
          (values as Float32Array).fill(0, values.length / 2),
        ),
      }),
    }));

  it('#39 a tampered engine that rounds as fast mathematics does', () => {
    // 11 bits of significand, as f16 and tf32 have.
    const rough = (x: number): number => {
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 10);
      return x === 0 ? 0 : Math.round(x / unit) * unit;
    };
    return expectEjected(job, {
      outputs: (computed, { task }) => eachValue(computed, task.items, rough),
    });
  });

  it('#40 says that it is the trusted build, and is checked like any other', async () => {
    const items: number[] = [];
    await expectEjected(
      job,
      {
        outputs: (computed, { task }) => {
          items.push(task.items.length);
          return eachValue(computed, task.items, (x) => x * 1.01);
        },
      },
      'idlewave-referee (attested)',
    );
    expect(Math.min(...items), 'the 64 items of the shard, and probes').toBeGreaterThan(64);
  });
});

/** Off by `share` of the row's RMS, up and down in turn. */
const farming =
  (share: number): Script['outputs'] =>
  (computed, { task }) =>
    eachRow(computed, task.items, (values) => {
      const by = share * rms(values);
      for (let at = 0; at < values.length; at++) {
        values[at] = Number(values[at]) + (at % 2 === 0 ? by : -by);
      }
    });

function rms(values: TypedArray): number {
  let squares = 0;
  for (const x of values) squares += Number(x) ** 2;
  return Math.sqrt(squares / values.length);
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  return dot / (DIGIT_CLASSES * rms(a) * rms(b));
}

/** Of a row's RMS: how close two best scores must be for either to pass. */
const MARGIN = 0.02;

describe('where only the label counts', { timeout: DEADLINE_MS }, () => {
  let job: Job;
  beforeAll(async () => {
    const acceptance = {
      kind: 'label',
      maxRelativeL2: 0.3,
      maxElementError: 0.5,
      margin: MARGIN,
    } as const;
    const work = scoresWork({ items: 300 * 64, itemsPerShard: 64, acceptance });
    job = await arena.open({ ...work, same: { ...acceptance, nonFinite: 'refuse' } });
  }, DEADLINE_MS);

  it('#11 flips labels whose margin is 2 to 10 times what is tolerated', async () => {
    let flipped = 0;
    const liar = await arena.enter(job, { outputs: flipping(2, 10, () => (flipped += 1)) });
    // A fifth of the items have such a margin: 4 probes miss them all with 0.41, 20 reports all but once with 1e-6.
    await expectCaught(arena, liar, {
      by: 'sampling',
      response: 'ejected',
      withinReports: 20 + SLOTS,
    });
    expect(flipped).toBeGreaterThan(0);
  });

  it('#11 and who flips only within the margin, as rounding may, is not punished', async () => {
    let flipped = 0;
    const rounding = await arena.join({ outputs: flipping(0, 0.9, () => (flipped += 1)) });
    arena.treatAsHonest(rounding);
    await arena.finish();
    expect(flipped).toBeGreaterThan(0);
  });
});

/** Swaps the two best scores of rows whose margin is between so many times what is tolerated. */
const flipping =
  (from: number, to: number, onFlip: () => void): Script['outputs'] =>
  (computed, { task }) =>
    eachRow(computed, task.items, (values) => {
      const order = Array.from({ length: SCORES }, (_, i) => i).sort(
        (a, b) => Number(values[b]) - Number(values[a]),
      );
      const [best, second] = [order[0]!, order[1]!];
      const margin = (Number(values[best]) - Number(values[second])) / (MARGIN * rms(values));
      if (margin <= from || margin >= to) return;
      onFlip();
      [values[best], values[second]] = [values[second]!, values[best]!];
    });
