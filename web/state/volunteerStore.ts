/**
 * The one mutable cell behind a page: the current view, and who wants to know when it changes.
 *
 * Free of frameworks; the shape of `subscribe` is also what Svelte calls a store.
 */
import type { HostEvent } from '../volunteer/events.ts';
import type { RestReason } from '../volunteer/controls/decide.ts';
import { SessionTally } from './session.ts';
import { EMPTY_VIEW, foldEvent, type VolunteerView } from './volunteerView.ts';

export interface VolunteerStore {
  snapshot(): VolunteerView;
  /** Calls at once with the present view, then at every change; the result ends it. */
  subscribe(listener: (view: VolunteerView) => void): () => void;
  apply(event: HostEvent): void;
  /** Another tab computes, or no longer does. */
  setElsewhere(elsewhere: boolean): void;
  /** It rests because of this, or no longer. */
  setResting(resting: RestReason | null): void;
}

export function volunteerStore(nowMs: () => number): VolunteerStore {
  let view = EMPTY_VIEW;
  const tally = new SessionTally();
  const listeners = new Set<(view: VolunteerView) => void>();
  const become = (next: VolunteerView): void => {
    if (next === view) return;
    view = next;
    for (const listener of listeners) listener(view);
  };
  return {
    snapshot: () => view,
    subscribe(listener) {
      listeners.add(listener);
      listener(view);
      return () => listeners.delete(listener);
    },
    apply(event) {
      const session = tally.take(event, nowMs());
      become({ ...foldEvent(view, event, nowMs()), session });
    },
    setResting(resting) {
      if (resting !== view.resting) become({ ...view, resting });
    },
    setElsewhere(elsewhere) {
      if (elsewhere) become({ ...view, state: { kind: 'elsewhere' } });
      else if (view.state.kind === 'elsewhere') become({ ...view, state: { kind: 'idle' } });
    },
  };
}
