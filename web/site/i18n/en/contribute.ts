/** The first page in English: the invitation, what starting means, and what runs. */
import { figures } from './figures.ts';

const { count, plural } = figures;

export const invitation = {
  idea: 'Lend this tab to a shared computer.',
  lead: 'People post work that is too large for one machine. Your browser computes a piece of it, someone else’s checks it, and you are credited for what was right. Nothing to install, nothing to sign up for.',
  earned: (credits: string) => `You earned ${credits} credits on this visit.`,
  start: 'Start computing',
  remember: 'Start again by itself when I come back to this page',
};

export const promises = {
  title: 'What happens when you start',
  answers: [
    {
      question: 'What runs',
      answer:
        'Maths only: WebGPU kernels, checked before they come here, and ONNX models. They are data, never scripts, and cannot see your files, your other tabs or your network.',
    },
    {
      question: 'How long',
      answer:
        'Until you pause, stop or close the tab. It uses your graphics card or one processor core, and gives unfinished work back the moment you leave.',
    },
    {
      question: 'What is sent',
      answer:
        'Results and how fast they came, to this site alone. A key made in this browser stands for you: no name unless you give one, no e-mail. Models are downloaded once and kept, 1 GiB at most.',
    },
    {
      question: 'What you get',
      answer:
        'One credit for every trillion operations, once others have confirmed them or where the author asks for no check. Results that turn out wrong earn nothing, whoever sent them.',
    },
  ],
};

/** A word or two beside the light, and one sentence. */
export const states = {
  off: { label: 'Off', sentence: 'Nothing is computing.' },
  connecting: { label: 'Connecting', sentence: 'Connecting to the coordinator.' },
  offline: {
    label: 'Offline',
    sentence: (seconds: number) =>
      `The coordinator cannot be reached. Trying again within ${seconds} seconds; work in hand goes on.`,
  },
  waiting: {
    label: 'Waiting',
    asking: 'Connected. Asking for work.',
    told: (why: string) => `Connected. ${why}`,
  },
  preparing: { label: 'Preparing', sentence: 'Getting what the next piece of work needs.' },
  computing: { label: 'Computing', sentence: (job: string) => `Working on “${job}”.` },
  recovering: {
    label: 'Recovering',
    sentence: 'The engine went away and is being restarted. Nothing is lost.',
  },
  handingOver: {
    label: 'Handing over',
    work: 'Finishing what is in hand. Then this tab stops.',
    route: 'Finishing what is under way here. Then another tab has this place, and this one stops.',
  },
  paused: {
    label: 'Paused',
    linked: 'Nothing is computing; unfinished work went back.',
    unlinked: 'Nothing is computing, and this tab is not connected.',
  },
  asleep: { label: 'Asleep', sentence: 'The browser put this tab to sleep; work went back.' },
  elsewhere: {
    label: 'In another tab',
    sentence:
      'Another tab of this browser is computing already. One is enough: two would share the same device. This one goes on when that one closes.',
  },
  thanks: 'Stopped. Thank you for what you gave.',
  stopped: 'Stopped',
};

export const run = {
  resumed: 'Computing again by itself, as you asked on an earlier visit.',
  forget: 'Don’t do that again',
  remember: 'Do it again next time',
  downloading: (job: string) => `Downloading what “${job}” needs. It is kept for next time.`,
  itemsDone: (done: number, items: number) =>
    `${count(done)} of ${count(items)} ${plural(items, { one: 'item', other: 'items' })}`,
  pieceOf: (job: string) => `This piece of ${job}`,
  rate: 'Items per second',
  items: 'Items computed',
  credits: 'Credits',
  checked: 'Checked by others',
  engine: 'Engine.',
  refused: (why: string) => `A result was not accepted: ${why}.`,
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  stopNow: 'Stop now',
  goOn: 'Go on now',
  break: 'Pause for an hour',
  stay: 'Stay after all',
  handOver: 'Hand over, then stop',
  finish: 'Finish, then stop',
  creditNote: {
    none: 'for accepted work',
    earlier: 'from earlier visits',
    now: 'all on this visit',
    part: (credits: string) => `+${credits} this visit`,
  },
  checkedNote: {
    none: 'pieces of work',
    agreed: 'all agreed',
    disagreed: (reports: number) => `${count(reports)} disagreed`,
    unchecked: (reports: number) => `${count(reports)} unchecked`,
    both: (first: string, second: string) => `${first}, ${second}`,
  },
  chunks: {
    from: (megabytes: number) => `Of models, ${count(megabytes)} MB came from other tabs.`,
    to: (megabytes: number) => `Of models, ${count(megabytes)} MB went to other tabs.`,
    both: (from: number, to: number) =>
      `Of models, ${count(from)} MB came from other tabs, ${count(to)} MB went to them.`,
  },
  account: 'Your account',
  keepSafe: 'You have credit now: keep it safe',
};
