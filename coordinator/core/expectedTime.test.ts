import { describe, expect, it } from 'vitest';
import {
  expectedTime,
  expectedTimeOfRoute,
  type MsPerItem,
  type Runner,
  type TimedWork,
} from './expectedTime.ts';

const WORK: TimedWork = {
  items: 1000,
  itemsPerShard: 10,
  refereeMsPerItem: 5,
  verification: { kind: 'quorum', quorum: 1, secondOpinion: 'contributors' },
  volunteers: { known: 0, newcomers: 1 },
  otherAuthors: 0,
};
const quorum2 = (secondOpinion: 'contributors' | 'referee'): TimedWork => ({
  ...WORK,
  verification: { kind: 'quorum', quorum: 2, secondOpinion },
});
const measured = (ms: number, from: MsPerItem['from'] = 'program'): MsPerItem => ({
  from,
  low: ms,
  high: ms,
});
const runner = (cohort: string, msPerItem: MsPerItem | null, loadMs = 0): Runner => ({
  cohort,
  msPerItem,
  loadMs,
});

describe('the expected time', () => {
  it('is not known, and says why, without hosts, without measured ones, and with too few for a quorum', () => {
    expect(expectedTime(WORK, [])).toEqual({
      seconds: null,
      text: 'Not known: no volunteer is connected, able to run it and at work now.',
    });
    const fresh = runner('a', null);
    expect(expectedTime(WORK, [fresh]).text).toContain('the device that could run it has not');
    expect(expectedTime(WORK, [fresh, runner('b', null)])).toMatchObject({
      seconds: null,
      text: expect.stringContaining('none of the 2 devices') as string,
    });
    const related = [runner('a', measured(1)), runner('a', measured(1))];
    expect(expectedTime(quorum2('contributors'), related)).toMatchObject({
      seconds: null,
      text: expect.stringContaining('2 unrelated contributors, of which 1') as string,
    });
  });

  it('is the work over the speeds, and more where devices rest and the last shard is slow', () => {
    const { seconds, text } = expectedTime(WORK, [runner('a', measured(10))]);
    expect(seconds!.low).toBeCloseTo(10, 1);
    // Twice as slow, and its last shard of 10 items.
    expect(seconds!.high).toBeCloseTo(20.2, 1);
    expect(text).toBe('From 1 device measured on this program. Checking is included.');
    const two = expectedTime(WORK, [runner('a', measured(10)), runner('b', measured(10))]);
    expect(two.seconds!.low).toBeCloseTo(5, 1);
  });

  it('a slow device adds little to fast ones, and its last shard is copied', () => {
    const fast = runner('a', measured(1));
    const alone = expectedTime(WORK, [fast]).seconds!;
    const both = expectedTime(WORK, [fast, runner('b', measured(10_000))]).seconds!;
    expect(both.low).toBeLessThanOrEqual(alone.low);
    // 200 s for its shard, if nobody copied it.
    expect(both.high).toBeLessThan(alone.high + 2);
  });

  it('of a quorum no contributor does more than its opinion: the slower one sets the time', () => {
    const slow = expectedTime(quorum2('contributors'), [
      runner('a', measured(1)),
      runner('b', measured(20)),
    ]);
    expect(slow.seconds!.low).toBeCloseTo(20, 1);
  });

  it('the referee stands in for a missing second opinion, on one thread', () => {
    const { seconds } = expectedTime(quorum2('referee'), [runner('a', measured(1))]);
    expect(seconds!.low).toBeCloseTo(5, 1);
    expect(seconds!.high).toBeGreaterThan(7);
  });

  it('what is guessed, unknown, not loaded or shared widens it', () => {
    const of = (...runners: Runner[]) => expectedTime(WORK, runners);
    const known = of(runner('a', measured(10))).seconds!;
    const guessed = of(runner('a', measured(10, 'others')));
    expect(guessed.seconds!.low).toBeLessThan(known.low / 2);
    expect(guessed.seconds!.high).toBeGreaterThan(known.high);
    expect(guessed.text).toContain('1 device measured on other programs');
    const withUnknown = of(runner('a', measured(10)), runner('b', null));
    expect(withUnknown.seconds!.low).toBeCloseTo(known.low / 2, 1);
    expect(withUnknown.seconds!.high).toBeGreaterThan(known.high / 2);
    expect(withUnknown.text).toContain('1 device of unknown speed');
    const cold = of(runner('a', measured(10), 60_000)).seconds!;
    expect(cold.low).toBe(known.low);
    expect(cold.high).toBeCloseTo(known.high + 60, 0);
    const busy = expectedTime({ ...WORK, otherAuthors: 2 }, [runner('a', measured(10))]);
    expect(busy.seconds!.high).toBeCloseTo(3 * known.high);
    expect(busy.text).toContain('they work for 2 other authors too');
  });

  it('samples add their own items, and what the referee computes of them', () => {
    const verification = { kind: 'sampled', secondOpinion: 'referee' } as const;
    const { seconds } = expectedTime({ ...WORK, verification }, [runner('a', measured(10))]);
    expect(seconds!.low).toBeGreaterThanOrEqual(10);
    expect(seconds!.low).toBeLessThan(13);
  });

  it('of an item that took no time at all is still some', () => {
    const { seconds } = expectedTime({ ...WORK, refereeMsPerItem: 0 }, [runner('a', measured(0))]);
    expect(seconds!.low).toBeGreaterThan(0);
    expect(seconds!.high).toBeLessThan(1);
  });

  it('of a route is that of its slowest place', () => {
    expect(expectedTimeOfRoute(WORK, null, 0.1).seconds).toBeNull();
    expect(expectedTimeOfRoute(WORK, 100, 0.1).seconds).toEqual({ low: 10, high: 20.5 });
  });
});
