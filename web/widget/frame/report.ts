/**
 * What a widget shows and tells of a volunteer: a pure reading of its view.
 */
import type { VolunteerView } from '../../state/volunteerView.ts';
import type { FrameMessage } from '../messages.ts';
import { words } from './words.ts';

export type Status = Extract<FrameMessage, { type: 'started' | 'paused' | 'stopped' }>;

/** `cover`: why the frame itself had it rest; null where it did not. */
export function statusOf({ state, resting }: VolunteerView, cover: string | null): Status {
  switch (state.kind) {
    case 'idle':
    case 'stopped':
      return { type: 'stopped' };
    case 'paused':
    case 'frozen':
      return { type: 'paused', reason: cover ?? resting?.kind ?? 'person' };
    case 'elsewhere':
      return { type: 'paused', reason: 'elsewhere' };
    case 'connecting':
    case 'backing-off':
    case 'waiting':
    case 'working':
    case 'recovering':
    case 'handing-over':
      return resting === null ? { type: 'started' } : { type: 'paused', reason: resting.kind };
    default:
      return state satisfies never;
  }
}

export function sentenceOf(view: VolunteerView, cover: string | null): string {
  const { state, resting } = view;
  const { states } = words;
  if (state.kind === 'stopped')
    return state.by === 'person' ? states.stopped : states.failed(state.text);
  if (cover !== null) return cover === 'hidden' ? states.hidden : states.unseen;
  if (resting !== null) return states.resting;
  switch (state.kind) {
    case 'idle':
      return words.loading;
    case 'handing-over':
      return states.working;
    case 'frozen':
      return states.paused;
    default:
      return states[state.kind];
  }
}
