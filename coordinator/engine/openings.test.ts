/** Commitments in the engine: durable before they are answered, one for an assignment, and what aborts do. */
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_LEASES_PER_HOST } from '../../shared/limits.ts';
import { QUARANTINE_MS } from '../core/aborts.ts';
import { challengeOf } from '../core/challenge.ts';
import { FIRST_ITEMS, NEW_STREAM } from '../core/stream.ts';
import { digest, quorumOf } from '../core/testing/work.ts';
import { EngineRig, type RigHost } from './testing/engineRig.ts';

const rigs: EngineRig[] = [];
async function started(): Promise<EngineRig> {
  const rig = await EngineRig.started();
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.engine.stop();
});

const ROOT = digest('root');
const MANY = { items: 1_000, shards: 100, verification: quorumOf(1) } as const;
const nothing = () => undefined;
const last = ({ link }: RigHost) => link.assigned.at(-1)!.assignment;

async function commit(rig: EngineRig, host: RigHost, root = ROOT, id = last(host).id) {
  let refused = 0;
  rig.engine.commit(host.host, id, { root }, () => (refused += 1), nothing);
  await rig.quiet();
  return refused;
}

/** The record of its contributor, as it is on disk. */
const recordOf = async (rig: EngineRig, { contributor }: RigHost) =>
  (await rig.store.contributor(contributor.id))!;

describe('a commitment', () => {
  it('is answered by the challenge of its root, once it is durable', async () => {
    const rig = await started();
    const job = await rig.post(MANY);
    const a = await rig.worker('a');
    const { id } = last(a);
    let release = nothing as () => void;
    rig.gate = new Promise<void>((resolve) => (release = resolve));
    await commit(rig, a);
    expect(a.link.all('open')).toEqual([]);
    rig.gate = null;
    release();
    await rig.quiet();
    const challenge = challengeOf(job, { id, contributor: a.contributor.id }, ROOT);
    expect(a.link.all('open')).toEqual([{ type: 'open', assignment: id, challenge }]);
    expect((await rig.store.assignment(id))?.state).toMatchObject({ committed: { root: ROOT } });
  });

  it('sent again is answered by the same, and nothing is written', async () => {
    const rig = await started();
    await rig.post(MANY);
    const a = await rig.worker('a');
    const { id } = last(a);
    await commit(rig, a, ROOT, id);
    rig.commits = [];
    expect(await commit(rig, a, ROOT, id)).toBe(0);
    const [first, again] = a.link.all('open');
    expect(again).toEqual(first);
    expect(rig.commits.flatMap(({ assignments }) => assignments)).toEqual([]);
  });

  it('to another root is refused, the first one stands, and repeating it is no way to grind', async () => {
    const rig = await started();
    await rig.post(MANY);
    const a = await rig.worker('a');
    const { id } = last(a);
    await commit(rig, a, ROOT, id);
    expect(await commit(rig, a, digest('other'), id)).toBe(1);
    expect(a.link.all('open')).toHaveLength(1);
    expect((await rig.store.assignment(id))?.state).toMatchObject({ committed: { root: ROOT } });
    expect((await recordOf(rig, a)).aborts).toMatchObject({ total: 1, quarantinedUntilMs: 0 });
    for (let i = 0; i < 3; i++) await commit(rig, a, digest(`other ${i}`), id);
    expect((await recordOf(rig, a)).aborts.quarantinedUntilMs).toBeGreaterThan(rig.nowMs);
  });

  it('survives a restart with its challenge: no host may commit anew', async () => {
    const rig = await started();
    await rig.post(MANY);
    const a = await rig.worker('a');
    const { id } = last(a);
    await commit(rig, a);
    await rig.restart();
    const back = await rig.connect('a');
    expect(await commit(rig, back, digest('other'), id)).toBe(1);
    await commit(rig, back, ROOT, id);
    expect(back.link.all('open')).toEqual(a.link.all('open'));
  });

  it('frees its slot: the next is computed while the report is on its way, up to a bound', async () => {
    const rig = await started();
    await rig.post(MANY);
    const a = await rig.worker('a', 1);
    for (let i = 1; i <= MAX_LEASES_PER_HOST; i++) {
      expect(a.link.assigned).toHaveLength(i);
      await commit(rig, a);
    }
    expect(a.link.assigned).toHaveLength(MAX_LEASES_PER_HOST);
    rig.report(a, 0);
    await rig.quiet();
    expect(a.link.assigned).toHaveLength(MAX_LEASES_PER_HOST + 1);
  });

  it('sets the last moment for its report; progress does not move it', async () => {
    const rig = await started();
    await rig.post(MANY);
    const a = await rig.worker('a');
    const { id } = last(a);
    rig.nowMs += 10_000;
    await commit(rig, a, ROOT, id);
    // The lease of 15 s from now on, and a millisecond for 40 bytes.
    const deadlineMs = rig.nowMs + 15_001;
    expect((await rig.store.assignment(id))?.state).toMatchObject({ deadlineMs });
    rig.nowMs += 5_000;
    rig.engine.progress(a.host, id, 10);
    await rig.quiet();
    expect((await rig.store.assignment(id))?.state).toMatchObject({ deadlineMs, itemsDone: 10 });
  });
});

describe('aborts', () => {
  const abort = async (rig: EngineRig, host: RigHost) => {
    await commit(rig, host);
    rig.engine.returnLeases(host.host, [...host.host.leases], 'paused');
    await rig.quiet();
  };

  it('two put all streams back into probation, four quarantine the contributor for its time', async () => {
    const rig = await started();
    await rig.post(MANY);
    const a = await rig.connect('a');
    const stream = { ...NEW_STREAM, items: 99_999, checks: 5_000 };
    const known = (await rig.engine.contributor(a.contributor.id))!;
    // A contributor with a past: its record is what the engine holds.
    Object.assign(known, { streams: [{ key: 'k', stream }] });
    rig.engine.want(a.host, 1);
    await rig.quiet();
    await abort(rig, a);
    expect((await recordOf(rig, a)).aborts).toMatchObject({ total: 1, quarantinedUntilMs: 0 });
    expect((await recordOf(rig, a)).streams).toMatchObject([{ stream: { items: 99_999 } }]);
    await abort(rig, a);
    expect((await recordOf(rig, a)).streams).toMatchObject([
      { stream: { items: FIRST_ITEMS, checks: 5_000 } },
    ]);
    await abort(rig, a);
    // One more is granted when the fourth is committed; it is given back with it.
    const before = a.link.assigned.length + 1;
    await abort(rig, a);
    expect(a.link.assigned).toHaveLength(before);
    expect(a.link.all('waiting').at(-1)).toMatchObject({ code: 'quarantined-for-aborts' });
    expect((await recordOf(rig, a)).aborts.quarantinedUntilMs).toBe(rig.nowMs + QUARANTINE_MS);
    await rig.sweep(QUARANTINE_MS - 1);
    expect(a.link.assigned).toHaveLength(before);
    await rig.sweep(1);
    expect(a.link.assigned).toHaveLength(before + 1);
  });

  it('a quarantine holds over a new link and a restart, and for every host of the contributor', async () => {
    const rig = await started();
    await rig.post(MANY);
    const a = await rig.worker('a');
    const second = await rig.worker('a', 0, { host: 'host_2' as never });
    for (let i = 0; i < 4; i++) await abort(rig, a);
    rig.engine.want(second.host, 1);
    await rig.quiet();
    const again = await rig.worker('a', 1, { host: 'host_3' as never });
    await rig.restart();
    const later = await rig.worker('a');
    for (const host of [second, again, later]) {
      expect([host.link.assigned, host.link.all('waiting').at(-1)?.code]).toEqual([
        [],
        'quarantined-for-aborts',
      ]);
    }
  });

  it('what is not opened may be returned, fail or expire without an abort', async () => {
    const rig = await started();
    await rig.post(MANY);
    const a = await rig.worker('a', 3);
    const [one, two] = a.link.assigned.map(({ assignment }) => assignment.id);
    rig.engine.returnLeases(a.host, [one!], 'paused');
    rig.engine.computeError(a.host, two!, 'c', 'm');
    await rig.quiet();
    await rig.sweep(60_000);
    expect((await recordOf(rig, a)).aborts).toMatchObject({ total: 0, score: 0 });
    expect(await recordOf(rig, a)).toMatchObject({ errored: 1, expired: 3 });
  });

  it('an error and an expiry after the opening are aborts like a return', async () => {
    const rig = await started();
    await rig.post(MANY);
    const a = await rig.worker('a');
    await commit(rig, a);
    rig.engine.computeError(a.host, a.link.assigned[0]!.assignment.id, 'c', 'm');
    await rig.quiet();
    expect((await recordOf(rig, a)).aborts.total).toBe(1);
    await commit(rig, a);
    rig.engine.disconnect(a.host);
    await rig.sweep(60_000);
    expect((await recordOf(rig, a)).aborts.total).toBe(2);
  });

  it('a tab that is closed with many opened is one abort; a cancelled job is none', async () => {
    const rig = await started();
    const job = await rig.post(MANY);
    const a = await rig.worker('a', 5);
    const opened = a.link.assigned.slice(0, 5).map(({ assignment }) => assignment.id);
    for (const id of opened) await commit(rig, a, ROOT, id);
    rig.engine.leave(a.host, 'closing');
    await rig.quiet();
    expect((await recordOf(rig, a)).aborts.total).toBe(1);
    const b = await rig.worker('b');
    await commit(rig, b);
    await rig.engine.jobs.cancel(job.id);
    expect((await recordOf(rig, b)).aborts.total).toBe(0);
  });

  it('reports bring the score down again', async () => {
    const rig = await started();
    await rig.post(MANY);
    const a = await rig.worker('a');
    await abort(rig, a);
    for (let i = 0; i < 6; i++) {
      rig.report(a, a.link.assigned.length - 1);
      await rig.quiet();
    }
    expect((await recordOf(rig, a)).aborts).toMatchObject({ total: 1, score: 0 });
  });
});
