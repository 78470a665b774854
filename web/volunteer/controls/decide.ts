/**
 * Settings and signals in, one decision out: work at this share of the time, or rest, because of what, and when to look
 * again. Pure: no clock, no timer, no browser.
 *
 * Each rule is a function of its own. The first rule that wants rest gives the reason; those that slow down multiply.
 * Invariants (decide.property.test.ts): a decision is a function of its arguments; looking again at `lookAgainInMs`
 * misses nothing that time alone changes; no duty above what was chosen, and none below MIN_DUTY.
 */
import { MIN_DUTY_PERCENT } from '../../../shared/limits.ts';
import type { Duty } from '../../compute/api.ts';
import { DAY_MINUTES, WEEK_MS, type Schedule, type Settings } from './settings.ts';
import type { PressureState, Signals } from './signals.ts';

/** Why it rests; `untilMs`, since 1970, where time ends it. */
export type RestReason =
  | { readonly kind: 'break'; readonly untilMs: number }
  | { readonly kind: 'schedule'; readonly untilMs: number | null }
  | { readonly kind: 'hidden' }
  | { readonly kind: 'in-use'; readonly device: boolean; readonly untilMs: number | null }
  | { readonly kind: 'battery'; readonly percent: number; readonly floorPercent: number | null }
  | { readonly kind: 'metered' }
  | { readonly kind: 'data-cap'; readonly capMb: number; readonly untilMs: number }
  | { readonly kind: 'pressure'; readonly state: PressureState };

export type SlowReason = 'in-use' | 'pressure';

export type Decision =
  | {
      readonly kind: 'run';
      readonly duty: Duty;
      readonly slowedBy: readonly SlowReason[];
      readonly lookAgainInMs: number | null;
    }
  | {
      readonly kind: 'rest';
      readonly because: RestReason;
      readonly lookAgainInMs: number | null;
    };

/** Above 0, so that what is in hand ends some day. */
const MIN_DUTY = MIN_DUTY_PERCENT / 100;
/** Somebody who reads this page touches it now and then. */
const TOUCHED_MS = 10_000;
/** What is left of the duty while somebody is there, and under serious pressure. */
const SLOWED_SHARE = 0.5;
/**
 * A rest that pressure asked for lasts at least so long: our own work may have been the cause, and states come once a
 * second.
 */
const CALM_MS = 30_000;
/** Clocks are put forward and back, and machines sleep: what depends on local time is looked at this often. */
const LOCAL_TIME_LOOK_MS = 60 * 60_000;
const MINUTE_MS = 60_000;
const BYTES_PER_MB = 1e6;

interface Finding {
  readonly rest?: RestReason;
  readonly slow?: SlowReason;
  /** When time alone may change this finding. */
  readonly againInMs?: number;
}
type Rule = (settings: Settings, signals: Signals) => Finding;

const NOTHING: Finding = {};

const takesBreak: Rule = (_, { breakUntilMs, wallMs }) => {
  if (breakUntilMs === null || breakUntilMs <= wallMs) return NOTHING;
  return {
    rest: { kind: 'break', untilMs: breakUntilMs },
    againInMs: breakUntilMs - wallMs,
  };
};

const keepsToSchedule: Rule = ({ schedule }, { weekMs, wallMs }) => {
  if (schedule === null) return NOTHING;
  const { open, changesInMs } = standingOf(schedule, weekMs);
  const againInMs = Math.min(changesInMs ?? Infinity, LOCAL_TIME_LOOK_MS);
  if (open) return { againInMs };
  const untilMs = changesInMs === null ? null : wallMs + changesInMs;
  return { rest: { kind: 'schedule', untilMs }, againInMs };
};

const keepsOutOfBackground: Rule = ({ inBackground }, { visible }) =>
  inBackground || visible ? NOTHING : { rest: { kind: 'hidden' } };

const sparesBattery: Rule = ({ battery: rule, batteryPercent }, { battery }) => {
  if (battery === null || battery.charging || rule === 'any') return NOTHING;
  const percent = Math.round(battery.level * 100);
  if (rule === 'charging') return { rest: { kind: 'battery', percent, floorPercent: null } };
  if (percent > batteryPercent) return NOTHING;
  return { rest: { kind: 'battery', percent, floorPercent: batteryPercent } };
};

const sparesMeteredLine: Rule = ({ onMeteredLine }, { metered }) =>
  metered === true && !onMeteredLine ? { rest: { kind: 'metered' } } : NOTHING;

const keepsToDataCap: Rule = ({ dataCapMb }, { bytesToday, toMidnightMs, wallMs }) => {
  if (dataCapMb === null) return NOTHING;
  const againInMs = Math.min(toMidnightMs, LOCAL_TIME_LOOK_MS);
  if (bytesToday < dataCapMb * BYTES_PER_MB) return { againInMs };
  return {
    rest: { kind: 'data-cap', capMb: dataCapMb, untilMs: wallMs + toMidnightMs },
    againInMs,
  };
};

const leavesTheDeviceToPeople: Rule = (settings, { lastInputMs, deviceInUse, wallMs }) => {
  const { whenUsed, awayAfterMinutes } = settings;
  if (whenUsed === 'same') return NOTHING;
  const rests = whenUsed === 'rest';
  if (deviceInUse === true) {
    if (rests) return { rest: { kind: 'in-use', device: true, untilMs: null } };
    return { slow: 'in-use' };
  }
  // The device has been left alone for longer than this page could tell.
  if (deviceInUse === false) return NOTHING;
  const lastsMs = rests ? awayAfterMinutes * MINUTE_MS : TOUCHED_MS;
  const endsInMs = lastInputMs === null ? 0 : lastInputMs + lastsMs - wallMs;
  // A clock that was put back must not keep it resting for ever.
  if (endsInMs <= 0 || endsInMs > lastsMs) return NOTHING;
  return rests
    ? { rest: { kind: 'in-use', device: false, untilMs: wallMs + endsInMs }, againInMs: endsInMs }
    : { slow: 'in-use', againInMs: endsInMs };
};

const yieldsToPressure: Rule = ({ yieldsToPressure: yields }, { pressure, wallMs }) => {
  if (!yields || pressure === null) return NOTHING;
  const { state, lastCriticalMs } = pressure;
  if (state === 'critical') return { rest: { kind: 'pressure', state } };
  const calmInMs = lastCriticalMs === null ? 0 : lastCriticalMs + CALM_MS - wallMs;
  if (calmInMs > 0 && calmInMs <= CALM_MS) {
    return { rest: { kind: 'pressure', state }, againInMs: calmInMs };
  }
  return state === 'serious' ? { slow: 'pressure' } : NOTHING;
};

/** What a person asked for comes before what the device tells. */
const RULES: readonly Rule[] = [
  takesBreak,
  keepsToSchedule,
  keepsOutOfBackground,
  sparesMeteredLine,
  keepsToDataCap,
  sparesBattery,
  leavesTheDeviceToPeople,
  yieldsToPressure,
];

export function decide(settings: Settings, signals: Signals): Decision {
  const findings = RULES.map((rule) => rule(settings, signals));
  const soonestMs = Math.min(...findings.map(({ againInMs }) => againInMs ?? Infinity));
  const lookAgainInMs = Number.isFinite(soonestMs) ? soonestMs : null;
  const because = findings.find(({ rest }) => rest !== undefined)?.rest;
  if (because !== undefined) return { kind: 'rest', because, lookAgainInMs };
  const slowedBy = findings.flatMap(({ slow }) => slow ?? []);
  const share = SLOWED_SHARE ** slowedBy.length;
  const duty = {
    gpu: Math.max((settings.gpuPercent / 100) * share, MIN_DUTY),
    cpu: Math.max((settings.cpuPercent / 100) * share, MIN_DUTY),
  };
  return { kind: 'run', duty, slowedBy, lookAgainInMs };
}

/** Whether it is time, and how long until that changes; null where it never does. */
function standingOf(
  { days, from, to }: Schedule,
  weekMs: number,
): { readonly open: boolean; readonly changesInMs: number | null } {
  const lastsMs = (to > from ? to - from : to - from + DAY_MINUTES) * MINUTE_MS;
  const starts = days.flatMap((isOn, day) =>
    isOn ? [(day * DAY_MINUTES + from) * MINUTE_MS] : [],
  );
  const since = (startMs: number, atMs: number): number =>
    (((atMs - startMs) % WEEK_MS) + WEEK_MS) % WEEK_MS;
  const isOpenAt = (atMs: number): boolean => starts.some((start) => since(start, atMs) < lastsMs);
  const open = isOpenAt(weekMs);
  const ahead = starts
    .flatMap((start) => [start, start + lastsMs])
    .map((boundary) => WEEK_MS - since(boundary, weekMs))
    .sort((a, b) => a - b);
  return { open, changesInMs: ahead.find((ms) => isOpenAt(weekMs + ms) !== open) ?? null };
}
