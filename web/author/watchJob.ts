/**
 * A posted job as its author's page follows it: its state, how fast it goes, and the first items that settle.
 *
 * Interrupted by nothing that passes: the SDK reconnects. Ends with the job.
 */
import { IdlewaveError, type ItemResult, type Job } from '../../sdk/client.ts';
import type { JobView } from '../../shared/protocol/job.ts';
import { messageOf } from '../../shared/result.ts';

export interface JobNow {
  readonly view: JobView;
  /** Items accepted a second, oldest first, one for each look. */
  readonly rates: readonly number[];
  /** Until all is accepted, in seconds; null where nothing says it. */
  readonly secondsLeft: number | null;
}

export interface JobListener {
  tell(now: JobNow): void;
  /** Each item once, as it settles; the first `MAX_SHOWN_ITEMS` only. */
  tellItem(result: ItemResult): void;
  /** It cannot be followed any more. */
  tellProblem(problem: string): void;
}

export const MAX_SHOWN_ITEMS = 48;
const LOOK_MS = 1_000;
const MAX_RATES = 120;
/** A rate is told over so many looks: shards settle in bursts. */
const SMOOTHED_LOOKS = 5;

/** The result ends it. */
export function watchJob(job: Job, listener: JobListener): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const pace = new Pace();
  const look = (): void => {
    const { view } = job;
    pace.look(acceptedOf(view));
    listener.tell({ view, rates: pace.rates, secondsLeft: pace.secondsLeft(view) });
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  const over = (): void => clearInterval(timer);
  signal.addEventListener('abort', over);

  const failed = (thrown: unknown): void => {
    if (signal.aborted) return;
    over();
    listener.tellProblem(problemText(thrown));
  };
  const follow = async (): Promise<void> => {
    await job.done(signal);
    over();
    look();
  };
  const showItems = async (): Promise<void> => {
    let shown = 0;
    for await (const result of job.results({ signal })) {
      listener.tellItem(result);
      if ((shown += 1) >= MAX_SHOWN_ITEMS) return;
    }
  };
  follow().catch(failed);
  showItems().catch(failed);
  return () => stop.abort();
}

export const acceptedOf = ({ items }: JobView): number => items.settled + items.provisional;

/** In one line, for a person. */
export function problemText(thrown: unknown): string {
  if (!(thrown instanceof IdlewaveError)) return messageOf(thrown, 300);
  const { detail, expected, came, fix } = thrown.problem;
  const parts = [
    detail,
    expected === undefined ? undefined : `expected ${expected}`,
    came === undefined ? undefined : `came ${came}`,
    fix,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

/** How fast a count grows, by looks that are `LOOK_MS` apart. */
export class Pace {
  readonly #counts: number[] = [];
  #rates: readonly number[] = [];

  get rates(): readonly number[] {
    return this.#rates;
  }

  look(count: number): void {
    this.#counts.push(count);
    if (this.#counts.length > SMOOTHED_LOOKS + 1) this.#counts.shift();
    if (this.#counts.length < 2) return;
    const grown = count - this.#counts[0]!;
    const seconds = ((this.#counts.length - 1) * LOOK_MS) / 1_000;
    // What was accepted may be taken back: that is no speed.
    this.#rates = [...this.#rates, Math.max(0, grown / seconds)].slice(-MAX_RATES);
  }

  /** By the last minute, since a look may fall between two shards. */
  secondsLeft(view: JobView): number | null {
    const left = view.items.total - view.items.failed - acceptedOf(view);
    if (view.state !== 'running' || left <= 0) return null;
    const recent = this.#rates.slice(-60);
    const mean = recent.reduce((sum, rate) => sum + rate, 0) / Math.max(1, recent.length);
    return mean > 0 ? left / mean : null;
  }
}
