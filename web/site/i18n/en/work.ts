/** Choosing work, seeing it, and what a device is ready for, in English. */
import { figures } from './figures.ts';

const { count, plural } = figures;

export const wishes = {
  title: 'What it computes',
  kind: { label: 'Kinds of work', help: 'What this tab may be given, from the next piece on.' },
  kinds: {
    any: 'Models and kernels',
    model: 'Models only (ONNX: images, text, numbers)',
    kernel: 'Kernels only (mathematics from the catalogue)',
  },
  rate: {
    label: 'At least this much credit for work',
    help: 'Percent of the list price. Authors may offer from 50; most offer 100. Above 100 there may be nothing to do.',
  },
  authorsNot: 'Authors you left out',
  authorsOnly: 'Only these authors',
  jobsNot: 'Jobs you left out',
  jobsOnly: 'Only these jobs',
  takeBack: (label: string) => `Take back: ${label}`,
  takeBackShort: 'Take back',
  where: 'Single jobs and authors are chosen on the page',
  against: {
    kind: 'Your tab is not given this: you chose the other kind of work.',
    job: 'Your tab is not given this: you left the job out, or chose others only.',
    author: 'Your tab is not given this: you left out its author, or chose others only.',
    rate: 'Your tab is not given this: it offers less than you ask for.',
  },
  thisJob: 'This job',
  thisAuthor: 'This author',
  not: 'Not for me',
  only: 'Only this',
  full: (most: number) =>
    `You have chosen ${count(most)} already: take one back under “How this tab works”.`,
  rateOf: (percent: string) => `${percent} % of the list price`,
  pays: 'Credit for work',
};

export const seeing = {
  title: 'What it computes now',
  job: 'Job',
  author: 'For',
  nothing: 'Nothing runs at this moment.',
  choose: 'Not for you? Choose on the page',
  rate: 'Items per second',
  rateLately: 'Items per second over the last two minutes',
  duty: 'Share of the time at work',
  dutyLately: 'Share of the time at work over the last two minutes, in percent',
  notYet: 'not measured yet',
  credit: 'Credit of this session',
  waiting: 'Not decided yet',
  about: (credits: string) => `about ${credits}`,
  final: 'Credited',
  pieces: (pieces: number) =>
    plural(pieces, { one: 'one piece of work', other: `${count(pieces)} pieces of work` }),
  refused: (pieces: number) =>
    plural(pieces, {
      one: 'One piece was not accepted.',
      other: `${count(pieces)} pieces were not accepted.`,
    }),
  refusedLink: 'See why',
  picture: 'One of the items computed here',
  captions: {
    digit: (digit: number) =>
      `Read as ${count(digit)}. The bars compare the model’s ten outputs, 0 to 9.`,
    class: (outputs: number, output: number) =>
      `What went in. Of its ${count(outputs)} outputs, number ${count(output)} is the largest.`,
    noFaces: 'No face found in this image.',
    faces: (faces: number) =>
      plural(faces, {
        one: 'One face found in this image.',
        other: `${count(faces)} faces found in this image.`,
      }),
    volume: (dimensions: number, estimate: string, exact: string) =>
      `Volume of a ball in ${count(dimensions)} dimensions: ${estimate} by this item’s random points, ${exact} in truth.`,
    bodies: (bodies: number, steps: number) =>
      `${count(bodies)} bodies pulled by each other’s gravity, ${count(steps)} steps on. Lines show where each came from.`,
  },
};

export const session = {
  title: 'This session',
  time: 'Time at work',
  items: 'Items computed',
  credits: 'Credits',
  undecided: (credits: string) => `and about ${credits} not decided yet`,
  decided: 'nothing of it waits any more',
  forWhom: 'For whom',
  of: (items: number) => plural(items, { one: 'one item', other: `${count(items)} items` }),
  more: (jobs: number) =>
    plural(jobs, { one: 'and one more job', other: `and ${count(jobs)} more jobs` }),
  all: 'Every line of it is in',
  share: 'Share a picture of this',
  saved: 'The picture was saved.',
  failed: 'This browser could not make the picture.',
  cardTitle: 'I lent a browser tab to a shared computer.',
  cardItems: (items: number) =>
    plural(items, { one: 'one item computed', other: `${count(items)} items computed` }),
  cardTime: (time: string) => `in ${time}`,
  cardCredits: (credits: string) => `${credits} credits for what was accepted`,
  cardFor: (names: string) => `for ${names}`,
};

export const ready = {
  title: 'Ready for work?',
  lead: 'What this device can run, which of the open jobs fit it, and how to take your settings to another one. Looking computes nothing.',
  looking: 'Looking at this device …',
  noWorker: 'This browser cannot start what computes:',
  device: 'This device',
  adapter: 'Graphics',
  engines: 'Engines',
  memory: 'Memory for one piece of work',
  memoryNote:
    'An estimate: browsers do not tell how much is free. Your own limit counts, where you set one.',
  cores: 'Processor cores',
  simd: 'WebAssembly with SIMD',
  threads: 'WebAssembly with threads',
  threadsNo: 'no: they need a page that is isolated from others, and this one is not',
  storage: 'Storage for models',
  storageOf: (used: string, quota: string) => `${used} of at most ${quota} used by this site`,
  webRtc: 'Links to other tabs (WebRTC)',
  yes: 'yes',
  no: 'no',
  notTold: 'not told by this browser',
  noGpu: 'no adapter that a page may use',
  features: 'Features and limits of the graphics card',
  measure: 'Measure for a few seconds',
  measuring: 'Measuring …',
  measured: (gigaflops: string, engine: string) =>
    `${gigaflops} billion operations a second (${engine}).`,
  measureNote:
    'One small kernel, computed for you alone. If this tab computes for others now, both are slower.',
  measureFailed: 'It could not be measured:',
  jobs: 'Open jobs',
  jobsNote:
    'By the rules that the coordinator hands out work by. Beyond these it looks at who may check whom.',
  noJobs: 'No job is open right now.',
  fits: 'Fits this device',
  misfits: {
    'no-engine': 'The device has no engine that runs this kind of program.',
    'not-enough-memory': 'The program needs more memory than the device offers.',
    'not-wished': 'The volunteer has chosen other work.',
  },
  link: 'Take your settings along',
  linkNote:
    'This address carries how you set this tab, and nothing about you. Whoever opens it sees what would change before anything does.',
  linkName: 'Address with your settings',
  linkDefault: 'You use the settings that everybody begins with, so the address carries none.',
  copy: 'Copy the address',
  copied: 'Copied.',
  notCopied: 'This browser does not allow it: mark the address and copy it yourself.',
  qr: 'The same address as a QR code',
  tooLong: 'Too much for a QR code: you have chosen many jobs or authors.',
  offered: 'Settings in this address',
  offeredNote:
    'Somebody put these settings into the address that you opened. Nothing has been changed.',
  offeredSame: 'The settings in this address are the ones you have.',
  offeredBroken: 'The settings in this address cannot be read. Nothing has been changed.',
  now: 'Now',
  then: 'Then',
  setting: 'Setting',
  take: 'Use these settings',
  keep: 'Keep mine',
  taken: 'These settings are yours now. They are kept in this browser.',
  kept: 'Nothing was changed.',
  minutes: (minutes: number) =>
    plural(minutes, { one: 'one minute', other: `${count(minutes)} minutes` }),
  always: 'always',
  unlimited: 'no limit of your own',
  leastRate: (percent: string) => `at least ${percent} % of the list price`,
  not: (names: string) => `not ${names}`,
  only: (names: string) => `only ${names}`,
  fromJobs: 'Which of them fit this device?',
};
