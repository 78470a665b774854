/**
 * The one mutable cell behind a page: the current view, and who wants to know when it changes.
 *
 * Free of frameworks; the shape of `subscribe` is also what Svelte calls a store.
 */
import type { HostEvent } from '../volunteer/events.ts';
import { EMPTY_VIEW, foldEvent, type VolunteerView } from './volunteerView.ts';

export interface VolunteerStore {
  snapshot(): VolunteerView;
  /** Calls at once with the present view, then at every change; the result ends it. */
  subscribe(listener: (view: VolunteerView) => void): () => void;
  apply(event: HostEvent): void;
  /** Another tab computes, or no longer does. */
  setElsewhere(elsewhere: boolean): void;
}

export function volunteerStore(nowMs: () => number): VolunteerStore {
  let view = EMPTY_VIEW;
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
      become(foldEvent(view, event, nowMs()));
    },
    setElsewhere(elsewhere) {
      if (elsewhere) become({ ...view, state: { kind: 'elsewhere' } });
      else if (view.state.kind === 'elsewhere') become({ ...view, state: { kind: 'idle' } });
    },
  };
}
