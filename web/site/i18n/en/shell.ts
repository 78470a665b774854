/** The frame of every page, in English. */
import { figures } from './figures.ts';

const { plural, tenths } = figures;

export const pages = {
  contribute: 'Contribute',
  mine: 'My contribution',
  credits: 'My credits',
  leaderboard: 'Leaderboard',
  network: 'Network',
  jobs: 'Jobs',
  kernels: 'Kernels',
  help: 'Help',
  certificate: 'Certificate',
  ready: 'Ready for work',
  sites: 'For site owners',
  post: 'Post a job',
};

export const shell = {
  title: 'Idlewave: lend an open tab to a shared computer',
  home: 'Idlewave, start page',
  pages: 'Pages',
  language: 'Language',
  skip: 'Skip to the page',
  pause: 'Pause',
  resume: 'Resume',
  loading: 'Loading …',
  notLoaded: 'This page could not be loaded.',
  creditsNotLoaded: 'The page could not load what shows your credits.',
  again: 'Try again',
  newer: 'A newer version of this page is here.',
  partMissing: 'A part of this page could not be loaded.',
  loadAnew: 'Load the page anew',
  finishAndLoad: 'Finish what is in hand, then load it anew',
  finishing: 'It is loaded as soon as what is in hand is finished.',
  silent: 'The coordinator does not answer right now. Try again in a moment.',
  alarm: 'The public log of credits contradicts itself.',
  alarmLink: 'See what was found',
  noAnswer: 'The coordinator does not answer right now. What stands here is what it said last.',
};

/** The network in one line. */
export const networkLine = {
  silent: 'The coordinator does not answer right now',
  people: (count: number) =>
    plural(count, {
      one: `${tenths(count)} person computing`,
      other: `${tenths(count)} people computing`,
    }),
  jobs: (count: number) =>
    plural(count, { one: `${tenths(count)} job`, other: `${tenths(count)} jobs` }),
  rate: (perSecond: number) => `${tenths(perSecond)} items/s`,
};
