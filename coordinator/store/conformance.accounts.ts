/** What every store must answer of accounts: keys that lead to one, and names. Run by `conformance.ts`. */
import { describe, expect, it } from 'vitest';
import type { Device } from '../core/state.ts';
import type { LiveStore } from './conformance.ts';
import { HARD_TEXT, contributorId, makeContributor } from './testing/records.ts';

const account = contributorId('account');
const device = (name: string, of = account): Device => ({
  id: contributorId(name),
  state: { kind: 'device', account: of, name: HARD_TEXT, linkedAtMs: 1_700_000_000_000.5 },
});
const recovery: Device = {
  id: contributorId('phrase'),
  state: { kind: 'recovery', account, linkedAtMs: 7 },
};
const retired = (name: string): Device => ({
  id: contributorId(name),
  state: { kind: 'retired', account },
});

export function accountConformance(live: LiveStore): void {
  describe('devices', () => {
    it('are found by key and by account, in order, as they were last, also after a restart', async () => {
      const { accounts } = live.store;
      expect(await accounts.device(account)).toBeNull();
      expect(await accounts.devicesOf(account)).toEqual([]);
      await live.commit({
        devices: [device('b'), recovery, device('a'), device('x', contributorId('y'))],
      });
      await live.commit({ devices: [retired('b')] });
      await live.restart();
      expect(await live.store.accounts.devicesOf(account)).toEqual([
        device('a'),
        retired('b'),
        recovery,
      ]);
      expect(await live.store.accounts.device(contributorId('b'))).toEqual(retired('b'));
    });

    it('go from one account to another whole; of one commit the last counts', async () => {
      await live.commit({ devices: [device('a'), device('a', contributorId('other'))] });
      expect(await live.store.accounts.devicesOf(account)).toEqual([]);
      const other = await live.store.accounts.devicesOf(contributorId('other'));
      expect(other).toEqual([device('a', contributorId('other'))]);
    });
  });

  describe('display names', () => {
    it('are kept whatever they hold, changed, and taken away', async () => {
      const [ada, bob] = [contributorId('ada'), contributorId('bob')];
      const names = () => live.store.accounts.names([ada, bob, contributorId('none')]);
      expect(await live.store.accounts.names([])).toEqual(new Map());
      await live.commit({
        names: [
          { contributor: ada, name: HARD_TEXT },
          { contributor: bob, name: 'Bob' },
        ],
      });
      await live.restart();
      expect(await names()).toEqual(
        new Map([
          [ada, HARD_TEXT],
          [bob, 'Bob'],
        ]),
      );
      await live.commit({
        names: [
          { contributor: ada, name: 'Ada' },
          { contributor: bob, name: null },
        ],
      });
      expect(await names()).toEqual(new Map([[ada, 'Ada']]));
    });
  });

  it('where a contributor’s credit moves is part of its record', async () => {
    const moved = makeContributor(1, { movedTo: account, publicKey: '' });
    await live.commit({ contributors: [moved] });
    expect(await live.store.contributor(moved.id)).toEqual(moved);
  });
}
