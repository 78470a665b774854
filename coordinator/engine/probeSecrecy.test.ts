/**
 * Can a host tell probes from its shard's own items? From what it sees of an assignment (indices, their order and
 * spacing, the sizes) no simple score may separate them.
 */
import { expect, it } from 'vitest';
import { EngineRig, type RigHost } from './testing/engineRig.ts';
import { aucOf, aucs } from './testing/secrecy.ts';

const SAMPLED = { kind: 'sampled', secondOpinion: 'contributors' } as const;
const ITEMS_PER_SHARD = 256;
const ITEMS = 64 * ITEMS_PER_SHARD;
/** Half of all pairs are in order where nothing can be told. */
const MOST_AUC = 0.55;

async function computed(): Promise<RigHost[]> {
  const rig = await EngineRig.started();
  const hosts = [await rig.worker('a'), await rig.worker('b'), await rig.worker('c')];
  const shards = ITEMS / ITEMS_PER_SHARD;
  await rig.post({ items: ITEMS, itemsPerShard: ITEMS_PER_SHARD, shards, verification: SAMPLED });
  for (let round = 0; hosts.some(({ link }) => link.assigned.length > round); round++) {
    for (const host of hosts) if (host.link.assigned.length > round) rig.report(host, round);
    await rig.quiet();
  }
  await rig.engine.stop();
  return hosts;
}

it('no score of what a host sees tells probes from ordinary items: AUC below 0.55', async () => {
  const hosts = await computed();
  const assigned = hosts.flatMap(({ link }) => link.assigned);
  const probed = assigned.filter(({ assignment }) => assignment.probes.length > 0);
  expect(probed.reduce((sum, { items }) => sum + items.length, 0)).toBeGreaterThan(10_000);
  const shown = probed.map(({ assignment, items }) => {
    const probes = new Set(assignment.probes.map(({ item }) => item));
    return { items, isProbe: items.map((item) => probes.has(item)) };
  });
  for (const [name, auc] of aucs(shown)) expect(auc, name).toBeLessThan(MOST_AUC);
});

it('the measure itself finds what can be told', () => {
  const samples = Array.from({ length: 1_000 }, (_, i) => ({ score: i, isProbe: i >= 900 }));
  expect(aucOf(samples)).toBe(1);
  expect(aucOf(samples.map((it, i) => ({ ...it, score: i % 10 })))).toBeCloseTo(0.5, 2);
});
