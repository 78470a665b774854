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

/** The referee settles so many first: a report that is wrong shows it mostly there, and the rest is spared. */
export const SETTLED_FIRST = 4;

/** Fails, with the reason, where the referee was needed and could not compute. */
export async function checkSample(
  job: Job,
  report: SampledReport,
  deps: SampleDeps,
): Promise<Result<SampleFindings, string>> {
  const agreed: OpposedPair[] = [];
  const disputed: Pair[] = [];
  const agreements: Agreement[] = [];
  /** Why the two differ; null where they agree. */
  const opposed = (a: ShardId, x: Opinion, b: ShardId | null, y: Opinion): string | null => {
    const rule = deps.rule(x.engineClass, y.engineClass);
    const compared = compareOutputs(x.tensors, y.tensors, 1, rule);
    if (compared.kind === 'disagree') return compared.reason;
    agreements.push({ a, b, difference: compared.worst });
    return null;
  };
  for (const pair of await pairsOf(report, deps)) {
    const agree =
      isOpposed(pair) && opposed(report.shard, pair.ours, pair.probe.shard, pair.theirs) === null;
    if (agree) agreed.push(pair);
    else disputed.push(pair);
  }
  const own = new Tally();
  const others = new Tallies();
  const known: Probe[] = [];
  const checked: Probe[] = [];
  let refereed = 0;
  for (const pairs of [disputed.slice(0, SETTLED_FIRST), disputed.slice(SETTLED_FIRST)]) {
    if (pairs.length === 0 || own.isWrong) break;
    const truth = await deps.compute(job, itemsOf(pairs));
    if (!truth.ok) return fail(`the referee could not settle it: ${truth.error.detail}`);
    refereed += pairs.length;
    for (const [i, pair] of pairs.entries()) {
      const right = { tensors: rowOf(truth.value, i), engineClass: REFEREE_CLASS };
      const ourFault = opposed(report.shard, pair.ours, null, right);
      own.judge(pair.probe, ourFault);
      let fault = ourFault;
      if (isOpposed(pair)) {
        fault = opposed(pair.probe.shard, pair.theirs, null, right);
        others.of(pair.probe.shard).judge(pair.probe, fault);
        known.push(pair.probe);
      }
      if (fault === null) checked.push(pair.probe);
    }
  }
  for (const { probe } of agreed) {
    own.clean();
    // The word of a report that is wrong makes no other right.
    if (own.isWrong) continue;
    others.of(probe.shard).clean();
    known.push(probe);
    checked.push(probe);
  }
  return ok({
    own: own.finding,
    others: others.findings,
    checked,
    known,
    agreements,
    refereed,
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

type OpposedPair = Pair & { readonly theirs: Opinion };
const isOpposed = (pair: Pair): pair is OpposedPair => pair.theirs !== null;

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

  get isWrong(): boolean {
    return this.#mismatched > 0;
  }

  get finding(): Finding {
    const outcome = { clean: this.#clean, mismatched: this.#mismatched };
    const more = this.#mismatched > 1 ? ` (and ${this.#mismatched - 1} more)` : '';
    return { outcome, fault: this.#fault === null ? null : this.#fault + more };
  }
}

class Tallies {
  readonly #of = new Map<ShardId, Tally>();

  of(shard: ShardId): Tally {
    const tally = this.#of.get(shard) ?? new Tally();
    this.#of.set(shard, tally);
    return tally;
  }

  get findings(): Map<ShardId, Finding> {
    return new Map([...this.#of].map(([shard, tally]) => [shard, tally.finding]));
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
