/**
 * What is simulated: each cell is one way of verifying against one crowd. A cell's seed comes from its name,
 * so that it gives the same figures alone as among all.
 */
import {
  ADAPTIVE_POLICIES,
  HONEST,
  QUORUM_POLICIES,
  SAMPLED_POLICIES,
  type Policy,
} from './adversaries.ts';
import type { Figures } from './figures.ts';
import { QuickRng, hashOf } from './quickRng.ts';
import { adaptiveOdds, quorumOdds } from './quorumOdds.ts';
import { sampledOdds } from './sampledOdds.ts';
import type { Conditions, Crowd } from './slots.ts';

export type Strategy = 'sampled' | 'quorum-2' | 'quorum-3' | 'adaptive';

export interface Cell {
  readonly name: string;
  readonly strategy: Strategy;
  readonly crowd: Crowd;
}

const SHARES = [0.01, 0.05, 0.2];
/** An ejected adversary is back at once, or has to sit out so many of its turns. */
const DELAYS = [0, 50];

export const CELLS: readonly Cell[] = [
  ...cellsOf('sampled', SAMPLED_POLICIES, DELAYS),
  // Nobody is ejected by the others.
  ...cellsOf('quorum-2', QUORUM_POLICIES, [0]),
  ...cellsOf('quorum-3', QUORUM_POLICIES, [0]),
  ...cellsOf('adaptive', ADAPTIVE_POLICIES, [0]),
];

function cellsOf(strategy: Strategy, policies: readonly Policy[], delays: readonly number[]) {
  const cells = [cellOf(strategy, { policy: HONEST, share: 0, colluding: false, delay: 0 })];
  for (const policy of policies)
    for (const share of SHARES)
      for (const colluding of policy.collusion)
        for (const delay of delays)
          cells.push(cellOf(strategy, { policy, share, colluding, delay }));
  return cells;
}

function cellOf(strategy: Strategy, crowd: Crowd): Cell {
  const { policy, share, colluding, delay } = crowd;
  const together = colluding ? 'colluding' : 'independent';
  const parts = [strategy, policy.name];
  if (policy !== HONEST) parts.push(`f=${100 * share}%`, together, `delay=${delay}`);
  return { name: parts.join(' '), strategy, crowd };
}

/** Cells whose names have every one of these words. */
export const cellsWith = (words: readonly string[]): readonly Cell[] =>
  CELLS.filter(({ name }) => words.every((word) => name.split(' ').includes(word)));

export function figuresOfCell(
  { name, strategy, crowd }: Cell,
  conditions: Conditions,
  seed: number,
): Figures {
  const rng = new QuickRng(seed, hashOf(name));
  switch (strategy) {
    case 'sampled':
      return sampledOdds(crowd, conditions, rng);
    case 'quorum-2':
      return quorumOdds(2, crowd, conditions, rng);
    case 'quorum-3':
      return quorumOdds(3, crowd, conditions, rng);
    case 'adaptive':
      return adaptiveOdds(crowd, conditions, rng);
    default:
      return strategy satisfies never;
  }
}
