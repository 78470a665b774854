/** What holds for all settings and signals: time alone changes nothing before the moment that a decision names. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, type Decision } from './decide.ts';
import { DAY_MINUTES, DEFAULT_SETTINGS, WEEK_MS, changed, type Settings } from './settings.ts';
import type { Signals } from './signals.ts';
import { signalsOf } from './testing.ts';

const DAY_MS = DAY_MINUTES * 60_000;
const NOW = signalsOf().wallMs;

const percent = fc.integer({ min: 5, max: 100 });
const minute = fc.integer({ min: 0, max: DAY_MINUTES - 1 });
const settings: fc.Arbitrary<Settings> = fc.record({
  version: fc.constant(DEFAULT_SETTINGS.version),
  gpuPercent: percent,
  cpuPercent: percent,
  whenUsed: fc.constantFrom('same', 'slow', 'rest'),
  awayAfterMinutes: fc.integer({ min: 1, max: 120 }),
  battery: fc.constantFrom('any', 'above', 'charging'),
  batteryPercent: fc.integer({ min: 5, max: 95 }),
  yieldsToPressure: fc.boolean(),
  onMeteredLine: fc.boolean(),
  inBackground: fc.boolean(),
  screenAwake: fc.boolean(),
  tellsRegion: fc.boolean(),
  schedule: fc.option(
    fc.record({
      days: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
      from: minute,
      to: minute,
    }),
  ),
  dataCapMb: fc.option(fc.integer({ min: 10, max: 1_000 })),
  memoryCapMb: fc.constant(null),
  wishes: fc.constant(DEFAULT_SETTINGS.wishes),
});

const ago = fc.option(fc.integer({ min: -DAY_MS, max: DAY_MS }).map((ms) => NOW - ms));
const signals: fc.Arbitrary<Signals> = fc
  .record({
    weekMs: fc.integer({ min: 0, max: WEEK_MS - 1 }),
    breakUntilMs: ago,
    visible: fc.boolean(),
    battery: fc.option(
      fc.record({ charging: fc.boolean(), level: fc.double({ min: 0, max: 1, noNaN: true }) }),
    ),
    pressure: fc.option(
      fc.record({
        state: fc.constantFrom('nominal', 'fair', 'serious', 'critical'),
        lastCriticalMs: ago,
      }),
    ),
    lastInputMs: ago,
    deviceInUse: fc.option(fc.boolean()),
    metered: fc.option(fc.boolean()),
    bytesToday: fc.integer({ min: 0, max: 2e9 }),
  })
  .map((it) => signalsOf({ ...it, toMidnightMs: DAY_MS - (it.weekMs % DAY_MS) }));

/** The same signals `ms` later, where nothing happens but time. Before midnight, so that the data stay. */
const later = (now: Signals, ms: number): Signals => ({
  ...now,
  wallMs: now.wallMs + ms,
  weekMs: (now.weekMs + ms) % WEEK_MS,
  toMidnightMs: now.toMidnightMs - ms,
});

/** Without what is told of time to come. */
const gist = (decision: Decision): unknown =>
  decision.kind === 'run'
    ? { duty: decision.duty, slowedBy: decision.slowedBy }
    : decision.because.kind;

describe('decide', () => {
  test('time alone changes nothing before it is to be looked at again', () => {
    fc.assert(
      fc.property(settings, signals, fc.double({ min: 0, max: 1, noNaN: true }), (s, now, part) => {
        // A clock that was put back ends a rule early: times to come are only of breaks.
        fc.pre((now.lastInputMs ?? 0) <= now.wallMs);
        fc.pre((now.pressure?.lastCriticalMs ?? 0) <= now.wallMs);
        const decision = decide(s, now);
        const nextMs = Math.min(decision.lookAgainInMs ?? Infinity, now.toMidnightMs);
        const passedMs = Math.floor((nextMs - 1) * part);
        fc.pre(passedMs > 0);
        expect(gist(decide(s, later(now, passedMs)))).toEqual(gist(decision));
      }),
      { numRuns: 2_000 },
    );
  });

  test('never more than was chosen, never nothing, never a timer for the past', () => {
    fc.assert(
      fc.property(settings, signals, (s, now) => {
        const decision = decide(s, now);
        expect(decision.lookAgainInMs ?? 1).toBeGreaterThan(0);
        if (decision.kind === 'rest') return;
        expect(decision.duty.gpu).toBeLessThanOrEqual(s.gpuPercent / 100);
        expect(decision.duty.cpu).toBeLessThanOrEqual(s.cpuPercent / 100);
        expect(Math.min(decision.duty.gpu, decision.duty.cpu)).toBeGreaterThanOrEqual(0.05);
      }),
      { numRuns: 1_000 },
    );
  });

  test('settings that a person can choose are kept as they are', () => {
    fc.assert(
      fc.property(settings, (s) => {
        expect(changed(DEFAULT_SETTINGS, s)).toEqual(s);
      }),
    );
  });
});
