import { describe, expect, it } from 'vitest';
import type { ContributorId, KeyId } from '../shared/ids.ts';
import { authorAccount, contributorAccount, type Account } from '../shared/ledger.ts';
import { encodeFact, type LogFact } from '../shared/protocol/publicLog.ts';
import { LedgerAudit } from './ledgerAudit.ts';

const TEAM = 'team:t' as Account;
const AUTHOR = authorAccount('key_1' as KeyId);
const settled = (shard: string): LogFact => ({
  type: 'shard',
  shard,
  job: 'job_1',
  items: 2,
  output: 'ab',
  by: 'quorum',
  reports: [{ contributor: 'c_1', verdict: 'agree' }],
  atMs: 1,
});
const credit = (contributor: string, shard: string, amount: number, stage?: number): LogFact => ({
  type: 'credit',
  contributor,
  shard,
  job: 'job_1',
  assignment: `asg_${contributor}_${shard}_${stage}`,
  ...(stage === undefined ? {} : { stage }),
  items: 2,
  microCredits: BigInt(amount),
  atMs: 2,
});
const ofAuthor = { job: 'job_1', author: 'key_1' };
/** What the tests' job can pay. */
const escrow = (amount: number): LogFact[] => [
  { type: 'grant', id: 'g1', to: AUTHOR, microCredits: BigInt(amount), atMs: 0 },
  { type: 'escrow', ...ofAuthor, microCredits: BigInt(amount), atMs: 0 },
];
const transfer = (amount: number, id = 't1'): LogFact => ({
  type: 'transfer',
  id,
  from: contributorAccount('c_1' as ContributorId),
  to: AUTHOR,
  microCredits: BigInt(amount),
  atMs: 3,
});

function audited(...facts: readonly (LogFact | string)[]): LedgerAudit {
  const audit = new LedgerAudit();
  for (const [index, fact] of facts.entries()) {
    const bytes = typeof fact === 'string' ? new TextEncoder().encode(fact) : encodeFact(fact);
    audit.add({ index, bytes });
  }
  return audit;
}

describe('an audit', () => {
  it('finds who pays for a job that another posted, and a rate that is paid for twice', () => {
    const raised: LogFact = {
      type: 'escrow',
      ...ofAuthor,
      ratePercent: 150,
      microCredits: 5n,
      atMs: 1,
    };
    const grant: LogFact = { type: 'grant', id: 'g2', to: AUTHOR, microCredits: 20n, atMs: 0 };
    expect(audited(...escrow(20), grant, raised).faults).toEqual([]);
    expect(audited(...escrow(20), grant, raised, raised).faults).toEqual([
      'entry 4: a second escrow of job_1 at 150 %',
    ]);
    expect(audited(grant, raised).faults).toEqual([
      'entry 1: job_1 is paid more for by key_1, who did not post it',
    ]);
  });

  it('adds up what is paid', () => {
    const audit = audited(
      ...escrow(20),
      settled('s1'),
      credit('c_1', 's1', 5),
      credit('c_2', 's1', 5),
      settled('s2'),
      credit('c_1', 's2', 7),
      { type: 'refund', ...ofAuthor, microCredits: 3n, atMs: 3 },
      transfer(2),
    );
    expect([audit.faults, audit.entries, audit.shards]).toEqual([[], 9, 2]);
    expect(Object.fromEntries(audit.balances)).toEqual({
      issuance: -20n,
      'author:key_1': 5n,
      'escrow:job_1': 0n,
      'contributor:c_1': 10n,
      'contributor:c_2': 5n,
    });
    expect(Object.fromEntries(audit.earned)).toEqual({ c_1: 12n, c_2: 5n });
  });

  it('lets the network pay what the escrow has not, and shares go to others', () => {
    const paid = {
      ...credit('c_1', 's1', 10),
      issued: 6n,
      shares: [{ to: TEAM, microCredits: 3n }],
    };
    const audit = audited(...escrow(4), settled('s1'), paid);
    expect([audit.faults, audit.earned.get('c_1')]).toEqual([[], 10n]);
    expect(Object.fromEntries(audit.balances)).toMatchObject({
      issuance: -10n,
      'escrow:job_1': 0n,
      'contributor:c_1': 7n,
      [TEAM]: 3n,
    });
  });

  it('lets each stage of a shard be paid, whether the shard settled yet or not', () => {
    const stages = [credit('c_1', 's1', 1, 0), credit('c_1', 's1', 1, 1)];
    const audit = audited(...escrow(2), ...stages, settled('s1'));
    expect([audit.faults, audit.earned.get('c_1')]).toEqual([[], 2n]);
  });

  it.each<[string, RegExp, (LogFact | string)[]]>([
    [
      'pays twice',
      /entry 4: a second payment for s1 to c_1/,
      [...escrow(10), settled('s1'), credit('c_1', 's1', 5), credit('c_1', 's1', 5)],
    ],
    [
      'pays before it settled',
      /entry 2: c_1 is paid for s1, which has not settled/,
      [...escrow(5), credit('c_1', 's1', 5), settled('s1')],
    ],
    [
      'pays more than was put aside',
      /entry 3: escrow:job_1 pays 5, and has 4/,
      [...escrow(4), settled('s1'), credit('c_1', 's1', 5)],
    ],
    [
      'refunds somebody else',
      /entry 2: job_1 is refunded to key_2, who did not post it/,
      [...escrow(4), { type: 'refund', job: 'job_1', author: 'key_2', microCredits: 4n, atMs: 3 }],
    ],
    [
      'issues more than was earned',
      /entry 3: 9 are issued for work of 4/,
      [...escrow(4), settled('s1'), { ...credit('c_1', 's1', 4), issued: 9n } as LogFact],
    ],
    [
      'opens an account late',
      /entry 2: contributor:c_9 is opened after the ledger has begun/,
      [
        ...escrow(4),
        {
          type: 'opening',
          to: contributorAccount('c_9' as ContributorId),
          microCredits: 4n,
          atMs: 3,
        },
      ],
    ],
    ['spends what is not there', /entry 0: contributor:c_1 pays 1, and has 0/, [transfer(1)]],
    [
      'says a transfer twice',
      /entry 5: a second transfer t1/,
      [...escrow(4), settled('s1'), credit('c_1', 's1', 4), transfer(1), transfer(1)],
    ],
    [
      'shares more than was earned',
      /entry 5: 5 are shared of work of 4/,
      [
        ...escrow(8),
        settled('s1'),
        credit('c_1', 's1', 4),
        settled('s2'),
        { ...credit('c_1', 's2', 4), shares: [{ to: TEAM, microCredits: 5n }] } as LogFact,
      ],
    ],
    [
      'shares twice with one account',
      /entry 3: it is shared twice with one account/,
      [
        ...escrow(4),
        settled('s1'),
        {
          ...credit('c_1', 's1', 4),
          shares: [
            { to: TEAM, microCredits: 1n },
            { to: TEAM, microCredits: 1n },
          ],
        } as LogFact,
      ],
    ],
    [
      'shares with somebody who is no team',
      /entry 3: it is shared with author:key_1, no team or site/,
      [
        ...escrow(4),
        settled('s1'),
        { ...credit('c_1', 's1', 4), shares: [{ to: AUTHOR, microCredits: 1n }] } as LogFact,
      ],
    ],
    [
      'is of more than its factors give',
      /entry 3: its factors give 3, it is of 4/,
      [
        ...escrow(4),
        settled('s1'),
        { ...credit('c_1', 's1', 4), factors: { work: 3n, rate: 100, quality: 100 } } as LogFact,
      ],
    ],
    [
      'is paid for checking that it did not do',
      /entry 3: it counts 0 items of checking, and is paid otherwise/,
      [
        ...escrow(4),
        settled('s1'),
        {
          ...credit('c_1', 's1', 4),
          factors: { work: 2n, rate: 100, quality: 100, checks: 2n, uptime: 100 },
        } as LogFact,
      ],
    ],
    [
      'puts aside twice',
      /entry 3: a second escrow of job_1/,
      [
        ...escrow(4),
        { type: 'grant', id: 'g2', to: AUTHOR, microCredits: 4n, atMs: 0 },
        escrow(4)[1]!,
      ],
    ],
    [
      'gives back what was paid',
      /entry 4: escrow:job_1 pays 4, and has 0/,
      [
        ...escrow(4),
        settled('s1'),
        credit('c_1', 's1', 4),
        { type: 'refund', ...ofAuthor, microCredits: 4n, atMs: 3 },
      ],
    ],
    ['settles twice', /entry 1: s1 settles a second time/, [settled('s1'), settled('s1')]],
    ['is no fact', /entry 0: it cannot be read/, ['{"type":"gift"}']],
    ['is no JSON', /entry 0: it cannot be read/, ['\u0000']],
  ])('finds an entry that %s', (_, fault, facts) => {
    const { faults, faultCount } = audited(...facts);
    expect([faultCount, faults[0]]).toEqual([1, expect.stringMatching(fault)]);
  });

  it('tells some of many faults and counts all', () => {
    const audit = audited(...Array.from({ length: 50 }, () => 'x'));
    expect([audit.faults.length, audit.faultCount]).toEqual([20, 50]);
  });
});
