/** What a simulation is made of. */
import type { KeyId } from '../../shared/ids.ts';
import type { Verification } from '../../shared/protocol/verification.ts';
import { MONTECARLO, type SimProgram } from './simProgram.ts';

export interface SimOptions {
  readonly seed: number;
  readonly hosts: number;
  /** Fraction of hosts of each bad kind. */
  readonly liars: number;
  readonly failing: number;
  readonly silent: number;
  /** Fraction that spoils a single element of each report. */
  readonly subtle: number;
  /** Fraction that drops every second assignment once it is opened. */
  readonly aborting: number;
  /** Virtual ms an item of each host; drawn, of 0.5 to 2.5 times as long as the referee, where there is none. */
  readonly paces: readonly number[];
  readonly program: SimProgram;
  /** All alike, of one author; those of `orders` where there are any. */
  readonly jobs: number;
  readonly itemsPerJob: number;
  readonly orders: readonly SimOrder[];
  readonly itemsPerShard: number;
  readonly verification: Exclude<Verification, { kind: 'stages' }>;
  /** Probability that a message is lost (its link then breaks), or comes twice. */
  readonly loss: number;
  readonly doubling: number;
  /** Times at which the coordinator is killed and started anew on the same store. */
  readonly restarts: number;
}

/** A job of an author of its own choosing. */
export interface SimOrder {
  readonly author: KeyId;
  readonly items: number;
  readonly ratePercent?: number;
}

export const DEFAULT_SIM: SimOptions = {
  seed: 1,
  hosts: 8,
  liars: 0,
  failing: 0,
  silent: 0,
  subtle: 0,
  aborting: 0,
  paces: [],
  program: MONTECARLO,
  jobs: 1,
  itemsPerJob: 200,
  orders: [],
  itemsPerShard: 10,
  verification: { kind: 'quorum', quorum: 2, secondOpinion: 'contributors' },
  loss: 0,
  doubling: 0,
  restarts: 0,
};
