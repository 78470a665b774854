/**
 * Contributors that come and go: each slot holds one identity, and when it leaves or is ejected another takes
 * its place.
 *
 * Invariant: a share of the picks is malicious exactly by probability, however few slots there are, except
 * for the picks that ejected adversaries sit out.
 */
import { HONEST_FAULT, type Policy } from './adversaries.ts';
import type { QuickRng } from './quickRng.ts';

export interface Crowd {
  readonly policy: Policy;
  /** Of the assignments that go to adversaries. */
  readonly share: number;
  /** Adversaries give the same wrong values, and agree with each other's. */
  readonly colluding: boolean;
  /** Picks that an ejected adversary sits out before it is back under a new name. */
  readonly delay: number;
}

export interface Conditions {
  readonly jobs: number;
  /** Items of one job: what an assignment holds besides its probes. */
  readonly items: number;
  /** Assignments of an identity before it leaves, on average. */
  readonly life: number;
  /** Clean checks of a stream before its results are final: production's, or a proposal. */
  readonly gate: number;
}

export interface Identity {
  readonly malicious: boolean;
  readonly slot: number;
  /** Counts all identities from 0. */
  readonly number: number;
  assignments: number;
}

/** Below some 200 jobs a slot the beginning would count more than what follows. */
const JOBS_PER_SLOT = 500;
const FEWEST_SLOTS = 40;
/** What they hold stays in a processor's cache: with four times as many a run takes twice as long. */
const MOST_SLOTS = 500;
/** So that adversaries have accomplices, and a job finds enough different ones. */
const FEWEST_OF_A_KIND = 8;

export class Slots<T extends Identity> {
  readonly #crowd: Crowd;
  readonly #life: number;
  readonly #rng: QuickRng;
  readonly #create: (identity: Identity) => T;
  readonly #held: T[] = [];
  readonly #resting: number[] = [];
  readonly #malicious: number;
  #created = 0;

  constructor(
    crowd: Crowd,
    { jobs, life }: Conditions,
    rng: QuickRng,
    create: (identity: Identity) => T,
  ) {
    this.#crowd = crowd;
    this.#life = life;
    this.#rng = rng;
    this.#create = create;
    const wanted = Math.round(jobs / JOBS_PER_SLOT);
    const slots = Math.min(Math.max(wanted, FEWEST_SLOTS), MOST_SLOTS);
    this.#malicious = Math.max(Math.round(crowd.share * slots), FEWEST_OF_A_KIND);
    for (let slot = 0; slot < slots; slot++) {
      this.#resting.push(0);
      this.#held.push(this.#fresh(slot));
    }
  }

  get count(): number {
    return this.#held.length;
  }

  /** Who gets the next assignment, none of `not`. Now and then somebody leaves and a new one comes. */
  pick(not: readonly T[] = []): T {
    for (;;) {
      const slot = this.#draw();
      if (this.#resting[slot]! > 0) {
        this.#resting[slot]! -= 1;
        continue;
      }
      if (not.length > 0 && not.includes(this.#held[slot]!)) continue;
      if (this.#rng.chance(1 / this.#life)) this.#held[slot] = this.#fresh(slot);
      return this.#held[slot]!;
    }
  }

  /** Another takes the place of one that was ejected; false where it had left before. */
  replace(ejected: T): boolean {
    if (this.#held[ejected.slot] !== ejected) return false;
    this.#held[ejected.slot] = this.#fresh(ejected.slot);
    if (ejected.malicious) this.#resting[ejected.slot] = this.#crowd.delay;
    return true;
  }

  /** Wrong items among the `listed` of its next assignment. */
  spoiledBy(who: T, listed: number, trusted = false): number {
    const { assignments } = who;
    who.assignments += 1;
    if (!who.malicious) return this.#rng.chance(HONEST_FAULT) ? 1 : 0;
    return this.#crowd.policy.spoils({ assignments, trusted }, listed, this.#rng);
  }

  #draw(): number {
    if (this.#rng.chance(this.#crowd.share)) return this.#rng.below(this.#malicious);
    return this.#malicious + this.#rng.below(this.#held.length - this.#malicious);
  }

  #fresh(slot: number): T {
    const malicious = slot < this.#malicious;
    const number = this.#created++;
    return this.#create({ malicious, slot, number, assignments: 0 });
  }
}
