/**
 * Adversaries that save the work: beside honest hosts in Node and an honest browser tab, on the digit model.
 */
import { afterAll, beforeAll, it } from 'vitest';
import type { Job } from '../../client.ts';
import { seeded } from '../../demo/random.ts';
import { Arena } from './testing/arena.ts';
import { AT_ONCE, expectCaught } from './testing/caught.ts';
import { eachRow, eachValue } from './testing/engines.ts';
import { digitsWork } from './testing/works.ts';

const DEADLINE_MS = 120_000;
let arena: Arena;
let digits: Job;

beforeAll(async () => {
  arena = await Arena.open({ tab: true });
  digits = await arena.open(await digitsWork({ items: 24_576, itemsPerShard: 64 }));
}, DEADLINE_MS);
afterAll(() => arena.close(), DEADLINE_MS);

it(
  '#1 lazy: returns zeros, or a constant',
  async () => {
    for (const constant of [0, 1.5]) {
      const liar = await arena.enter(digits, {
        outputs: (computed, { task }) => eachValue(computed, task.items, () => constant),
      });
      await expectCaught(arena, liar, {
        by: 'sampling',
        response: 'ejected',
        withinReports: AT_ONCE,
      });
    }
  },
  DEADLINE_MS,
);

it(
  '#2 lazy: uniform noise with the mean and the variance of what is right',
  async () => {
    const random = seeded(2);
    const liar = await arena.enter(digits, {
      outputs: (computed, { task }) =>
        eachRow(computed, task.items, (values) => {
          const real = Array.from(values, Number);
          const mean = real.reduce((sum, x) => sum + x, 0) / real.length;
          const squares = real.reduce((sum, x) => sum + (x - mean) ** 2, 0) / real.length;
          const half = Math.sqrt(3 * squares);
          for (let at = 0; at < values.length; at++) {
            values[at] = random.between(mean - half, mean + half);
          }
        }),
    });
    await expectCaught(arena, liar, {
      by: 'sampling',
      response: 'ejected',
      withinReports: AT_ONCE,
    });
  },
  DEADLINE_MS,
);

it(
  'the honest finish: everything is right, and everybody honest is paid',
  () => arena.finish(),
  DEADLINE_MS,
);
