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

/** Fails, with the reason, where the referee was needed and could not compute. */
export async function checkSample(
  job: Job,
  report: SampledReport,
  deps: SampleDeps,
): Promise<Result<SampleFindings, string>> {
  const pairs = await pairsOf(report, deps);
  const disputed = pairs.filter(
    (pair) => pair.theirs === null || differs(job, pair.ours, pair.theirs) !== null,
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
    const right = rowOf(truth.value, at);
    const ourFault = differs(job, pair.ours, right);
    own.judge(pair.probe, ourFault);
    const theirFault = pair.theirs === null ? ourFault : differs(job, pair.theirs, right);
    if (pair.theirs !== null) tallyOf(pair.probe.shard).judge(pair.probe, theirFault);
    if (theirFault !== null) wrong.add(pair);
  }
  return ok({
    own: own.finding,
    others: new Map([...others].map(([shard, tally]) => [shard, tally.finding])),
    checked: pairs.filter((pair) => !wrong.has(pair)).map(({ probe }) => probe),
    known: pairs.filter(({ theirs }) => theirs !== null).map(({ probe }) => probe),
    refereed: disputed.length,
  });
}

/** One item with this report's opinion and another's; `theirs` is null for blind samples. */
interface Pair {
  readonly probe: Probe;
  readonly ours: NamedTensors;
  readonly theirs: NamedTensors | null;
}

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

  get finding(): Finding {
    const outcome = { clean: this.#clean, mismatched: this.#mismatched };
    const more = this.#mismatched > 1 ? ` (and ${this.#mismatched - 1} more)` : '';
    return { outcome, fault: this.#fault === null ? null : this.#fault + more };
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
