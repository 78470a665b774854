/**
 * Checks a report by a sample of its items: probes are held against what others reported, disagreements and a
 * few blind samples against the referee.
 *
 * Computes and compares, decides nothing about shards or trust. Invariant: nobody is called wrong but by the
 * referee, item by item.
 */
import { compareOutputs, type Acceptance, type Difference } from '../../shared/acceptance.ts';
import type { BlobDigest, ShardId } from '../../shared/ids.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { itemOf, type NamedTensors } from '../../shared/tensor.ts';
import { REFEREE_CLASS } from '../core/engineClass.ts';
import type { Job, Probe } from '../core/state.ts';
import type { CheckOutcome } from '../core/stream.ts';
import type { Outputs } from './outputs.ts';
import type { RefereeCompute } from './refereeQueue.ts';

/** A report, where its rows are. */
export interface SampledReport {
  readonly shard: ShardId;
  readonly output: BlobDigest;
  readonly engineClass: string;
  /** Rows of `probes`, in their order; null where there are none. */
  readonly probeOutput: BlobDigest | null;
  readonly probes: readonly Probe[];
  /** Rows of the shard itself that the referee computes too, unasked. */
  readonly blind: readonly Probe[];
}

/** An accepted output, and what computed it. */
export interface AcceptedOutput {
  readonly output: BlobDigest;
  readonly engineClass: string;
}

/** Two opinions of one item that the rule for their classes accepts, and how far they are apart. */
export interface Agreement {
  readonly a: ShardId;
  /** Null is the referee. */
  readonly b: ShardId | null;
  readonly difference: Difference;
}

/** What was found of one report. */
export interface Finding {
  readonly outcome: CheckOutcome;
  /** In words, with a figure; null where nothing is wrong. */
  readonly fault: string | null;
}

export interface SampleFindings {
  readonly own: Finding;
  /** Of the reports that the probes were held against. */
  readonly others: ReadonlyMap<ShardId, Finding>;
  /** Probes on which both sides agreed, or that the referee computed: their answers are known now. */
  readonly known: readonly Probe[];
  /** Rows, of this report and of others, on which another opinion or the referee agreed. */
  readonly checked: readonly Probe[];
  readonly agreements: readonly Agreement[];
  /** Items that the referee computed. */
  readonly refereed: number;
}

export interface SampleDeps {
  readonly outputs: Pick<Outputs, 'tensors'>;
  readonly compute: RefereeCompute;
  /** The accepted output of a shard; null where it has none (any more). */
  readonly accepted: (shard: ShardId) => AcceptedOutput | null;
  /** How reports of these engine classes are compared. */
  readonly rule: (a: string, b: string) => Acceptance;
}

/** Fails, with the reason, where the referee was needed and could not compute. */
export async function checkSample(
  job: Job,
  report: SampledReport,
  deps: SampleDeps,
): Promise<Result<SampleFindings, string>> {
  const pairs = await pairsOf(report, deps);
  const agreements: Agreement[] = [];
  /** Why the two differ; null where they agree. */
  const opposed = (a: ShardId, x: Opinion, b: ShardId | null, y: Opinion): string | null => {
    const rule = deps.rule(x.engineClass, y.engineClass);
    const compared = compareOutputs(x.tensors, y.tensors, 1, rule);
    if (compared.kind === 'disagree') return compared.reason;
    agreements.push({ a, b, difference: compared.worst });
    return null;
  };
  const disputed = pairs.filter(
    ({ probe, ours, theirs }) =>
      theirs === null || opposed(report.shard, ours, probe.shard, theirs) !== null,
  );
  const truth = disputed.length === 0 ? ok({}) : await deps.compute(job, itemsOf(disputed));
  if (!truth.ok) return fail(`the referee could not settle it: ${truth.error.detail}`);

  const own = new Tally();
  const others = new Map<ShardId, Tally>();
  /** Pairs whose row of the shard it is of, ours or theirs, was wrong. */
  const wrong = new Set<Pair>();
  const tallyOf = (shard: ShardId): Tally => {
    const tally = others.get(shard) ?? new Tally();
    others.set(shard, tally);
    return tally;
  };
  for (const pair of pairs) {
    const at = disputed.indexOf(pair);
    if (at < 0) {
      own.clean();
      tallyOf(pair.probe.shard).clean();
      continue;
    }
    const right = { tensors: rowOf(truth.value, at), engineClass: REFEREE_CLASS };
    const ourFault = opposed(report.shard, pair.ours, null, right);
    own.judge(pair.probe, ourFault);
    const theirFault =
      pair.theirs === null ? ourFault : opposed(pair.probe.shard, pair.theirs, null, right);
    if (pair.theirs !== null) tallyOf(pair.probe.shard).judge(pair.probe, theirFault);
    if (theirFault !== null) wrong.add(pair);
  }
  return ok({
    own: own.finding,
    others: new Map([...others].map(([shard, tally]) => [shard, tally.finding])),
    checked: pairs.filter((pair) => !wrong.has(pair)).map(({ probe }) => probe),
    known: pairs.filter(({ theirs }) => theirs !== null).map(({ probe }) => probe),
    agreements,
    refereed: disputed.length,
  });
}

/** One item with this report's opinion and another's; `theirs` is null for blind samples. */
interface Pair {
  readonly probe: Probe;
  readonly ours: Opinion;
  readonly theirs: Opinion | null;
}

/** Of one item. */
interface Opinion {
  readonly tensors: NamedTensors;
  readonly engineClass: string;
}

async function pairsOf(report: SampledReport, deps: SampleDeps): Promise<Pair[]> {
  const { outputs, accepted } = deps;
  const { engineClass } = report;
  const pairs: Pair[] = [];
  if (report.blind.length > 0) {
    const rows = await outputs.tensors(report.shard, report.output);
    for (const probe of report.blind) {
      const ours = { tensors: rowOf(rows, probe.row), engineClass };
      pairs.push({ probe, ours, theirs: null });
    }
  }
  if (report.probeOutput === null) return pairs;
  const rows = await outputs.tensors(report.shard, report.probeOutput);
  for (const [i, probe] of report.probes.entries()) {
    const other = accepted(probe.shard);
    // The other report was found wrong meanwhile: there is nothing to hold this probe against.
    if (other === null) continue;
    const tensors = rowOf(await outputs.tensors(probe.shard, other.output), probe.row);
    const theirs = { tensors, engineClass: other.engineClass };
    pairs.push({ probe, ours: { tensors: rowOf(rows, i), engineClass }, theirs });
  }
  return pairs;
}

class Tally {
  #clean = 0;
  #mismatched = 0;
  #fault: string | null = null;

  clean(): void {
    this.#clean += 1;
  }

  judge({ item }: Probe, difference: string | null): void {
    if (difference === null) return this.clean();
    this.#mismatched += 1;
    this.#fault ??= `the referee found item ${item} wrong: ${difference}`;
  }

  get finding(): Finding {
    const outcome = { clean: this.#clean, mismatched: this.#mismatched };
    const more = this.#mismatched > 1 ? ` (and ${this.#mismatched - 1} more)` : '';
    return { outcome, fault: this.#fault === null ? null : this.#fault + more };
  }
}

const itemsOf = (pairs: readonly Pair[]): number[] => pairs.map(({ probe }) => probe.item);

/** Row `row` of every tensor, as `[1, ...itemShape]`. */
const rowOf = (tensors: NamedTensors, row: number): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const item = itemOf(tensor, row);
      return [name, { ...item, dims: [1, ...item.dims] }];
    }),
  );
