/** The sequential test over opened assignments: who is checked more, who is quarantined, and who is not. */
import { describe, expect, it } from 'vitest';
import { Rng } from '../sim/rng.ts';
import {
  NO_ABORTS,
  QUARANTINE_MS,
  afterOpening,
  inProbation,
  outcomeOf,
  type AbortResponse,
  type Aborts,
} from './aborts.ts';
import { FIRST_ITEMS, NEW_STREAM } from './stream.ts';
import * as states from './testing/work.ts';

const NOW = 10_000;

/** Outcomes in words: `a` for an abort, `k` for a report. */
function responses(outcomes: string, from: Aborts = NO_ABORTS): AbortResponse[] {
  let aborts = from;
  return [...outcomes].map((outcome) => {
    const after = afterOpening(aborts, outcome === 'a' ? 'aborted' : 'kept', NOW);
    aborts = after.aborts;
    return after.response;
  });
}

describe('aborts close together', () => {
  it('one says nothing, the second is probation, the fourth quarantine', () => {
    expect(responses('aaaa')).toEqual(['none', 'probation', 'probation', 'quarantine']);
  });

  it.each([
    ['aka', 'probation'],
    ['akka', 'none'],
    ['akakaka', 'quarantine'],
    ['aaakkka', 'quarantine'],
    ['aaakkkka', 'probation'],
  ])('%s: %s at the end', (outcomes, response) => {
    expect(responses(outcomes).at(-1)).toBe(response);
  });

  it('every quarantine is of at least four, in whatever order they come', () => {
    for (let bits = 0; bits < 2 ** 12; bits++) {
      const outcomes = [...bits.toString(2).padStart(12, '0')].map((bit) =>
        bit === '1' ? 'a' : 'k',
      );
      const at = responses(outcomes.join('')).indexOf('quarantine');
      if (at < 0) continue;
      const aborts = outcomes.slice(0, at + 1).filter((it) => it === 'a');
      expect(aborts.length, outcomes.join('')).toBeGreaterThanOrEqual(4);
    }
  });

  it('a long honest past shields nobody', () => {
    expect(responses('k'.repeat(100_000) + 'aaaa').at(-1)).toBe('quarantine');
  });

  it('a quarantine has a named end, and what counted for it counts no more', () => {
    let { aborts } = afterOpening({ ...NO_ABORTS, total: 9, score: 12 }, 'aborted', NOW);
    expect(aborts).toEqual({ total: 10, score: 0, quarantinedUntilMs: NOW + QUARANTINE_MS });
    aborts = afterOpening(aborts, 'kept', NOW).aborts;
    expect(aborts).toEqual({ total: 10, score: 0, quarantinedUntilMs: NOW + QUARANTINE_MS });
  });

  it('a report changes nothing where nothing counts: nothing is written', () => {
    expect(afterOpening(NO_ABORTS, 'kept', NOW).aborts).toBe(NO_ABORTS);
  });
});

/** Opened assignments before the first quarantine, at most `limit`. */
function untilQuarantine(rng: Rng, abortRate: number, limit: number): number {
  let aborts = NO_ABORTS;
  for (let opened = 1; opened <= limit; opened++) {
    const after = afterOpening(aborts, rng.chance(abortRate) ? 'aborted' : 'kept', NOW);
    if (after.response === 'quarantine') return opened;
    aborts = after.aborts;
  }
  return Infinity;
}

describe('rates', () => {
  it.each([1, 2, 3])('a host that closes 1 % is not quarantined in 100,000 (seed %i)', (seed) => {
    expect(untilQuarantine(new Rng(seed), 0.01, 100_000)).toBe(Infinity);
  });

  it('a selective aborter of half is, within some ten', () => {
    const rng = new Rng(4);
    const runs = Array.from({ length: 1_000 }, () => untilQuarantine(rng, 0.5, 1_000)).sort(
      (a, b) => a - b,
    );
    expect(runs[500]).toBeLessThanOrEqual(10);
    expect(runs[990]).toBeLessThanOrEqual(40);
  });
});

describe('what counts', () => {
  it.each<[string, Parameters<typeof outcomeOf>[1], ReturnType<typeof outcomeOf>]>([
    ['a report', states.reported('x'), 'kept'],
    ['a return', states.RETURNED, 'aborted'],
    ['an expiry', states.EXPIRED, 'aborted'],
    ['an error', states.ERRORED, 'aborted'],
    ['progress', { ...states.COMMITTED, itemsDone: 3 }, null],
    ['the end of the job', states.REVOKED, null],
    ['our own fault', states.UNDELIVERED, null],
  ])('%s of an opened assignment, and nothing of one that is not', (_, after, outcome) => {
    expect(outcomeOf(states.COMMITTED, after)).toBe(outcome);
    expect(outcomeOf(states.LEASED, after)).toBeNull();
  });

  it('the opening itself does not', () => {
    expect(outcomeOf(states.LEASED, states.COMMITTED)).toBeNull();
  });
});

it('probation keeps what is known of a stream, and checks it as a new one', () => {
  const stream = { ...NEW_STREAM, checks: 2_000, items: 90_000, score: 1.5 };
  expect(inProbation([{ key: 'a', stream }])).toEqual([
    { key: 'a', stream: { ...stream, items: FIRST_ITEMS } },
  ]);
});
