/**
 * Which of the dictionary's sentences says what each state is and means. Pure.
 */
import type { VolunteerView } from '../state/volunteerView.ts';
import { restWording } from './controlWording.ts';
import type { Words } from './i18n/en.ts';
import { sentenceOf, toldWithin } from './told.ts';

export interface StateWording {
  /** A word or two, beside the light. */
  readonly label: string;
  /** One sentence; what screen readers are told at a change of state. */
  readonly sentence: string;
}

export function wordingOf(view: VolunteerView, words: Words): StateWording {
  const { state } = view;
  const { states } = words;
  const [route] = view.routes;
  const takesPart = state.kind === 'waiting' || state.kind === 'working';
  // A stage waits for the one before many times a second: that is its work, and no news.
  if (route !== undefined && takesPart && view.fetchingFor === null)
    return {
      label: states.computing.label,
      sentence: states.computing.sentence(route.place.jobName),
    };
  switch (state.kind) {
    case 'idle':
      return states.off;
    case 'connecting':
      return states.connecting;
    case 'backing-off': {
      const { label, sentence } = states.offline;
      return { label, sentence: sentence(Math.ceil(state.delayMs / 1000)) };
    }
    case 'waiting':
      return {
        label: view.fetchingFor === null ? states.waiting.label : states.preparing.label,
        sentence:
          state.text === null
            ? states.waiting.asking
            : states.waiting.told(sentenceOf(toldWithin(words, state.text))),
      };
    case 'working':
      return view.running === null
        ? states.preparing
        : {
            label: states.computing.label,
            sentence: states.computing.sentence(view.running.jobName),
          };
    case 'recovering':
      return states.recovering;
    case 'handing-over': {
      const { label, work, route: onRoute } = states.handingOver;
      return { label, sentence: route === undefined ? work : onRoute };
    }
    case 'paused': {
      if (view.resting !== null) return restWording(view.resting, Date.now(), words);
      const { label, linked, unlinked } = states.paused;
      return { label, sentence: state.linked ? linked : unlinked };
    }
    case 'frozen':
      return states.asleep;
    case 'elsewhere':
      return states.elsewhere;
    case 'stopped':
      return state.by === 'person'
        ? { label: states.off.label, sentence: states.thanks }
        : { label: states.stopped, sentence: sentenceOf(toldWithin(words, state.text)) };
    default:
      return state satisfies never;
  }
}

/** Where the credit shown comes from, or when some will come. */
export function creditNoteOf(
  {
    microCredits,
    earnedMicroCredits: earned,
  }: Pick<VolunteerView, 'microCredits' | 'earnedMicroCredits'>,
  { run: { creditNote }, figures }: Words,
): string {
  if (microCredits === 0n) return creditNote.none;
  if (earned === 0n) return creditNote.earlier;
  return earned === microCredits ? creditNote.now : creditNote.part(figures.credits(earned));
}

/** What was checked, and how it went. Reports that nobody was asked to check are not among them. */
export function checkedOf(
  { verdicts }: Pick<VolunteerView, 'verdicts'>,
  { run: { checkedNote } }: Words,
): { readonly count: number; readonly note: string } {
  const { agree, disagree, unchecked } = verdicts;
  const count = agree + disagree;
  const parts: string[] = [];
  if (disagree > 0) parts.push(checkedNote.disagreed(disagree));
  else if (count > 0) parts.push(checkedNote.agreed);
  if (unchecked > 0) parts.push(checkedNote.unchecked(unchecked));
  const [first, second] = parts;
  if (first === undefined) return { count, note: checkedNote.none };
  return { count, note: second === undefined ? first : checkedNote.both(first, second) };
}

/** What went between this tab and others, so that the coordinator need not send it; null where nothing did. */
export function chunksSentence(
  { chunks: { fromPeers, toPeers } }: Pick<VolunteerView, 'chunks'>,
  { run: { chunks } }: Words,
): string | null {
  const [from, to] = [megabytes(fromPeers), megabytes(toPeers)];
  if (from > 0) return to > 0 ? chunks.both(from, to) : chunks.from(from);
  return to > 0 ? chunks.to(to) : null;
}

const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);
