/** What the widget says, in English. Small, since all of it is loaded before consent. */
import type { StartRefusal } from '../startGate.ts';

export const en = {
  direction: 'ltr' as 'ltr' | 'rtl',
  help: (site: string) => `Help ${site} with an idle tab`,
  badge: (site: string) => `Help ${site}`,
  open: 'How?',
  share: (site: string, percent: number) =>
    percent === 0
      ? `You keep all credit. ${site} gets none of it.`
      : `${percent} % of the credit you earn goes to ${site}.`,
  runs: 'Your browser computes small pieces of science and mathematics, never scripts of others, and only while this tab is seen.',
  cost: 'It takes some power (a laptop 15 to 45 watts more) and a little data. It works half of the time, stops on battery at 50 %, and ends when you close the page.',
  costShort: 'It takes some power and a little data. One click stops it.',
  brief:
    'Your browser computes small pieces of checked work. It takes some power and a little data. One click stops it.',
  change: 'Give another share',
  shareLabel: (site: string) => `Share for ${site}, in percent`,
  start: 'Start computing',
  goOn: 'Continue',
  before: 'You said yes here before. Nothing starts without your click.',
  stoppedBefore: 'You stopped it here last time.',
  confirm: 'Confirm in a new window',
  confirmNote:
    'Your browser cannot tell whether this page hides the button, so you confirm in a window of its own.',
  confirmTitle: (site: string) => `Compute for ${site}?`,
  confirmLead: (site: string) =>
    `You clicked “Start computing” on a page of ${site}. If you did not mean that, close this window.`,
  confirmYes: 'Yes, start',
  confirmLost: 'The page that you came from is gone. You can compute here instead.',
  confirmHere: 'Open Idlewave',
  checking: 'One moment …',
  waitingForWindow: 'Waiting for your answer in the other window.',
  loading: 'Getting ready …',
  notLoaded: 'It could not be loaded. Try again in a moment.',
  popupBlocked: 'The window was blocked. Allow it, or open Idlewave itself:',
  what: 'What is this?',
  stop: 'Stop',
  pause: 'Pause',
  resume: 'Resume',
  earned: 'credits on this visit',
  items: (count: number, text: string) =>
    count === 1 ? 'One piece computed' : `${text} pieces computed`,
  session:
    'This browser keeps nothing for this page: your own credit ends with this visit. What the site got stays.',
  region: 'Idlewave: lend computing time',
  refusals: {
    'not-a-person': 'That was no click of a person, so nothing started.',
    'too-small': 'There is too little room here to ask you properly, so nothing starts.',
    'not-seen':
      'Something on this page hides part of this box, so nothing starts. Scroll until all of it is seen.',
    'just-appeared': 'That was quick. Click once more, so that it is surely meant.',
    moved: 'This box moved just as you clicked, so nothing started. Click once more.',
    'tap-again': 'Tap once more, so that it is surely meant.',
    repeated: 'Click once, not twice, so that it is surely meant.',
  } satisfies Record<StartRefusal, string>,
  states: {
    connecting: 'Connecting …',
    waiting: 'Ready. No work for this device right now.',
    working: 'Computing',
    recovering: 'The graphics card was reset. It goes on in a moment.',
    'backing-off': 'The network cannot be reached. It tries again by itself.',
    elsewhere: 'Another tab of this site computes already.',
    paused: 'Paused',
    hidden: 'Resting: this box is hidden by the page.',
    unseen: 'Resting: this box was out of sight for a while.',
    resting: 'Resting, because your device needs it.',
    stopped: 'Stopped. Thank you.',
    failed: (text: string) => `Stopped: ${text}`,
  },
};

export type WidgetWords = typeof en;
