/** Signals for tests: a quiet Monday noon, with what browsers tell before they are asked for more. */
import type { Signals } from './signals.ts';

const HOUR_MS = 60 * 60_000;

export const signalsOf = (change: Partial<Signals> = {}): Signals => ({
  wallMs: 1_800_000_000_000,
  weekMs: 12 * HOUR_MS,
  toMidnightMs: 12 * HOUR_MS,
  breakUntilMs: null,
  visible: true,
  battery: { charging: true, level: 1 },
  pressure: { state: 'nominal', lastCriticalMs: null },
  lastInputMs: null,
  deviceInUse: null,
  metered: false,
  bytesToday: 0,
  ...change,
});
