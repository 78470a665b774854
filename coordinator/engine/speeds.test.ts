import { describe, expect, it } from 'vitest';
import type { ConnectedHost } from './hosts.ts';
import { Speeds } from './speeds.ts';

const HOST = {} as ConnectedHost;

describe('speeds', () => {
  it('are the median of the last warm samples: a slow moment changes nothing, a slow device shows', () => {
    const speeds = new Speeds(() => 0);
    speeds.note(HOST, 500, 50_000);
    expect(speeds.of(HOST)).toBeNull();
    for (let i = 0; i < 9; i++) speeds.note(HOST, 500, 500);
    for (let i = 0; i < 4; i++) speeds.note(HOST, 50, 500);
    expect(speeds.of(HOST)).toBe(1);
    speeds.note(HOST, 50, 500);
    expect(speeds.of(HOST)).toBeCloseTo(0.1);
  });

  it('are of half a second of computing each: small reports count together', () => {
    const speeds = new Speeds(() => 0);
    speeds.note(HOST, 10, 10);
    for (let i = 0; i < 49; i++) speeds.note(HOST, i % 2 === 0 ? 1 : 19, 10);
    expect(speeds.of(HOST)).toBeNull();
    speeds.note(HOST, 19, 10);
    expect(speeds.of(HOST)).toBeCloseTo(1);
    // One that took longer is a sample of its own.
    for (let i = 0; i < 2; i++) speeds.note(HOST, 2_000, 1_000);
    expect(speeds.of(HOST)).toBe(2);
  });

  it('are forgotten of who computed nothing for a minute, and measured anew', () => {
    let nowMs = 0;
    const speeds = new Speeds(() => nowMs);
    speeds.note(HOST, 500, 500);
    speeds.note(HOST, 50, 500);
    nowMs = 60_000;
    expect(speeds.of(HOST)).toBeCloseTo(0.1);
    nowMs += 1;
    expect(speeds.of(HOST)).toBeNull();
    speeds.note(HOST, 1_000, 500);
    expect(speeds.of(HOST)).toBe(2);
  });

  it('are not learned from what took no time', () => {
    const speeds = new Speeds(() => 0);
    for (const [refereeMs, ms] of [
      [0, 1],
      [1, 0],
      [NaN, 1],
    ] as const)
      for (let i = 0; i < 2; i++) speeds.note(HOST, refereeMs, ms);
    expect(speeds.of(HOST)).toBeNull();
  });
});
