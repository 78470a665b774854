/** The gallery of kernels, in English. What kernels say of themselves is English everywhere. */
import { figures } from './figures.ts';

const { count, plural } = figures;

export const gallery = {
  title: 'See what your device can do.',
  lead: 'Every kernel that a job may name, run here for you alone: its picture, its speed, whether it is right, and how near it comes to what your device can do at best.',
  note: 'A run takes some seconds, and begins with your click. If this tab computes for others now, both are slower.',
  all: 'All kernels',
  unknown: 'There is no kernel of this name.',
  source: 'Where the method comes from',
  classes: {
    exact: 'Exact',
    algebraic: 'Proved by algebra',
    sampled: 'Checked by samples',
  },
  classNotes: {
    exact: 'Every device computes the same bits, so results are compared bit for bit.',
    algebraic: 'A short proof shows whether a result is right, without computing it again.',
    sampled:
      'Devices round differently. Secret samples are computed again, and compared within a limit.',
  },
  lastRun: {
    agrees: 'Ran here, and agrees',
    disagrees: 'Ran here, and does not agree',
  },
  form: {
    size: 'Size',
    sizes: { small: 'Small', medium: 'Medium', large: 'Large' },
    params: 'Parameters',
    items: 'Items in one run',
    between: (least: string, most: string) => `${least} to ${most}`,
    json: 'as JSON',
    optional: 'may stay empty',
    run: 'Run it here',
    again: 'Run it again',
    running: 'Running …',
    refused: (field: string) => `The kernel does not take this value of “${field}”:`,
    refusedAll: 'The kernel does not take these values:',
    tooMany: (most: string) => `A run has 1 to ${most} items.`,
    tooMuchWork: (flops: string, most: string) =>
      `That is ${flops} operations. This page runs ${most} at most, so that your device stays yours.`,
    tooMuchData: (bytes: string, most: string) =>
      `That is ${bytes} of data. This page runs ${most} at most.`,
  },
  result: {
    title: 'What came out',
    none: 'Nothing has run yet.',
    picture: (item: number) => `Picture of item ${count(item)}`,
    wholePicture: 'Picture of all items together',
    rate: 'Items per second',
    rateNote: (items: number) =>
      plural(items, {
        one: 'from input to result, one item a run',
        other: `from inputs to results, ${count(items)} items a run`,
      }),
    agrees: 'It agrees',
    disagrees: 'It does not agree',
    checking: 'Being checked …',
    compared: (items: number) =>
      plural(items, {
        one: 'One item was compared with the reference, by the rule that accepts volunteers’ results.',
        other: `${count(items)} items were compared with the reference, by the rule that accepts volunteers’ results.`,
      }),
    bitForBit: 'Equal bit for bit.',
    worst: (worst: string, limit: string) =>
      `Worst difference of an item: ${worst} of its size (limit ${limit}).`,
    worstElement: (worst: string, limit: string) =>
      `Worst single value: off by ${worst} of the usual size (limit ${limit}).`,
    reference: 'The same in plain JavaScript',
    referenceNote: (ms: string) => `${ms} ms an item: the definition of what is right`,
    faster: (times: string) => `Your device is ${times} times as fast.`,
    slower: (times: string) => `Plain JavaScript is ${times} times as fast here.`,
    device: 'Computed by',
    software: 'software on the processor, for want of a graphics card that a page may use',
    noGpu: 'This browser gives pages no graphics card. Only the reference ran:',
  },
  ways: {
    title: 'How it was computed',
    only: (ms: string) => `The kernel has one way for this device. It took ${ms} ms an item.`,
    fastest: (way: string, ways: number) =>
      `By “${way}”: of the ${count(ways)} ways that the kernel has for this device, it was the fastest just now.`,
    trying: (begun: number, ways: number) => `Trying way ${count(begun)} of ${count(ways)} …`,
    way: 'Way',
    family: 'How threads work together',
    time: 'ms an item',
    families: {
      registers: 'each for itself',
      tiled: 'groups share memory',
      subgroups: 'lanes exchange values',
      halves: 'with 16-bit numbers',
    },
    wgsl: 'The WGSL that ran here',
  },
  roofline: {
    title: 'What the device could do at best',
    lead: 'Two small programs were measured beside it: one that only copies memory, one that only multiplies and adds. No kernel can be above both lines, unless its data stays in caches.',
    measuring: 'The lines are being measured …',
    copies: 'Copies memory at',
    adds: 'Multiplies and adds at',
    kernel: 'This kernel does',
    intensity: 'Operations for each byte',
    byMemory: (share: string) =>
      `${share} of what memory allows: moving data is what holds it back.`,
    byArithmetic: (share: string) =>
      `${share} of what the arithmetic allows: there is enough data for it.`,
    above: (times: string) => `${times} times what memory would allow: its data stays in caches.`,
    beyond: (times: string) =>
      `${times} times what the arithmetic allows: a kernel is counted with all that it may have to do, and was done sooner.`,
    chart: (name: string) =>
      `${name} under the roofline of this device; the figures stand beside it`,
    axisX: 'operations for each byte',
    code: 'How the lines are measured',
  },
  failed: {
    'device-lost': 'The graphics card went away in the middle of it. Run it again.',
    'out-of-memory': 'The graphics card has no room for this. Try a smaller size.',
    refused: 'The graphics card does not take this kernel:',
    broken: 'It could not be run:',
    silent: 'Nothing was heard of it for a minute, so it was ended. Try a smaller size.',
  },
  sources: {
    title: 'Read it, and check us',
    note: 'These are the files that this page was built from.',
    composed: (made: string, by: string) =>
      `${made} is what ${by} makes of the small size; other devices and sizes get another.`,
    roles: {
      shader: 'The kernel (WGSL)',
      reference: 'The reference',
      test: 'The tests',
      manifest: 'What it says of itself',
      other: 'Beside it',
    },
    file: (name: string) => `Text of ${name}`,
    save: 'Save this file',
    missing: 'There is no file of this name.',
    notLoaded: 'The file could not be loaded.',
  },
};
