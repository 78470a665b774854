import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ContributorId } from '../../shared/ids.ts';
import { hasAnything, moveCredit } from './moveCredit.ts';
import { newContributor } from './newContributor.ts';
import type { Contributor } from './state.ts';

const COUNTERS = ['agreed', 'disagreed', 'errored', 'expired', 'verifiedItems'] as const;

const anyContributor = (id: string): fc.Arbitrary<Contributor> =>
  fc
    .record({
      microCredits: fc.bigInt({ min: 0n, max: 2n ** 80n }),
      firstSeenMs: fc.nat(),
      ...Object.fromEntries(COUNTERS.map((name) => [name, fc.nat(1_000)])),
    })
    .map((given) => ({ ...newContributor(id as ContributorId, id, 0), ...given }));

it('nothing is lost, nothing is made, and nothing is left', () => {
  fc.assert(
    fc.property(anyContributor('c_a'), anyContributor('c_b'), (a, b) => {
      const { from, to } = moveCredit(a, b);
      expect(to.microCredits + from.microCredits).toBe(a.microCredits + b.microCredits);
      for (const name of COUNTERS) expect(to[name] + from[name]).toBe(a[name] + b[name]);
      expect(hasAnything(from)).toBe(false);
      expect(to.firstSeenMs).toBe(Math.min(a.firstSeenMs, b.firstSeenMs));
      expect([from.id, to.id, from.publicKey, to.publicKey]).toEqual(['c_a', 'c_b', 'c_a', 'c_b']);
    }),
  );
});
