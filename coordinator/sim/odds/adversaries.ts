/**
 * Who contributes: honest hardware with rare faults, and every way of cheating that is simulated.
 *
 * A policy says what an adversary does, never what comes of it. It knows the rules and its own past, and
 * cannot tell a probe from an item of work; where it is given more than that, the policy says so.
 */
import type { QuickRng } from './quickRng.ts';

/** Probability that an honest contributor's assignment has a wrong item: one, a fault of the hardware. */
export const HONEST_FAULT = 1e-4;

export interface Past {
  /** Assignments of this identity before. */
  readonly assignments: number;
  /** Adaptive replication only: its reports are accepted unchecked, but for audits. */
  readonly trusted: boolean;
}

export interface Policy {
  readonly name: string;
  /** Wrong items among the `listed` ones of an assignment. */
  readonly spoils: (past: Past, listed: number, rng: QuickRng) => number;
  /**
   * How it answers probes of another's items: like any item; `vouches` for accomplices, as all colluders do,
   * and does its own work right in every second identity; or `accuses`: knows each probe and answers it wrong.
   */
  readonly probes: 'alike' | 'vouches' | 'accuses';
  /** Share of its assignments whose every output is checked algebraically, and which it leaves right. */
  readonly algebraicShare: number;
  /** Acting alone, together, or both: where it makes a difference. */
  readonly collusion: readonly boolean[];
}

const policy = (
  name: string,
  spoils: Policy['spoils'],
  {
    probes = 'alike',
    algebraicShare = 0,
    collusion = [false, true],
  }: Partial<Omit<Policy, 'name' | 'spoils'>> = {},
): Policy => ({ name, spoils, probes, algebraicShare, collusion });

const all = (_: Past, listed: number) => listed;
const one = () => 1;
const betrayAfter =
  (honest: number) =>
  ({ assignments }: Past, listed: number): number =>
    assignments < honest ? 0 : listed;

/** Ways to cheat by wrong results: these exist under every way of verifying. */
const CHEATS: readonly Policy[] = [
  policy('never-compute', all),
  policy('skip-10%', (_, listed) => Math.ceil(listed / 10)),
  policy('fake-5%', (_, listed, rng) => (rng.chance(0.05) ? listed : 0)),
  policy('one-item', one),
  policy('one-item-in-5%', (_, _listed, rng) => (rng.chance(0.05) ? 1 : 0)),
  policy('betray-after-30', betrayAfter(30)),
  policy('betray-after-300', betrayAfter(300)),
];

export const HONEST = policy('honest', () => 0);

export const SAMPLED_POLICIES: readonly Policy[] = [
  ...CHEATS,
  // Computes, but with a cheaper model: every item is wrong, and by chance all who do so agree.
  policy('downgrade', all, { collusion: [true] }),
  policy('type-selective', one, { algebraicShare: 0.6 }),
  policy('voucher', one, { probes: 'vouches', collusion: [true] }),
  policy('false-accuser', () => 0, { probes: 'accuses', collusion: [false] }),
];

export const QUORUM_POLICIES = CHEATS;

export const ADAPTIVE_POLICIES: readonly Policy[] = [
  ...CHEATS.filter(({ name }) => !name.startsWith('betray')),
  policy('betray-when-trusted', ({ trusted }, listed) => (trusted ? listed : 0)),
];
