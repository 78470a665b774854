/**
 * The formulas that authors are told by, against the simulator with production's rules: never below what it lets
 * through, and not so far above that they say nothing.
 */
import { describe, expect, it } from 'vitest';
import { samplingWork, wrongByQuorum, wrongBySampling } from '../../core/odds.ts';
import { GATE_CHECKS } from '../../core/stream.ts';
import { HONEST, SAMPLED_POLICIES, type Policy } from './adversaries.ts';
import { QuickRng } from './quickRng.ts';
import { quorumOdds } from './quorumOdds.ts';
import { sampledOdds } from './sampledOdds.ts';
import type { Crowd } from './slots.ts';

const CONDITIONS = { items: 512, life: 200, gate: GATE_CHECKS };
const policyOf = (name: string): Policy => SAMPLED_POLICIES.find((it) => it.name === name)!;
const crowdOf = (policy: Policy, share: number): Crowd => ({
  policy,
  share,
  colluding: true,
  delay: 0,
});
/** Spoils `rate` items of each assignment: below 1, one item in as many of them. */
const saboteur = (rate: number): Policy => ({
  ...policyOf('one-item'),
  spoils: (_past, _listed, rng) => (rate < 1 ? Number(rng.chance(rate)) : rate),
});

describe('a quorum', () => {
  it.each([
    [1, 0.2],
    [2, 0.05],
    [2, 0.5],
    [3, 0.05],
    [3, 0.2],
    [4, 0.2],
    [5, 0.5],
    [7, 0.5],
  ])('of %i, %f of the computing lying together: what the simulator lets through', (quorum, f) => {
    const crowd = crowdOf(policyOf('never-compute'), f);
    const { wrongItems } = quorumOdds(
      quorum,
      crowd,
      { ...CONDITIONS, jobs: 60_000 },
      new QuickRng(1),
    );
    // In a network of finite size, accomplices of one opinion are a little rarer among the others.
    expect(wrongItems / wrongByQuorum(quorum, f)).toBeGreaterThan(0.75);
    expect(wrongItems / wrongByQuorum(quorum, f)).toBeLessThan(1.1);
  });
});

describe('sampling', () => {
  it.each([
    [0.05, 1],
    [0.05, 2],
    [0.2, 0.5],
    [0.2, 1],
    [0.2, 2],
    [0.2, 3],
    [0.5, 2],
    [0.5, 3],
    [0.5, 4],
  ])('%f of the computing spoiling %f items in 512: less than is said', (f, rate) => {
    const crowd = crowdOf(saboteur(rate), f);
    const { wrongItems } = sampledOdds(crowd, { ...CONDITIONS, jobs: 20_000 }, new QuickRng(1));
    expect(wrongItems).toBeLessThan(wrongBySampling(f));
  });

  it('is not called worse than four times what the best saboteur does', () => {
    for (const [f, rate] of [
      [0.2, 2],
      [0.5, 3],
    ] as const) {
      const crowd = crowdOf(saboteur(rate), f);
      const { wrongItems } = sampledOdds(crowd, { ...CONDITIONS, jobs: 20_000 }, new QuickRng(1));
      expect(wrongBySampling(f)).toBeLessThan(4 * wrongItems);
    }
  });

  it('in steady work costs what the simulator measures, but for newcomers', () => {
    const honest = { ...crowdOf(HONEST, 0), colluding: false };
    const long = { ...CONDITIONS, life: 2_000, jobs: 20_000 };
    const { checkParts } = sampledOdds(honest, long, new QuickRng(1));
    const simulated = checkParts.probes + checkParts.blind;
    const items = 1e9;
    const { byHosts, byReferee } = samplingWork(items, { known: 4, newcomers: 0 });
    const said = (byHosts + byReferee) / items;
    expect(simulated / said).toBeGreaterThan(0.9);
    expect(simulated / said).toBeLessThan(1.2);
  });
});
