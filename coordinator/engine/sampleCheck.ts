/**
 * Checks a report by a sample of its items: probes are held against what others reported, disagreements and a
 * few blind samples against the referee.
 *
 * Computes and compares, decides nothing about shards or trust. Invariant: nobody is called wrong but by the
 * referee, item by item.
 */
import { compareOutputs } from '../../shared/acceptance.ts';
import type { BlobDigest, ShardId } from '../../shared/ids.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { itemOf, type NamedTensors } from '../../shared/tensor.ts';
import type { Job, Probe } from '../core/state.ts';
import type { CheckOutcome } from '../core/stream.ts';
import type { Outputs } from './outputs.ts';
import type { RefereeCompute } from './refereeQueue.ts';

/** A report, where its rows are. */
export interface SampledReport {
  readonly shard: ShardId;
  readonly output: BlobDigest;
  /** Rows of `probes`, in their order; null where there are none. */
  readonly probeOutput: BlobDigest | null;
  readonly probes: readonly Probe[];
  /** Rows of the shard itself that the referee computes too, unasked. */
  readonly blind: readonly Probe[];
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
  /** Items that the referee computed. */
  readonly refereed: number;
}

export interface SampleDeps {
  readonly outputs: Pick<Outputs, 'tensors'>;
  readonly compute: RefereeCompute;
  /** The accepted output of a shard; null where it has none (any more). */
  readonly acceptedOutput: (shard: ShardId) => BlobDigest | null;
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
  for (const pair of await pairsOf(report, deps)) {
    if (isOpposed(pair) && differs(job, pair.ours, pair.theirs) === null) agreed.push(pair);
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
      const right = rowOf(truth.value, i);
      const ourFault = differs(job, pair.ours, right);
      own.judge(pair.probe, ourFault);
      let fault = ourFault;
      if (isOpposed(pair)) {
        fault = differs(job, pair.theirs, right);
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
  return ok({ own: own.finding, others: others.findings, checked, known, refereed });
}

/** One item with this report's opinion and another's; `theirs` is null for blind samples. */
interface Pair {
  readonly probe: Probe;
  readonly ours: NamedTensors;
  readonly theirs: NamedTensors | null;
}

type OpposedPair = Pair & { readonly theirs: NamedTensors };
const isOpposed = (pair: Pair): pair is OpposedPair => pair.theirs !== null;

async function pairsOf(report: SampledReport, deps: SampleDeps): Promise<Pair[]> {
  const { outputs, acceptedOutput } = deps;
  const pairs: Pair[] = [];
  if (report.blind.length > 0) {
    const rows = await outputs.tensors(report.shard, report.output);
    for (const probe of report.blind) {
      pairs.push({ probe, ours: rowOf(rows, probe.row), theirs: null });
    }
  }
  if (report.probeOutput === null) return pairs;
  const rows = await outputs.tensors(report.shard, report.probeOutput);
  for (const [i, probe] of report.probes.entries()) {
    const accepted = acceptedOutput(probe.shard);
    // The other report was found wrong meanwhile: there is nothing to hold this probe against.
    if (accepted === null) continue;
    const theirs = rowOf(await outputs.tensors(probe.shard, accepted), probe.row);
    pairs.push({ probe, ours: rowOf(rows, i), theirs });
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

function differs(job: Job, a: NamedTensors, b: NamedTensors): string | null {
  const comparison = compareOutputs(a, b, 1, job.acceptance);
  return comparison.kind === 'agree' ? null : comparison.reason;
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
