/** What is said of shares, factors and receivers. */
import { expect, test } from 'vitest';
import type { CreditView } from '../../shared/protocol/receipts.ts';
import { en } from './i18n/en.ts';
import { enInner } from './i18n/enInner.ts';
import { accountOf, factorLines, shareLines } from './sharingWording.ts';

const credit: CreditView = {
  kind: 'credited',
  job: 'job_1',
  shard: 'job_1.0',
  assignment: 'asg_1',
  items: 10,
  microCredits: '2400',
  reason: 'right',
  atMs: 1,
};

test('every factor of a credit is said, with its value', () => {
  expect(factorLines(credit, enInner, en.figures)).toEqual([]);
  const factors = { work: '2000', rate: 150, quality: 100, checks: '400', uptime: 93 };
  const [own, checks] = factorLines({ ...credit, probes: 2, factors }, enInner, en.figures);
  expect(own).toContain('0.002 credits for the work of 10 items');
  expect(own).toContain('× 1.5 (what its author offers) × 1 (quality');
  expect(checks).toContain('0.0004 credits for 2 more to check others × 0.93');
  expect(
    factorLines(
      { ...credit, factors: { work: '1', rate: 100, quality: 100 } },
      enInner,
      en.figures,
    ),
  ).toHaveLength(1);
});

test('shares are told with what is left of the credit', () => {
  expect(shareLines(credit, enInner, en.figures)).toEqual([]);
  const shares = [
    { to: 'team:team_1', microCredits: '480' },
    { to: 'site:site_1', microCredits: '20' },
  ];
  expect(shareLines({ ...credit, shares }, enInner, en.figures)).toEqual([
    '0.00048 credits to the team team_1.',
    '0.00002 credits to the site site_1.',
    '0.0019 credits kept.',
  ]);
});

test.each([
  ['c_0f', 'contributor:c_0f'],
  [' team_0f ', 'team:team_0f'],
  ['key_0f', 'author:key_0f'],
  ['operator', 'author:operator'],
  ['contributor:c_1', 'contributor:c_1'],
  ['job_1', null],
  ['escrow:job_1', null],
  ['somebody', null],
  ['', null],
])('%j is the account %j', (typed, account) => expect(accountOf(typed)).toBe(account));
