import { describe, expect, it } from 'vitest';
import { encodeFact, type LogFact } from '../shared/protocol/publicLog.ts';
import { LedgerAudit } from './ledgerAudit.ts';

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
  microCredits: String(amount),
  atMs: 2,
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
  it('adds up what is paid', () => {
    const audit = audited(
      settled('s1'),
      credit('c_1', 's1', 5),
      credit('c_2', 's1', 5),
      settled('s2'),
      credit('c_1', 's2', 7),
    );
    expect([audit.entries, audit.shards, audit.faultCount]).toEqual([5, 2, 0]);
    expect([...audit.balances]).toEqual([
      ['c_1', 12n],
      ['c_2', 5n],
    ]);
  });

  it('lets each stage of a shard be paid, whether the shard settled yet or not', () => {
    const audit = audited(credit('c_1', 's1', 1, 0), credit('c_1', 's1', 1, 1), settled('s1'));
    expect([audit.faults, audit.balances.get('c_1')]).toEqual([[], 2n]);
  });

  it.each<[string, RegExp, (LogFact | string)[]]>([
    [
      'pays twice',
      /entry 2: c_1 is paid twice for s1/,
      [settled('s1'), credit('c_1', 's1', 5), credit('c_1', 's1', 5)],
    ],
    [
      'pays before it settled',
      /entry 0: c_1 is paid for s1, which has not settled/,
      [credit('c_1', 's1', 5), settled('s1')],
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
