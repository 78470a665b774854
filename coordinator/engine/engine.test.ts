/** The engine with hosts played by hand: who gets what, what is paid, and when it is said. */
import { afterEach, describe, expect, it } from 'vitest';
import { LONGEST_RETRY_MS } from '../../shared/limits.ts';
import { quorumOf } from '../core/testing/work.ts';
import { EngineRig } from './testing/engineRig.ts';

const rigs: EngineRig[] = [];
async function started(...options: Parameters<typeof EngineRig.started>): Promise<EngineRig> {
  const rig = await EngineRig.started(...options);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.engine.stop();
});

const ONE_SHARD = { items: 10, shards: 1 } as const;

describe('from grant to settlement', () => {
  it('two contributors compute a shard, agree, and are both paid its price', async () => {
    const rig = await started();
    const job = await rig.post(ONE_SHARD);
    const [a, b] = [await rig.worker('a'), await rig.worker('b')];
    expect(a.link.assigned).toHaveLength(1);
    const [mine, other] = [a.link.assigned[0]!, b.link.assigned[0]!];
    expect([...mine.items].sort((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(mine.items).not.toEqual(other.items); // each in its own secret order
    rig.report(a);
    await rig.quiet();
    expect(a.link.all('received')).toEqual([{ type: 'received', assignment: mine.assignment.id }]);
    rig.report(b);
    await rig.quiet();
    expect(a.link.all('settled')).toEqual([
      {
        type: 'settled',
        assignment: mine.assignment.id,
        verdict: 'agree',
        microCredits: '20',
        items: 10,
        reason: 'agreed with the quorum',
      },
    ]);
    expect([await rig.creditOf('a'), await rig.creditOf('b')]).toEqual([20n, 20n]);
    const done = await rig.job(job.id);
    expect(done.state.kind).toBe('done');
    expect(done.counts).toMatchObject({
      settledItems: 10,
      hostExecutions: 20,
      grantedMicroCredits: 40n,
    });
    expect(rig.engine.work.jobs.size).toBe(0);
    expect(await rig.engine.contributor(a.contributor.id)).toMatchObject({
      microCredits: 20n,
      agreed: 1,
    });
  });

  it('a liar is outvoted through the referee, and told why', async () => {
    const rig = await started();
    const job = await rig.post(ONE_SHARD);
    const [a, liar] = [await rig.worker('a'), await rig.worker('liar')];
    rig.report(a);
    rig.report(liar, 0, 1);
    await rig.quiet();
    expect(liar.link.all('settled')[0]).toMatchObject({ verdict: 'disagree', microCredits: '0' });
    expect(liar.link.all('settled')[0]!.reason).toContain(
      'the referee disagreed: output "hits" of item 0',
    );
    expect([await rig.creditOf('a'), await rig.creditOf('liar')]).toEqual([20n, 0n]);
    expect((await rig.job(job.id)).counts).toMatchObject({
      refereeExecutions: 10,
      disagreedReports: 1,
    });
  });

  it('a majority below the quorum asks one host more, not the referee', async () => {
    const rig = await started({ compute: () => Promise.reject(new Error('not asked')) });
    const job = await rig.post({ ...ONE_SHARD, verification: quorumOf(3) });
    const [a, liar, c] = [await rig.worker('a'), await rig.worker('liar'), await rig.worker('c')];
    const late = await rig.worker('late');
    expect(late.link.assigned).toEqual([]);
    rig.report(a);
    rig.report(liar, 0, 1);
    rig.report(c);
    await rig.quiet();
    expect(late.link.assigned).toHaveLength(1);
    rig.report(late);
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('done');
    expect(liar.link.all('settled')[0]).toMatchObject({ verdict: 'disagree', microCredits: '0' });
    expect(liar.link.all('settled')[0]!.reason).toContain(
      'disagreed with the quorum: output "hits"',
    );
    expect([await rig.creditOf('a'), await rig.creditOf('late')]).toEqual([20n, 20n]);
  });

  it('a host gets no more assignments than it has slots, and never one shard twice', async () => {
    const rig = await started();
    await rig.post({ items: 100, shards: 10 });
    const a = await rig.worker('a', 3);
    expect(a.link.assigned).toHaveLength(3);
    for (let i = 0; i < 3; i++) rig.report(a, i);
    await rig.quiet();
    expect(a.link.assigned).toHaveLength(6);
    const shards = a.link.assigned.map(({ assignment }) => assignment.shard);
    expect(new Set(shards).size).toBe(6);
  });

  it('begun shards are finished before fresh ones are begun', async () => {
    const rig = await started();
    await rig.post({ items: 100, shards: 10 });
    const a = await rig.worker('a', 2);
    const b = await rig.worker('b', 2);
    const of = (host: typeof a) =>
      host.link.assigned.map(({ assignment }) => assignment.shard).sort();
    expect(of(b)).toEqual(of(a));
  });
});

describe('durability', () => {
  it('nothing is sent before the commit resolves: no grant, receipt, verdict or reason to wait', async () => {
    const rig = await started();
    await rig.post(ONE_SHARD);
    const [a, b] = [await rig.connect('a'), await rig.connect('b')];
    const said = () => [a, b].map(({ link }) => link.sent.length + link.assigned.length);
    const held = async (step: () => void) => {
      const before = said();
      let release = () => {};
      rig.gate = new Promise<void>((resolve) => (release = resolve));
      step();
      await rig.quiet();
      expect(said()).toEqual(before);
      rig.gate = null;
      release();
      await rig.quiet();
      expect(said()).not.toEqual(before);
    };
    await held(() => {
      rig.engine.want(a.host, 1);
      rig.engine.want(b.host, 1);
    });
    await held(() => rig.report(a));
    await held(() => rig.report(b));
    expect(b.link.sent.map(({ type }) => type)).toEqual(['open', 'received', 'settled', 'waiting']);
  });

  it('a failed commit stops the engine, once, and nothing is said', async () => {
    const rig = await started();
    await rig.post(ONE_SHARD);
    const a = await rig.connect('a');
    rig.gate = Promise.reject(new Error('disk full'));
    rig.gate.catch(() => undefined);
    rig.engine.want(a.host, 1);
    await rig.quiet();
    rig.engine.sweep();
    rig.engine.want(a.host, 1);
    await rig.quiet();
    expect(rig.fatal.map(String)).toEqual(['Error: disk full']);
    expect(rig.engine.isStopped).toBe(true);
    expect([a.link.sent, a.link.assigned]).toEqual([[], []]);
    await expect(rig.engine.jobs.cancel('job_1' as never)).rejects.toThrow('stopping');
  });

  it('leases and reports survive a restart; the time away is not the hosts’', async () => {
    const rig = await started();
    const job = await rig.post(ONE_SHARD);
    const [a, b] = [await rig.worker('a'), await rig.worker('b')];
    rig.report(a);
    await rig.quiet();
    const lease = b.link.assigned[0]!;
    rig.nowMs += 3_600_000;
    await rig.restart();
    // As late as a host may try again.
    rig.nowMs += LONGEST_RETRY_MS;
    await rig.sweep();
    const back = await rig.connect('b');
    expect([...back.host.leases]).toEqual([lease.assignment.id]);
    back.link.assigned.push(lease);
    rig.report(back);
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('done');
    expect([await rig.creditOf('a'), await rig.creditOf('b')]).toEqual([20n, 20n]);
  });

  it('a comparison or a referee that was interrupted by a restart is done again', async () => {
    let asked = 0;
    const never = () => {
      asked += 1;
      return new Promise<never>(() => undefined);
    };
    const first = await started({ compute: never });
    const job = await first.post(ONE_SHARD);
    const [a, liar] = [await first.worker('a'), await first.worker('liar')];
    first.report(a);
    first.report(liar, 0, 1);
    await first.quiet();
    expect(asked).toBe(1);
    expect(first.engine.work.shards.size).toBe(1);
    await first.engine.stop();
    await first.store.close();
    const second = await started({ data: first.data });
    await second.quiet();
    expect((await second.job(job.id)).state.kind).toBe('done');
    expect([await second.creditOf('a'), await second.creditOf('liar')]).toEqual([20n, 0n]);
  });
});

describe('leases', () => {
  it('expire at their deadline, count against the host, and go to another', async () => {
    const rig = await started();
    await rig.post(ONE_SHARD);
    const [a, b] = [await rig.worker('a'), await rig.worker('b')];
    const { id } = a.link.assigned[0]!.assignment;
    await rig.sweep(14_999);
    expect(a.link.sent).toEqual([]);
    rig.engine.progress(a.host, id, 5);
    await rig.quiet();
    await rig.sweep(1);
    expect(a.link.sent).toEqual([]);
    expect(b.link.all('revoke')).toEqual([
      { type: 'revoke', assignments: [b.link.assigned[0]!.assignment.id], reason: 'lease-expired' },
    ]);
    expect(await rig.engine.contributor(b.contributor.id)).toMatchObject({ expired: 1 });
    // An expired lease bars nobody: b, still waiting, was given the shard again.
    expect(b.link.assigned).toHaveLength(2);
    expect(await rig.stateOf(b.link.assigned[0]!.assignment.id)).toBe('expired');
  });

  it('end at last, however often progress is told', async () => {
    const rig = await started();
    await rig.post(ONE_SHARD);
    const a = await rig.worker('a');
    const { id } = a.link.assigned[0]!.assignment;
    for (let spentMs = 0; spentMs < 3_632_000; spentMs += 8_000) {
      rig.engine.progress(a.host, id, 1);
      await rig.engine.idle();
      rig.nowMs += 8_000;
      expect(await rig.stateOf(id)).toBe('leased');
    }
    await rig.sweep();
    expect(await rig.stateOf(id)).toBe('expired');
  });

  it('a report after the lease has ended is not taken', async () => {
    const rig = await started();
    await rig.post(ONE_SHARD);
    const a = await rig.worker('a');
    rig.engine.want(a.host, 0);
    await rig.sweep(15_000);
    let raced = 0;
    rig.report(a, 0, 0, () => (raced += 1));
    await rig.quiet();
    expect(raced).toBe(1);
    expect(a.link.all('received')).toEqual([]);
  });

  it('a doubled report counts once', async () => {
    const rig = await started();
    const job = await rig.post(ONE_SHARD);
    const a = await rig.worker('a');
    let raced = 0;
    rig.report(a);
    rig.report(a, 0, 0, () => (raced += 1));
    await rig.quiet();
    expect([a.link.all('received').length, raced]).toEqual([1, 1]);
    expect((await rig.job(job.id)).counts.hostExecutions).toBe(10);
  });

  it('bye gives everything back at once, and blames nobody', async () => {
    const rig = await started();
    await rig.post({ items: 100, shards: 10 });
    const a = await rig.worker('a', 2);
    rig.engine.leave(a.host, 'closing');
    await rig.quiet();
    expect([rig.engine.hosts.count, rig.engine.work.leased.size]).toEqual([0, 0]);
    for (const { assignment } of a.link.assigned)
      expect(await rig.stateOf(assignment.id)).toBe('returned');
    expect(await rig.engine.contributor(a.contributor.id)).toMatchObject({
      expired: 0,
      errored: 0,
    });
  });

  it('a host that vanished keeps its leases until their deadline, and finds them again', async () => {
    const rig = await started();
    await rig.post(ONE_SHARD);
    const a = await rig.worker('a');
    rig.engine.disconnect(a.host);
    await rig.quiet();
    expect([rig.engine.hosts.count, rig.engine.work.leased.size]).toEqual([0, 1]);
    const again = await rig.connect('a');
    expect([...again.host.leases]).toEqual([a.link.assigned[0]!.assignment.id]);
  });

  it('a returned lease goes to the next host', async () => {
    const rig = await started();
    await rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    const [a, b] = [await rig.worker('a'), await rig.worker('b')];
    expect(b.link.assigned).toEqual([]);
    rig.engine.want(a.host, 0);
    rig.engine.returnLeases(a.host, [a.link.assigned[0]!.assignment.id], 'paused');
    await rig.quiet();
    expect(b.link.assigned).toHaveLength(1);
  });
});

it('a host that cannot run what it is given is not given it again and again', async () => {
  const rig = await started();
  await rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
  const a = await rig.worker('a');
  for (let times = 1; times <= 10; times++) {
    const last = a.link.assigned.at(-1)!.assignment.id;
    if (rig.engine.work.leased.has(last)) rig.engine.returnLeases(a.host, [last], 'not-capable');
    await rig.quiet();
  }
  expect(a.link.assigned).toHaveLength(3);
  expect(a.host.coolsUntilMs).toBeGreaterThan(0);
});

describe('a second link of the same host', () => {
  it('takes the place of the first, with its leases', async () => {
    const rig = await started();
    const job = await rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    const first = await rig.worker('a');
    const second = await rig.connect('a');
    expect(first.link.closed).toEqual(['this host has opened another link']);
    rig.engine.disconnect(first.host);
    await rig.quiet();
    expect(rig.engine.hosts.count).toBe(1);
    second.link.assigned.push(first.link.assigned[0]!);
    rig.report(second);
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('done');
  });

  it('the first can do nothing any more: neither report nor give back what is the second’s', async () => {
    const rig = await started();
    await rig.post(ONE_SHARD);
    const first = await rig.worker('a');
    const { id } = first.link.assigned[0]!.assignment;
    const second = await rig.connect('a');
    let raced = 0;
    rig.report(first, 0, 0, () => (raced += 1));
    rig.engine.leave(first.host, 'closing');
    await rig.quiet();
    expect(raced).toBe(1);
    expect([...second.host.leases]).toEqual([id]);
    expect(await rig.stateOf(id)).toBe('leased');
    expect(rig.engine.hosts.count).toBe(1);
  });
});
