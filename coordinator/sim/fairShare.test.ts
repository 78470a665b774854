/** Authors share the network while all of them have work: the production engine on a virtual clock. */
import { describe, expect, it } from 'vitest';
import type { KeyId } from '../../shared/ids.ts';
import type { SimOrder } from './simOptions.ts';
import { Simulation } from './simulation.ts';

const ONE_OPINION = { kind: 'quorum', quorum: 1, secondOpinion: 'contributors' } as const;
const author = (name: string): KeyId => `key_${name}` as KeyId;

/** Items of each job that were settled when the first of them ended. */
async function settledAtFirstEnd(orders: readonly SimOrder[], hosts: number): Promise<number[]> {
  const options = { seed: 11, hosts, itemsPerShard: 5, verification: ONE_OPINION, orders };
  const simulation = new Simulation(options);
  await simulation.start();
  const settled = (index: number): number =>
    simulation.engine.runningJob(simulation.jobs[index]!)?.counts.settledItems ?? 0;
  let last: number[] = [];
  while (simulation.engine.work.jobs.size === orders.length) {
    last = orders.map((_, index) => settled(index));
    await simulation.runFor(200);
  }
  return last;
}

describe('authors with equal offers', () => {
  const SMALL = 1_000;

  it.each([3, 8])(
    'get the same within a tenth, with jobs of 1, 10 and 100 times the size, of %i hosts',
    async (hosts) => {
      for (const factors of [
        [1, 10, 100],
        [100, 10, 1],
      ]) {
        const orders = factors.map((factor) => ({
          author: author(String(factor)),
          items: SMALL * factor,
        }));
        const settled = await settledAtFirstEnd(orders, hosts);
        expect(Math.max(...settled)).toBeGreaterThan(SMALL * 0.9);
        expect(Math.max(...settled) / Math.min(...settled)).toBeLessThan(1.1);
      }
    },
  );

  it('get no more by posting their work as many jobs', async () => {
    const many = Array.from({ length: 10 }, () => ({ author: author('many'), items: 300 }));
    const settled = await settledAtFirstEnd([...many, { author: author('one'), items: 300 }], 4);
    const ofMany = settled.slice(0, 10).reduce((sum, items) => sum + items, 0);
    expect(ofMany / settled[10]!).toBeGreaterThan(0.9);
    expect(ofMany / settled[10]!).toBeLessThan(1.1);
  });
});

it('who offers twice as much gets twice as much', async () => {
  const orders = [
    { author: author('list'), items: 4_000 },
    { author: author('double'), items: 1_000, ratePercent: 200 },
  ];
  const [list, double] = await settledAtFirstEnd(orders, 4);
  expect(double! / list!).toBeGreaterThan(1.8);
  expect(double! / list!).toBeLessThan(2.2);
});
