/**
 * A contributor's stream: what checks of its items say, on one program and for one version of our code.
 *
 * The unit of trust is the stream, not a message: items are checked at a rate, and what they show counts for
 * everything that the contributor computes there. Trust never crosses streams, so who is honest on one
 * program gains nothing on another. Invariant: no single report ejects, and no history lowers the rate of
 * checking to nothing.
 *
 * After Du et al. 2004 (sampling inside the work) and Wald's sequential test; see docs/verification.md.
 */
import type { JobProgram } from '../../shared/protocol/program.ts';
import { DEFAULT_SAMPLE_CHECKS, type Verification } from '../../shared/protocol/verification.ts';
import type { Job } from './state.ts';
import { assert, unreachable } from '../../shared/result.ts';

export interface Stream {
  /** Items whose value was held against another opinion. Never falls. */
  readonly checks: number;
  /** Of them, those found wrong by the referee. */
  readonly mismatches: number;
  /** `checks` when the last mismatch was found; 0 without one. */
  readonly lastMismatchAt: number;
  /** Of reports in which nothing was found wrong when they came, since the beginning or since probation began. */
  readonly items: number;
  /** Log-likelihood ratio of a cheater to honest hardware, never below 0: see `EJECTION_SCORE`. */
  readonly score: number;
  /**
   * Of the checks since the last mismatch, those that rest on the word of contributors that were ejected
   * since: they count no more.
   */
  readonly doubted: number;
  /** It was found to cheat: nothing more of this program is given to it. */
  readonly ejected: boolean;
}

export const NEW_STREAM: Stream = {
  checks: 0,
  mismatches: 0,
  lastMismatchAt: 0,
  items: 0,
  score: 0,
  doubted: 0,
  ejected: false,
};

/** Raised when the meaning of results changes: what was earned under older code counts no more. */
const CODE_VERSION = 1;

/** Names one model, or one kernel of one version: what distrust is about. */
export function programKeyOf(program: JobProgram): string {
  switch (program.kind) {
    case 'onnx':
      return `v${CODE_VERSION}/${program.model}`;
    case 'kernel':
      return `v${CODE_VERSION}/${program.kernel}`;
    case 'wgsl':
      return `v${CODE_VERSION}/${program.module}:${program.entryPoint}`;
    case 'staged':
      // Nobody runs all of it: what is trusted or not is a host's stage, an ONNX program of its own.
      return `v${CODE_VERSION}/${program.stages.join('+')}`;
    default:
      return unreachable(program satisfies never);
  }
}

/**
 * Names what a stream is about, and trust with it: a program, by the rule that its outputs are compared by, on items of
 * like work (within a factor of ten). So nobody earns trust with trivial items, or under a rule that accepts
 * everything, of jobs of its own.
 */
export function streamKeyOf({ program, acceptance, facts }: StreamedWork): string {
  const { kind, ...bounds } = acceptance;
  const rule = [kind, ...Object.values(bounds)].join(',');
  const decade = Math.floor(Math.log10(Math.max(facts.flopsPerItem, 1)));
  return `${programKeyOf(program)}/${rule}/1e${decade}`;
}

type StreamedWork = Pick<Job, 'program' | 'acceptance'> & {
  readonly facts: Pick<Job['facts'], 'flopsPerItem'>;
};

/** The program that a stream of this key is of. */
export const programOfStream = (key: string): string => key.split('/', 2).join('/');

/** Probes for an item of work in ordinary times: six overlaps and two ringers for 512 (reference: section 5). */
export const PROBE_RATE = 8 / 512;
/** And while the stream is new, or a mismatch was found lately. */
export const PROBATION_RATE = 32 / 512;
export const PROBATION_ITEMS = 10 * 512;
/**
 * The very first items of a name that costs nothing are checked at the ordinary rate: who computes nothing shows
 * there as well, and probes of a report that is thrown away were for nothing.
 */
export const FIRST_ITEMS = 512;
/** Items of every report that the referee computes too, whatever the probes say (reference: q_T). */
export const BLIND_RATE = 0.005;
/** Most that an assignment of so many items can carry: room for them is kept when a job is cut. */
export const mostProbes = (items: number): number => Math.ceil(items * PROBATION_RATE);

/** The most items that fit with their probes where `most` fit in all. */
export function itemsBesideProbes(most: number): number {
  const items = Math.floor(most / (1 + PROBATION_RATE));
  return items + 1 + mostProbes(items + 1) <= most ? items + 1 : items;
}

/**
 * How many probe items an assignment of `items` should carry: a rate of the stream, so that large items in
 * small assignments are checked like small ones in large ones. `fraction`, uniform in [0, 1), rounds.
 */
export const probesOf = (stream: Stream, items: number, fraction: number): number =>
  Math.floor(items * (isOnProbation(stream) ? PROBATION_RATE : PROBE_RATE) + fraction);

const isOnProbation = ({ items }: Stream): boolean =>
  items >= FIRST_ITEMS && items < PROBATION_ITEMS;

/** Checked closely again, from the next assignment on. A name that is new stays new: any other one would be. */
export const onProbation = (stream: Stream): Stream => ({
  ...stream,
  items: Math.min(stream.items, FIRST_ITEMS),
});

/**
 * A cheater of one item in each assignment of 512, and honest hardware with one in 10,000 assignments. The
 * test ejects an honest stream with probability 1e-6 and misses a cheater with 1e-2 (Wald): two reports found
 * wrong within some 2,300 checks. The floor at 0 keeps a long honest past from shielding a later betrayal.
 */
const CHEATER_RATE = 1 / 512;
const HONEST_RATE = 1e-4 / 512;
const EJECTION_SCORE = Math.log((1 - 1e-2) / 1e-6);
/** Of a report, however many of its items are wrong: one fault of the hardware may spoil them all. */
const MISMATCH_SCORE = Math.log(CHEATER_RATE / HONEST_RATE);
const CLEAN_SCORE = Math.log((1 - CHEATER_RATE) / (1 - HONEST_RATE));

/** Outcomes of checks of one report's items. */
export interface CheckOutcome {
  readonly clean: number;
  readonly mismatched: number;
}

/** Items of an earlier report were checked. */
export function afterChecks(stream: Stream, { clean, mismatched }: CheckOutcome): Stream {
  assert(clean >= 0 && mismatched >= 0, 'afterChecks: negative counts');
  const checks = stream.checks + clean + mismatched;
  const found = mismatched > 0;
  const score = Math.max(0, stream.score + clean * CLEAN_SCORE) + (found ? MISMATCH_SCORE : 0);
  const ejected = stream.ejected || score >= EJECTION_SCORE;
  const { items } = found ? onProbation(stream) : stream;
  return {
    checks,
    mismatches: stream.mismatches + mismatched,
    lastMismatchAt: found ? checks : stream.lastMismatchAt,
    items,
    score,
    doubted: found ? 0 : stream.doubted,
    ejected,
  };
}

/** A report of `items` came, and what it carried to be checked was checked. */
export function afterReport(stream: Stream, items: number, outcome: CheckOutcome): Stream {
  const checked = afterChecks(stream, outcome);
  return outcome.mismatched > 0 ? checked : { ...checked, items: checked.items + items };
}

/**
 * Those who agreed with so many of its items were found to cheat: what they said is worth nothing, and what the
 * sequential test forgot on their word it remembers.
 */
export function afterDoubt(stream: Stream, checks: number): Stream {
  const clean = stream.checks - stream.lastMismatchAt;
  const doubted = Math.min(stream.doubted + checks, clean);
  const score = stream.score === 0 ? 0 : stream.score - (doubted - stream.doubted) * CLEAN_SCORE;
  return { ...stream, doubted, score };
}

/**
 * Items that the referee samples of a contributor's provisional results after one of its reports was found
 * wrong: if one item in 20 is wrong there, it finds the second report that ejects with a probability of 96 %.
 */
const TRIAGE_CHECKS = 64;

/** Checks that are missing before it is clear whether a mismatch was a fault or a habit; mostly 0. */
export const triageMissing = ({ checks, mismatches, lastMismatchAt, ejected }: Stream): number =>
  mismatches === 0 || ejected ? 0 : Math.max(0, TRIAGE_CHECKS - (checks - lastMismatchAt));

/**
 * Clean checks of a stream before its results are final: they exclude, with 99 %, that more than one item in
 * 220 is wrong (m = ln 100 / rate).
 */
export const GATE_CHECKS = DEFAULT_SAMPLE_CHECKS;

/**
 * And in large jobs, whose own checks bring everybody through: contributors that compute 200 assignments of 512
 * items do. Where a fifth are saboteurs of one item in 512, 1.6e-5 of all items get through instead of 1.6e-4.
 */
export const LARGE_JOB_CHECKS = 3_328;

/** Clean checks that a job wants of a contributor before its results are final; none where it is not sampled. */
export function gateOf(verification: Verification): number {
  switch (verification.kind) {
    case 'sampled':
      return verification.checks ?? GATE_CHECKS;
    case 'stages':
      return verification.checks;
    case 'quorum':
    case 'algebraic':
      return 0;
    default:
      return unreachable(verification satisfies never);
  }
}

/**
 * And after a report came, so that what is found a little later still voids it. A stream that skips a tenth
 * of its items and has a fifth of its checkers for friends passes them with probability 2e-5.
 */
export const LATER_CHECKS = 128;

/** In a row, since the last mismatch, and undoubted. */
export const cleanChecks = ({ checks, lastMismatchAt, doubted }: Stream): number =>
  checks - lastMismatchAt - doubted;

/** Clean checks after which the sequential test has forgotten a mismatch: some 4,700. */
export const FORGETTING_CHECKS = Math.ceil(MISMATCH_SCORE / -CLEAN_SCORE);

/**
 * Clean checks that are missing before a result reported at `checksThen` is final; 0 where none is. After a
 * mismatch the test must have forgotten it, too: before, it may have been a habit as well as a fault.
 */
export function checksMissing(stream: Stream, checksThen: number, gate = GATE_CHECKS): number {
  const undecided = Math.ceil(stream.score / -CLEAN_SCORE);
  return Math.max(undecided, gateMissing(stream, checksThen, gate, LATER_CHECKS));
}

/** The gate alone. */
export function gateMissing(
  stream: Stream,
  checksThen: number,
  gate: number,
  laterChecks: number,
): number {
  const later = stream.checks - Math.max(checksThen, stream.lastMismatchAt);
  return Math.max(0, gate - cleanChecks(stream), laterChecks - later);
}

/** It has come through the gate and was not found wrong since: honest noise is learned from such streams only. */
export const isAged = (stream: Stream): boolean =>
  !stream.ejected && cleanChecks(stream) >= GATE_CHECKS;

/** Streams that are remembered of one contributor. */
const MAX_STREAMS = 64;

/** Of one contributor, the one used last at the end. */
export type Streams = readonly { readonly key: string; readonly stream: Stream }[];

export const streamOf = (streams: Streams, key: string): Stream =>
  streams.find((it) => it.key === key)?.stream ?? NEW_STREAM;

/** With one stream replaced. Of too many the longest unused is forgotten, ejected ones last. */
export function withStream(streams: Streams, key: string, stream: Stream): Streams {
  const others = streams.filter((it) => it.key !== key);
  if (others.length >= MAX_STREAMS) {
    const oldest = others.findIndex((it) => !it.stream.ejected);
    others.splice(Math.max(oldest, 0), 1);
  }
  return [...others, { key, stream }];
}
