/** What may happen in a random life of a ledger (`ledgerLife.ts`). */
import fc from 'fast-check';

export const HOSTS = ['p', 'q', 'r'];

export type Move =
  | {
      readonly what: 'post';
      readonly author: number;
      readonly shards: number;
      readonly key: number;
      readonly isHeld: boolean;
    }
  | {
      readonly what: 'add';
      readonly job: number;
      readonly shards: number;
      readonly key: number;
    }
  | { readonly what: 'close'; readonly job: number }
  | {
      readonly what: 'grant';
      readonly author: number;
      readonly amount: number;
      readonly key: number;
    }
  | {
      readonly what: 'transfer';
      readonly from: number;
      readonly to: number;
      readonly amount: number;
      readonly key: number;
    }
  | { readonly what: 'work'; readonly liar: number | null }
  | {
      readonly what: 'give';
      readonly who: number;
      readonly to: number;
      readonly amount: number;
      readonly key: number;
    }
  | {
      readonly what: 'team';
      readonly who: number;
      readonly act: 'create' | 'join' | 'leave' | 'dissolve' | 'forsake';
    }
  | { readonly what: 'share'; readonly who: number; readonly team: number; readonly site: number }
  | { readonly what: 'remove-site' }
  | { readonly what: 'cancel'; readonly job: number }
  | { readonly what: 'raise'; readonly job: number; readonly ratePercent: number }
  | { readonly what: 'restart' }
  | { readonly what: 'kill' };

const small = fc.nat(9);
export const anyMove: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('post' as const),
      author: fc.nat(2),
      shards: fc.integer({ min: 1, max: 4 }),
      key: small,
      isHeld: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('add' as const),
      job: small,
      shards: fc.integer({ min: 1, max: 4 }),
      key: small,
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('close' as const), job: small }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('grant' as const),
      author: fc.nat(1),
      amount: fc.nat(200),
      key: small,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('transfer' as const),
      from: fc.nat(1),
      to: fc.nat(4),
      amount: fc.nat(120),
      key: small,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('work' as const),
      liar: fc.option(fc.nat(HOSTS.length - 1), { freq: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('give' as const),
      who: fc.nat(HOSTS.length - 1),
      to: fc.nat(6),
      amount: fc.nat(30),
      key: small,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('team' as const),
      who: fc.nat(HOSTS.length - 1),
      act: fc.constantFrom(
        ...(['create', 'create', 'join', 'join', 'leave', 'dissolve', 'forsake'] as const),
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('share' as const),
      who: fc.nat(HOSTS.length - 1),
      team: fc.nat(100),
      site: fc.nat(100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('remove-site' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('cancel' as const), job: small }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('raise' as const),
      job: small,
      ratePercent: fc.integer({ min: 90, max: 300 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constantFrom('restart' as const, 'kill' as const) }),
  },
);
