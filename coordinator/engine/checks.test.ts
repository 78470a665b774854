/** Reports that are checked by themselves: settled, refused, checked again after a restart, never waited for. */
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_FAULTY_REPORTS_PER_SHARD } from '../../shared/limits.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Checker } from './checkQueue.ts';
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

const CHECKED = { items: 10, shards: 1, verification: { kind: 'algebraic' } } as const;

/** Answers when it is told to; counts what it was asked. */
function heldChecker(fault: string | null = null) {
  const asked: (readonly number[])[] = [];
  const waiting: (() => void)[] = [];
  const checker: Checker = {
    check: (_job, items) => {
      asked.push(items);
      return new Promise((resolve) => waiting.push(() => resolve(ok(fault))));
    },
  };
  return { checker, asked, answer: () => waiting.splice(0).forEach((go) => go()) };
}

describe('a report that passes its check', () => {
  it('settles the shard alone: paid once, nothing computed twice', async () => {
    const rig = await started();
    const job = await rig.post(CHECKED);
    const a = await rig.worker('a');
    rig.report(a);
    await rig.quiet();
    const { state, counts } = await rig.job(job.id);
    expect(state.kind).toBe('done');
    expect(counts).toMatchObject({ hostExecutions: 10, refereeExecutions: 0, settledItems: 10 });
    expect(await rig.creditOf('a')).toBe(20n);
    const [settled] = a.link.all('settled');
    expect(settled).toMatchObject({ verdict: 'agree', microCredits: '20', items: 10 });
    expect(settled!.reason).toMatch(/^every output was checked/);
  });

  it('is durable and confirmed before it is checked; the shard goes to nobody else meanwhile', async () => {
    const { checker, asked, answer } = heldChecker();
    const rig = await started({ checker });
    const job = await rig.post(CHECKED);
    const [a, b] = [await rig.worker('a'), await rig.worker('b')];
    rig.report(a);
    await rig.quiet();
    expect(a.link.all('received')).toHaveLength(1);
    expect(asked).toHaveLength(1);
    expect([...asked[0]!].sort((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(b.link.assigned).toEqual([]);
    expect(rig.engine.waitingOf(rig.engine.runningJob(job.id)!)).toEqual([
      { code: 'checking', text: '1 shard is computed and being checked.', shards: 1 },
    ]);
    answer();
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('done');
  });
});

describe('a report that fails its check', () => {
  it('earns nothing and is told why; another contributor computes the shard', async () => {
    const rig = await started();
    const job = await rig.post(CHECKED);
    const liar = await rig.worker('liar');
    rig.report(liar, 0, 1);
    await rig.quiet();
    expect(liar.link.all('settled')[0]).toMatchObject({
      verdict: 'disagree',
      microCredits: '0',
      reason: expect.stringMatching(/^item \d+ is wrong$/) as string,
    });
    expect(liar.link.assigned).toHaveLength(1);
    expect((await rig.job(job.id)).counts.disagreedReports).toBe(1);
    const [waiting] = rig.engine.waitingOf(rig.engine.runningJob(job.id)!);
    expect(waiting).toMatchObject({ code: 'needs-other-contributor', shards: 1 });
    expect(waiting!.text).toContain('failed its check');
    const honest = await rig.worker('honest');
    rig.report(honest);
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('done');
    expect([await rig.creditOf('liar'), await rig.creditOf('honest')]).toEqual([0n, 20n]);
    expect((await rig.engine.contributor(liar.contributor.id))!.disagreed).toBe(1);
  });

  it(`${MAX_FAULTY_REPORTS_PER_SHARD} of them, and the referee computes the shard`, async () => {
    const rig = await started();
    const job = await rig.post(CHECKED);
    for (let i = 0; i < MAX_FAULTY_REPORTS_PER_SHARD; i++) {
      expect((await rig.job(job.id)).state.kind).toBe('running');
      rig.report(await rig.worker(`liar${i}`), 0, 1 + i);
      await rig.quiet();
    }
    const { state, counts } = await rig.job(job.id);
    expect(state.kind).toBe('done');
    expect(counts).toMatchObject({ refereeExecutions: 10, grantedMicroCredits: 0n });
    const [{ shard }] = (await rig.store.endedShards(job.id, 0, 1)) as [never];
    expect(shard).toMatchObject({ state: { by: 'referee' } });
  });
});

describe('a check that cannot be done', () => {
  const failing: readonly (readonly [string, Checker])[] = [
    ['fails', { check: async () => fail({ code: 'internal', detail: 'it crashed' }) }],
    ['throws', { check: async () => Promise.reject(new Error('no such blob')) }],
  ];
  it.each(failing)('because it %s: the referee decides about the report', async (_how, checker) => {
    const rig = await started({ checker });
    const job = await rig.post(CHECKED);
    const a = await rig.worker('a');
    rig.report(a);
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('done');
    expect(a.link.all('settled')[0]).toMatchObject({ reason: 'the referee agreed with it' });
    expect(rig.fatal).toEqual([]);
  });

  it('because the job was cancelled: nobody hears of it any more', async () => {
    const { checker, answer } = heldChecker();
    const rig = await started({ checker });
    const job = await rig.post(CHECKED);
    const a = await rig.worker('a');
    rig.report(a);
    await rig.quiet();
    await rig.engine.jobs.cancel(job.id);
    answer();
    await rig.quiet();
    expect(a.link.all('settled')).toEqual([]);
    expect((await rig.job(job.id)).state.kind).toBe('cancelled');
    expect(rig.fatal).toEqual([]);
  });
});

describe('many reports', () => {
  it('are checked two at a time, and all of them', async () => {
    const { checker, asked, answer } = heldChecker();
    const rig = await started({ checker });
    const job = await rig.post({ ...CHECKED, itemsPerShard: 2, shards: 5 });
    const a = await rig.worker('a', 5);
    for (let i = 0; i < 5; i++) rig.report(a, i);
    await rig.quiet();
    expect(asked).toHaveLength(2);
    for (const checkedSoFar of [4, 5, 5]) {
      answer();
      await rig.quiet();
      expect(asked).toHaveLength(checkedSoFar);
    }
    expect((await rig.job(job.id)).state.kind).toBe('done');
  });
});

describe('a restart', () => {
  it('checks again what waited for its check', async () => {
    const { checker, asked, answer } = heldChecker();
    const rig = await started({ checker });
    const job = await rig.post(CHECKED);
    rig.report(await rig.worker('a'));
    await rig.quiet();
    await rig.restart();
    await rig.quiet();
    expect(asked).toHaveLength(2);
    answer();
    await rig.quiet();
    expect((await rig.job(job.id)).state.kind).toBe('done');
    expect(await rig.creditOf('a')).toBe(20n);
  });

  it('remembers who failed: the shard goes to another, and the last fault to the referee', async () => {
    const rig = await started();
    const job = await rig.post(CHECKED);
    rig.report(await rig.worker('liar0'), 0, 1);
    await rig.quiet();
    await rig.restart();
    expect((await rig.worker('liar0')).link.assigned).toEqual([]);
    for (let i = 1; i < MAX_FAULTY_REPORTS_PER_SHARD; i++) {
      rig.report(await rig.worker(`liar${i}`), 0, 1);
      await rig.quiet();
    }
    expect((await rig.job(job.id)).counts).toMatchObject({
      refereeExecutions: 10,
      settledItems: 10,
    });
  });
});
