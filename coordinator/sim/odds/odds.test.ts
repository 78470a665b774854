/** The simulated odds, small and seeded: what must come out whatever the sizes, and bounds of what did. */
import { describe, expect, it } from 'vitest';
import { GATE_CHECKS, LARGE_JOB_CHECKS } from '../../core/stream.ts';
import { CELLS, cellsWith, figuresOfCell } from './cells.ts';
import type { Figures } from './figures.ts';
import { oddsTable } from './oddsTable.ts';
import { QuickRng } from './quickRng.ts';
import { runCells } from './runCells.ts';

const SMALL = { jobs: 20_000, items: 512, life: 200, gate: GATE_CHECKS };

function figures(name: string, changes: Partial<typeof SMALL> = {}, seed = 1): Figures {
  const cell = CELLS.find((it) => it.name === name);
  if (cell === undefined) throw new Error(`no cell ${name}`);
  return figuresOfCell(cell, { ...SMALL, ...changes }, seed);
}

describe('quick random numbers', () => {
  it('are spread evenly, and differ by seed', () => {
    const rng = new QuickRng(7);
    const counts = Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[rng.below(10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    expect(new QuickRng(7).next()).not.toBe(new QuickRng(8).next());
  });

  it('count marked ones without putting back', () => {
    const rng = new QuickRng(1);
    expect(rng.marked(10, 0, 100)).toBe(0);
    expect(rng.marked(10, 100, 100)).toBe(10);
    expect(rng.marked(100, 3, 100)).toBe(3);
    let found = 0;
    for (let i = 0; i < 20_000; i++) found += rng.marked(20, 5, 100);
    expect(found / 20_000).toBeCloseTo(1, 1);
  });
});

describe('quorums', () => {
  // With few slots, a job that has one adversary finds noticeably fewer others.
  const many = { jobs: 100_000 };

  it('of two: colluders get through where both are theirs, which is f²', () => {
    for (const f of [5, 20]) {
      const { wrongJobs, check } = figures(
        `quorum-2 never-compute f=${f}% colluding delay=0`,
        many,
      );
      const squared = (f / 100) ** 2;
      expect(wrongJobs).toBeGreaterThan(0.75 * squared);
      expect(wrongJobs).toBeLessThan(1.15 * squared);
      expect(check).toBeGreaterThan(1);
    }
  });

  it('of three: all three, or two and the next of four', () => {
    const { wrongJobs } = figures('quorum-3 never-compute f=20% colluding delay=0', many);
    const f = 0.2;
    const expected = f ** 3 + 3 * f ** 3 * (1 - f);
    expect(Math.abs(wrongJobs / expected - 1)).toBeLessThan(0.15);
  });

  it('let nothing through where wrong values differ', () => {
    for (const quorum of ['quorum-2', 'quorum-3']) {
      expect(figures(`${quorum} never-compute f=20% independent delay=0`).wrongJobs).toBe(0);
    }
  });
});

describe('adaptive replication', () => {
  it('lets through half of what a patient adversary does', () => {
    const { wrongJobs } = figures('adaptive betray-when-trusted f=20% independent delay=0');
    expect(wrongJobs).toBeGreaterThan(0.05);
    expect(wrongJobs).toBeLessThan(0.2);
  });
});

describe('sampling', () => {
  it('honest contributors: 3 % of checking, nobody ejected, every job final', () => {
    const honest = figures('sampled honest', { jobs: 50_000 });
    expect(honest.jobs).toBe(50_000);
    expect(honest.check).toBeGreaterThan(0.02);
    expect(honest.check).toBeLessThan(0.03);
    expect(honest.redo).toBeLessThan(0.001);
    expect(honest).toMatchObject({ wrongJobs: 0, honestBansPerMillion: 0 });
    // One item in 512, and 3 % of the items are checked: most faults are never seen.
    expect(honest.faultyJobs).toBeGreaterThan(2e-5);
    expect(honest.faultyJobs).toBeLessThan(3e-4);
  });

  it.each(['never-compute', 'skip-10%', 'downgrade', 'betray-after-30', 'betray-after-300'])(
    '%s: nothing gets through, a fifth of the assignments and colluding',
    (policy) => {
      for (const delay of [0, 50]) {
        const found = figures(`sampled ${policy} f=20% colluding delay=${delay}`);
        expect(found).toMatchObject({ wrongJobs: 0, honestBansPerMillion: 0 });
        expect(found.untilEjection).toBeLessThan(310);
      }
    },
  );

  it('single items get through, fewer with a delay, and hardly in large jobs', () => {
    const name = 'sampled one-item f=20% colluding delay=';
    const today = figures(`${name}0`).wrongItems;
    // Unchecked it would be a fifth of 1/512.
    expect(today).toBeGreaterThan(1e-4);
    expect(today).toBeLessThan(0.6 * (0.2 / 512));
    expect(figures(`${name}50`).wrongItems).toBeLessThan(0.8 * today);
    const strict = figures(`${name}50`, { gate: 3 * GATE_CHECKS });
    expect(strict.wrongItems).toBeLessThan(today / 5);
    const large = { gate: LARGE_JOB_CHECKS, jobs: 100_000 };
    expect(figures(`${name}0`, large).wrongItems).toBeLessThan(4e-5);
  });

  it('accusers are ejected themselves, and cost no honest one its place', () => {
    const found = figures('sampled false-accuser f=20% independent delay=0');
    expect(found).toMatchObject({ wrongJobs: 0, honestBansPerMillion: 0 });
    expect(found.untilEjection).toBeLessThan(4);
    expect(found.checkParts.disputes).toBeLessThan(0.05);
  });

  it('identities that may come back at once waste more work than those that wait', () => {
    const [atOnce, later] = [0, 50].map((delay) =>
      figures(`sampled never-compute f=20% colluding delay=${delay}`),
    );
    expect(atOnce!.redo).toBeGreaterThan(0.15);
    expect(later!.redo).toBeLessThan(0.05);
    expect(later!.check).toBeLessThan(0.045);
  });

  it('short lives: contributors without enough items to be checked are final item by item', () => {
    expect(figures('sampled honest', { jobs: 2_000, life: 1 }).jobs).toBe(2_000);
  });
});

describe('a run', () => {
  const work = { conditions: { ...SMALL, jobs: 2_000 }, seed: 3 };

  it('gives the same figures for a seed, on however many threads, alone or among others', async () => {
    const cells = cellsWith(['one-item', 'f=5%', 'colluding']);
    const together = await runCells(cells, work, () => {});
    for (const { cell, figures: found } of together) {
      expect(found).toEqual(figuresOfCell(cell, work.conditions, work.seed));
    }
    expect(figures(cells[0]!.name, {}, 1)).not.toEqual(figures(cells[0]!.name, {}, 2));
  });

  it('is shown as a table with the worst of each way, then the policies', async () => {
    const results = await runCells(cellsWith(['f=20%', 'independent', 'delay=0']), work, () => {});
    const lines = oddsTable(results).split('\n');
    expect(lines.filter((line) => line.startsWith('quorum-2'))).toHaveLength(1);
    expect(lines.filter((line) => /^sampled one-item /.test(line)).length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.startsWith('sampled')).length).toBeGreaterThan(8);
  });

  it('names every cell once', () => {
    expect(new Set(CELLS.map(({ name }) => name)).size).toBe(CELLS.length);
    expect(cellsWith(['no-such-word'])).toEqual([]);
  });
});
