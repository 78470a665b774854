/**
 * How well what a host sees of an assignment (indices, their order and spacing) tells probes from its own items: scores, a
 * classifier trained where the probes are known, and the area under their curves. All items of an assignment come
 * in one message: they have no times of their own. How many probes there are is no secret.
 */
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
export function aucOf(samples: readonly Sample[]): number {
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

/** What one assignment showed, and which of its items were probes. */
export interface ShownItems {
  readonly items: readonly number[];
  readonly isProbe: readonly boolean[];
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
export function aucOfTrained(examples: readonly Example[]): number {
  const rows = expanded(examples);
  const score = trained(rows.filter((_, i) => i % 2 === 0));
  const held = rows.filter((_, i) => i % 2 === 1);
  return aucOf(held.map(({ features, isProbe }) => ({ score: score(features), isProbe })));
}

/**
 * How well each score, and a classifier trained on half of the items, tells probes from other items: 0.5 where it
 * tells nothing, 1 where all.
 */
export function aucs(shown: readonly ShownItems[]): [name: string, auc: number][] {
  const examples = shown.flatMap(({ items, isProbe }) => {
    const features = (at: number) => Object.values(SCORES).map((score) => score(items, at));
    return items.map((_, at) => ({ features: features(at), isProbe: isProbe[at]! }));
  });
  const scored = Object.keys(SCORES).map((name, i): [string, number] => {
    const auc = aucOf(examples.map((it) => ({ score: it.features[i]!, isProbe: it.isProbe })));
    return [name, Math.max(auc, 1 - auc)];
  });
  return [...scored, ['a trained classifier', aucOfTrained(examples)]];
}
