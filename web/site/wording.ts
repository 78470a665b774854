/**
 * What each state is called, and what it means, in plain words. Pure.
 */
import { formatCredits } from '../../shared/units.ts';
import type { VolunteerView } from '../state/volunteerView.ts';

export interface StateWording {
  /** A word or two, beside the light. */
  readonly label: string;
  /** One sentence; what screen readers are told at a change of state. */
  readonly sentence: string;
}

export function wordingOf(view: VolunteerView): StateWording {
  const { state } = view;
  const [route] = view.routes;
  const takesPart = state.kind === 'waiting' || state.kind === 'working';
  // A stage waits for the one before many times a second: that is its work, and no news.
  if (route !== undefined && takesPart && view.fetchingFor === null)
    return { label: 'Computing', sentence: `Working on “${route.place.jobName}”.` };
  switch (state.kind) {
    case 'idle':
      return { label: 'Off', sentence: 'Nothing is computing.' };
    case 'connecting':
      return { label: 'Connecting', sentence: 'Connecting to the coordinator.' };
    case 'backing-off':
      return {
        label: 'Offline',
        sentence: `The coordinator cannot be reached. Trying again within ${Math.ceil(state.delayMs / 1000)} seconds; work in hand goes on.`,
      };
    case 'waiting':
      return {
        label: view.fetchingFor === null ? 'Waiting' : 'Preparing',
        sentence:
          state.text === null
            ? 'Connected. Asking for work.'
            : `Connected. ${sentenceOf(state.text)}`,
      };
    case 'working':
      return view.running === null
        ? { label: 'Preparing', sentence: 'Getting what the next piece of work needs.' }
        : { label: 'Computing', sentence: `Working on “${view.running.jobName}”.` };
    case 'recovering':
      return {
        label: 'Recovering',
        sentence: 'The engine went away and is being restarted. Nothing is lost.',
      };
    case 'handing-over':
      return {
        label: 'Handing over',
        sentence:
          'Finishing what is under way here. Then another tab has this place, and this one stops.',
      };
    case 'paused':
      return {
        label: 'Paused',
        sentence: state.linked
          ? 'Nothing is computing; unfinished work went back.'
          : 'Nothing is computing, and this tab is not connected.',
      };
    case 'frozen':
      return { label: 'Asleep', sentence: 'The browser put this tab to sleep; work went back.' };
    case 'elsewhere':
      return {
        label: 'In another tab',
        sentence:
          'Another tab of this browser is computing already. One is enough: two would share the same device.',
      };
    case 'stopped':
      return state.by === 'person'
        ? { label: 'Off', sentence: 'Stopped. Thank you for what you gave.' }
        : { label: 'Stopped', sentence: sentenceOf(state.text) };
    default:
      return state satisfies never;
  }
}

/** Where the credit shown comes from, or when some will come. */
export function creditNoteOf({
  microCredits,
  earnedMicroCredits: earned,
}: Pick<VolunteerView, 'microCredits' | 'earnedMicroCredits'>): string {
  if (microCredits === 0n) return 'for accepted work';
  if (earned === 0n) return 'from earlier visits';
  return earned === microCredits ? 'all on this visit' : `+${formatCredits(earned)} this visit`;
}

/** What was checked, and how it went. Reports that nobody was asked to check are not among them. */
export function checkedOf({ verdicts }: Pick<VolunteerView, 'verdicts'>): {
  readonly count: number;
  readonly note: string;
} {
  const { agree, disagree, unchecked } = verdicts;
  const count = agree + disagree;
  const parts: string[] = [];
  if (disagree > 0) parts.push(`${whole.format(disagree)} disagreed`);
  else if (count > 0) parts.push('all agreed');
  if (unchecked > 0) parts.push(`${whole.format(unchecked)} unchecked`);
  return { count, note: parts.join(', ') || 'pieces of work' };
}

/** What went between this tab and others, so that the coordinator need not send it; null where nothing did. */
export function chunksSentence({ chunks }: Pick<VolunteerView, 'chunks'>): string | null {
  const { fromPeers, toPeers } = chunks;
  const parts: string[] = [];
  if (fromPeers > 0) parts.push(`${megabytes(fromPeers)} came from other tabs`);
  const them = fromPeers > 0 ? 'them' : 'other tabs';
  if (toPeers > 0) parts.push(`${megabytes(toPeers)} went to ${them}`);
  return parts.length === 0 ? null : `Of models, ${parts.join(', ')}.`;
}

const megabytes = (bytes: number): string => `${whole.format(Math.ceil(bytes / 1e6))} MB`;

const whole = new Intl.NumberFormat('en');

function sentenceOf(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
