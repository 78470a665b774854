/**
 * How well what a host sees of an assignment tells probes from its own items: scores, and the area under their curve.
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

/** How well each score tells probes from other items, by its name: 0.5 where it tells nothing, 1 where all. */
export const aucs = (shown: readonly ShownItems[]): [name: string, auc: number][] =>
  Object.entries(SCORES).map(([name, score]) => {
    const auc = aucOf(
      shown.flatMap(({ items, isProbe }) =>
        items.map((_, at) => ({ score: score(items, at), isProbe: isProbe[at]! })),
      ),
    );
    return [name, Math.max(auc, 1 - auc)];
  });
