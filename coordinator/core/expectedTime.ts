/**
 * How long a job would take if it were posted now: from what hosts have shown, how it is checked, and who may compute what.
 * A range, because hosts come and go, rest, and load what they lack; pure.
 */
import type { Verification } from '../../shared/protocol/verification.ts';
import { unreachable } from '../../shared/result.ts';
import { formatCount } from '../../shared/units.ts';
import { samplingWork, type Volunteers } from './odds.ts';
import { gateOf } from './stream.ts';
import { longestTailMs } from './tail.ts';

/** Of one host. */
export interface MsPerItem {
  /** What it was measured on: this program, or others. */
  readonly from: 'program' | 'others';
  readonly low: number;
  readonly high: number;
}

/** A host that could be given the job now. */
export interface Runner {
  /** Related hosts give one opinion. */
  readonly cohort: string;
  /** Null where it has shown nothing yet. */
  readonly msPerItem: MsPerItem | null;
  /** It may have to load the program for so long. */
  readonly loadMs: number;
}

export interface TimedWork {
  readonly items: number;
  readonly itemsPerShard: number;
  readonly refereeMsPerItem: number;
  readonly verification: Verification;
  readonly volunteers: Volunteers;
  /** Besides this one, with work to hand out now: the hosts compute it in turn. */
  readonly otherAuthors: number;
}

export interface Expected {
  readonly seconds: { readonly low: number; readonly high: number } | null;
  /** What that rests on, or why it is not known. */
  readonly text: string;
}

/** A device that was measured also rests, sends, and does other things. */
const MEASURED = { fastest: 1, slowest: 2 };
/** What it showed on another program says this little of this one. */
const GUESSED = { fastest: 1 / 3, slowest: 3 };
/** What took no time that could be measured took some. */
const LEAST_MS = 1e-4;
/** Of whom nothing is known: as fast as the fastest, or this many times slower than the slowest. */
const UNKNOWN_SLOWER = 4;

export function expectedTime(work: TimedWork, runners: readonly Runner[]): Expected {
  if (runners.length === 0)
    return unknown('no volunteer is connected, able to run it and at work now');
  const cohorts = new Set(runners.map(({ cohort }) => cohort)).size;
  const load = loadOf(work, cohorts);
  if (load === null) {
    const needed = work.verification.kind === 'quorum' ? work.verification.quorum : 1;
    return unknown(
      `each item needs ${needed} unrelated contributors, of which ${cohorts} could be given it: the job would wait`,
    );
  }
  const measured = runners.flatMap(({ msPerItem }) => (msPerItem === null ? [] : [msPerItem]));
  if (measured.length === 0) {
    const none = runners.length === 1 ? 'the device' : `none of the ${runners.length} devices`;
    const has = runners.length === 1 ? 'has not' : 'has';
    return unknown(`${none} that could run it ${has} computed enough of late to be measured`);
  }
  const lows = measured.map(atBest);
  const highs = measured.map(atWorst);
  const fastest = { low: Math.min(...lows), high: Math.min(...highs) };
  const times = measured.length === runners.length ? 1 : UNKNOWN_SLOWER;
  const slowestMs = times * Math.max(...highs);
  const refereeMs = load.byReferee * work.refereeMsPerItem;
  const shard = Math.min(work.items, work.itemsPerShard);

  const best = runners.map(({ cohort, msPerItem }) => ({
    cohort,
    startMs: 0,
    perMs: 1 / (msPerItem === null ? fastest.low : atBest(msPerItem)),
  }));
  const worst = runners.map(({ cohort, msPerItem, loadMs }) => ({
    cohort,
    startMs: loadMs,
    perMs: 1 / (msPerItem === null ? slowestMs : atWorst(msPerItem)),
  }));
  const lowMs = Math.max(fillMs(load, best), shard * fastest.low, refereeMs);
  const tailMs = longestTailMs(shard * slowestMs, shard * fastest.high);
  const highMs = (fillMs(load, worst) + tailMs) * (1 + work.otherAuthors) + refereeMs;
  const seconds = { low: lowMs / 1000, high: highMs / 1000 };
  return { seconds, text: restsOn(measured, runners.length, work.otherAuthors) };
}

/** Where a route computes it, as fast as its slowest place; null where that is not known. */
export function expectedTimeOfRoute(
  { items, refereeMsPerItem }: Pick<TimedWork, 'items' | 'refereeMsPerItem'>,
  itemsPerSecond: number | null,
  checkingShare: number,
): Expected {
  if (itemsPerSecond === null)
    return unknown('the places of its route have not all been measured, or none can be formed now');
  const low = items / itemsPerSecond;
  const refereeSeconds = (checkingShare * items * refereeMsPerItem) / 1000;
  const seconds = { low, high: MEASURED.slowest * low + refereeSeconds };
  return { seconds, text: 'From what the devices of its route computed of late.' };
}

const factorsOf = ({ from }: MsPerItem) => (from === 'program' ? MEASURED : GUESSED);
const atBest = (ms: MsPerItem): number => Math.max(LEAST_MS, ms.low * factorsOf(ms).fastest);
const atWorst = (ms: MsPerItem): number => Math.max(LEAST_MS, ms.high * factorsOf(ms).slowest);

const unknown = (why: string): Expected => ({ seconds: null, text: `Not known: ${why}.` });

/** Executions of items. */
interface Load {
  readonly byHosts: number;
  /** Of them, what one cohort may do. */
  readonly mostOfCohort: number;
  readonly byReferee: number;
}

/** Null where hosts are too few and nobody stands in for them. */
function loadOf({ verification, items, volunteers }: TimedWork, cohorts: number): Load | null {
  switch (verification.kind) {
    case 'quorum': {
      const { quorum, secondOpinion } = verification;
      if (cohorts >= quorum) return { byHosts: quorum * items, mostOfCohort: items, byReferee: 0 };
      if (secondOpinion !== 'referee') return null;
      return { byHosts: cohorts * items, mostOfCohort: items, byReferee: items };
    }
    case 'sampled': {
      const more = samplingWork(items, volunteers, gateOf(verification));
      const byHosts = items + more.byHosts;
      return { byHosts, mostOfCohort: byHosts, byReferee: more.byReferee };
    }
    case 'algebraic':
    case 'stages':
      return { byHosts: items, mostOfCohort: items, byReferee: 0 };
    default:
      return unreachable(verification satisfies never);
  }
}

interface Running {
  readonly cohort: string;
  readonly startMs: number;
  readonly perMs: number;
}

/** Halvings of the interval in which the time is looked for: to a thousandth. */
const HALVINGS = 12;

/** When the hosts have done all executions, each cohort at most its part. */
function fillMs({ byHosts, mostOfCohort }: Load, running: readonly Running[]): number {
  const isDoneBy = (ms: number): boolean => {
    const done = new Map<string, number>();
    for (const { cohort, startMs, perMs } of running) {
      const items = (done.get(cohort) ?? 0) + Math.max(0, ms - startMs) * perMs;
      done.set(cohort, Math.min(mostOfCohort, items));
    }
    return [...done.values()].reduce((sum, items) => sum + items, 0) >= byHosts * (1 - 1e-9);
  };
  let high = 1;
  while (!isDoneBy(high)) high *= 2;
  let low = 0;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (isDoneBy(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function restsOn(measured: readonly MsPerItem[], runners: number, otherAuthors: number): string {
  const own = measured.filter(({ from }) => from === 'program').length;
  const guessed = measured.length - own;
  const missing = runners - measured.length;
  const parts = [
    ...(own > 0 ? [`${devices(own)} measured on this program`] : []),
    ...(guessed > 0 ? [`${devices(guessed)} measured on other programs`] : []),
    ...(missing > 0 ? [`${devices(missing)} of unknown speed`] : []),
  ];
  const shared = otherAuthors === 0 ? '' : `; they work for ${others(otherAuthors)} too`;
  return `From ${parts.join(', ')}${shared}. Checking is included.`;
}

const devices = (n: number): string => `${formatCount(n)} device${n === 1 ? '' : 's'}`;
const others = (n: number): string => `${formatCount(n)} other author${n === 1 ? '' : 's'}`;
