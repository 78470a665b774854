/**
 * The life of a volunteer as a pure state machine: a state and an event give a state and effects.
 *
 * Holds no socket, no timer and no work: the host carries the effects out and reports what happened.
 * Invariants (lifecycle.property.test.ts): a link is open or opening exactly in the states of
 * `LINK_STATES` and in `paused` with `linked`; a retry is pending exactly in `backing-off`; work is asked
 * for only after consent and only over a link that was welcomed.
 */
import { LONGEST_RETRY_MS } from '../../shared/limits.ts';

export type LifecycleState =
  /** Nothing has been agreed to; nothing runs. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'backing-off'; readonly attempt: number; readonly delayMs: number }
  /** Connected, with nothing to compute; `text` is the coordinator's reason. */
  | { readonly kind: 'waiting'; readonly text: string | null }
  /** `text`: why nothing follows what is in hand, where the coordinator has said so already. */
  | { readonly kind: 'working'; readonly text?: string }
  /** The GPU device or the worker went away and is being brought back. */
  | { readonly kind: 'recovering'; readonly text: string }
  /** What is under way on its routes ends with this host; then it stops. */
  | { readonly kind: 'handing-over' }
  /** `linked`: the link stays open so that verdicts still arrive. */
  | { readonly kind: 'paused'; readonly linked: boolean }
  /** The browser froze or hid the page for good; `then` is what to go back to. */
  | { readonly kind: 'frozen'; readonly then: 'connect' | 'stay-paused' }
  | {
      readonly kind: 'stopped';
      readonly by: 'person' | 'refusal' | 'compute';
      readonly text: string;
    };

export type LifecycleEvent =
  /** `resting`: nothing may be computed just now; `resume` follows. */
  | { readonly type: 'start'; readonly resting: boolean }
  /** `unlink`: nothing may go over the line either. */
  | { readonly type: 'pause'; readonly unlink: boolean }
  | { readonly type: 'resume' }
  | { readonly type: 'stop' }
  /** To stop without losing what is under way on its routes. */
  | { readonly type: 'hand-over' }
  /** Nothing is in hand any more, or it has taken too long. */
  | { readonly type: 'handed-over' }
  | { readonly type: 'freeze'; readonly closing: boolean }
  | { readonly type: 'thaw' }
  /** The key was proven. `busy`: work of an earlier link goes on. */
  | { readonly type: 'welcomed'; readonly busy: boolean }
  | { readonly type: 'link-closed' }
  | { readonly type: 'retry-due' }
  /** The coordinator will not have this host, now or later. */
  | { readonly type: 'refused'; readonly text: string }
  | { readonly type: 'assigned' }
  | { readonly type: 'nothing-to-do'; readonly text: string }
  /** The last work in hand was reported. */
  | { readonly type: 'drained' }
  | { readonly type: 'compute-lost'; readonly text: string }
  | { readonly type: 'compute-back'; readonly busy: boolean }
  | { readonly type: 'compute-failed'; readonly text: string };

export type LifecycleEffect =
  | { readonly type: 'connect' }
  | { readonly type: 'disconnect' }
  | { readonly type: 'schedule-retry'; readonly delayMs: number }
  | { readonly type: 'cancel-retry' }
  | { readonly type: 'ask-for-work' }
  | { readonly type: 'say-hand-over' }
  /** Cancels what runs and gives its leases back (over the link, where it is open). */
  | { readonly type: 'return-work'; readonly reason: 'paused' | 'closing' | 'frozen' };

export interface LifecycleStep {
  readonly state: LifecycleState;
  /** In order. */
  readonly effects: readonly LifecycleEffect[];
}

/** States with a link that is open or being opened. */
export const LINK_STATES: readonly LifecycleState['kind'][] = [
  'connecting',
  'waiting',
  'working',
  'recovering',
  'handing-over',
];

/** Reconnecting: full jitter over an exponential window (AWS architecture blog, 2015). */
const FIRST_WINDOW_MS = 1_000;
/** Even the luckiest draw leaves a restarting coordinator this much room. */
const SHORTEST_DELAY_MS = 250;

/** `random` is uniform in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  const windowMs = Math.min(LONGEST_RETRY_MS, FIRST_WINDOW_MS * 2 ** Math.min(attempt, 16));
  return Math.max(SHORTEST_DELAY_MS, Math.floor(random * windowMs));
}

const CONNECT: LifecycleEffect = { type: 'connect' };
const DISCONNECT: LifecycleEffect = { type: 'disconnect' };
const CANCEL_RETRY: LifecycleEffect = { type: 'cancel-retry' };
const ASK: LifecycleEffect = { type: 'ask-for-work' };
const SAY_HAND_OVER: LifecycleEffect = { type: 'say-hand-over' };
const returnWork = (reason: 'paused' | 'closing' | 'frozen'): LifecycleEffect => ({
  type: 'return-work',
  reason,
});

/** An event that cannot happen in a state leaves it as it is. `random` is uniform in [0, 1). */
export function stepLifecycle(
  state: LifecycleState,
  event: LifecycleEvent,
  random: number,
): LifecycleStep {
  const same: LifecycleStep = { state, effects: [] };
  switch (event.type) {
    case 'start':
      if (state.kind !== 'idle' && state.kind !== 'stopped') return same;
      if (event.resting) return { state: { kind: 'paused', linked: false }, effects: [] };
      return { state: { kind: 'connecting', attempt: 0 }, effects: [CONNECT] };
    case 'pause':
      if (state.kind === 'paused' && state.linked && event.unlink) {
        return { state: { kind: 'paused', linked: false }, effects: [DISCONNECT] };
      }
      return isActive(state) ? pause(state, event.unlink) : same;
    case 'resume':
      if (state.kind !== 'paused' && state.kind !== 'handing-over') return same;
      return state.kind === 'handing-over' || state.linked
        ? { state: { kind: 'waiting', text: null }, effects: [ASK] }
        : { state: { kind: 'connecting', attempt: 0 }, effects: [CONNECT] };
    case 'stop':
      return end(state, 'person', '');
    case 'hand-over':
      if (!isWelcomed(state)) return same;
      return { state: { kind: 'handing-over' }, effects: [SAY_HAND_OVER] };
    case 'handed-over':
      return state.kind === 'handing-over' ? end(state, 'person', '') : same;
    case 'freeze':
      // Who was about to stop does not come back.
      if (state.kind === 'handing-over') return end(state, 'person', '');
      if (!isActive(state) && state.kind !== 'paused') return same;
      return {
        state: { kind: 'frozen', then: state.kind === 'paused' ? 'stay-paused' : 'connect' },
        effects: [returnWork(event.closing ? 'closing' : 'frozen'), ...unlink(state)],
      };
    case 'thaw':
      if (state.kind !== 'frozen') return same;
      return state.then === 'connect'
        ? { state: { kind: 'connecting', attempt: 0 }, effects: [CONNECT] }
        : { state: { kind: 'paused', linked: false }, effects: [] };
    case 'welcomed':
      if (state.kind !== 'connecting') return same;
      return {
        state: event.busy ? { kind: 'working' } : { kind: 'waiting', text: null },
        effects: [ASK],
      };
    case 'link-closed':
      return linkClosed(state, random);
    case 'retry-due':
      if (state.kind !== 'backing-off') return same;
      return { state: { kind: 'connecting', attempt: state.attempt }, effects: [CONNECT] };
    case 'refused':
      return end(state, 'refusal', event.text);
    case 'assigned':
      return state.kind === 'waiting' ? { state: { kind: 'working' }, effects: [] } : same;
    case 'nothing-to-do':
      return state.kind === 'waiting' || state.kind === 'working'
        ? { state: { kind: state.kind, text: event.text }, effects: [] }
        : same;
    case 'drained':
      return state.kind === 'working'
        ? { state: { kind: 'waiting', text: state.text ?? null }, effects: [] }
        : same;
    case 'compute-lost':
      return state.kind === 'working' || state.kind === 'waiting'
        ? { state: { kind: 'recovering', text: event.text }, effects: [] }
        : same;
    case 'compute-back':
      if (state.kind !== 'recovering') return same;
      return {
        state: event.busy ? { kind: 'working' } : { kind: 'waiting', text: null },
        effects: [],
      };
    case 'compute-failed':
      return end(state, 'compute', event.text);
    default:
      event satisfies never;
      return same;
  }
}

type ActiveState = Exclude<
  LifecycleState,
  { kind: 'idle' } | { kind: 'paused' } | { kind: 'frozen' } | { kind: 'stopped' }
>;

const isActive = (state: LifecycleState): state is ActiveState =>
  state.kind === 'backing-off' || LINK_STATES.includes(state.kind);

/** Work may come and be done. */
const isWelcomed = (state: LifecycleState): boolean =>
  state.kind === 'waiting' || state.kind === 'working' || state.kind === 'recovering';

function pause(state: ActiveState, isUnlinking: boolean): LifecycleStep {
  const linked = !isUnlinking && (isWelcomed(state) || state.kind === 'handing-over');
  return {
    state: { kind: 'paused', linked },
    effects: [returnWork('paused'), ...(linked ? [] : unlink(state))],
  };
}

function end(
  state: LifecycleState,
  by: 'person' | 'refusal' | 'compute',
  text: string,
): LifecycleStep {
  if (state.kind === 'idle' || state.kind === 'stopped') return { state, effects: [] };
  return {
    state: { kind: 'stopped', by, text },
    effects: [returnWork('closing'), ...unlink(state)],
  };
}

/** What closes the state's link, or its wait for one. */
function unlink(state: LifecycleState): LifecycleEffect[] {
  if (state.kind === 'backing-off') return [CANCEL_RETRY];
  const linked = state.kind === 'paused' ? state.linked : LINK_STATES.includes(state.kind);
  return linked ? [DISCONNECT] : [];
}

function linkClosed(state: LifecycleState, random: number): LifecycleStep {
  if (state.kind === 'paused') return { state: { kind: 'paused', linked: false }, effects: [] };
  if (!LINK_STATES.includes(state.kind)) return { state, effects: [] };
  // Its places went with the link.
  if (state.kind === 'handing-over') {
    return {
      state: { kind: 'stopped', by: 'person', text: '' },
      effects: [returnWork('closing')],
    };
  }
  // A link that was welcomed begins anew: only failures in a row lengthen the wait.
  const attempt = state.kind === 'connecting' ? state.attempt + 1 : 0;
  const delayMs = retryDelayMs(attempt, random);
  return {
    state: { kind: 'backing-off', attempt, delayMs },
    effects: [{ type: 'schedule-retry', delayMs }],
  };
}
