/**
 * What a page shows of a volunteer: a fold of host events into one immutable view.
 *
 * Pure: the time is an argument. Invariant: counters never fall, and the credit shown is what the coordinator
 * said at the last welcome plus what settled since.
 */
import type { Verdict } from '../../shared/protocol/link.ts';
import type { Engine } from '../../shared/protocol/program.ts';
import type { RestReason } from '../volunteer/controls/decide.ts';
import type { HostEvent } from '../volunteer/events.ts';
import { NO_SESSION, type Session } from './session.ts';
import type { LifecycleState } from '../volunteer/lifecycle.ts';
import type { RouteView } from '../volunteer/routeStages.ts';

export interface RunningView {
  readonly assignment: string;
  readonly job: string;
  readonly jobName: string;
  readonly author: string;
  readonly ratePercent: number;
  readonly program: string;
  readonly items: number;
  readonly itemsDone: number;
}

export interface VolunteerView {
  /** `elsewhere`: another tab of this browser computes. */
  readonly state: LifecycleState | { readonly kind: 'elsewhere' };
  readonly contributor: string | null;
  /** Why it rests though it was asked to compute; null where it does not. */
  readonly resting: RestReason | null;
  /** The piece of work that progressed last. */
  readonly running: RunningView | null;
  /** A model is being fetched for this job. */
  readonly fetchingFor: string | null;
  readonly engine: { readonly engine: Engine; readonly reason: string } | null;
  readonly itemsDone: number;
  readonly shardsDone: number;
  /** Credit of this contributor, provisional part included. */
  readonly microCredits: bigint;
  /** Of it, what settled since this page began. */
  readonly earnedMicroCredits: bigint;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** The last verdict in words. */
  readonly lastVerdict: { readonly verdict: Verdict; readonly reason: string } | null;
  readonly problem: string | null;
  /** Of what was done since the last start. */
  readonly session: Session;
  /** Its places on routes. */
  readonly routes: readonly RouteView[];
  /** Bytes of models that came from other tabs and went to them. */
  readonly chunks: { readonly fromPeers: number; readonly toPeers: number };
  /** Items finished lately, for the rate: the newest last. */
  readonly recent: readonly { readonly atMs: number; readonly items: number }[];
}

export const EMPTY_VIEW: VolunteerView = {
  state: { kind: 'idle' },
  contributor: null,
  resting: null,
  running: null,
  fetchingFor: null,
  engine: null,
  itemsDone: 0,
  shardsDone: 0,
  microCredits: 0n,
  earnedMicroCredits: 0n,
  verdicts: { agree: 0, unchecked: 0, disagree: 0, inconclusive: 0, 'too-late': 0 },
  lastVerdict: null,
  problem: null,
  session: NO_SESSION,
  routes: [],
  chunks: { fromPeers: 0, toPeers: 0 },
  recent: [],
};

/** Long enough to be calm, short enough to follow a change of job. */
export const RATE_WINDOW_MS = 10_000;
/** States in which work in hand goes on. */
const COMPUTES: readonly LifecycleState['kind'][] = ['working', 'backing-off', 'handing-over'];
/** Samples kept: progress comes at most ten times a second. */
const MAX_SAMPLES = 256;

export function foldEvent(view: VolunteerView, event: HostEvent, nowMs: number): VolunteerView {
  switch (event.type) {
    case 'state': {
      const rests = !COMPUTES.includes(event.state.kind);
      return {
        ...view,
        state: event.state,
        running: rests ? null : view.running,
        fetchingFor: rests ? null : view.fetchingFor,
        problem: event.state.kind === 'connecting' ? null : view.problem,
        recent: rests && event.state.kind !== 'waiting' ? [] : view.recent,
      };
    }
    case 'welcomed':
      return { ...view, contributor: event.contributor, microCredits: event.microCredits };
    case 'fetching':
      return { ...view, fetchingFor: event.jobName };
    case 'computing': {
      const { type: _, ...running } = { ...event, itemsDone: 0 };
      return { ...view, running, fetchingFor: null };
    }
    case 'progress': {
      const { assignment, itemsDone, newItems } = event;
      const { running } = view;
      return {
        ...view,
        running: running?.assignment === assignment ? { ...running, itemsDone } : running,
        itemsDone: view.itemsDone + newItems,
        recent: [...view.recent, { atMs: nowMs, items: newItems }].slice(-MAX_SAMPLES),
      };
    }
    case 'computed':
      return {
        ...view,
        engine: { engine: event.engine, reason: event.reason },
        shardsDone: view.shardsDone + 1,
        problem: null,
      };
    case 'settled':
      return {
        ...view,
        microCredits: view.microCredits + event.microCredits,
        earnedMicroCredits: view.earnedMicroCredits + event.microCredits,
        verdicts: { ...view.verdicts, [event.verdict]: view.verdicts[event.verdict] + 1 },
        lastVerdict: { verdict: event.verdict, reason: event.reason },
      };
    case 'revoked':
      return view;
    case 'routes':
      return { ...view, routes: event.routes };
    case 'chunks':
      return { ...view, chunks: { fromPeers: event.fromPeers, toPeers: event.toPeers } };
    case 'problem':
      return { ...view, problem: event.text };
    default:
      return event satisfies never;
  }
}

/** Items per second over the window; null before there is anything to divide by. */
export function itemsPerSecond(view: VolunteerView, nowMs: number): number | null {
  const lately = view.recent.filter((sample) => nowMs - sample.atMs <= RATE_WINDOW_MS);
  const first = lately[0];
  if (first === undefined || lately.length < 2) return null;
  // The first sample's items were made before it: they open the window and are not in it.
  const items = lately.slice(1).reduce((sum, sample) => sum + sample.items, 0);
  const seconds = (nowMs - first.atMs) / 1000;
  return seconds > 0 ? items / seconds : null;
}
