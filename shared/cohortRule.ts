/** What hosts that must not check each other have in common: an operator's choice. */

/**
 * - `auto`: the network on public addresses; on loopback and private networks addresses say nothing, and the
 *   contributor alone counts.
 * - `network`: the network, whatever it is.
 * - `contributor`: the contributor alone. For networks of people who know each other: a stranger's many keys
 *   would check each other.
 */
export const COHORT_RULES = ['auto', 'network', 'contributor'] as const;
export type CohortRule = (typeof COHORT_RULES)[number];
