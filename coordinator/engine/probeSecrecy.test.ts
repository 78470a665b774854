/** Can a host tell probes from its shard's own items? Neither a score nor a trained classifier may separate them. */
import { expect, it } from 'vitest';
import { EngineRig, type RigHost } from './testing/engineRig.ts';
import { SAMPLED, work } from './testing/sampledJob.ts';
import { aucOf, aucOfTrained, aucs } from './testing/secrecy.ts';

const ITEMS_PER_SHARD = 256;
const ITEMS = 128 * ITEMS_PER_SHARD;
/** Half of all pairs are in order where nothing can be told. */
const MOST_AUC = 0.55;

async function computed(): Promise<RigHost[]> {
  const rig = await EngineRig.started();
  const hosts = [await rig.worker('a'), await rig.worker('b'), await rig.worker('c')];
  const shards = ITEMS / ITEMS_PER_SHARD;
  await rig.post({ items: ITEMS, itemsPerShard: ITEMS_PER_SHARD, shards, verification: SAMPLED });
  await work(rig, hosts);
  await rig.engine.stop();
  return hosts;
}

it('nothing that a host sees tells probes from ordinary items: AUC below 0.55', async () => {
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

it('the classifier itself finds what hides in two features together', () => {
  const examples = Array.from({ length: 4_000 }, (_, i) => {
    const features = [Math.sin(i * 12.9898), Math.sin(i * 78.233)];
    return { features, isProbe: i % 9 === 0 && features[0]! * features[1]! > 0 };
  });
  expect(aucOfTrained(examples)).toBeGreaterThan(0.7);
});
