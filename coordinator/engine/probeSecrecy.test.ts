/**
 * Can a host tell probes from its shard's own items? From what it sees of an assignment (indices, their order and
 * spacing, the sizes) no simple score may separate them.
 */
import { expect, it } from 'vitest';
import { EngineRig, type RigHost } from './testing/engineRig.ts';
import { SAMPLED, work } from './testing/sampledJob.ts';

const ITEMS_PER_SHARD = 256;
const ITEMS = 64 * ITEMS_PER_SHARD;
/** Half of all pairs are in order where nothing can be told. */
const MOST_AUC = 0.55;

/** Everything a host may rank the `at`-th item of its list by. */
const SCORES: Readonly<Record<string, (items: readonly number[], at: number) => number>> = {
  index: (items, at) => items[at]!,
  'place in the list': (items, at) => at / items.length,
  'distance to the list’s mean': (items, at) => {
    const mean = items.reduce((sum, item) => sum + item, 0) / items.length;
    return Math.abs(items[at]! - mean);
  },
  'distance to the next index of the list': (items, at) =>
    Math.min(...items.filter((_, i) => i !== at).map((item) => Math.abs(item - items[at]!))),
  'distance to the item before it': (items, at) =>
    at === 0 ? 0 : Math.abs(items[at]! - items[at - 1]!),
  'last bits of the index': (items, at) => items[at]! % 16,
};

interface Sample {
  readonly score: number;
  readonly isProbe: boolean;
}

/** Chance that a probe scores higher than an ordinary item; ties count half (Mann and Whitney). */
function aucOf(samples: readonly Sample[]): number {
  const sorted = [...samples].sort((a, b) => a.score - b.score);
  const probes = samples.filter(({ isProbe }) => isProbe).length;
  let below = 0;
  let pairs = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (end < sorted.length && sorted[end]!.score === sorted[start]!.score) end += 1;
    const group = sorted.slice(start, end);
    const inGroup = group.filter(({ isProbe }) => isProbe).length;
    pairs += inGroup * (below + (group.length - inGroup) / 2);
    below += group.length - inGroup;
    start = end;
  }
  return pairs / (probes * (samples.length - probes));
}

async function computed(): Promise<RigHost[]> {
  const rig = await EngineRig.started();
  const hosts = [await rig.worker('a'), await rig.worker('b'), await rig.worker('c')];
  const shards = ITEMS / ITEMS_PER_SHARD;
  await rig.post({ items: ITEMS, itemsPerShard: ITEMS_PER_SHARD, shards, verification: SAMPLED });
  await work(rig, hosts);
  await rig.engine.stop();
  return hosts;
}

it('no score of what a host sees tells probes from ordinary items: AUC below 0.55', async () => {
  const hosts = await computed();
  const assigned = hosts.flatMap(({ link }) => link.assigned);
  const probed = assigned.filter(({ assignment }) => assignment.probes.length > 0);
  expect(probed.reduce((sum, { items }) => sum + items.length, 0)).toBeGreaterThan(10_000);
  for (const [name, score] of Object.entries(SCORES)) {
    const samples = probed.flatMap(({ assignment, items }) => {
      const probes = new Set(assignment.probes.map(({ item }) => item));
      return items.map((item, at) => ({ score: score(items, at), isProbe: probes.has(item) }));
    });
    const auc = aucOf(samples);
    expect(Math.max(auc, 1 - auc), name).toBeLessThan(MOST_AUC);
  }
});

it('the measure itself finds what can be told', () => {
  const samples = Array.from({ length: 1_000 }, (_, i) => ({ score: i, isProbe: i >= 900 }));
  expect(aucOf(samples)).toBe(1);
  expect(aucOf(samples.map((it, i) => ({ ...it, score: i % 10 })))).toBeCloseTo(0.5, 2);
});
