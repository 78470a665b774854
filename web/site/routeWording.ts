/**
 * A place on a route in plain words: what this tab holds, and how its neighbours are reached. Pure.
 *
 * Everything that the picture shows is said here too: the words are its text alternative.
 */
import type { PeerState } from '../../shared/protocol/peers.ts';
import { formatBytes } from '../../shared/units.ts';
import type { VolunteerView } from '../state/volunteerView.ts';

export type RoutePlaceView = VolunteerView['routes'][number];

/** Stages `[first, last]`, counted from 0, as people count: `stage 2`, `stages 2–4`. */
export const stagesText = (first: number, last: number): string =>
  first === last ? `stage ${first + 1}` : `stages ${first + 1}–${last + 1}`;

/** A figure and its unit stay on one line. */
const NO_BREAK_SPACE = '\u00a0';

interface PathWords {
  /** On the picture, beside the line. */
  readonly label: string;
  /** In a sentence, after “it is reached”. */
  readonly how: string;
}

export const PATH_WORDS: Readonly<Record<PeerState['path'], PathWords>> = {
  connecting: { label: 'connecting', how: 'the connection is being made' },
  direct: { label: 'direct', how: 'directly, browser to browser' },
  turn: { label: 'TURN', how: 'through a TURN server, which cannot read it' },
  relayed: { label: 'relayed', how: 'through the coordinator, as no direct way was found' },
  broken: { label: 'broken', how: 'the connection broke; another is being looked for' },
};

/** Round trip and bytes so far; what is not measured yet is left out. */
export function edgeNumbers({ rttMs, bytes }: PeerState): string[] {
  return [...(rttMs === null ? [] : [`${formatMs(rttMs)} ms`]), formatBytes(bytes)];
}

const formatMs = (ms: number): string => (ms < 10 ? ms.toFixed(1) : ms.toFixed(0));

/** What this tab holds, in one sentence. */
export function holdsSentence({ place }: RoutePlaceView): string {
  const { first, last, of, jobName } = place;
  if (first === 0 && last === of - 1) return `This tab runs all ${of} stages of “${jobName}”.`;
  return `This tab runs ${stagesText(first, last)} of the ${of} of “${jobName}”.`;
}

/** Where its inputs come from. */
export function fromSentence({ place, from }: RoutePlaceView): string {
  if (place.first === 0) return 'Its inputs come from the coordinator.';
  return neighbourSentence(`It receives from the tab with stage ${place.first}`, from);
}

/** Where what it computes goes. */
export function toSentence({ place, to }: RoutePlaceView): string {
  if (place.last === place.of - 1)
    return 'What it computes is the result, and goes to the coordinator.';
  return neighbourSentence(`It sends to the tab with stage ${place.last + 2}`, to);
}

/** Items' activations that are here. */
export function heldSentence({ held }: RoutePlaceView): string {
  if (held === 0) return 'Nothing is waiting here.';
  return held === 1
    ? 'One batch of activations is here.'
    : `${held} batches of activations are here.`;
}

function neighbourSentence(what: string, state: PeerState | null): string {
  if (state === null) return `${what}; who that is will be known in a moment.`;
  const { how } = PATH_WORDS[state.path];
  if (state.path === 'connecting' || state.path === 'broken') return `${what}: ${how}.`;
  const trip = state.rttMs === null ? '' : `${formatMs(state.rttMs)} ms there and back, `;
  const figures = `${trip}${formatBytes(state.bytes)} so far`;
  return `${what}, ${how} (${figures.replace(/(?<=\d) /g, NO_BREAK_SPACE)}).`;
}
