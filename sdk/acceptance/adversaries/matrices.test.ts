/**
 * Adversaries against products that are checked whole: every output of every report, whoever sends it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valuesOf, type NamedTensors } from '../../../shared/tensor.ts';
import type { Job } from '../../client.ts';
import { Arena, until } from './testing/arena.ts';
import { expectCaught } from './testing/caught.ts';
import { eachRow, eachValue, type Script } from './testing/engines.ts';
import { ROWS, SIDE, productsWork } from './testing/works.ts';

const DEADLINE_MS = 120_000;
/** Of the products of two normal matrices: the spread of an element. */
const SPREAD = Math.sqrt(SIDE);
let arena: Arena;
let job: Job;

beforeAll(async () => {
  arena = await Arena.open({ honest: 2 });
  job = await arena.open(productsWork({ items: 96, itemsPerShard: 1, seed: 6 }));
}, DEADLINE_MS);
afterAll(() => arena.close(), DEADLINE_MS);

/** The element (row, column) of the first product, `change` added. */
const off = (
  computed: NamedTensors,
  items: readonly number[],
  errors: Readonly<Record<number, number>>,
) =>
  eachRow(computed, items, (values, product) => {
    if (product > 0) return;
    for (const [at, error] of Object.entries(errors)) {
      values[Number(at)] = Number(values[Number(at)]) + error;
    }
  });

const REPORTS = 3;

/** Each of its reports is refused at once. */
async function expectRefused(script: Script): Promise<void> {
  const liar = await arena.join({ ...script, reports: REPORTS });
  await until(
    'its reports are judged',
    () => liar.eventsOf('settled').length >= REPORTS || undefined,
  );
  liar.pause();
  await expectCaught(arena, liar, { by: 'algebra', response: 'refused', withinReports: REPORTS });
}

/** Each of its reports is credited although its values were touched. */
async function expectAccepted(script: Script): Promise<void> {
  const host = await arena.join({ ...script, reports: REPORTS });
  await until(
    'its reports are judged',
    () => host.eventsOf('settled').length >= REPORTS || undefined,
  );
  host.pause();
  const { agreed, disagreed } = await arena.client.contributor(host.contributor);
  expect({ agreed, disagreed }).toEqual({ agreed: REPORTS, disagreed: 0 });
}

const AT = 5 * SIDE + 9;

describe('one job, one after the other', { timeout: DEADLINE_MS }, () => {
  it('#6 sparse: one element off by a hundredth of the spread, found at once', () =>
    expectRefused({
      outputs: (computed, { task }) => off(computed, task.items, { [AT]: 0.01 * SPREAD }),
    }));

  it('#6 and an element off by 1e-5 of the spread is rounding, and accepted', () =>
    expectAccepted({
      outputs: (computed, { task }) => off(computed, task.items, { [AT]: 1e-5 * SPREAD }),
    }));

  it('#7 a pair of opposite errors in one row, 20 thresholds each', () => {
    // T is 4 sqrt(7/3) 2^-24 sqrt(k/3 (|c|^2/3 + k n/2)) for normal matrices of side k = n.
    const squares = (SIDE / 3) * ((SIDE * SIDE) / 3 + (SIDE * SIDE) / 2);
    const error = 20 * 4 * Math.sqrt((7 / 3) * squares) * 2 ** -24;
    return expectRefused({
      outputs: (computed, { task }) => off(computed, task.items, { [AT]: error, [AT + 1]: -error }),
    });
  });

  it('#8 flips the sign of the tensor', () =>
    expectRefused({ outputs: (computed, { task }) => eachValue(computed, task.items, (x) => -x) }));

  it('#39 a tampered kernel that skips the last step of its loop', () =>
    expectRefused({
      outputs: (computed, { task }) => {
        const a = valuesOf(task.stacked['a']!) as Float32Array;
        // Without the last term, which is a[i, k-1] b[k-1, j]: b is the host's; its size is enough.
        return eachRow(computed, task.items, (values, product) => {
          for (let i = 1; i < ROWS; i++) {
            const last = a[(product * ROWS + i) * SIDE + SIDE - 1]!;
            for (let j = 0; j < SIDE; j++)
              values[i * SIDE + j] = Number(values[i * SIDE + j]) - last;
          }
        });
      },
    }));

  it('#33 minus zero and subnormal numbers are as good as zero; 1e38 is not', async () => {
    const zeros = (by: number) => (x: number) => (x === 0 ? by : x);
    for (const by of [-0, 1e-40]) {
      await expectAccepted({
        outputs: (computed, { task }) => eachValue(computed, task.items, zeros(by)),
      });
    }
    await expectRefused({
      outputs: (computed, { task }) => eachValue(computed, task.items, zeros(1e38)),
    });
  });

  it('the honest finish: everything is right, and everybody honest is paid', () => {
    expect(job.view.verification.kind).toBe('algebraic');
    return arena.finish();
  });
});
