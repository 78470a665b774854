/** The beginning of a link: who proves its key is welcomed, once, and told what it has. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ContributorId, KeyId } from '../../../shared/ids.ts';
import { LINK_VERSION } from '../../../shared/protocol/link.ts';
import { quorumOf } from '../../core/testing/work.ts';
import { LinkRig, makeKeyPair, type FakeHost } from '../testing/linkRig.ts';
import { cohortOf } from './cohorts.ts';
import { contributorIdOf } from './proof.ts';

const links: LinkRig[] = [];
async function started(): Promise<LinkRig> {
  const link = await LinkRig.started();
  links.push(link);
  return link;
}
afterEach(async () => {
  for (const { rig } of links.splice(0)) await rig.engine.stop();
});

/** As a page counts: what the welcome says, and what settles after it. */
function creditShown({ messages }: FakeHost): bigint {
  let shown = 0n;
  for (const message of messages) {
    if (message.type === 'welcome') shown = BigInt(message.microCredits);
    if (message.type === 'settled') shown += BigInt(message.microCredits);
  }
  return shown;
}

const ONE_SHARD = { items: 10, shards: 1 } as const;

describe('hello', () => {
  it('the coordinator speaks first: version and a nonce of its own for every link', async () => {
    const link = await started();
    const [a, b] = [link.open(), link.open()];
    expect(a.messages).toHaveLength(1);
    expect(a.last('challenge').version).toBe(LINK_VERSION);
    expect(a.nonce).not.toBe(b.nonce);
  });

  it('a proven key is welcomed by its contributor, and remembered', async () => {
    const link = await started();
    const host = await link.welcomed();
    const contributor = contributorIdOf(host.keys.publicKey);
    expect(host.last('welcome')).toMatchObject({
      contributor,
      host: 'host_1',
      microCredits: '0',
      leases: [],
    });
    expect(await link.rig.store.contributor(contributor)).toMatchObject({
      publicKey: host.keys.publicKey,
      firstSeenMs: link.rig.nowMs,
    });
    expect(link.deps.byeTokens.get(host.last('welcome').byeToken)?.contributor).toBe(contributor);
    expect(host.connection.isWelcomed).toBe(true);
  });

  it('a site that is not registered is ignored, and that is said; one that is counts', async () => {
    const link = await started();
    const { sites } = link.rig.engine.communities;
    const spec = { name: 'A site', origins: ['https://a.example'], proposedPercent: 10 };
    const added = await sites.add('key_1' as KeyId, spec);
    const site = added.ok ? added.value.id : '';
    const named = async (name: string): Promise<FakeHost> => {
      const host = link.open();
      await host.say(host.hello({ site: name }));
      return host;
    };
    const known = await named(site);
    expect(known.last('welcome').siteProblem).toBeUndefined();
    const unknown = await named('site_none');
    expect(unknown.last('welcome').siteProblem).toMatchObject({
      code: 'not-found',
      came: 'site_none',
    });
    const counted = [...link.rig.engine.hosts.all()].map((host) => host.site);
    expect(counted.sort()).toEqual([site, undefined]);
  });

  it('a host that comes back is told its credit and its leases', async () => {
    const link = await started();
    await link.rig.post({ items: 20, shards: 2, verification: quorumOf(1) });
    const keys = makeKeyPair();
    const first = await link.welcomed(1, 'host_1', keys);
    await first.deliver();
    first.connection.closed();
    const second = await link.welcomed(0, 'host_1', keys);
    expect(second.last('welcome')).toMatchObject({
      microCredits: '20',
      leases: [first.assignment(1)],
    });
  });

  it.each(['before', 'after'])(
    'credit that settles just %s the hello is told once',
    async (when) => {
      const link = await started();
      await link.rig.post({ ...ONE_SHARD, verification: quorumOf(2) });
      const keys = makeKeyPair();
      const first = await link.welcomed(1, 'host_1', keys);
      await first.deliver();
      first.connection.closed();
      const other = await link.welcomed(1, 'host_2');
      await other.say(other.commit());
      const back = link.open(keys);
      const hello = () => back.connection.receive(JSON.stringify(back.hello()));
      const settle = () => other.connection.receive(other.report());
      const inOrder = when === 'before' ? [settle, hello] : [hello, settle];
      await Promise.all(inOrder.map((say) => say()));
      await link.rig.quiet();
      expect(creditShown(back)).toBe(20n);
      expect(creditShown(other)).toBe(20n);
    },
  );

  it('a signature for another link is a replay', async () => {
    const link = await started();
    const [a, b] = [link.open(), link.open()];
    await b.say(b.hello({}, 'host_1', undefined, a.nonce));
    expect(b.refusals).toEqual(['hello-replayed']);
    expect(b.closes).toEqual([{ code: 4400, reason: 'hello-replayed' }]);
  });

  it('one challenge has one answer, also while the first is still being proven', async () => {
    const link = await started();
    const host = link.open();
    await host.say(host.hello({ signature: '00'.repeat(64) }));
    await host.say(host.hello());
    expect(host.all('welcome')).toEqual([]);
    expect(link.rig.engine.hosts.count).toBe(0);
  });

  it('a host of another version is told so, whatever its hello looks like', async () => {
    const link = await started();
    const host = link.open();
    await host.say({ ...host.hello({ version: LINK_VERSION + 1 }), newInNextVersion: true });
    expect(host.last('refused').problem).toMatchObject({
      code: 'unknown-version',
      expected: String(LINK_VERSION),
      came: String(LINK_VERSION + 1),
      fix: 'reload the page, or update the program',
    });
  });

  it('cohorts come from the address', async () => {
    const link = await started();
    const host = link.open(makeKeyPair(), '203.0.113.9');
    await host.say(host.hello());
    expect([...link.rig.engine.hosts.all()].map(({ cohort }) => cohort)).toEqual([
      cohortOf('network', '203.0.113.77', 'c_x' as ContributorId, 'secret'),
    ]);
  });

  it('a socket that closes while its key becomes durable leaves no host behind', async () => {
    const link = await started();
    const host = link.open();
    let release = () => {};
    link.rig.gate = new Promise<void>((resolve) => (release = resolve));
    const said = host.connection.receive(JSON.stringify(host.hello()));
    await link.rig.quiet();
    host.connection.closed();
    link.rig.gate = null;
    release();
    await said;
    await link.rig.quiet();
    expect(link.rig.engine.hosts.count).toBe(0);
    expect(link.deps.byeTokens.size).toBe(0);
    expect(host.all('welcome')).toEqual([]);
  });
});
