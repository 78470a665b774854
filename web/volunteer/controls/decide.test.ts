/** The rules one by one, and which of them speaks where several would. */
import { describe, expect, test } from 'vitest';
import { decide, type Decision } from './decide.ts';
import { DEFAULT_SETTINGS, PRESETS, WEEK_MS, type Settings } from './settings.ts';
import type { Signals } from './signals.ts';
import { signalsOf } from './testing.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW = signalsOf().wallMs;

const of = (change: Partial<Settings> = {}, signals: Partial<Signals> = {}): Decision =>
  decide({ ...DEFAULT_SETTINGS, ...change }, signalsOf(signals));
const restOf = (change: Partial<Settings>, signals: Partial<Signals>) => {
  const decision = of(change, signals);
  return decision.kind === 'rest' ? decision.because : null;
};

describe('nothing speaks against it', () => {
  test('it works at the share that was chosen, and no timer is needed', () => {
    expect(of({ gpuPercent: 25, cpuPercent: 80 })).toEqual({
      kind: 'run',
      duty: { gpu: 0.25, cpu: 0.8 },
      slowedBy: [],
      lookAgainInMs: null,
    });
  });

  test('what a browser does not tell keeps nothing from working', () => {
    const untold = { battery: null, pressure: null, deviceInUse: null, metered: null };
    expect(of({ ...PRESETS.gentle, whenUsed: 'rest' }, untold)).toMatchObject({ kind: 'run' });
  });
});

describe('a break', () => {
  test('rests to its end, and then no more', () => {
    expect(of({}, { breakUntilMs: NOW + HOUR_MS })).toEqual({
      kind: 'rest',
      because: { kind: 'break', untilMs: NOW + HOUR_MS },
      lookAgainInMs: HOUR_MS,
    });
    expect(of({}, { breakUntilMs: NOW })).toMatchObject({ kind: 'run', lookAgainInMs: null });
  });

  test('comes before every other reason', () => {
    const all = { visible: false, metered: true, breakUntilMs: NOW + 1 };
    expect(restOf({}, all)).toMatchObject({ kind: 'break' });
  });
});

describe('the schedule', () => {
  const monday = [true, false, false, false, false, false, false];
  const at = (hours: number) => ({ weekMs: hours * HOUR_MS });
  const day = { schedule: { days: monday, from: 9 * 60, to: 17 * 60 } };
  const night = { schedule: { days: monday, from: 22 * 60, to: 6 * 60 } };

  test('works from its first millisecond to its last', () => {
    expect(of(day, { weekMs: 9 * HOUR_MS - 1 })).toEqual({
      kind: 'rest',
      because: { kind: 'schedule', untilMs: NOW + 1 },
      lookAgainInMs: 1,
    });
    expect(of(day, at(9))).toMatchObject({ kind: 'run', lookAgainInMs: HOUR_MS });
    expect(of(day, { weekMs: 17 * HOUR_MS - 1 })).toMatchObject({ kind: 'run', lookAgainInMs: 1 });
    expect(restOf(day, at(17))).toEqual({
      kind: 'schedule',
      untilMs: NOW + WEEK_MS - 8 * HOUR_MS,
    });
  });

  test('goes on past midnight, also past the end of the week', () => {
    expect(restOf(night, at(5))).toMatchObject({ kind: 'schedule' });
    expect(restOf(night, at(24 + 5))).toBeNull();
    expect(restOf(night, at(24 + 6))).toMatchObject({ kind: 'schedule' });
    const sunday = [...monday].reverse();
    const late = { schedule: { days: sunday, from: 22 * 60, to: 6 * 60 } };
    expect(restOf(late, at(5))).toBeNull();
    expect(restOf(late, at(6))).toMatchObject({ kind: 'schedule' });
  });

  test('equal hours are whole days; days that follow on are one', () => {
    const always = { schedule: { days: monday.map(() => true), from: 0, to: 0 } };
    expect(of(always, at(3))).toMatchObject({ kind: 'run' });
  });

  test('without a day it never works, and looks again only for the clock’s sake', () => {
    const never = { schedule: { days: monday.map(() => false), from: 0, to: 60 } };
    expect(restOf(never, at(0))).toEqual({ kind: 'schedule', untilMs: null });
  });
});

describe('what is seen and what is not', () => {
  test('a tab that is covered rests unless it may go on', () => {
    expect(restOf({}, { visible: false })).toEqual({ kind: 'hidden' });
    expect(restOf({ inBackground: true }, { visible: false })).toBeNull();
  });
});

describe('the battery', () => {
  const on = (level: number) => ({ battery: { charging: false, level } });
  test('only while charging', () => {
    const because = { kind: 'battery', percent: 99, floorPercent: null };
    expect(restOf({ battery: 'charging' }, on(0.99))).toEqual(because);
    expect(
      restOf({ battery: 'charging' }, { battery: { charging: true, level: 0.01 } }),
    ).toBeNull();
  });
  test('down to a charge, and not at it', () => {
    const settings = { battery: 'above', batteryPercent: 40 } as const;
    expect(restOf(settings, on(0.41))).toBeNull();
    expect(restOf(settings, on(0.4))).toEqual({ kind: 'battery', percent: 40, floorPercent: 40 });
  });
  test('or to the last', () => {
    expect(restOf({ battery: 'any' }, on(0.01))).toBeNull();
  });
});

describe('the line', () => {
  test('one that costs money is left alone unless it may be used', () => {
    expect(restOf({}, { metered: true })).toEqual({ kind: 'metered' });
    expect(restOf({ onMeteredLine: true }, { metered: true })).toBeNull();
  });
  test('a day’s cap ends the day', () => {
    expect(restOf({ dataCapMb: 20 }, { bytesToday: 20e6 - 1 })).toBeNull();
    expect(of({ dataCapMb: 20 }, { bytesToday: 20e6, toMidnightMs: 5 })).toEqual({
      kind: 'rest',
      because: { kind: 'data-cap', capMb: 20, untilMs: NOW + 5 },
      lookAgainInMs: 5,
    });
  });
});

describe('people', () => {
  const touched = (agoMs: number) => ({ lastInputMs: NOW - agoMs });

  test('whoever touches the page halves the duty, for ten seconds', () => {
    expect(of({ gpuPercent: 50 }, touched(4_000))).toMatchObject({
      duty: { gpu: 0.25 },
      slowedBy: ['in-use'],
      lookAgainInMs: 6_000,
    });
    expect(of({}, touched(10_000))).toMatchObject({ slowedBy: [] });
  });

  test('only when away: it rests until nothing was touched for long enough', () => {
    const settings = { whenUsed: 'rest', awayAfterMinutes: 5 } as const;
    expect(of(settings, touched(MINUTE_MS))).toEqual({
      kind: 'rest',
      because: { kind: 'in-use', device: false, untilMs: NOW + 4 * MINUTE_MS },
      lookAgainInMs: 4 * MINUTE_MS,
    });
    expect(of(settings, touched(5 * MINUTE_MS))).toMatchObject({ kind: 'run' });
  });

  test('a device in use counts where the page knows', () => {
    expect(restOf({ whenUsed: 'rest' }, { deviceInUse: true })).toMatchObject({ device: true });
    expect(of({ whenUsed: 'same' }, { deviceInUse: true })).toMatchObject({ slowedBy: [] });
    expect(restOf({ whenUsed: 'rest' }, { deviceInUse: false, ...touched(1) })).toBeNull();
  });

  test('a clock that was put back keeps nothing resting', () => {
    expect(restOf({ whenUsed: 'rest' }, { lastInputMs: NOW + HOUR_MS })).toBeNull();
  });
});

describe('pressure', () => {
  const pressure = (state: 'nominal' | 'serious' | 'critical', agoMs: number | null = null) => ({
    pressure: { state, lastCriticalMs: agoMs === null ? null : NOW - agoMs },
  });

  test('serious halves the duty, beside what people halve', () => {
    expect(of({ cpuPercent: 80 }, pressure('serious'))).toMatchObject({ duty: { cpu: 0.4 } });
    expect(of({ cpuPercent: 80 }, { ...pressure('serious'), lastInputMs: NOW })).toMatchObject({
      duty: { cpu: 0.2 },
      slowedBy: ['in-use', 'pressure'],
    });
  });

  test('critical rests, and for half a minute after', () => {
    expect(restOf({}, pressure('critical'))).toEqual({ kind: 'pressure', state: 'critical' });
    expect(of({}, pressure('nominal', 10_000))).toMatchObject({
      kind: 'rest',
      lookAgainInMs: 20_000,
    });
    expect(of({}, pressure('nominal', 30_000))).toMatchObject({ kind: 'run' });
  });

  test('who gives all does not yield', () => {
    expect(of(PRESETS.all, pressure('critical'))).toMatchObject({ kind: 'run', duty: { gpu: 1 } });
  });
});

test('no duty falls below what keeps leases worth holding', () => {
  const both = { lastInputMs: NOW, pressure: { state: 'serious', lastCriticalMs: null } as const };
  expect(of({ gpuPercent: 5, cpuPercent: 5 }, both)).toMatchObject({ duty: { gpu: 0.05 } });
});
