/**
 * The calibrations of all programs, in memory: the rule by which two engine classes are compared, and what is learned
 * from comparisons.
 *
 * An index over committed records; what follows from a comparison is `core/calibration.ts`'s. Invariant: every change
 * goes through a tick.
 */
import type { Acceptance } from '../../shared/acceptance.ts';
import { digestOf } from '../../shared/digest.ts';
import type { JobProgram } from '../../shared/protocol/program.ts';
import {
  afterComparisons,
  afterLoosening,
  newCalibration,
  ruleBy,
  sortedPair,
  type Calibration,
  type HonestComparisons,
} from '../core/calibration.ts';
import type { Job } from '../core/state.ts';
import { programKeyOf } from '../core/stream.ts';
import type { Tick } from './tick.ts';

/** Something an operator should hear of. */
export type Notice = (event: string, fields: Record<string, unknown>) => void;

/** Pairs of classes of one program: each host names its own adapter, and memory must stay bounded. */
const MAX_PAIRS_PER_PROGRAM = 256;

export class Calibrations {
  readonly #notice: Notice;
  readonly #byProgram = new Map<string, Map<string, Calibration>>();
  readonly #keys = new WeakMap<JobProgram, string>();

  constructor(notice: Notice) {
    this.#notice = notice;
  }

  /** Records of the store, at start. */
  takeUp(records: readonly Calibration[]): void {
    for (const record of records) this.#keep(record);
  }

  /** How two reports of these classes are compared; the order does not matter. */
  ruleFor(job: Job, a: string, b: string): Acceptance {
    const pairs = this.#byProgram.get(this.#keyOf(job.program));
    return ruleBy(pairs?.get(pairKey(sortedPair(a, b))), job.acceptance, job.facts.outputs);
  }

  learn(tick: Tick, job: Job, a: string, b: string, comparisons: HonestComparisons): void {
    // Equal bytes are demanded: there is nothing to learn.
    if (job.acceptance.kind === 'exact') return;
    const program = this.#keyOf(job.program);
    const classes = sortedPair(a, b);
    const pairs = this.#byProgram.get(program);
    const known = pairs?.get(pairKey(classes));
    if (known === undefined && (pairs?.size ?? 0) >= MAX_PAIRS_PER_PROGRAM) return;
    const before = known ?? newCalibration(program, classes);
    const after = afterComparisons(before, comparisons);
    this.#put(tick, after);
    const wanted = wantedOf(after);
    if (wanted === null || wantedOf(before) !== null) return;
    tick.afterCommit(() => this.#notice('calibration-alarm', { program, classes, wanted }));
  }

  /** An operator accepts what the pair wants. False where nothing is wanted. */
  accept(tick: Tick, program: string, a: string, b: string): boolean {
    const known = this.#byProgram.get(program)?.get(pairKey(sortedPair(a, b)));
    if (known === undefined || wantedOf(known) === null) return false;
    const { classes } = known;
    this.#put(tick, afterLoosening(known));
    tick.afterCommit(() => this.#notice('calibration-accepted', { program, classes }));
    return true;
  }

  all(): Calibration[] {
    return [...this.#byProgram.values()].flatMap((pairs) => [...pairs.values()]);
  }

  /** Pairs whose noise grew beyond what may be granted. */
  get alarms(): number {
    return this.all().filter((it) => wantedOf(it) !== null).length;
  }

  #put(tick: Tick, record: Calibration): void {
    this.#keep(record);
    tick.putCalibration(record);
  }

  #keep(record: Calibration): void {
    const pairs = this.#byProgram.get(record.program) ?? new Map<string, Calibration>();
    this.#byProgram.set(record.program, pairs.set(pairKey(record.classes), record));
  }

  #keyOf(program: JobProgram): string {
    const known = this.#keys.get(program) ?? calibratedAs(program);
    this.#keys.set(program, known);
    return known;
  }
}

const wantedOf = ({ state }: Calibration) => (state.kind === 'established' ? state.wanted : null);

const pairKey = ([a, b]: readonly [string, string]): string => JSON.stringify([a, b]);

/**
 * A kernel rounds by its parameters: sums of a thousand terms are further apart than sums of ten. A model rounds by how
 * many items it takes in one run: other shapes are computed in another order.
 */
function calibratedAs(program: JobProgram): string {
  const key = programKeyOf(program);
  if (program.kind === 'onnx' && program.itemsPerRun > 1) return `${key}/x${program.itemsPerRun}`;
  if (program.kind !== 'kernel') return key;
  return `${key}/${digestOf(new TextEncoder().encode(JSON.stringify(program.params))).slice(0, 16)}`;
}
