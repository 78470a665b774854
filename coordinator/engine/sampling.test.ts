/** The sampled policy through the real engine: who is checked by whom, what is final when, what is taken back. */
import { afterEach, describe, expect, it } from 'vitest';
import type { JobId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import { GATE_CHECKS } from '../core/stream.ts';
import { SETTLED_FIRST } from './sampleCheck.ts';
import { EngineRig, outputsOf, type RigHost, type RigOptions } from './testing/engineRig.ts';
import {
  FACTS,
  LARGE,
  SAMPLED,
  exhaustReferee,
  streamOfHost,
  sumOf,
  work,
} from './testing/sampledJob.ts';

const rigs: EngineRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.engine.stop();
});

async function started(options: RigOptions = {}): Promise<EngineRig> {
  const rig = await EngineRig.started(options);
  rigs.push(rig);
  return rig;
}

describe('what the referee looks at blindly', () => {
  it('follows from the commitment: the same rows when a restart has it checked again', async () => {
    const asked: number[][] = [];
    const compute: RigOptions['compute'] = async (_, items) => {
      asked.push([...items]);
      return new Promise(() => undefined);
    };
    const rig = await started({ compute });
    await rig.post(LARGE);
    const a = await rig.worker('a');
    rig.report(a);
    await rig.quiet();
    await rig.restart();
    await rig.quiet();
    const [first, again] = asked;
    expect(first).toHaveLength(SETTLED_FIRST);
    expect(again).toEqual(first);
    // Another assignment with the same root: other rows.
    const b = await rig.worker('b');
    rig.report(b);
    await rig.quiet();
    const rowsOf = (host: RigHost, blind: readonly number[]) => {
      const work = rig.engine.work.workOf(host.link.assigned[0]!.assignment.id)!;
      const own = rig.engine.work.itemsOf(work.shard);
      return blind.map((item) => own.indexOf(item));
    };
    expect(rowsOf(b, asked[2]!)).not.toEqual(rowsOf(a, first!));
  });
});

describe('honest contributors', () => {
  it('finish a job once each item, with few executions more', async () => {
    const rig = await started();
    const hosts = [await rig.worker('a'), await rig.worker('b'), await rig.worker('c')];
    const { id } = await rig.post(LARGE);
    await work(rig, hosts);
    for (let i = 0; i < 200 && (await rig.job(id)).state.kind === 'running'; i++) {
      await rig.sweep(1_000);
    }
    const { state, counts } = await rig.job(id);
    expect(state.kind).toBe('done');
    expect(counts).toMatchObject({ settledItems: LARGE.items, provisionalItems: 0 });
    expect(counts.disagreedReports).toBe(0);
    const extra = counts.hostExecutions + counts.refereeExecutions - LARGE.items;
    // The job is small and all three are new: each has to come through the gate.
    expect(extra).toBeLessThan(3 * 1.2 * GATE_CHECKS);
    for (const host of hosts) {
      expect(await streamOfHost(rig, host)).toMatchObject({ mismatches: 0, ejected: false });
    }
  });

  it('finish it too where one has a fault of its hardware late: nobody has to ask the referee', async () => {
    const rig = await started();
    const hosts = [await rig.worker('a'), await rig.worker('b'), await rig.worker('c')];
    const { id } = await rig.post({ ...LARGE, facts: { ...FACTS, refereeMsPerItem: 1 } });
    await work(rig, hosts, (host, report) => Number(host === hosts[0] && report === 10));
    for (let i = 0; i < 400 && (await rig.job(id)).state.kind === 'running'; i++) {
      await rig.sweep(1_000);
    }
    const { state, counts } = await rig.job(id);
    expect(state.kind).toBe('done');
    expect(counts).toMatchObject({ settledItems: LARGE.items, disagreedReports: 1 });
    expect(await streamOfHost(rig, hosts[0]!)).toMatchObject({ ejected: false });
  });

  it('carry probes of others’ items, never of their own, each item at most once', async () => {
    const rig = await started();
    const hosts = [await rig.worker('a'), await rig.worker('b')];
    await rig.post(LARGE);
    await work(rig, hosts);
    const computedBy = new Map<number, RigHost>();
    for (const host of hosts) {
      for (const { assignment, items } of host.link.assigned) {
        const probes = new Set(assignment.probes.map(({ item }) => item));
        expect(items).toHaveLength(new Set(items).size);
        for (const item of items) if (!probes.has(item)) computedBy.set(item, host);
      }
    }
    for (const host of hosts) {
      expect(sumOf(host, (_, probes) => probes)).toBeGreaterThan(100);
      for (const { assignment } of host.link.assigned) {
        for (const { item } of assignment.probes) expect(computedBy.get(item)).not.toBe(host);
      }
    }
  });

  it('one alone is checked by the referee, within its budget; the rest waits and says so', async () => {
    const rig = await started();
    const alone = await rig.worker('a');
    const job = await rig.post({ ...LARGE, facts: { ...FACTS, refereeMsPerItem: 400 } });
    await work(rig, [alone]);
    for (let i = 0; i < 100; i++) await rig.sweep(1_000);
    const { counts, state } = await rig.job(job.id);
    expect(state.kind).toBe('running');
    expect(counts.refereeExecutions).toBeLessThanOrEqual(0.04 * LARGE.items);
    expect(counts.refereeExecutions).toBeGreaterThan(0.03 * LARGE.items);
    expect(counts.settledItems + counts.provisionalItems).toBe(LARGE.items);
    expect(counts.provisionalItems).toBeGreaterThan(0);
    const now = rig.engine.runningJob(job.id)!;
    expect(rig.engine.waitingOf(now).map(({ code }) => code)).toEqual(['needs-checks']);

    await rig.engine.jobs.allowReferee(job.id);
    for (let i = 0; i < 200 && (await rig.job(job.id)).state.kind === 'running'; i++) {
      await rig.sweep(1_000);
    }
    expect((await rig.job(job.id)).state.kind).toBe('done');
  });
});

describe('liars', () => {
  it('who never computes earns nothing and is ejected after two reports', async () => {
    const rig = await started();
    const honest = [await rig.worker('a'), await rig.worker('b')];
    const { id } = await rig.post(LARGE);
    // The honest have begun: there is something to be held against.
    await work(rig, honest, () => 0, 3);
    const liar = await rig.worker('l');
    await work(rig, [liar], () => 1);
    expect(await streamOfHost(rig, liar)).toMatchObject({ ejected: true });
    // The third was out before the second had been checked.
    expect(liar.link.assigned.length).toBeLessThanOrEqual(3);
    expect(await rig.creditOf('l')).toBe(0n);
    const verdicts = new Set(liar.link.all('settled').map(({ verdict }) => verdict));
    expect(verdicts).toEqual(new Set(['disagree']));
    expect(liar.link.all('waiting').at(-1)).toMatchObject({ code: 'not-trusted' });
    const again = await rig.worker('l', 1, { host: 'host_other' as never });
    expect(again.link.assigned).toEqual([]);
    for (const host of honest)
      expect(await streamOfHost(rig, host)).toMatchObject({ mismatches: 0 });
    const { disagreedReports } = (await rig.job(id)).counts;
    expect(disagreedReports).toBe(liar.link.all('settled').length);
  });

  it('who betrays after an honest beginning loses what was provisional', async () => {
    const rig = await started();
    const hosts = [await rig.worker('a'), await rig.worker('b')];
    const liar = await rig.worker('l');
    const { id } = await rig.post(LARGE);
    await work(rig, [...hosts, liar], (host, report) => (host === liar && report >= 6 ? 1 : 0));
    expect(await streamOfHost(rig, liar)).toMatchObject({ ejected: true });
    expect(await rig.creditOf('l')).toBe(0n);
    for (let i = 0; i < 200 && (await rig.job(id)).state.kind === 'running'; i++) {
      await rig.sweep(1_000);
      await work(rig, hosts);
    }
    const { counts } = await rig.job(id);
    expect(counts.settledItems + counts.provisionalItems).toBe(LARGE.items);
  });

  it('an honest host is not blamed for holding another opinion than a liar’s', async () => {
    let offset = 1;
    const rig = await started({ compute: async (_job, items) => ok(outputsOf(items, offset)) });
    const liar = await rig.worker('l');
    const { id } = await rig.post({ ...LARGE, items: 1_536, shards: 3 });
    // Nobody else is there, and the referee's samples find nothing: the lie is provisional at first.
    exhaustReferee(rig, id);
    await work(rig, [liar], () => 1, 1);
    expect(rig.engine.runningJob(id)!.counts.provisionalItems).toBe(512);
    offset = 0;
    const honest = await rig.worker('a');
    await work(rig, [honest], () => 0, 1);
    expect(await streamOfHost(rig, honest)).toMatchObject({ mismatches: 0 });
    expect((await streamOfHost(rig, liar)).mismatches).toBeGreaterThan(0);
    expect(liar.link.all('settled').at(-1)).toMatchObject({ verdict: 'disagree' });
  });

  it('where the referee fails nobody is blamed, and the shard says why it failed', async () => {
    const broken = { code: 'internal', detail: 'it broke' } as const;
    let works = true;
    const rig = await started({
      compute: async (_job, items) =>
        works ? ok(outputsOf(items)) : ({ ok: false, error: broken } as never),
    });
    const a = await rig.worker('a');
    const { id } = await rig.post({ ...LARGE, items: 1_024, shards: 2 });
    works = false;
    await work(rig, [a], () => 0, 1);
    const [assigned] = a.link.assigned;
    const { shard } = assigned!.assignment;
    expect((await rig.store.shard(shard))?.state).toMatchObject({ kind: 'failed' });
    expect(await streamOfHost(rig, a)).toMatchObject({ checks: 0, mismatches: 0 });
    expect((await rig.job(id)).counts.disagreedReports).toBe(0);
  });
});

describe('who gives a lease back', () => {
  it('gets the same probes with the same items, and takes none from others', async () => {
    const rig = await started();
    const honest = await rig.worker('a');
    await rig.post(LARGE);
    await work(rig, [honest], () => 0, 4);
    const fisher = await rig.worker('f', 1);
    for (let i = 0; i < 50; i++) {
      const { assignment } = fisher.link.assigned.at(-1)!;
      rig.engine.returnLeases(fisher.host, [assignment.id], 'paused');
      await rig.quiet();
    }
    const lists = new Map<string, Set<string>>();
    for (const { assignment, items } of fisher.link.assigned) {
      const seen = lists.get(assignment.shard) ?? new Set();
      lists.set(assignment.shard, seen.add([...items].sort((a, b) => a - b).join()));
    }
    expect(fisher.link.assigned.length).toBeGreaterThan(40);
    expect([...lists.values()].map(({ size }) => size)).toEqual([...lists.values()].map(() => 1));
    rig.engine.want(fisher.host, 0);
    const other = await rig.worker('b');
    expect(other.link.assigned[0]!.assignment.probes.length).toBe(8);
  });
});

describe('two jobs of one stream', () => {
  it('each has its own gate, whichever is reviewed', async () => {
    const rig = await started();
    const hosts = [await rig.worker('a'), await rig.worker('b')];
    const strict = await rig.post({ ...LARGE, verification: { ...SAMPLED, checks: 16_384 } });
    await work(rig, hosts);
    const lax = await rig.post({ ...LARGE, id: 'job_2' as JobId });
    await work(rig, hosts);
    for (let i = 0; i < 100; i++) await rig.sweep(1_000);
    expect((await rig.job(lax.id)).state.kind).toBe('done');
    expect((await rig.job(strict.id)).counts.settledItems).toBe(0);
  });
});

describe('a restart', () => {
  it('a report whose outputs cannot be read ends in the referee’s hands, not the coordinator', async () => {
    let answers = false;
    const rig = await started({
      compute: async (_job, items) => {
        if (!answers) await new Promise(() => {});
        return ok(outputsOf(items));
      },
    });
    const a = await rig.worker('a');
    await rig.post({ ...LARGE, items: 512, shards: 1 });
    await work(rig, [a], () => 0, 1);
    const { id, shard } = a.link.assigned[0]!.assignment;
    expect(await rig.stateOf(id)).toBe('reported');
    rig.data.outputs.clear();
    answers = true;
    await rig.restart();
    await rig.quiet();
    expect(rig.fatal).toEqual([]);
    expect((await rig.store.shard(shard))?.state.kind).toBe('failed');
  });

  it('takes up provisional shards, reports that wait for their check, and ejections', async () => {
    const rig = await started();
    const hosts = [await rig.worker('a'), await rig.worker('b')];
    const liar = await rig.worker('l');
    const { id } = await rig.post(LARGE);
    await work(rig, [...hosts, liar], (host, report) => (host === liar && report >= 2 ? 1 : 0), 8);
    const before = (await rig.job(id)).counts;
    expect(before.provisionalItems).toBeGreaterThan(0);
    await rig.restart();
    const back = [await rig.worker('a'), await rig.worker('b')];
    const barred = await rig.worker('l');
    expect(barred.link.assigned).toEqual([]);
    for (let i = 0; i < 400 && (await rig.job(id)).state.kind === 'running'; i++) {
      await work(rig, back);
      await rig.sweep(60_000);
    }
    const { state, counts } = await rig.job(id);
    expect(state.kind).toBe('done');
    expect(counts).toMatchObject({ settledItems: LARGE.items, provisionalItems: 0 });
    expect(await rig.creditOf('l')).toBe(0n);
  });
});
