/** The formulas at the places where their values are known. */
import { describe, expect, it } from 'vitest';
import {
  ALGEBRAIC_ESCAPE,
  algebraicShareOf,
  checkingCost,
  oddsOf,
  gateForNothing,
  samplingWork,
  type Volunteers,
  wrongAtMost,
  wrongByQuorum,
  wrongBySampling,
} from './odds.ts';
import { GATE_CHECKS, LARGE_JOB_CHECKS, LATER_CHECKS } from './stream.ts';
import { quorumOf } from './testing/work.ts';

const SAMPLED = { kind: 'sampled', secondOpinion: 'contributors' } as const;
const WORK = { items: 32_768, shards: 64 };

describe('a quorum', () => {
  it('of one is as good as its volunteer', () => {
    expect(wrongByQuorum(1, 0.05)).toBe(0.05);
  });

  it('of two lets through f²; of three f³, or two of the first three and the fourth', () => {
    for (const f of [0, 0.01, 0.2, 0.5]) {
      expect(wrongByQuorum(2, f)).toBeCloseTo(f ** 2, 12);
      expect(wrongByQuorum(3, f)).toBeCloseTo(f ** 3 + 3 * f ** 3 * (1 - f), 12);
    }
  });

  it('helps the more the fewer liars there are', () => {
    for (const quorum of [2, 3, 4, 5, 6]) {
      expect(wrongByQuorum(quorum + 1, 0.05)).toBeLessThan(wrongByQuorum(quorum, 0.05));
    }
    // With half of all in one hand, a majority of three is theirs more often than two of two.
    expect(wrongByQuorum(3, 0.5)).toBeGreaterThan(wrongByQuorum(2, 0.5));
  });

  it('a job has a wrong item where any of its shards is wrong', () => {
    const { wrongItems, anyWrong } = oddsOf(quorumOf(2), WORK, 0.05);
    expect(wrongItems).toBeCloseTo(0.0025, 12);
    expect(anyWrong).toBeCloseTo(1 - (1 - 0.0025) ** 64, 12);
    expect(oddsOf(quorumOf(2), WORK, 0)).toEqual({ wrongItems: 0, anyWrong: 0 });
    expect(oddsOf(quorumOf(1), WORK, 0.5).anyWrong).toBeCloseTo(1, 12);
  });
});

describe('sampling', () => {
  it('is not below what was measured at a million assignments (docs/verification.md)', () => {
    for (const [f, measured] of [
      [0.01, 5.0e-6],
      [0.05, 3.0e-5],
      [0.2, 1.6e-4],
    ] as const) {
      expect(wrongBySampling(f)).toBeGreaterThan(measured);
      expect(wrongBySampling(f)).toBeLessThan(4 * measured);
    }
    expect(wrongBySampling(0)).toBe(0);
    expect(wrongBySampling(1)).toBe(1);
  });

  it('a large job has a wrong item nearly surely, if anybody lies', () => {
    expect(oddsOf(SAMPLED, { items: 1_000_000, shards: 2_000 }, 0.05).anyWrong).toBe(1);
    expect(oddsOf(SAMPLED, { items: 4_096, shards: 8 }, 0.01).anyWrong).toBeLessThan(0.1);
  });

  it('the gate excludes one item in 222, with 99 %; fewer where accomplices gave some of the checks', () => {
    expect(1 / wrongAtMost(GATE_CHECKS, 0)).toBeCloseTo(222.4, 0);
    expect(wrongAtMost(GATE_CHECKS, 0.2)).toBeCloseTo(wrongAtMost(GATE_CHECKS, 0) / 0.8, 12);
    expect(wrongAtMost(0, 0)).toBe(1);
    expect(wrongAtMost(GATE_CHECKS, 1)).toBe(1);
  });

  it('costs about what four hosts measured: 9.7 % as newcomers, 3.4 % later (docs/benchmarks.md)', () => {
    const cost = (known: number, newcomers: number) =>
      checkingCost(SAMPLED, WORK, { known, newcomers }, 0);
    expect(cost(0, 4)).toBeCloseTo(0.097, 2);
    expect(cost(4, 0)).toBeCloseTo(0.034, 2);
    expect(cost(2, 2)).toBeCloseTo((cost(4, 0) + cost(0, 4)) / 2, 12);
  });

  it('of a job of a few items checks every one, and of one volunteer only the referee does', () => {
    const few = samplingWork(100, { known: 0, newcomers: 4 });
    expect(few.byHosts + few.byReferee).toBeLessThanOrEqual(100);
    expect(few.byHosts + few.byReferee).toBeGreaterThan(85);
    const alone = samplingWork(32_768, { known: 0, newcomers: 1 });
    expect(alone.byHosts).toBe(0);
    // Its probes and the blind samples are part of the way through the gate.
    expect(alone.byReferee).toBeGreaterThanOrEqual(GATE_CHECKS);
    expect(samplingWork(1e6, { known: 1, newcomers: 0 }).byReferee).toBeGreaterThan(LATER_CHECKS);
  });
});

describe('a gate that costs nothing', () => {
  const cost = (items: number, who: Volunteers, checks: number) =>
    checkingCost({ ...SAMPLED, checks }, { items, shards: 1 }, who, 0);

  it.each<[Volunteers, number]>([
    [{ known: 0, newcomers: 1 }, 300_000],
    [{ known: 0, newcomers: 4 }, 500_000],
    [{ known: 4, newcomers: 0 }, 500_000],
    [{ known: 3, newcomers: 30 }, 5_000_000],
  ])('of %j and %i items is above the least, and as cheap', (who, items) => {
    const gate = gateForNothing(items, who);
    expect(gate).toBeGreaterThan(GATE_CHECKS);
    expect(cost(items, who, gate)).toBe(cost(items, who, GATE_CHECKS));
    const asMany = { known: who.known, newcomers: 2 * who.newcomers + who.known };
    expect(cost(items, asMany, gate)).toBe(cost(items, asMany, GATE_CHECKS));
    expect(gateForNothing(2 * items, who)).toBeGreaterThanOrEqual(gate);
  });

  it('is never below the least, nor above that of large jobs', () => {
    expect(gateForNothing(1, { known: 0, newcomers: 9 })).toBe(GATE_CHECKS);
    expect(gateForNothing(1e9, { known: 1, newcomers: 1 })).toBe(LARGE_JOB_CHECKS);
    // 200 assignments of 512, which the simulator gives each: as many again may come.
    expect(gateForNothing(2 * 200 * 512, { known: 0, newcomers: 1 })).toBe(LARGE_JOB_CHECKS);
  });
});

describe('an algebraic check', () => {
  it('lets through what its vectors miss, whoever lies', () => {
    expect(ALGEBRAIC_ESCAPE).toBeCloseTo(1e-8, 20);
    const { wrongItems, anyWrong } = oddsOf({ kind: 'algebraic' }, WORK, 0.5);
    expect(wrongItems).toBe(ALGEBRAIC_ESCAPE);
    expect(anyWrong).toBeCloseTo(32_768e-8, 12);
    expect(oddsOf({ kind: 'algebraic' }, WORK, 0)).toEqual({ wrongItems: 0, anyWrong: 0 });
  });

  it('costs three passes a vector instead of the product', () => {
    const share = (side: number) =>
      algebraicShareOf([{ m: side, k: side, n: side }], 2 * side ** 3);
    expect(share(1024)).toBeCloseTo(12 / 1024, 12);
    expect(share(8)).toBeGreaterThan(1);
    expect(checkingCost({ kind: 'algebraic' }, WORK, { known: 1, newcomers: 0 }, share(64))).toBe(
      share(64),
    );
  });
});
