import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssignmentId, ContributorId, KeyId, TeamId } from '../../shared/ids.ts';
import {
  authorAccount,
  contributorAccount,
  escrowAccount,
  ISSUANCE,
  postingsOf,
  teamAccount,
} from '../../shared/ledger.ts';
import { factOfCredit, ownersOf, paid, refundOf, type Movement } from './ledger.ts';
import type { CreditEntry, Shard } from './state.ts';
import { jobOf, shardOf, assignmentOf, reported } from './testing/work.ts';
import { judge } from './verdicts.ts';

const job = jobOf();
const TEAM = teamAccount('team_a' as TeamId);
const shard: Shard = shardOf(job);
const credit = (microCredits: bigint, issued?: bigint): CreditEntry => ({
  contributor: 'c_a' as ContributorId,
  shard: shard.id,
  job: job.id,
  assignment: 'asg_a' as AssignmentId,
  items: 10,
  microCredits,
  ...(issued === undefined ? {} : { issued }),
  reason: 'agreed with the quorum',
  atMs: 1,
});

describe('credit for work', () => {
  it('is paid from the escrow as far as it goes, and by the network beyond it', () => {
    expect(paid(credit(10n), 10n)).toEqual(credit(10n));
    expect(paid(credit(10n), 4n)).toEqual(credit(10n, 6n));
    expect(paid(credit(10n), 0n)).toEqual(credit(10n, 10n));
    // What checks others is the network's from the start.
    expect(paid(credit(10n, 3n), 7n)).toEqual(credit(10n, 3n));
    expect(paid(credit(10n, 3n), 5n)).toEqual(credit(10n, 5n));
  });

  it('takes from the escrow neither more than it has nor more than the work is worth', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 20n });
    fc.assert(
      fc.property(amount, amount, amount, (work, probes, escrow) => {
        const fact = factOfCredit(paid(credit(work + probes, probes), escrow));
        const byAccount = new Map(postingsOf(fact).map((it) => [it.account, it.microCredits]));
        const drawn = -(byAccount.get(escrowAccount(job.id)) ?? 0n);
        expect(drawn).toBe(work < escrow ? work : escrow);
        expect(byAccount.get(contributorAccount('c_a' as ContributorId)) ?? 0n).toBe(work + probes);
        expect(byAccount.get(ISSUANCE) ?? 0n).toBe(drawn - work - probes);
      }),
    );
  });

  it('is at the rate that its author offers, which checking and work that is done again are not', () => {
    const opinion = { verdict: 'agree', reason: 'r' } as const;
    const probe = { item: 1, shard: shard.id, row: 0 };
    const terms = { shares: [], uptime: 50 };
    const assignment = {
      ...assignmentOf(shard, 'a', reported('x')),
      probes: [probe, probe],
      terms,
    };
    const paidAt = (ratePercent: number, by: 'author' | 'network' = 'author') =>
      judge(jobOf({ ratePercent }), shard, assignment, opinion, 1, by).credits[0]!;
    // 20 for the shard's own ten items; 4 for checking, of which half counts.
    expect(paidAt(250)).toMatchObject({ microCredits: 52n, issued: 2n });
    expect(paidAt(250).factors).toEqual({
      work: 20n,
      rate: 250,
      quality: 100,
      checks: 4n,
      uptime: 50,
    });
    expect(paidAt(250, 'network').microCredits).toBe(22n);
    expect(paidAt(50).microCredits).toBe(12n);
    expect(paidAt(50, 'network').microCredits).toBe(12n);
  });

  it('that is refused is shared with nobody', () => {
    const terms = { shares: [{ to: TEAM, percent: 50 }], uptime: 100 };
    const assignment = { ...assignmentOf(shard, 'a', reported('x')), terms };
    const wrong = judge(job, shard, assignment, { verdict: 'disagree', reason: 'r' }, 1);
    expect(wrong.credits).toEqual([]);
    const right = judge(job, shard, assignment, { verdict: 'agree', reason: 'r' }, 1);
    expect(right.credits[0]).toMatchObject({ shares: [{ to: TEAM, microCredits: 10n }] });
    expect(right.trust.event).toMatchObject({ microCredits: 20n });
  });

  it('counts the items that were computed to check others', () => {
    const opinion = { verdict: 'agree', reason: 'r' } as const;
    const probe = { item: 1, shard: shard.id, row: 0 };
    const assignment = assignmentOf(shard, 'a', reported('x'));
    const without = judge(job, shard, assignment, opinion, 1).credits[0]!;
    const probed = { ...assignment, probes: [probe, probe] };
    const { credits, trust, judged } = judge(job, shard, probed, opinion, 1);
    // 2 MFLOP an item.
    expect(credits).toEqual([
      {
        ...without,
        probes: 2,
        issued: 4n,
        microCredits: without.microCredits + 4n,
        factors: { work: 20n, rate: 100, quality: 100, checks: 4n, uptime: 100 },
      },
    ]);
    expect(judged.state).toMatchObject({ microCredits: without.microCredits + 4n });
    expect(trust.event).toMatchObject({ items: shard.items });
    const refused = judge(job, shard, probed, { verdict: 'disagree', reason: 'r' }, 1);
    expect([refused.credits, refused.judged.state]).toEqual([
      [],
      expect.objectContaining({ microCredits: 0n }),
    ]);
  });
});

it('what is left of a job goes back to its author, and nothing where nothing is', () => {
  expect(refundOf(job, () => 7n, 5)).toEqual({
    type: 'refund',
    job: job.id,
    author: job.author,
    microCredits: 7n,
    atMs: 5,
  });
  expect(refundOf(job, () => 0n, 5)).toBeNull();
});

it('a movement is listed for accounts that belong to somebody', () => {
  const author = authorAccount('key_1' as KeyId);
  const contributor = contributorAccount('c_a' as ContributorId);
  const common = { microCredits: 1n, atMs: 1 };
  const movements: [Movement, unknown[]][] = [
    [{ type: 'grant', id: '1', to: author, ...common }, [author]],
    [{ type: 'opening', to: contributor, ...common }, [contributor]],
    [{ type: 'escrow', job: job.id, author: 'key_1', ...common }, [author]],
    [{ type: 'refund', job: job.id, author: 'key_1', ...common }, [author]],
    [
      { type: 'transfer', id: '1', from: author, to: contributor, ...common },
      [author, contributor],
    ],
  ];
  for (const [movement, owners] of movements) {
    expect(ownersOf(movement)).toEqual(owners);
    const sum = postingsOf(movement).reduce((total, it) => total + it.microCredits, 0n);
    expect(sum).toBe(0n);
  }
});
