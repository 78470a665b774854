import { describe, expect, it } from 'vitest';
import type { KeyId } from '../../shared/ids.ts';
import type { Job } from '../core/state.ts';
import { AuthorTurns } from './authorTurns.ts';

const job = (author: string, flopsPerItem = 10, ratePercent?: number) =>
  ({ author: author as KeyId, facts: { flopsPerItem }, ratePercent }) as Job;

/** Serves whoever is first, so many times; how often each was. */
function served(turns: AuthorTurns, jobs: readonly Job[], rounds: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < rounds; i++) {
    const next = turns.inOrder()[0]!;
    counts[next] = (counts[next] ?? 0) + 1;
    turns.granted(
      jobs.find(({ author }) => author === next)!,
      1,
    );
  }
  return counts;
}

const withJobs = (...jobs: Job[]): AuthorTurns => {
  const turns = new AuthorTurns();
  for (const one of jobs) turns.jobCame(one);
  return turns;
};

describe('turns of authors', () => {
  it('give each the same work, whatever its items cost', () => {
    const jobs = [job('cheap', 1), job('dear', 4)];
    const counts = served(withJobs(...jobs), jobs, 500);
    expect(counts).toEqual({ cheap: 400, dear: 100 });
  });

  it('give more to whoever offers more', () => {
    const jobs = [job('list'), job('double', 10, 200), job('half', 10, 50)];
    const counts = served(withJobs(...jobs), jobs, 700);
    expect(counts).toEqual({ list: 200, double: 400, half: 100 });
  });

  it('let nobody save up, and nobody begin anew by posting anew', () => {
    const [old, late] = [job('old'), job('late')];
    const turns = withJobs(old);
    served(turns, [old], 100);
    turns.jobCame(late);
    // It comes first once, not a hundred times.
    expect(served(turns, [old, late], 20)).toEqual({ old: 10, late: 10 });
    turns.granted(late, 50);
    turns.jobWent(late);
    turns.jobCame(late);
    expect(served(turns, [old, late], 50)).toEqual({ old: 50 });
  });

  it('let nobody catch up for a time in which nobody could take its work', () => {
    const [busy, blocked] = [job('busy'), job('blocked')];
    const turns = withJobs(busy, blocked);
    for (let i = 0; i < 1_000; i++) turns.granted(busy, 1);
    const counts = served(turns, [busy, blocked], 100);
    expect(counts['blocked']).toBeLessThan(60);
    expect(counts['busy']).toBeGreaterThan(40);
  });

  it('are those of authors with running jobs, in the order in which they came', () => {
    const turns = withJobs(job('a'), job('b'), job('b'));
    expect(turns.inOrder()).toEqual(['a', 'b']);
    turns.jobWent(job('b'));
    expect(turns.inOrder()).toEqual(['a', 'b']);
    turns.jobWent(job('b'));
    turns.jobWent(job('a'));
    expect(turns.inOrder()).toEqual([]);
  });

  it('work for programs whose cost is not known', () => {
    const jobs = [job('a', 0), job('b', 0)];
    expect(served(withJobs(...jobs), jobs, 10)).toEqual({ a: 5, b: 5 });
  });
});
