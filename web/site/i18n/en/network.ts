/** The network and its open jobs, in English. */
import { figures } from './figures.ts';

const { count, plural, short } = figures;

export const network = {
  title: 'One computer, made of open tabs.',
  lead: 'Who computes with you at this moment, how fast, and what it costs to know that the results are right.',
  people: 'People computing',
  tabs: (tabs: number) => plural(tabs, { one: 'in one tab', other: `in ${count(tabs)} tabs` }),
  rate: 'Items per second',
  rateNote: 'checked, over the last minute',
  rateOver: (minutes: number) => `Items per second over the last ${count(minutes)} minutes`,
  jobs: 'Jobs open',
  jobsLink: 'See what they are',
  checking: 'Cost of checking',
  checkingNote: 'executions beyond one for each accepted item, over the open jobs',
  checkingNone: 'no result of an open job is accepted yet',
  devices: 'What it is computed with',
  devicesNote:
    'As browsers describe themselves. Of a device nothing else is known, but for its part of the world where its visitor says so.',
  devicesNone: 'Nobody computes right now. You could be the first.',
  regions: 'Where',
  regionsNote: 'Of those who chose to say it, by the time zone of their clocks.',
  regionNames: {
    africa: 'Africa',
    america: 'The Americas',
    antarctica: 'Antarctica',
    arctic: 'The Arctic',
    asia: 'Asia',
    atlantic: 'Islands of the Atlantic',
    australia: 'Australia',
    europe: 'Europe',
    indian: 'Islands of the Indian Ocean',
    pacific: 'Islands of the Pacific',
  },
  wasm: 'Processor (WebAssembly)',
  log: 'Every settled piece of work and every credit is in a public log that nobody can rewrite unseen.',
  logLink: 'Download its newest checkpoint',
};

export const jobs = {
  title: 'What is being computed.',
  lead: 'Every job that tabs work on now, as its author named it. A tab is given pieces of those that it can run.',
  none: 'No job is open right now. A tab that waits is given the next one the moment it is posted.',
  paused: 'It is paused by its author.',
  more: (more: number) => `and ${count(more)} more`,
  kernel: (name: string) => `Kernel ${name} of the catalogue`,
  authored: (name: string, size: string) =>
    `The author’s own GPU program ${name}…, ${size} to download`,
  model: (name: string, size: string) => `Model ${name}…, ${size} to download`,
  stages: (count: string, size: string) =>
    `A model in ${count} stages over several tabs, ${size} in all`,
  progress: (done: number, total: number) => `${count(done)} of ${count(total)} items accepted`,
  author: 'Posted by',
  checked: 'How it is checked',
  policies: {
    quorum: 'Several tabs compute every item, and their results are compared.',
    sampled: 'Secret samples of every contributor’s work are compared with others’ and recomputed.',
    algebraic: 'Every result is checked by a proof that is cheaper than computing it.',
    stages: 'Secret samples of every stage are recomputed.',
  },
  wrong: (reports: number) =>
    plural(reports, {
      one: 'One wrong report found so far.',
      other: `${count(reports)} wrong reports found so far.`,
    }),
  work: 'Work an item',
  flops: (operations: number) => `${short(operations)} operations`,
};
