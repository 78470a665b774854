/** A place on a route, in English. Stages are counted as people count. */
import { figures } from './figures.ts';

const { plural } = figures;

export const route = {
  title: 'One model over several tabs',
  stages: 'Stages',
  stage: (stage: number) => `Stage ${stage}`,
  stageRange: (first: number, last: number) => `Stages ${first}–${last}`,
  inputs: 'Inputs',
  results: 'Results',
  coordinator: 'coordinator',
  otherTab: 'another tab',
  thisTab: 'this tab',
  held: (batches: number) =>
    plural(batches, { one: `${batches} batch here`, other: `${batches} batches here` }),
  holdsAll: (stages: number, job: string) => `This tab runs all ${stages} stages of “${job}”.`,
  holdsOne: (stage: number, of: number, job: string) =>
    `This tab runs stage ${stage} of the ${of} of “${job}”.`,
  holdsRange: (first: number, last: number, of: number, job: string) =>
    `This tab runs stages ${first}–${last} of the ${of} of “${job}”.`,
  fromCoordinator: 'Its inputs come from the coordinator.',
  toCoordinator: 'What it computes is the result, and goes to the coordinator.',
  fromStage: (stage: number) => `It receives from the tab with stage ${stage}`,
  toStage: (stage: number) => `It sends to the tab with stage ${stage}`,
  unknown: (what: string) => `${what}; who that is will be known in a moment.`,
  notReached: (what: string, how: string) => `${what}: ${how}.`,
  reached: (what: string, how: string, figures: string) => `${what}, ${how} (${figures}).`,
  roundTrip: (ms: string) => `${ms} ms`,
  soFar: (bytes: string) => `${bytes} so far`,
  roundTripAndSoFar: (ms: string, bytes: string) => `${ms} ms there and back, ${bytes} so far`,
  heldNone: 'Nothing is waiting here.',
  heldSome: (batches: number) =>
    plural(batches, {
      one: 'One batch of activations is here.',
      other: `${batches} batches of activations are here.`,
    }),
  leaving:
    'Nothing new is begun on this route. When what is under way has ended, another tab has this place.',
  staying:
    'Stop or Pause lets this place go at once, and what is under way is computed again. Handing over takes some seconds, and nothing is lost.',
  /** On the picture, beside the line; and in a sentence, after “it is reached”. */
  paths: {
    connecting: { label: 'connecting', how: 'the connection is being made' },
    direct: { label: 'direct', how: 'directly, browser to browser' },
    turn: { label: 'TURN', how: 'through a TURN server, which cannot read it' },
    relayed: { label: 'relayed', how: 'through the coordinator, as no direct way was found' },
    broken: { label: 'broken', how: 'the connection broke; another is being looked for' },
  },
};
