/** What every store must do with accounts, movements and postings. Run by `conformance.ts`. */
import { describe, expect, it } from 'vitest';
import {
  authorAccount,
  contributorAccount,
  escrowAccount,
  ISSUANCE,
  type Account,
} from '../../shared/ledger.ts';
import type { LiveStore } from './conformance.ts';
import {
  author,
  contributorId,
  HARD_TEXT,
  jobId,
  makeCredit,
  makeGrant,
  makeJob,
  makePosting,
  makeShard,
} from './testing/records.ts';

const account = (name: string): Account => authorAccount(author(name));

export function ledgerConformance(live: LiveStore): void {
  describe('balances', () => {
    it('are zero for whom nobody knows, and kept whatever their size', async () => {
      expect(await live.store.ledger.balance(account('nobody'))).toBe(0n);
      const amounts = [0n, 1n, 2n ** 90n, -(2n ** 90n)];
      const accounts = [account('a'), account('b'), account('c'), ISSUANCE];
      const balances = accounts.map((it, i) => ({ account: it, microCredits: amounts[i]! }));
      await live.commit({ balances });
      await live.restart();
      for (const { account: it, microCredits } of balances)
        expect(await live.store.ledger.balance(it)).toBe(microCredits);
    });

    it('are listed by account, with the size that the log had', async () => {
      const names = ['c', 'a', 'b'];
      const balances = names.map((name) => ({ account: account(name), microCredits: 1n }));
      await live.commit({ balances, logged: [{ first: 0, entries: [Uint8Array.of(1)] }] });
      const first = await live.store.ledger.balances(null, 2);
      expect(first.logSize).toBe(1);
      expect(first.rows.map((row) => row.account)).toEqual([account('a'), account('b')]);
      const rest = await live.store.ledger.balances(account('b'), 2);
      expect(rest.rows.map((row) => row.account)).toEqual([account('c')]);
      expect((await live.store.ledger.balances(account('c'), 2)).rows).toEqual([]);
    });

    it('are never below zero, but for what the network issued: nothing of such a commit stays', async () => {
      const shard = makeShard(jobId(1), 0);
      for (const short of [
        account('a'),
        escrowAccount(jobId(1)),
        contributorAccount(contributorId(1)),
      ]) {
        const balances = [
          { account: ISSUANCE, microCredits: -5n },
          { account: short, microCredits: -1n },
        ];
        const credits = [makeCredit(contributorId(1), shard.id)];
        await expect(live.commit({ jobs: [makeJob(1)], credits, balances })).rejects.toThrow();
      }
      expect(await live.store.job(jobId(1))).toBeNull();
      expect((await live.store.ledger.balances(null, 9)).rows).toEqual([]);
      expect((await live.store.credits(contributorId(1), null, 9)).rows).toEqual([]);
    });
  });

  describe('movements', () => {
    it('are listed for both sides that have an owner, newest first', async () => {
      const transfer = {
        type: 'transfer',
        id: HARD_TEXT,
        from: account('a'),
        to: contributorAccount(contributorId(1)),
        microCredits: 7n,
        atMs: 2,
      } as const;
      const grants = [1, 2, 3].map((i) => makeGrant('a', { id: `g${9 - i}` }));
      const movements = [...grants, transfer].map((movement, logIndex) => ({ movement, logIndex }));
      await live.commit({ movements });
      await live.restart();
      const { ledger } = live.store;
      const first = await ledger.movements(account('a'), null, 2);
      const rest = await ledger.movements(account('a'), first.next, 2);
      expect([...first.rows, ...rest.rows]).toEqual([3, 2, 1, 0].map((i) => movements[i]));
      expect(rest.next).toBeNull();
      const received = await ledger.movements(transfer.to, null, 9);
      expect(received.rows).toEqual([movements[3]]);
      expect((await ledger.movements(ISSUANCE, null, 9)).rows).toEqual([]);
    });

    it('are found by what tells them apart, and the first of a name stands', async () => {
      const movement = makeGrant('a', { id: 'once', microCredits: 1n });
      const other = makeGrant('a', { id: 'once', microCredits: 2n });
      await live.commit({ movements: [{ movement, logIndex: 0 }] });
      await live.commit({ movements: [{ movement: other, logIndex: 1 }] });
      const { ledger } = live.store;
      expect(await ledger.movement(account('a'), 'grant/once')).toEqual({ movement, logIndex: 0 });
      expect(await ledger.movement(account('b'), 'grant/once')).toBeNull();
      expect((await ledger.movements(account('a'), null, 9)).rows).toHaveLength(1);
    });
  });

  describe('credits', () => {
    it('keep who paid them and whom they are shared with', async () => {
      const shares = [{ to: account('team'), microCredits: 2n ** 70n }];
      const credit = makeCredit(contributorId(1), makeShard(jobId(1), 0).id, {
        issued: 3n,
        shares,
      });
      await live.commit({ credits: [credit] });
      await live.restart();
      expect((await live.store.credits(contributorId(1), null, 9)).rows).toEqual([credit]);
    });
  });

  describe('postings', () => {
    it('are known by author and key, also after a restart; the first stands', async () => {
      const [first, second, ofOther] = [
        makePosting('a'),
        makePosting('a', { job: jobId(9) }),
        makePosting('b'),
      ];
      await live.commit({ postings: [first] });
      await live.commit({ postings: [second, ofOther] });
      await live.restart();
      expect(await live.store.posting(author('a'), HARD_TEXT)).toEqual(first);
      expect(await live.store.posting(author('b'), HARD_TEXT)).toEqual(ofOther);
      expect(await live.store.posting(author('a'), 'another')).toBeNull();
    });
  });
}
