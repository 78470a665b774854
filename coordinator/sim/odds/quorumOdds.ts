/**
 * For comparison: whole jobs computed by several contributors. Production's quorum, which asks production's
 * functions, and BOINC's adaptive replication, which we do not have.
 */
import { needAfterDisagreement } from '../../core/replicate.ts';
import { largestAgreeingSet } from '../../core/validate.ts';
import { Ledger, figuresOf, type Figures } from './figures.ts';
import type { QuickRng } from './quickRng.ts';
import { Slots, type Conditions, type Crowd, type Identity } from './slots.ts';

interface Opinion<T extends Identity> {
  readonly who: T;
  /** Wrong items; 0 is the right value. */
  readonly wrong: number;
}

/** Do two opinions agree? Wrong ones do only where accomplices gave them. */
const agree = <T extends Identity>(a: Opinion<T>, b: Opinion<T>, { colluding }: Crowd): boolean =>
  a.wrong === 0 || b.wrong === 0
    ? a.wrong === b.wrong
    : a.who === b.who || (colluding && a.who.malicious && b.who.malicious);

export function quorumOdds(
  quorum: number,
  crowd: Crowd,
  conditions: Conditions,
  rng: QuickRng,
): Figures {
  const { jobs, items } = conditions;
  const ledger = new Ledger();
  const slots = new Slots(crowd, conditions, rng, (identity) => identity);
  for (let job = 0; job < jobs; job++) {
    const opinions: Opinion<Identity>[] = [];
    const ask = (): void => {
      const who = slots.pick(opinions.map((opinion) => opinion.who));
      const own = slots.spoiledBy(who, items);
      // The first of the accomplices decides for all of them.
      const first = opinions.find((opinion) => opinion.who.malicious);
      opinions.push({ who, wrong: who.malicious && crowd.colluding ? (first?.wrong ?? own) : own });
    };
    while (opinions.length < quorum) ask();
    ledger.checking.replicas += (quorum - 1) * items;
    for (;;) {
      const { members, tied } = largestAgreeingSet(opinions.length, (i, j) =>
        agree(opinions[i]!, opinions[j]!, crowd),
      );
      if (!tied && members.length >= quorum) {
        const { wrong, who } = opinions[members[0]!]!;
        ledger.accept(wrong, who.malicious);
        break;
      }
      if (needAfterDisagreement(opinions.length, tied, { quorum }).kind === 'referee') {
        ledger.checking.disputes += items;
        ledger.accept(0, false);
        break;
      }
      ledger.redone += items;
      ask();
    }
  }
  return figuresOf(ledger, items);
}

interface Trusted extends Identity {
  /** BOINC's `consecutive_valid`. */
  valid: number;
}

/** Consecutive valid results from which on a host's work is replicated by chance only (BOINC, sched/). */
const TRUSTED_FROM = 10;
const MOST_OPINIONS = 9;

/**
 * A trusted host's result is accepted but for audits of probability 1/`consecutive_valid`; other results want
 * two that agree. The count grows with replicated valid results and falls to 0 with an invalid one; nobody is
 * ejected. An adversary cheats as first of a job; as a later one it copies an accomplice or is honest.
 */
export function adaptiveOdds(crowd: Crowd, conditions: Conditions, rng: QuickRng): Figures {
  const { jobs, items } = conditions;
  const ledger = new Ledger();
  const slots = new Slots<Trusted>(crowd, conditions, rng, (it) => ({ ...it, valid: 0 }));
  const next = (before: readonly Opinion<Trusted>[]): Opinion<Trusted> => {
    const who = slots.pick(before.map((opinion) => opinion.who));
    const own = slots.spoiledBy(who, items, who.valid >= TRUSTED_FROM);
    if (before.length === 0 || !who.malicious) return { who, wrong: own };
    const accomplice = crowd.colluding && before.find((it) => it.who.malicious && it.wrong > 0);
    return { who, wrong: accomplice ? accomplice.wrong : 0 };
  };
  for (let job = 0; job < jobs; job++) {
    const first = next([]);
    const { valid } = first.who;
    if (valid >= TRUSTED_FROM && !rng.chance(1 / valid)) {
      ledger.accept(first.wrong, first.who.malicious);
      continue;
    }
    const opinions = [first, next([first])];
    ledger.checking.replicas += items;
    for (;;) {
      const { members } = largestAgreeingSet(opinions.length, (i, j) =>
        agree(opinions[i]!, opinions[j]!, crowd),
      );
      if (members.length >= 2) {
        const accepted = opinions[members[0]!]!;
        ledger.accept(accepted.wrong, accepted.who.malicious);
        for (const [i, { who }] of opinions.entries())
          who.valid = members.includes(i) ? who.valid + 1 : 0;
        break;
      }
      if (opinions.length === MOST_OPINIONS) {
        ledger.checking.disputes += items;
        ledger.accept(0, false);
        break;
      }
      ledger.redone += items;
      opinions.push(next(opinions));
    }
  }
  return figuresOf(ledger, items);
}
