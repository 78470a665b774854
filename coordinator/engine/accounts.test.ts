/** Accounts on a real engine: where keys lead, what moves, and what happens to links and work meanwhile. */
import { contributorAccount } from '../../shared/ledger.ts';
import { afterEach, describe, expect, it } from 'vitest';
import type { ContributorId, JobId } from '../../shared/ids.ts';
import { MAX_DEVICES_PER_ACCOUNT } from '../../shared/limits.ts';
import { quorumOf } from '../core/testing/work.ts';
import { EngineRig, contributorOf, type RigHost } from './testing/engineRig.ts';

const rigs: EngineRig[] = [];
async function started(): Promise<EngineRig> {
  const rig = await EngineRig.started();
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.engine.stop();
});

const id = (who: string): ContributorId => contributorOf(who).id;
const keyOf = (who: string) => ({ own: id(who), publicKey: contributorOf(who).publicKey });

/** For ten items. */
const EARNED = 20n;

async function link(rig: EngineRig, own: string, account: string): Promise<string> {
  const linked = await rig.engine.accounts.link(id(own), id(account), 'Laptop');
  return linked.ok ? 'linked' : linked.error.code;
}

/** A host whose link is welcomed, as the transport tells. */
async function present(rig: EngineRig, who: string, slots = 1): Promise<RigHost> {
  const host = await rig.worker(who, slots);
  rig.engine.accounts.entered(id(who), host.host);
  return host;
}

async function earn(rig: EngineRig, who: string): Promise<RigHost> {
  const job = `job of ${who}` as JobId;
  await rig.post({ id: job, items: 10, shards: 1, verification: quorumOf(1) });
  const worker = await rig.worker(who, 1);
  rig.report(worker);
  await rig.quiet();
  rig.engine.want(worker.host, 0);
  return worker;
}

const balances = (rig: EngineRig, ...who: string[]): Promise<bigint[]> =>
  Promise.all(who.map((it) => rig.store.ledger.balance(contributorAccount(id(it)))));

describe('linking', () => {
  it('credit and counters of both add up, and nothing is left', async () => {
    const rig = await started();
    await earn(rig, 'a');
    await earn(rig, 'b');
    expect(await link(rig, 'b', 'a')).toBe('linked');
    expect(await rig.store.contributor(id('a'))).toMatchObject({
      microCredits: 2n * EARNED,
      agreed: 2,
      verifiedItems: 20,
    });
    expect(await rig.store.contributor(id('b'))).toMatchObject({
      microCredits: 0n,
      agreed: 0,
      movedTo: id('a'),
    });
    expect(await balances(rig, 'a', 'b')).toEqual([2n * EARNED, 0n]);
    const facts = await rig.engine.accounts.factsOf(keyOf('b'));
    expect(facts).toMatchObject({
      value: { contributor: { id: id('a'), microCredits: 2n * EARNED } },
    });
    if (facts.ok) expect(facts.value.devices.map((it) => it.id)).toEqual([id('a'), id('b')]);
  });

  it('what is settled for the device’s own name later goes to the account too, also after a restart', async () => {
    const rig = await started();
    await rig.connect('a');
    await rig.post({ items: 10, shards: 1, verification: quorumOf(2) });
    const b = await rig.worker('b', 1);
    rig.report(b);
    await rig.quiet();
    expect(await link(rig, 'b', 'a')).toBe('linked');
    await rig.restart();
    const c = await rig.worker('c', 1);
    rig.report(c);
    await rig.quiet();
    expect(await rig.creditOf('b')).toBe(EARNED);
    expect((await rig.store.contributor(id('a')))?.microCredits).toBe(EARNED);
    expect((await rig.store.contributor(id('b')))?.microCredits).toBe(0n);
    expect(await balances(rig, 'a', 'b')).toEqual([EARNED, 0n]);
  });

  it('the history goes with the device, also of what is settled later and what it does then', async () => {
    const rig = await started();
    await rig.connect('a');
    await earn(rig, 'b');
    const range = { by: 'day', fromMs: 0, toMs: rig.nowMs + 1 } as const;
    const devices = async (who: string) =>
      (await rig.store.history.devices(id(who), range, 9)).map((it) => [it.device, it.items]);
    expect(await devices('b')).toEqual([[id('b'), 10]]);
    await rig.post({ items: 10, shards: 1, verification: quorumOf(2) });
    const late = await rig.worker('b', 1);
    rig.report(late);
    await rig.quiet();
    expect(await link(rig, 'b', 'a')).toBe('linked');
    expect([await devices('a'), await devices('b')]).toEqual([[[id('b'), 10]], []]);
    await rig.restart();
    const other = await rig.worker('c', 1);
    rig.report(other);
    rig.engine.want(other.host, 0);
    await rig.quiet();
    expect(await devices('a')).toEqual([[id('b'), 20]]);
    // And under the account's own name, by its second key.
    await rig.post({ id: 'job_own' as JobId, items: 10, shards: 1, verification: quorumOf(1) });
    rig.report(await rig.worker('a', 1, { own: id('b') }));
    await rig.quiet();
    expect(await devices('a')).toEqual([[id('b'), 30]]);
    expect(await devices('b')).toEqual([]);
  });

  it('what a device was given goes to the account too, also where it earned nothing', async () => {
    const rig = await started();
    await rig.connect('a');
    await rig.connect('b');
    const to = contributorAccount(id('b'));
    await rig.engine.payments.move({ type: 'grant', id: 'g', to, microCredits: 5n, atMs: 1 });
    expect(await link(rig, 'b', 'a')).toBe('linked');
    expect(await balances(rig, 'a', 'b')).toEqual([5n, 0n]);
  });

  it('of a key that was never seen nothing is kept where it is deleted', async () => {
    const rig = await started();
    await rig.engine.accounts.delete(id('nobody'));
    expect(await rig.store.accounts.device(id('nobody'))).toBeNull();
  });

  it('ends the device’s links, whose work goes to others', async () => {
    const rig = await started();
    await rig.connect('a');
    await rig.post({ items: 10, shards: 1, verification: quorumOf(1) });
    const b = await present(rig, 'b');
    expect(b.link.assigned).toHaveLength(1);
    await link(rig, 'b', 'a');
    await rig.quiet();
    expect(b.link.closed).toEqual(['its key leads to another account now']);
    expect(rig.engine.hosts.count).toBe(1);
    const c = await rig.worker('c', 1);
    expect(c.link.assigned).toHaveLength(1);
  });

  it('a link that was welcomed while its key was linked is ended as well', async () => {
    const rig = await started();
    await rig.connect('a');
    const { accounts } = rig.engine;
    const { version } = accounts;
    const b = await rig.connect('b');
    await accounts.recheck(id('b'), b.host, version);
    expect(b.link.closed).toEqual([]);
    await link(rig, 'b', 'a');
    await accounts.recheck(id('b'), b.host, version);
    expect(b.link.closed).toHaveLength(1);
  });

  it('a key is linked once, to another account than its own, which was not deleted', async () => {
    const rig = await started();
    for (const who of ['a', 'b', 'c', 'gone']) await rig.connect(who);
    expect(await link(rig, 'a', 'a')).toBe('already-linked');
    expect(await link(rig, 'b', 'a')).toBe('linked');
    expect(await link(rig, 'b', 'a')).toBe('already-linked');
    expect(await link(rig, 'b', 'c')).toBe('already-linked');
    expect(await link(rig, 'a', 'c')).toBe('account-has-devices');
    expect(await link(rig, 'c', 'nobody')).toBe('link-code-unknown');
    await rig.engine.accounts.delete(id('gone'));
    expect(await link(rig, 'c', 'gone')).toBe('link-code-unknown');
    // An account that was linked itself takes nobody in any more.
    expect(await link(rig, 'c', 'b')).toBe('link-code-unknown');
  });

  it('two devices that are linked at once are linked one after the other', async () => {
    const rig = await started();
    for (const who of ['a', 'b', 'c']) await rig.connect(who);
    const linked = await Promise.all([
      link(rig, 'b', 'a'),
      link(rig, 'b', 'c'),
      link(rig, 'c', 'a'),
    ]);
    expect(linked).toEqual(['linked', 'already-linked', 'linked']);
  });

  it(`an account has ${MAX_DEVICES_PER_ACCOUNT} devices at most`, async () => {
    const rig = await started();
    await rig.connect('a');
    for (let i = 1; i < MAX_DEVICES_PER_ACCOUNT; i++) await link(rig, `d${i}`, 'a');
    expect(await link(rig, 'last', 'a')).toBe('too-many-devices');
  });
});

describe('removing', () => {
  it('a removed key leads nowhere for good, and what it earned stays', async () => {
    const rig = await started();
    await earn(rig, 'a');
    await earn(rig, 'b');
    await link(rig, 'b', 'a');
    const { accounts } = rig.engine;
    expect(await accounts.remove(id('a'), id('b'))).toMatchObject({ ok: true });
    expect(await accounts.contributorOf(keyOf('b'))).toMatchObject({
      error: { code: 'key-retired' },
    });
    expect(await link(rig, 'b', 'a')).toBe('key-retired');
    expect((await rig.store.contributor(id('a')))?.microCredits).toBe(2n * EARNED);
    expect((await rig.store.contributor(id('b')))?.publicKey).toBe('');
  });

  it('the first key may go, the last may not', async () => {
    const rig = await started();
    await rig.connect('a');
    await link(rig, 'b', 'a');
    const { accounts } = rig.engine;
    expect(await accounts.remove(id('a'), id('a'))).toMatchObject({ ok: true });
    expect(await accounts.accountOf(id('a'))).toMatchObject({ error: { code: 'key-retired' } });
    expect(await accounts.accountOf(id('b'))).toEqual({ ok: true, value: id('a') });
    expect(await accounts.remove(id('a'), id('b'))).toMatchObject({
      error: { code: 'last-device' },
    });
    expect(await link(rig, 'c', 'a')).toBe('linked');
  });

  it('a device of another account is not there', async () => {
    const rig = await started();
    for (const who of ['a', 'x']) await rig.connect(who);
    await link(rig, 'b', 'a');
    await link(rig, 'y', 'x');
    expect(await rig.engine.accounts.remove(id('x'), id('b'))).toMatchObject({
      error: { code: 'not-found' },
    });
  });
});

describe('a recovery phrase', () => {
  it('links a new key, does nothing else, and a newer one replaces it', async () => {
    const rig = await started();
    await earn(rig, 'a');
    const { accounts } = rig.engine;
    expect(await accounts.setRecovery(id('a'), id('words'))).toMatchObject({ ok: true });
    expect(await accounts.contributorOf(keyOf('words'))).toMatchObject({
      error: { code: 'not-allowed' },
    });
    expect(await accounts.restore(id('new'), id('words'), 'Phone')).toMatchObject({ ok: true });
    expect(await accounts.contributorOf(keyOf('new'))).toMatchObject({
      value: { id: id('a'), microCredits: EARNED },
    });
    await accounts.setRecovery(id('a'), id('newer words'));
    expect(await accounts.restore(id('x'), id('words'), 'Phone')).toMatchObject({
      error: { code: 'recovery-unknown' },
    });
    expect(await accounts.restore(id('x'), id('newer words'), 'Phone')).toMatchObject({ ok: true });
  });

  it('is never the key of somebody who is there', async () => {
    const rig = await started();
    for (const who of ['a', 'b']) await rig.connect(who);
    expect(await rig.engine.accounts.setRecovery(id('a'), id('b'))).toMatchObject({
      error: { code: 'already-linked' },
    });
  });
});

describe('deleting', () => {
  it('takes keys and names of all devices, and leaves what was earned', async () => {
    const rig = await started();
    await earn(rig, 'a');
    await earn(rig, 'b');
    const { accounts } = rig.engine;
    await link(rig, 'b', 'a');
    await accounts.rename(id('a'), 'Ada');
    await accounts.setRecovery(id('a'), id('words'));
    const live = await present(rig, 'a', 0);
    await accounts.delete(id('a'));
    await rig.quiet();
    expect(live.link.closed).toHaveLength(1);
    for (const who of ['a', 'b', 'words']) {
      expect(await accounts.accountOf(id(who))).toMatchObject({ error: { code: 'key-retired' } });
    }
    expect(await rig.store.accounts.names([id('a')])).toEqual(new Map());
    expect(await rig.store.contributor(id('a'))).toMatchObject({
      publicKey: '',
      microCredits: 2n * EARNED,
    });
    expect(await rig.store.contributor(id('b'))).toMatchObject({ publicKey: '' });
    const kept = JSON.stringify([...rig.data.devices.values(), ...rig.data.names]);
    expect(kept).not.toContain('Laptop');
  });

  it('cannot be undone by what was asked for just before', async () => {
    const rig = await started();
    await rig.connect('a');
    const { accounts } = rig.engine;
    const asked = [
      accounts.delete(id('a')),
      accounts.rename(id('a'), 'Ada'),
      accounts.setRecovery(id('a'), id('words')),
      accounts.link(id('b'), id('a'), 'Laptop'),
      accounts.ensure(keyOf('a')),
    ];
    const [, ...refused] = await Promise.all(asked);
    for (const answer of refused) expect(answer).toMatchObject({ ok: false });
    expect(rig.data.names.size).toBe(0);
    expect(await accounts.restore(id('x'), id('words'), 'x')).toMatchObject({ ok: false });
  });
});
