/** Cancelling, waiting, second opinions and rests: what the engine does when work does not just flow. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Capabilities } from '../../shared/protocol/link.ts';
import { fail } from '../../shared/result.ts';
import { quorumOf } from '../core/testing/work.ts';
import { EngineRig, type RigHost } from './testing/engineRig.ts';

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
const WASM_ONLY: Capabilities = { engines: ['wasm'], adapter: 'a', memoryBytes: 2 ** 30 };
const waitingCodes = ({ link }: RigHost) => link.all('waiting').map(({ code }) => code);

describe('cancelling', () => {
  it('revokes leases, keeps what is verified, and pays nothing more', async () => {
    const rig = await started();
    const job = await rig.post();
    const [a, b] = [await rig.worker('a', 2), await rig.worker('b', 2)];
    rig.report(a, 0);
    rig.report(b, 0);
    await rig.quiet();
    const cancelled = await rig.engine.jobs.cancel(job.id);
    expect(cancelled?.state.kind).toBe('cancelled');
    await rig.quiet();
    expect(b.link.all('revoke')).toEqual([
      { type: 'revoke', assignments: [b.link.assigned[1]!.assignment.id], reason: 'job-ended' },
    ]);
    const ended = await rig.store.endedShards(job.id, 0, 10);
    expect(ended).toHaveLength(1);
    const { shard } = ended[0]!;
    const output = shard.state.kind === 'settled' ? shard.state.output : null;
    expect(await rig.store.output(shard.id, output!)).not.toBeNull();
    expect(await rig.creditOf('a')).toBe(20n);
    expect([
      rig.engine.work.jobs.size,
      rig.engine.work.shards.size,
      rig.engine.work.leased.size,
    ]).toEqual([0, 0, 0]);
    expect([a.host.leases.size, b.host.leases.size]).toEqual([0, 0]);
  });

  it('is harmless where the job is not running', async () => {
    const rig = await started();
    const job = await rig.post();
    await rig.engine.jobs.cancel(job.id);
    expect(await rig.engine.jobs.cancel(job.id)).toBeNull();
    expect(await rig.engine.jobs.allowReferee(job.id)).toBeNull();
    expect((await rig.job(job.id)).state.kind).toBe('cancelled');
  });

  it('a referee that was asked before answers to nobody', async () => {
    let answer = () => {};
    const gate = new Promise<void>((resolve) => (answer = resolve));
    const compute = async () => {
      await gate;
      return fail({ code: 'internal' as const, detail: 'too late anyway' });
    };
    const rig = await started({ compute });
    const job = await rig.post(ONE_SHARD);
    const [a, liar] = [await rig.worker('a'), await rig.worker('liar')];
    rig.report(a);
    rig.report(liar, 0, 1);
    await rig.quiet();
    await rig.engine.jobs.cancel(job.id);
    answer();
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('cancelled');
    expect(rig.fatal).toEqual([]);
  });
});

describe('what a host is told', () => {
  it('that there is no work, once', async () => {
    const rig = await started();
    const a = await rig.worker('a');
    await rig.sweep();
    rig.engine.want(a.host, 2);
    await rig.sweep();
    expect(waitingCodes(a)).toEqual(['no-jobs']);
  });

  it('that its device cannot run what is open', async () => {
    const rig = await started();
    await rig.post();
    expect(waitingCodes(await rig.worker('a', 1, { capabilities: WASM_ONLY }))).toEqual([
      'no-capable-program',
    ]);
  });

  it('that another contributor must check what it did', async () => {
    const rig = await started();
    await rig.post(ONE_SHARD);
    const a = await rig.worker('a');
    rig.report(a);
    await rig.quiet();
    expect(waitingCodes(a)).toEqual(['needs-other-contributor']);
  });

  it('a new job comes by itself, and the next wait is told again', async () => {
    const rig = await started();
    const a = await rig.worker('a');
    await rig.post({ ...ONE_SHARD, verification: quorumOf(1) });
    await rig.quiet();
    expect(a.link.assigned).toHaveLength(1);
    rig.report(a);
    await rig.quiet();
    expect(waitingCodes(a)).toEqual(['no-jobs', 'no-jobs']);
  });
});

describe('what an author is told', () => {
  const codes = async (rig: EngineRig, id: Parameters<EngineRig['job']>[0]) =>
    rig.engine.waitingOf(await rig.job(id)).map(({ code }) => code);

  it('each reason in turn, in words with numbers', async () => {
    const rig = await started();
    const job = await rig.post(ONE_SHARD);
    expect(rig.engine.waitingOf(job)).toEqual([
      {
        code: 'no-hosts',
        shards: 1,
        text: 'No volunteer is connected. 1 shard will start as soon as one is.',
      },
    ]);
    const weak = await rig.worker('weak', 1, { capabilities: WASM_ONLY });
    expect(await codes(rig, job.id)).toEqual(['no-capable-host']);
    expect(rig.engine.waitingOf(job)[0]!.text).toContain(
      '1 device is connected, none can run this: the device has no engine',
    );
    rig.engine.leave(weak.host, 'closing');
    const a = await rig.worker('a');
    expect(await codes(rig, job.id)).toEqual(['computing']);
    rig.report(a);
    await rig.quiet();
    expect(await codes(rig, job.id)).toEqual(['needs-other-contributor']);
    expect(rig.engine.waitingOf(job)[0]!.text).toContain(
      'each needs 2 unrelated contributors, 1 connected',
    );
    expect(rig.engine.waitingOf(job)[0]!.text).toContain(`idlewave jobs second-opinion ${job.id}`);
    const b = await rig.worker('b');
    rig.report(b);
    await rig.quiet();
    expect(rig.engine.waitingOf(await rig.job(job.id))).toEqual([]);
  });

  it('that the referee is at it', async () => {
    const rig = await started({ compute: () => new Promise(() => undefined) });
    const job = await rig.post(ONE_SHARD);
    const [a, liar] = [await rig.worker('a'), await rig.worker('liar')];
    rig.report(a);
    rig.report(liar, 0, 1);
    await rig.quiet();
    expect(await codes(rig, job.id)).toEqual(['referee-busy']);
  });

  it('a job that waits for an unrelated contributor says so, however many related ones there are', async () => {
    const rig = await started();
    const job = await rig.post(ONE_SHARD);
    const cohort = { cohort: 'net4:203.0.113' };
    const [a] = [await rig.worker('a', 1, cohort), await rig.worker('b', 1, cohort)];
    rig.report(a);
    await rig.quiet();
    expect(await codes(rig, job.id)).toEqual(['needs-other-contributor']);
  });
});

describe('what an author is told when all who could have had their turn', () => {
  it('is that another contributor is needed', async () => {
    const rig = await started();
    const job = await rig.post({ ...ONE_SHARD, verification: quorumOf(3) });
    const hosts = [];
    for (const who of ['a', 'b', 'liar']) hosts.push(await rig.worker(who));
    hosts.forEach((host, i) => rig.report(host, 0, i === 2 ? 1 : 0));
    await rig.quiet();
    expect(rig.engine.waitingOf(await rig.job(job.id)).map(({ code }) => code)).toEqual([
      'needs-other-contributor',
    ]);
  });
});

describe('second opinion by the referee', () => {
  it('only where the author allows it, and only while nobody else could give it', async () => {
    const rig = await started();
    const job = await rig.post(ONE_SHARD);
    const a = await rig.worker('a');
    rig.report(a);
    await rig.quiet();
    await rig.sweep();
    expect((await rig.job(job.id)).state.kind).toBe('running');
    await rig.engine.jobs.allowReferee(job.id);
    await rig.sweep();
    const done = await rig.job(job.id);
    expect(done.state.kind).toBe('done');
    expect(done.counts).toMatchObject({ hostExecutions: 10, refereeExecutions: 10 });
    expect(a.link.all('settled')[0]).toMatchObject({
      verdict: 'agree',
      reason: 'the referee agreed with it',
    });
  });

  it('not while another host computes or waits for work', async () => {
    const rig = await started();
    const job = await rig.post({ ...ONE_SHARD, verification: quorumOf(2, 'referee') });
    const [a, b] = [await rig.worker('a'), await rig.worker('b')];
    rig.report(a);
    await rig.quiet();
    await rig.sweep();
    expect((await rig.job(job.id)).counts.refereeExecutions).toBe(0);
    rig.report(b);
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('done');
  });

  it.each<[string, Parameters<EngineRig['worker']>]>([
    ['is of the same cohort', ['b', 1, { cohort: 'net4:203.0.113' }]],
    ['cannot run the program', ['b', 1, { capabilities: WASM_ONLY }]],
    ['has paused', ['b', 0]],
    ['rests after failures', ['b', 1, { coolsUntilMs: 1e12 }]],
  ])('also where the other host %s', async (_, other) => {
    const rig = await started();
    const job = await rig.post({ ...ONE_SHARD, verification: quorumOf(2, 'referee') });
    const a = await rig.worker('a', 1, { cohort: 'net4:203.0.113' });
    await rig.worker(...other);
    rig.report(a);
    await rig.quiet();
    await rig.sweep();
    expect((await rig.job(job.id)).state.kind).toBe('done');
  });

  it('not while a lease is out: a report that no one compares must not be paid', async () => {
    const rig = await started();
    const job = await rig.post({ ...ONE_SHARD, verification: quorumOf(3, 'referee') });
    const [a, liar] = [await rig.worker('a'), await rig.worker('liar')];
    rig.report(a);
    await rig.quiet();
    await rig.sweep();
    expect((await rig.job(job.id)).counts.refereeExecutions).toBe(0);
    rig.report(liar, 0, 1);
    await rig.quiet();
    await rig.sweep();
    expect((await rig.job(job.id)).state.kind).toBe('done');
    expect([await rig.creditOf('a'), await rig.creditOf('liar')]).toEqual([20n, 0n]);
  });

  it('a referee that fails ends the shard as failed, with its reason', async () => {
    const compute = async () =>
      fail({ code: 'model-too-slow' as const, detail: 'it took too long' });
    const rig = await started({ compute });
    const job = await rig.post({ ...ONE_SHARD, verification: quorumOf(2, 'referee') });
    rig.report(await rig.worker('a'));
    await rig.quiet();
    await rig.sweep();
    expect((await rig.job(job.id)).state).toMatchObject({
      kind: 'failed',
      reason:
        '10 of 10 items could not be computed: the referee could not compute it either: it took too long',
    });
  });

  it('a referee that throws does the same', async () => {
    const rig = await started({ compute: () => Promise.reject(new Error('crashed')) });
    const job = await rig.post({ ...ONE_SHARD, verification: quorumOf(2, 'referee') });
    rig.report(await rig.worker('a'));
    await rig.quiet();
    await rig.sweep();
    expect((await rig.job(job.id)).state).toMatchObject({ kind: 'failed' });
    expect(rig.fatal).toEqual([]);
  });
});

describe('hosts that fail', () => {
  it('rest from the third failure in a row on; a report ends the row', async () => {
    const rig = await started();
    await rig.post({ items: 100, shards: 10 });
    const a = await rig.worker('a');
    const failOnce = async () => {
      rig.engine.computeError(a.host, a.link.assigned.at(-1)!.assignment.id, 'oom', 'no memory');
      await rig.quiet();
    };
    await failOnce();
    await failOnce();
    expect(a.link.assigned).toHaveLength(3);
    rig.report(a, 2);
    await rig.quiet();
    await failOnce();
    await failOnce();
    expect(a.link.assigned).toHaveLength(6);
    await failOnce();
    expect(a.link.assigned).toHaveLength(6);
    expect(waitingCodes(a)).toEqual(['cooling-down']);
    await rig.sweep(1_999);
    expect(a.link.assigned).toHaveLength(6);
    await rig.sweep(1);
    expect(a.link.assigned).toHaveLength(7);
    expect(await rig.engine.contributor(a.contributor.id)).toMatchObject({ errored: 5 });
  });

  it.each([
    ['after it has gone', true],
    ['over a second link', false],
  ])('still rest when they come back %s', async (_, leaves) => {
    const rig = await started();
    await rig.post({ items: 100, shards: 10 });
    const a = await rig.worker('a');
    const fail = async ({ host, link }: RigHost) => {
      rig.engine.computeError(host, link.assigned.at(-1)!.assignment.id, 'oom', 'no memory');
      await rig.quiet();
    };
    for (let i = 0; i < 3; i++) await fail(a);
    if (leaves) rig.engine.disconnect(a.host);
    const back = await rig.worker('a');
    expect([back.link.assigned, waitingCodes(back)]).toEqual([[], ['cooling-down']]);
    await rig.sweep(2_000);
    expect(back.link.assigned).toHaveLength(1);
    await fail(back);
    await rig.sweep(3_999);
    expect(back.link.assigned).toHaveLength(1);
    await rig.sweep(1);
    expect(back.link.assigned).toHaveLength(2);
    rig.report(back, 1);
    await rig.quiet();
    rig.engine.disconnect(back.host);
    await rig.quiet();
    expect(rig.engine.hosts.remembered).toBe(0);
  });

  it('are forgotten when they have rested and stay away', async () => {
    const rig = await started();
    await rig.post({ items: 100, shards: 10 });
    const a = await rig.worker('a');
    for (let i = 0; i < 3; i++) {
      rig.engine.computeError(a.host, a.link.assigned[i]!.assignment.id, 'oom', 'no memory');
      await rig.quiet();
    }
    rig.engine.leave(a.host, 'closing');
    await rig.sweep(2_000 + 299_999);
    expect(rig.engine.hosts.remembered).toBe(1);
    await rig.sweep(1);
    expect(rig.engine.hosts.remembered).toBe(0);
    expect((await rig.worker('a')).host.failuresInARow).toBe(0);
  });

  it('three different ones send the shard to the referee', async () => {
    const rig = await started();
    const job = await rig.post(ONE_SHARD);
    for (const who of ['a', 'b', 'c']) {
      const host = await rig.worker(who);
      rig.engine.computeError(host.host, host.link.assigned[0]!.assignment.id, 'oom', 'no memory');
      await rig.quiet();
      expect(host.link.assigned, 'not the same shard again').toHaveLength(1);
    }
    const done = await rig.job(job.id);
    expect(done.state.kind).toBe('done');
    expect(done.counts).toMatchObject({ refereeExecutions: 10, hostExecutions: 0 });
  });
});

describe('watching', () => {
  it('calls back after every commit that changed the job, until it is ended', async () => {
    const rig = await started();
    const job = await rig.post();
    const seen: number[] = [];
    const unwatch = rig.engine.watchers.watch(job.id, ({ counts }) =>
      seen.push(counts.hostExecutions),
    );
    const settled: number[] = [];
    rig.engine.onSettled = (items) => settled.push(items);
    const [a, b] = [await rig.worker('a', 2), await rig.worker('b', 2)];
    rig.report(a, 0);
    await rig.quiet();
    rig.report(b, 0);
    await rig.quiet();
    expect(seen).toEqual([10, 20]);
    expect(settled.reduce((x, y) => x + y)).toBe(10);
    unwatch();
    rig.report(a, 1);
    await rig.quiet();
    expect(seen).toEqual([10, 20]);
  });
});
