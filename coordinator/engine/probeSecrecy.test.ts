/**
 * Can a host tell probes from its shard's own items? From what it sees of an assignment (indices, their order and
 * spacing) neither a simple score nor a classifier trained on assignments whose
 * probes it was told may separate them. All items of an assignment come in one message: they have no times of
 * their own. How many probes there are is no secret.
 */
import { expect, it } from 'vitest';
import { EngineRig, type RigHost } from './testing/engineRig.ts';
import { SAMPLED, work } from './testing/sampledJob.ts';

const ITEMS_PER_SHARD = 256;
const ITEMS = 128 * ITEMS_PER_SHARD;
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

/** Of logistic regression: enough to separate what can be separated (the last test shows it). */
const ROUNDS = 300;
const STEP = 0.5;

interface Example {
  readonly features: readonly number[];
  readonly isProbe: boolean;
}

/** Standard scores of the features, their squares and products: what a linear model can bend. */
function expanded(rows: readonly Example[]): Example[] {
  const columns = rows[0]!.features.map((_, i) => {
    const values = rows.map(({ features }) => features[i]!);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    return { mean, deviation: Math.sqrt(variance) || 1 };
  });
  return rows.map(({ features, isProbe }) => {
    const z = features.map((x, i) => (x - columns[i]!.mean) / columns[i]!.deviation);
    const products = z.flatMap((a, i) => z.slice(i).map((b) => a * b));
    return { features: [1, ...z, ...products], isProbe };
  });
}

/** Weights of the classes are balanced: probes are few. */
function trained(examples: readonly Example[]): (features: readonly number[]) => number {
  const weights = examples[0]!.features.map(() => 0);
  const score = (features: readonly number[]) =>
    features.reduce((sum, x, i) => sum + x * weights[i]!, 0);
  const probes = examples.filter(({ isProbe }) => isProbe).length;
  const share = (isProbe: boolean) => 0.5 / (isProbe ? probes : examples.length - probes);
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = weights.map(() => 0);
    for (const { features, isProbe } of examples) {
      const error = Number(isProbe) - 1 / (1 + Math.exp(-score(features)));
      features.forEach((x, i) => (gradient[i]! += share(isProbe) * error * x));
    }
    gradient.forEach((slope, i) => (weights[i]! += STEP * slope));
  }
  return score;
}

/** AUC on the half that it was not trained on. */
function aucOfTrained(examples: readonly Example[]): number {
  const rows = expanded(examples);
  const score = trained(rows.filter((_, i) => i % 2 === 0));
  const held = rows.filter((_, i) => i % 2 === 1);
  return aucOf(held.map(({ features, isProbe }) => ({ score: score(features), isProbe })));
}

it('nothing that a host sees tells probes from ordinary items: AUC below 0.55', async () => {
  const hosts = await computed();
  const assigned = hosts.flatMap(({ link }) => link.assigned);
  const probed = assigned.filter(({ assignment }) => assignment.probes.length > 0);
  expect(probed.reduce((sum, { items }) => sum + items.length, 0)).toBeGreaterThan(10_000);
  const examples = probed.flatMap(({ assignment, items }) => {
    const probes = new Set(assignment.probes.map(({ item }) => item));
    const features = (at: number) => Object.values(SCORES).map((score) => score(items, at));
    return items.map((item, at) => ({ features: features(at), isProbe: probes.has(item) }));
  });
  for (const [i, name] of Object.keys(SCORES).entries()) {
    const samples = examples.map(({ features, isProbe }) => ({ score: features[i]!, isProbe }));
    const auc = aucOf(samples);
    expect(Math.max(auc, 1 - auc), name).toBeLessThan(MOST_AUC);
  }
  expect(aucOfTrained(examples), 'a trained classifier').toBeLessThan(MOST_AUC);
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
