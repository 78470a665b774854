/** The end of a job does not wait for its slowest host: the production engine on a virtual clock. */
import { describe, expect, it } from 'vitest';
import { SIM_SLOTS } from './simHost.ts';
import type { SimOptions } from './simOptions.ts';
import { Simulation } from './simulation.ts';

const SHARDS = 1_000;
const ITEMS_PER_SHARD = 20;
const MS_PER_ITEM = 40;

/** All alike, but for one that is ten times slower. */
const paces = (hosts: number): number[] =>
  Array.from({ length: hosts }, (_, i) => (i === 0 ? 10 : 1) * MS_PER_ITEM);

async function secondsOf(hosts: number, options: Partial<SimOptions>): Promise<number> {
  const simulation = new Simulation({
    seed: 5,
    hosts,
    paces: paces(hosts),
    itemsPerJob: SHARDS * ITEMS_PER_SHARD,
    itemsPerShard: ITEMS_PER_SHARD,
    ...options,
  });
  await simulation.start();
  const startedAtMs = simulation.clock.nowMs;
  let endedAtMs = 0;
  await simulation.run(({ clock }) => void (endedAtMs = clock.nowMs));
  const report = await simulation.report();
  expect(report).toMatchObject({ settled: report.items, wrong: 0, failed: 0 });
  return (endedAtMs - startedAtMs) / 1000;
}

/** The soonest that so many executions of shards could have ended, whoever had been given which. */
function idealSeconds(hosts: number, executions: number): number {
  const shardMs = paces(hosts).map((pace) => pace * ITEMS_PER_SHARD);
  const done = (ms: number) =>
    shardMs.reduce((sum, each) => sum + SIM_SLOTS * Math.floor(ms / each), 0);
  const fastest = MS_PER_ITEM * ITEMS_PER_SHARD;
  let ms = fastest;
  while (done(ms) < executions) ms += fastest;
  return ms / 1000;
}

describe('a thousand shards with one host ten times slower', () => {
  it.each([4, 10, 30, 80])('end within 1.2 of the ideal, of %i hosts', async (hosts) => {
    const verification = { kind: 'quorum', quorum: 1, secondOpinion: 'contributors' } as const;
    const seconds = await secondsOf(hosts, { verification });
    expect(seconds / idealSeconds(hosts, SHARDS)).toBeLessThan(1.2);
  });

  it('also where two have to agree', async () => {
    const verification = { kind: 'quorum', quorum: 2, secondOpinion: 'contributors' } as const;
    const seconds = await secondsOf(80, { verification });
    expect(seconds / idealSeconds(80, 2 * SHARDS)).toBeLessThan(1.2);
  });
});
