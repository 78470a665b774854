/**
 * The network under friendly and hostile conditions, with invariants after every event.
 */
import { describe, expect, it } from 'vitest';
import { find } from '../core/step.ts';
import { contributorIdOf } from '../transport/link/proof.ts';
import type { Behaviour } from './simHost.ts';
import { MATMUL } from './simProgram.ts';
import type { SimOptions } from './simOptions.ts';
import { Simulation } from './simulation.ts';

const SAMPLED = {
  itemsPerJob: 20_480,
  itemsPerShard: 256,
  verification: { kind: 'sampled', secondOpinion: 'referee' },
} as const;
const ALGEBRAIC = { program: MATMUL, verification: { kind: 'algebraic' } } as const;

async function simulate(options: Partial<SimOptions>) {
  const simulation = new Simulation(options);
  await simulation.start();
  await simulation.run(checkInvariants);
  return { simulation, report: await simulation.report() };
}

/** Contributors of a kind whose aborts brought them into quarantine. */
async function quarantined({ hosts, store }: Simulation, kind: Behaviour['kind']): Promise<number> {
  let count = 0;
  for (const { host } of hosts) {
    if (host.options.behaviour.kind !== kind) continue;
    const contributor = await store.contributor(contributorIdOf(host.publicKey));
    if (contributor!.aborts.quarantinedUntilMs > 0) count += 1;
  }
  return count;
}

/** What must hold whatever happens. */
function checkInvariants({ engine }: Simulation): void {
  for (const { shard, assignments } of engine.work.shards.values()) {
    const holding = assignments.filter(
      ({ state }) => state.kind === 'leased' || state.kind === 'reported',
    );
    const contributors = new Set(holding.map(({ contributor }) => contributor));
    expect(contributors.size, `${shard.id}: two copies for one contributor`).toBe(holding.length);
  }
  for (const id of engine.work.leased) {
    const work = engine.work.workOf(id);
    expect(work === undefined ? 'forgotten' : find(work, id).state.kind).toBe('leased');
  }
  for (const { job } of engine.work.jobs.values()) {
    const { settledItems, provisionalItems, failedItems } = job.counts;
    expect(settledItems + provisionalItems + failedItems).toBeLessThanOrEqual(job.items);
  }
}

describe('the network, simulated', () => {
  it('honest hosts: every item once, right, and paid twice (quorum 2)', async () => {
    const { report } = await simulate({ jobs: 2 });
    expect(report).toMatchObject({ settled: 400, failed: 0, wrong: 0, states: { done: 2 } });
    expect(report.checkOverhead).toBe(1);
    expect(report.creditEntries).toBe(2 * 20 * 2);
  });

  it('liars earn nothing and change nothing', async () => {
    const { report, simulation } = await simulate({ hosts: 10, liars: 0.3, seed: 5 });
    expect(report).toMatchObject({ settled: 200, wrong: 0, microCreditsOthers: '0' });
    const told = simulation.hosts.filter(({ host }) => host.options.behaviour.kind === 'liar');
    const verdicts = told.flatMap(({ host }) => host.verdicts);
    expect(verdicts.length).toBeGreaterThan(0);
    expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['disagree']));
  });

  it('hosts that fail or fall silent cost time, never items', async () => {
    const { report } = await simulate({ hosts: 8, failing: 0.25, silent: 0.25, seed: 11 });
    expect(report).toMatchObject({ settled: 200, failed: 0, wrong: 0, microCreditsOthers: '0' });
  });

  it('one contributor alone waits, unless the referee may be the second opinion', async () => {
    const alone = new Simulation({ hosts: 1 });
    await alone.start();
    await alone.runFor(60_000);
    const [job] = alone.jobs;
    const running = alone.engine.runningJob(job!)!;
    expect(running.counts.settledItems).toBe(0);
    expect(alone.engine.waitingOf(running)[0]).toMatchObject({
      code: 'needs-other-contributor',
      shards: 20,
    });
    await alone.engine.jobs.allowReferee(job!);
    await alone.run(checkInvariants);
    expect(await alone.report()).toMatchObject({ settled: 200, wrong: 0, creditEntries: 20 });
  });

  it('a liar alone with the referee earns nothing, and the job is right', async () => {
    const verification = { kind: 'quorum', quorum: 2, secondOpinion: 'referee' } as const;
    const { report } = await simulate({ hosts: 1, liars: 1, verification });
    expect(report).toMatchObject({ settled: 200, wrong: 0, creditEntries: 0 });
  });

  it('algebraic: every item once, right, paid once, and nobody computes it again', async () => {
    const { report } = await simulate({ ...ALGEBRAIC });
    expect(report).toMatchObject({ settled: 200, wrong: 0, checkOverhead: 0, creditEntries: 20 });
  });

  it('algebraic: one contributor alone is enough', async () => {
    const { report } = await simulate({ ...ALGEBRAIC, hosts: 1 });
    expect(report).toMatchObject({ settled: 200, wrong: 0, creditEntries: 20 });
  });

  it('algebraic: who spoils one element of a report earns nothing, and the job is right', async () => {
    const { simulation, report } = await simulate({ ...ALGEBRAIC, hosts: 4, subtle: 0.25 });
    expect(report).toMatchObject({ settled: 200, wrong: 0, microCreditsOthers: '0' });
    // What is computed again is what was refused, and that only.
    const verdicts = simulation.hosts[0]!.host.verdicts;
    expect(verdicts.length).toBeGreaterThan(0);
    expect(report.checkOverhead).toBeCloseTo((verdicts.length * 10) / 200);
    for (const { verdict, reason } of verdicts) {
      expect(verdict).toBe('disagree');
      expect(reason).toMatch(/^item \d+, output "c", row 5, column 5: came .+, where .+ is right/);
    }
  });

  it('algebraic: colluding hosts that are all wrong get nothing past the check', async () => {
    const { report } = await simulate({ ...ALGEBRAIC, hosts: 5, subtle: 1, itemsPerJob: 40 });
    expect(report).toMatchObject({ settled: 40, wrong: 0, creditEntries: 0 });
  });

  it.each([1, 2, 3])('algebraic: liars, losses and restarts together (seed %i)', async (seed) => {
    const { report } = await simulate({
      ...ALGEBRAIC,
      seed,
      hosts: 8,
      subtle: 0.25,
      failing: 0.125,
      loss: 0.02,
      doubling: 0.05,
      restarts: 5,
    });
    expect(report).toMatchObject({ settled: 200, failed: 0, wrong: 0, states: { done: 1 } });
    expect(report.microCreditsOthers).toBe('0');
    expect(report.creditEntries).toBeLessThanOrEqual(20);
  });

  it('sampled: honest hosts check each other, and every item is computed about once', async () => {
    const { report } = await simulate({ ...SAMPLED, hosts: 4 });
    expect(report).toMatchObject({ settled: 20_480, wrong: 0, states: { done: 1 } });
    // Four that are new come through the gate of 1,024 checks each; whoever checks is checked too.
    expect(report.checkOverhead).toBeLessThan((4 * 1_024) / 20_480);
    expect(report.creditEntries).toBe(80);
  });

  it.each([1, 2, 3])('sampled: liars, losses and restarts together (seed %i)', async (seed) => {
    const { report } = await simulate({
      ...SAMPLED,
      seed,
      hosts: 10,
      liars: 0.2,
      failing: 0.1,
      loss: 0.02,
      doubling: 0.05,
      restarts: 5,
    });
    expect(report).toMatchObject({ settled: 20_480, failed: 0, wrong: 0, states: { done: 1 } });
    expect(report.microCreditsOthers).toBe('0');
    expect(report.creditEntries).toBeLessThanOrEqual(80);
  });

  const seeds = [1, 2, 3, 4, 5, 6];
  it.each(seeds)(
    'lost and doubled messages, liars and restarts together (seed %i)',
    async (seed) => {
      const { report, simulation } = await simulate({
        seed,
        hosts: 10,
        liars: 0.2,
        failing: 0.1,
        loss: 0.02,
        doubling: 0.05,
        restarts: 5,
        jobs: 2,
      });
      expect(report).toMatchObject({ settled: 400, failed: 0, wrong: 0, states: { done: 2 } });
      expect(report.microCreditsOthers).toBe('0');
      // Credit is granted once for each verified report: two opinions a shard, the referee's unpaid.
      expect(report.creditEntries).toBeLessThanOrEqual(2 * 20 * 2);
      expect(report.creditEntries).toBeGreaterThan(20);
      // Lost links and restarts are nobody's aborts.
      expect(await quarantined(simulation, 'honest')).toBe(0);
    },
  );

  it('who drops half of what it is to open is quarantined; the others get the work done', async () => {
    const { report, simulation } = await simulate({ hosts: 8, aborting: 0.25, itemsPerJob: 2_000 });
    expect(report).toMatchObject({ settled: 2_000, failed: 0, wrong: 0 });
    expect(await quarantined(simulation, 'aborting')).toBe(2);
    expect(await quarantined(simulation, 'honest')).toBe(0);
  });

  it('forgets contributors that have gone, and their credit stays', async () => {
    const { simulation, report } = await simulate({ hosts: 6 });
    expect(simulation.engine.rememberedContributors).toBe(6);
    for (const { connection } of simulation.hosts) connection?.closed();
    await simulation.runFor(5_000);
    expect(simulation.engine.rememberedContributors).toBe(0);
    expect(await simulation.report()).toMatchObject({ creditEntries: report.creditEntries });
  });

  it('the same seed gives the same run', async () => {
    const options = { seed: 9, hosts: 6, liars: 0.2, loss: 0.01 };
    const [a, b] = [await simulate(options), await simulate(options)];
    expect(a.report).toEqual(b.report);
  });
});
