/**
 * An engine that could run a program, and the choice between several by measuring them.
 *
 * Says nothing of how an engine works. Invariant: of all runners that were opened exactly the chosen one
 * is left open.
 */
import { messageOf } from '../../shared/result.ts';
import type { ItemBatch, ItemRunner } from '../../shared/program.ts';
import type { Engine } from '../../shared/protocol/program.ts';
import type { EngineChoice, ProgramSource } from './api.ts';

/** A runner with the memory it holds. Whoever opened it closes it. */
export interface OpenRunner {
  readonly runner: ItemRunner;
  close(): Promise<void>;
}

export interface Candidate {
  readonly engine: Engine;
  /** As a person reads it: `WebGPU`, `WASM`, `the CPU reference`. */
  readonly label: string;
  /** Throws where this engine cannot run the program. */
  open(source: ProgramSource): Promise<OpenRunner>;
}

/** The engines worth trying, best guess first; `note` says why others are not among them. */
export interface Candidates {
  readonly list: readonly Candidate[];
  readonly note: string;
}

export type FindCandidates = (source: ProgramSource) => Promise<Candidates>;

export interface Chosen extends EngineChoice {
  readonly open: OpenRunner;
}

/** No engine could run the program; the message names each with its reason, `cause` is the last one. */
export class NoEngineError extends Error {
  override name = 'NoEngineError';
}

/** Timed runs end after this long: choosing must cost little beside a shard of about 5 s. */
const MEASURE_MS = 60;
/**
 * Browsers' clocks tick in steps of 0.1 ms, some in 1 ms: shorter runs are timed several together, or all would
 * take no time.
 */
const SHORTEST_TIMED_MS = 5;
/** A run that took this many times the best engine's is not repeated to be timed warm. */
const HOPELESS = 8;
/** Engines within this of the best are timed again in turns: what slowed one of them may have gone. */
const NEAR = 1.5;
const TURNS = 4;

export interface ChoiceOptions {
  readonly nowMs: () => number;
  /** Throws where nobody waits any more: that is no failure of an engine. */
  readonly alive?: () => void;
}

/**
 * Opens the candidates and keeps the fastest on the first rows of `batch`. With one candidate nothing is
 * measured. Throws `NoEngineError` where none can be opened and run, and what `alive` throws.
 */
export async function chooseEngine(
  candidates: Candidates,
  source: ProgramSource,
  batch: ItemBatch,
  { nowMs, alive = () => undefined }: ChoiceOptions,
): Promise<Chosen> {
  const measured = new Set<Measured>();
  const failures: string[] = [];
  let cause: unknown;
  const gaveUp = (candidate: Candidate, thrown: unknown): void => {
    alive();
    failures.push(`${candidate.label}: ${messageOf(thrown, 300)}`);
    cause = thrown;
  };
  const single = candidates.list.length === 1;
  try {
    for (const candidate of candidates.list) {
      alive();
      let open: OpenRunner | undefined;
      try {
        open = await candidate.open(source);
        const msPerItem = single
          ? 0
          : await timePerItem(open.runner, batch, nowMs, bestOf(measured));
        measured.add({ candidate, open, msPerItem });
      } catch (thrown) {
        await open?.close().catch(() => undefined);
        gaveUp(candidate, thrown);
      }
    }
    await timeInTurns(measured, batch, nowMs, async (one, thrown) => {
      measured.delete(one);
      await one.open.close().catch(() => undefined);
      gaveUp(one.candidate, thrown);
    });
  } catch (thrown) {
    for (const { open } of measured) await open.close().catch(() => undefined);
    throw thrown;
  }
  const [best, ...others] = [...measured].sort((a, b) => a.msPerItem - b.msPerItem);
  if (best === undefined) {
    const why = failures.join('; ') || candidates.note || 'no engine is available';
    throw new NoEngineError(why, { cause });
  }
  for (const loser of others) await loser.open.close().catch(() => undefined);
  const reason = reasonOf(best, others[0], failures, candidates.note);
  return { engine: best.candidate.engine, reason, open: best.open };
}

/** One candidate that ran. */
interface Measured {
  readonly candidate: Candidate;
  readonly open: OpenRunner;
  msPerItem: number;
}

/** The first run compiles and is not counted, unless it is hopeless already. */
async function timePerItem(
  runner: ItemRunner,
  batch: ItemBatch,
  nowMs: () => number,
  bestMs: number,
): Promise<number> {
  const coldMs = await timed(runner, batch, nowMs, 0);
  if (coldMs > bestMs * HOPELESS && coldMs > MEASURE_MS) return coldMs;
  const deadlineMs = nowMs() + MEASURE_MS;
  let warmMs = Infinity;
  do warmMs = Math.min(warmMs, await timed(runner, batch, nowMs, SHORTEST_TIMED_MS));
  while (nowMs() < deadlineMs);
  return warmMs;
}

const bestOf = (measured: ReadonlySet<Measured>): number =>
  Math.min(...Array.from(measured, ({ msPerItem }) => msPerItem));

/** Times the engines near the best once more, in turns. `gaveUp`: one failed, and is not asked again. */
async function timeInTurns(
  measured: ReadonlySet<Measured>,
  batch: ItemBatch,
  nowMs: () => number,
  gaveUp: (one: Measured, thrown: unknown) => Promise<void>,
): Promise<void> {
  const bestMs = bestOf(measured);
  const near = new Set([...measured].filter(({ msPerItem }) => msPerItem <= NEAR * bestMs));
  // Where one run is long, chance is little of it.
  if (near.size < 2 || bestMs * batch.items.length > MEASURE_MS) return;
  for (let turn = 0; turn < TURNS; turn++) {
    for (const one of near) {
      try {
        const ms = await timed(one.open.runner, batch, nowMs, SHORTEST_TIMED_MS);
        one.msPerItem = Math.min(one.msPerItem, ms);
      } catch (thrown) {
        near.delete(one);
        await gaveUp(one, thrown);
      }
    }
  }
}

/** Milliseconds an item, of as many runs as take `atLeastMs`. */
async function timed(
  runner: ItemRunner,
  batch: ItemBatch,
  nowMs: () => number,
  atLeastMs: number,
): Promise<number> {
  const end = Math.min(runner.itemsPerRun, batch.items.length);
  const startMs = nowMs();
  let runs = 0;
  let ms: number;
  do {
    await runner.run(batch, 0, end);
    runs += 1;
    ms = nowMs() - startMs;
  } while (ms < atLeastMs);
  return ms / (runs * end);
}

function reasonOf(
  best: Measured,
  second: Measured | undefined,
  failures: readonly string[],
  note: string,
): string {
  const label = best.candidate.label;
  if (second !== undefined) {
    const other = second.candidate.label;
    return `${label} takes ${figure(best.msPerItem)} ms an item here, ${other} ${figure(second.msPerItem)} ms.`;
  }
  if (failures.length > 0) return `${label}, because ${failures[0]!}.`;
  return note === '' ? `${label} is what this device has for this program.` : note;
}

const figure = (ms: number): string =>
  ms >= 100 ? ms.toFixed(0) : ms >= 1 ? ms.toFixed(1) : ms.toPrecision(2);
