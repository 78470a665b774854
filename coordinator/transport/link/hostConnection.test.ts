/** A link's life: the work, the refusals that close it. The proof is in `hello.test.ts`, bad messages in `badMessages.test.ts`. */
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_COMPUTE_ERRORS_PER_SHARD, MAX_REFUSALS_PER_LINK } from '../../../shared/limits.ts';
import type { ContributorId } from '../../../shared/ids.ts';
import { fail } from '../../../shared/result.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../../shared/tensor.ts';
import { digestOf } from '../../digest.ts';
import { quorumOf } from '../../core/testing/work.ts';
import { outputsOf } from '../../engine/testing/engineRig.ts';
import { LinkRig, makeKeyPair } from '../testing/linkRig.ts';
import { contributorIdOf } from './proof.ts';

const links: LinkRig[] = [];
async function started(...options: Parameters<typeof LinkRig.started>): Promise<LinkRig> {
  const link = await LinkRig.started(...options);
  links.push(link);
  return link;
}
afterEach(async () => {
  for (const { rig } of links.splice(0)) await rig.engine.stop();
});

const ONE_SHARD = { items: 10, shards: 1 } as const;

describe('work', () => {
  it('an assignment says all that is needed, with its rows in its own order', async () => {
    const link = await started();
    const stacked = encodeTensors({
      x: tensorOf(
        'I32',
        [10],
        Int32Array.from({ length: 10 }, (_, i) => 100 + i),
      ),
    });
    const digest = digestOf(stacked);
    await link.blobs.put(stacked, digest, 1e6);
    const job = await link.rig.post({ ...ONE_SHARD, stacked: digest });
    const host = await link.welcomed(1);
    const { message, tensors } = host.assignments[0]!;
    expect(message).toMatchObject({
      job: job.id,
      jobName: job.name,
      program: job.program,
      constants: null,
      outputs: job.facts.outputs,
      nonFinite: 'refuse',
      leaseMs: 15_000,
    });
    expect([...valuesOf(tensors['x']!)]).toEqual(message.items.map((item) => 100 + item));
  });

  it('report, receipt, verdict', async () => {
    const link = await started();
    const job = await link.rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    const host = await link.welcomed(1);
    await host.say({ type: 'progress', assignment: host.assignment(), itemsDone: 10 });
    await host.deliver();
    expect(host.messages.map(({ type }) => type)).toEqual([
      'challenge',
      'welcome',
      'open',
      'received',
      'settled',
      'waiting',
    ]);
    expect(host.refusals).toEqual([]);
    expect((await link.rig.job(job.id)).state.kind).toBe('done');
  });

  it('two hosts agree in spite of their secret orders', async () => {
    const link = await started();
    await link.rig.post(ONE_SHARD);
    const [a, b] = [await link.welcomed(1, 'host_a'), await link.welcomed(1, 'host_b')];
    expect(a.assignments[0]!.message.items).not.toEqual(b.assignments[0]!.message.items);
    await a.deliver();
    await b.deliver();
    expect([a, b].map((host) => host.last('settled').verdict)).toEqual(['agree', 'agree']);
  });

  it('a malformed report is a failure: the shard goes to another at once', async () => {
    const link = await started();
    await link.rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    const [a, b] = [await link.welcomed(1, 'host_a'), await link.welcomed(1, 'host_b')];
    expect(b.assignments).toEqual([]);
    await a.say(a.commit());
    await a.say(a.report(0, outputsOf([1, 2])));
    expect(a.refusals).toEqual(['report-shape']);
    expect(a.last('refused').assignment).toBe(a.assignment());
    expect(b.assignments).toHaveLength(1);
    const contributor = await link.rig.engine.contributor(contributorIdOf(a.keys.publicKey));
    expect(contributor).toMatchObject({ errored: 1 });
  });

  it('a commitment whose answer was lost is answered over the next link, and the report taken', async () => {
    const link = await started();
    await link.rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    const keys = makeKeyPair();
    const first = await link.welcomed(1, 'host_1', keys);
    await first.say(first.commit());
    const { challenge } = first.last('open');
    first.connection.closed();
    const second = await link.welcomed(0, 'host_1', keys);
    expect(second.last('welcome').leases).toEqual([first.assignment()]);
    await second.say(first.commit());
    expect(second.last('open')).toMatchObject({ assignment: first.assignment(), challenge });
    await second.say(first.report());
    expect([second.all('received').length, second.last('settled').verdict]).toEqual([
      1,
      'unchecked',
    ]);
  });

  it('a report is taken after a restart of the coordinator, under the challenge from before', async () => {
    const link = await started();
    await link.rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    const keys = makeKeyPair();
    const before = await link.welcomed(1, 'host_1', keys);
    await before.say(before.commit());
    const report = before.report();
    before.connection.closed();
    await link.rig.restart();
    const after = new LinkRig(link.rig);
    links.push(after);
    const host = await after.welcomed(0, 'host_1', keys);
    await host.say(report);
    expect([host.refusals, host.all('received').length]).toEqual([[], 1]);
  });

  it('commit, report and commit in one breath: the report is taken once, the rest is told so', async () => {
    const link = await started();
    await link.rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    const host = await link.welcomed(1);
    await host.say(host.commit());
    const report = host.report();
    const commit = JSON.stringify(host.commit());
    await Promise.all([commit, report, commit].map((it) => host.connection.receive(it)));
    await link.rig.quiet();
    expect(host.all('received')).toHaveLength(1);
    expect(host.refusals).toEqual(['report-repeated']);
  });

  it('who reports before it was told what to open has failed, and learns nothing of the challenge', async () => {
    const link = await started();
    await link.rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    const host = await link.welcomed(1);
    const guessed = host.report();
    await host.say(host.commit());
    await host.say(guessed);
    expect(host.refusals).toEqual(['report-challenge']);
    expect(await link.rig.stateOf(host.assignment())).toBe('errored');
  });

  it('returned leases and a page’s goodbye free the work', async () => {
    const link = await started();
    await link.rig.post({ items: 20, shards: 2 });
    const host = await link.welcomed(2);
    await host.say({ type: 'want', count: 0 });
    await host.say({ type: 'return', assignments: [host.assignment(0)], reason: 'paused' });
    expect(link.rig.engine.work.leased.size).toBe(1);
    link.rig.engine.leave(link.deps.byeTokens.get(host.last('welcome').byeToken)!, 'closing');
    await link.rig.quiet();
    expect(link.rig.engine.work.leased.size).toBe(0);
  });

  it('probes are items like others: they come with the shard’s own, and count as progress', async () => {
    const link = await started();
    const verification = { kind: 'sampled', secondOpinion: 'contributors' } as const;
    await link.rig.post({ items: 1_024, itemsPerShard: 512, shards: 2, verification });
    const first = await link.welcomed(1, 'host_1');
    await first.say({ type: 'want', count: 0 });
    await first.deliver();
    const second = await link.welcomed(1, 'host_2');
    const { items } = second.assignments[0]!.message;
    expect(items).toHaveLength(512 + 8);
    expect(new Set(items).size).toBe(items.length);
    const assignment = second.assignment();
    await second.say({ type: 'progress', assignment, itemsDone: items.length });
    expect(second.refusals).toEqual([]);
    await second.say({ type: 'progress', assignment, itemsDone: items.length + 1 });
    expect(second.refusals).toEqual(['progress-out-of-range']);
    await second.deliver();
    expect(second.all('received')).toHaveLength(1);
  });

  it('a host that leaves keeps nothing, and is given nothing more', async () => {
    const link = await started();
    await link.rig.post({ items: 40, shards: 4 });
    const host = await link.welcomed(2);
    await host.say({ type: 'leave', reason: 'frozen' });
    expect(host.assignments).toHaveLength(2);
    expect(link.rig.engine.work.leased.size).toBe(0);
    const left = await link.rig.store.assignment(host.assignment());
    expect(left?.state).toMatchObject({ kind: 'returned', reason: 'frozen' });
  });

  it('inputs that cannot be read end the job, and no host is blamed', async () => {
    const detail = 'the disk is gone';
    const compute = async () => fail({ code: 'internal' as const, detail });
    const link = await started({ compute });
    const job = await link.rig.post({ ...ONE_SHARD, stacked: 'f'.repeat(64) as never });
    const host = await link.welcomed(1);
    expect(host.assignments).toEqual([]);
    const attempts = host.all('refused');
    expect(attempts).toHaveLength(MAX_COMPUTE_ERRORS_PER_SHARD);
    expect(attempts[0]).toMatchObject({ problem: { code: 'inputs-unreadable' } });
    expect(await link.rig.stateOf(attempts[0]!.assignment!)).toBe('undelivered');
    expect(host.closes).toEqual([]);
    expect(link.logged).toContain('inputs-unreadable');
    const { state } = await link.rig.job(job.id);
    expect(state.kind === 'failed' && state.reason).toContain(detail);
    const contributor = contributorIdOf(host.keys.publicKey);
    expect(await link.rig.engine.contributor(contributor)).toMatchObject({
      errored: 0,
      expired: 0,
    });
    const [connected] = link.rig.engine.hosts.all();
    expect(connected).toMatchObject({ failuresInARow: 0, coolsUntilMs: 0 });
    expect(connected!.leases.size).toBe(0);
  });

  it('inputs that cannot be read do not let a lease of a host that left expire', async () => {
    const link = await started();
    await link.rig.post({ ...ONE_SHARD, stacked: 'f'.repeat(64) as never });
    let unreadable = () => {};
    link.deps.inputs.rows = () =>
      new Promise((_, reject) => (unreadable = () => reject(new Error('gone'))));
    const host = await link.welcomed(1);
    host.connection.closed();
    await link.rig.quiet();
    expect(link.rig.engine.work.leased.size).toBe(1);
    unreadable();
    await link.rig.quiet();
    expect(link.rig.engine.work.leased.size).toBe(0);
  });

  it('an assignment that is revoked while its inputs are read is not sent', async () => {
    const link = await started();
    let read = (_: NamedTensors) => {};
    link.deps.inputs.rows = () => new Promise((resolve) => (read = resolve));
    const job = await link.rig.post({ ...ONE_SHARD, stacked: 'f'.repeat(64) as never });
    const host = await link.welcomed(1);
    await link.rig.engine.jobs.cancel(job.id);
    await link.rig.quiet();
    expect(host.all('revoke')).toHaveLength(1);
    read({});
    await link.rig.quiet();
    expect(host.assignments).toEqual([]);
  });

  it('a report sent twice is refused only when the first is durable', async () => {
    const link = await started();
    await link.rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    const host = await link.welcomed(1);
    await host.say(host.commit());
    const report = host.report();
    let release = () => {};
    link.rig.gate = new Promise<void>((resolve) => (release = resolve));
    const said = [report, report, report].map((it) => host.connection.receive(it));
    await link.rig.quiet();
    said.push(host.connection.receive(report));
    await link.rig.quiet();
    expect([host.all('received'), host.refusals]).toEqual([[], []]);
    link.rig.gate = null;
    release();
    await Promise.all(said);
    await link.rig.quiet();
    expect(host.all('received')).toHaveLength(1);
    expect(host.refusals).toEqual(['report-repeated', 'report-repeated', 'report-repeated']);
  });

  it('a store that fails while a late report is looked up is logged, and ends nothing else', async () => {
    const link = await started();
    const store = { assignment: () => Promise.reject(new Error('no connection')) };
    Object.assign(link.deps, { store });
    await link.rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    const host = await link.welcomed(1);
    await host.say(host.commit());
    const report = host.report();
    await Promise.all([host.connection.receive(report), host.connection.receive(report)]);
    await link.rig.quiet();
    expect(link.logged).toContain('link-error');
    expect(host.all('settled')).toHaveLength(1);
  });

  it('after the socket has closed nothing is sent', async () => {
    const link = await started();
    const host = await link.welcomed(1);
    host.connection.closed();
    await link.rig.post(ONE_SHARD);
    const sent = host.messages.length;
    await host.say({ type: 'want', count: 1 });
    expect(host.messages.length).toBe(sent);
    expect([host.assignments, link.deps.byeTokens.size]).toEqual([[], 0]);
  });

  it('a second link of the host closes the first', async () => {
    const link = await started();
    const keys = makeKeyPair();
    const first = await link.welcomed(0, 'host_1', keys);
    await link.welcomed(0, 'host_1', keys);
    expect(first.closes).toEqual([{ code: 4409, reason: 'this host has opened another link' }]);
    await link.welcomed(0, 'host_2', keys);
    expect(link.rig.engine.hosts.count).toBe(2);
    expect(link.rig.engine.hosts.contributors()).toEqual(
      new Set<ContributorId>([contributorIdOf(keys.publicKey)]),
    );
  });
});

describe('too many refusals', () => {
  it('before the welcome one is enough', async () => {
    const link = await started();
    const host = link.open();
    await host.say({ type: 'want', count: 1 });
    expect(host.refusals).toEqual(['hello-expected']);
    expect(host.closes).toEqual([{ code: 4400, reason: 'hello-expected' }]);
  });

  it(`after it ${MAX_REFUSALS_PER_LINK} close the link, and not one before`, async () => {
    const link = await started();
    const host = await link.welcomed();
    for (let i = 1; i < MAX_REFUSALS_PER_LINK; i++) await host.say('{}');
    expect(host.closes).toEqual([]);
    await host.say('{}');
    expect(host.closes).toEqual([{ code: 4400, reason: 'unknown-message' }]);
  });

  it('what still comes over a closing socket is not looked at', async () => {
    const link = await started();
    await link.rig.post(ONE_SHARD);
    const early = link.open();
    await early.say('nonsense');
    await early.say(early.hello());
    expect(link.rig.engine.hosts.count).toBe(0);
    const host = await link.welcomed();
    for (let i = 0; i < MAX_REFUSALS_PER_LINK + 5; i++) await host.say('{}');
    expect(host.refusals).toHaveLength(MAX_REFUSALS_PER_LINK);
    expect(await link.refused()).toEqual({
      'malformed-json': 1,
      'unknown-message': MAX_REFUSALS_PER_LINK,
    });
    await host.say({ type: 'want', count: 1 });
    expect(host.assignments).toEqual([]);
    host.connection.closed();
    await link.rig.quiet();
    expect(link.rig.engine.hosts.count).toBe(0);
  });
});
