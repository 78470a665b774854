/**
 * A place on a route in plain words: what this tab holds, and how its neighbours are reached. Pure.
 *
 * Everything that the picture shows is said here too: the words are its text alternative.
 */
import type { PeerState } from '../../shared/protocol/peers.ts';
import type { VolunteerView } from '../state/volunteerView.ts';
import type { Words } from './i18n/en.ts';

export type RoutePlaceView = VolunteerView['routes'][number];

/** Stages `[first, last]`, counted from 0, as people count: `Stage 2`, `Stages 2–4`. */
export const stagesTitle = (first: number, last: number, { route }: Words): string =>
  first === last ? route.stage(first + 1) : route.stageRange(first + 1, last + 1);

/** A figure and its unit stay on one line. */
const NO_BREAK_SPACE = '\u00a0';

/** Round trip and bytes so far; what is not measured yet is left out. */
export function edgeNumbers({ rttMs, bytes }: PeerState, { route, figures }: Words): string[] {
  const trip = rttMs === null ? [] : [route.roundTrip(figures.fine(rttMs))];
  return [...trip, figures.bytes(bytes)];
}

/** What this tab holds, in one sentence. */
export function holdsSentence({ place }: RoutePlaceView, { route }: Words): string {
  const { first, last, of, jobName } = place;
  if (first === 0 && last === of - 1) return route.holdsAll(of, jobName);
  return first === last
    ? route.holdsOne(first + 1, of, jobName)
    : route.holdsRange(first + 1, last + 1, of, jobName);
}

/** Where its inputs come from. */
export function fromSentence({ place, from }: RoutePlaceView, words: Words): string {
  const { route } = words;
  if (place.first === 0) return route.fromCoordinator;
  return neighbourSentence(route.fromStage(place.first), from, words);
}

/** Where what it computes goes. */
export function toSentence({ place, to }: RoutePlaceView, words: Words): string {
  const { route } = words;
  if (place.last === place.of - 1) return route.toCoordinator;
  return neighbourSentence(route.toStage(place.last + 2), to, words);
}

/** Items' activations that are here. */
export const heldSentence = ({ held }: RoutePlaceView, { route }: Words): string =>
  held === 0 ? route.heldNone : route.heldSome(held);

function neighbourSentence(
  what: string,
  state: PeerState | null,
  { route, figures }: Words,
): string {
  if (state === null) return route.unknown(what);
  const { how } = route.paths[state.path];
  if (state.path === 'connecting' || state.path === 'broken') return route.notReached(what, how);
  const bytes = figures.bytes(state.bytes);
  const soFar =
    state.rttMs === null
      ? route.soFar(bytes)
      : route.roundTripAndSoFar(figures.fine(state.rttMs), bytes);
  return route.reached(what, how, soFar.replace(/(?<=\d) /g, NO_BREAK_SPACE));
}
