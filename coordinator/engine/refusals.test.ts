/** What the engine writes down of settled shards and of work that earned nothing, in the tick in which it ends. */
import { afterEach, expect, it } from 'vitest';
import { decodeFact } from '../../shared/protocol/publicLog.ts';
import type { ContributorId } from '../../shared/ids.ts';
import { EngineRig } from './testing/engineRig.ts';

const rigs: EngineRig[] = [];
async function started(): Promise<EngineRig> {
  const rig = await EngineRig.started();
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.engine.stop();
});

const ONE_SHARD = { items: 10, shards: 1 } as const;
const refusals = async (rig: EngineRig, who: string) =>
  (await rig.store.refusals(`c_${who}` as ContributorId, null, 10)).rows;

it('a liar has a record of why, in the commit that judged it; who was right has none', async () => {
  const rig = await started();
  await rig.post(ONE_SHARD);
  const [a, liar] = [await rig.worker('a'), await rig.worker('liar')];
  rig.report(a);
  rig.report(liar, 0, 1);
  await rig.quiet();
  const { assignment } = liar.link.assigned[0]!;
  expect(await refusals(rig, 'liar')).toEqual([
    {
      contributor: 'c_liar',
      shard: assignment.shard,
      job: assignment.job,
      assignment: assignment.id,
      items: 10,
      code: 'disagree',
      reason: expect.stringContaining('the referee disagreed') as string,
      atMs: rig.nowMs,
    },
  ]);
  expect(await refusals(rig, 'a')).toEqual([]);
  const commit = rig.commits.find((changes) => changes.refusals.length > 0)!;
  expect(commit.assignments.find(({ id }) => id === assignment.id)?.state.kind).toBe('judged');
});

it('a lease that ends, a malformed report and a dropped opening leave records; what is given back leaves none', async () => {
  const rig = await started();
  await rig.post({ items: 40, shards: 4 });
  await rig.worker('late');
  const [broken, gone, kind] = [
    await rig.worker('broken'),
    await rig.worker('gone'),
    await rig.worker('kind'),
  ];
  const id = (worker: typeof kind) => worker.link.assigned[0]!.assignment.id;
  rig.engine.computeError(broken.host, id(broken), 'report-shape', 'output "hits" is too short');
  const nothing = () => undefined;
  rig.engine.commit(gone.host, id(gone), { root: 'aa' }, nothing, nothing);
  await rig.quiet();
  rig.engine.returnLeases(gone.host, [id(gone)], 'closing');
  rig.engine.returnLeases(kind.host, [id(kind)], 'closing');
  // Time moves once they have ended, so that what they are given next ends later.
  await rig.quiet();
  await rig.sweep(10 * 60_000);
  const codes = async (who: string) => (await refusals(rig, who)).map(({ code }) => code);
  expect(await codes('late')).toEqual(['lease-expired']);
  expect((await codes('broken')).at(-1)).toBe('report-shape');
  expect((await codes('gone')).at(-1)).toBe('opened-not-reported');
  expect((await refusals(rig, 'kind')).map(({ assignment }) => assignment)).not.toContain(id(kind));
});

it('a settled shard and its credits know their entries of the log, also after a restart', async () => {
  const rig = await started();
  const job = await rig.post();
  const [a, b] = [await rig.worker('a', 2), await rig.worker('b', 2)];
  for (const host of [a, b]) for (const index of [0, 1]) rig.report(host, index);
  await rig.quiet();
  await rig.restart();
  const logged = (await rig.store.logged(0)).map((bytes) => {
    const fact = decodeFact(bytes);
    return fact.ok ? fact.value : null;
  });
  const ended = await rig.store.endedShards(job.id, 0, 10);
  expect(ended).toHaveLength(2);
  for (const { shard } of ended) {
    const { state } = shard;
    expect(state.kind === 'settled' && logged[state.logIndex!]).toMatchObject({
      type: 'shard',
      shard: shard.id,
    });
    const credits = await rig.store.creditsOfShard(shard.id);
    expect(credits.map(({ contributor }) => contributor)).toEqual(['c_a', 'c_b']);
    for (const { logIndex, assignment } of credits) {
      expect(logged[logIndex!]).toMatchObject({ type: 'credit', shard: shard.id, assignment });
    }
  }
});
