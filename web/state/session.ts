/**
 * What one session of a tab came to, from a start to the next: time, items, for whom, and its credit on the way from
 * computed to credited.
 *
 * Invariant: what waits is of pieces that were computed here and that the coordinator has neither judged nor revoked.
 */
import type { HostEvent } from '../volunteer/events.ts';
import type { LifecycleState } from '../volunteer/lifecycle.ts';

export interface SessionJob {
  readonly job: string;
  readonly name: string;
  readonly author: string;
  readonly items: number;
}

export interface Session {
  /** Time in which it computed. */
  readonly computedMs: number;
  /** Of whole pieces: what was given back half done is nobody's. */
  readonly items: number;
  readonly pieces: number;
  /** What was judged right and credited. */
  readonly creditedMicroCredits: bigint;
  readonly credited: number;
  /** Pieces that were judged and not accepted. */
  readonly refused: number;
  /** Pieces that nobody has judged yet, and about what they are worth. */
  readonly waiting: number;
  readonly waitingMicroCredits: bigint;
  /** The one with most items first. */
  readonly jobs: readonly SessionJob[];
  /** Jobs beyond those that are remembered by name. */
  readonly moreJobs: number;
}

export const NO_SESSION: Session = {
  computedMs: 0,
  items: 0,
  pieces: 0,
  creditedMicroCredits: 0n,
  credited: 0,
  refused: 0,
  waiting: 0,
  waitingMicroCredits: 0n,
  jobs: [],
  moreJobs: 0,
};

/** Jobs told by name; a page that stays open for days sees more. */
const MAX_NAMED_JOBS = 20;
/** Pieces that wait; the oldest are forgotten first, as if they had come to nothing. */
const MAX_WAITING = 4096;

export class SessionTally {
  #session = NO_SESSION;
  readonly #waiting = new Map<string, bigint>();
  #worth = 0n;
  #otherJobs = new Set<string>();
  #isOff = true;
  /** Since when it computes; null while it does not. */
  #sinceMs: number | null = null;

  take(event: HostEvent, nowMs: number): Session {
    switch (event.type) {
      case 'state':
        this.#turn(event.state.kind, nowMs);
        break;
      case 'computed':
        this.#computed(event);
        break;
      case 'settled': {
        this.#forget([event.assignment]);
        const { creditedMicroCredits: before, credited, refused } = this.#session;
        if (event.verdict === 'disagree') this.#become({ refused: refused + 1 });
        else if (event.microCredits > 0n)
          this.#become({
            credited: credited + 1,
            creditedMicroCredits: before + event.microCredits,
          });
        break;
      }
      case 'revoked':
        this.#forget(event.assignments);
        break;
      case 'welcomed':
      case 'fetching':
      case 'computing':
      case 'progress':
      case 'routes':
      case 'chunks':
      case 'problem':
        break;
      default:
        event satisfies never;
    }
    return this.#session;
  }

  #turn(kind: LifecycleState['kind'], nowMs: number): void {
    const isOff = kind === 'idle' || kind === 'stopped';
    if (this.#isOff && !isOff) {
      this.#session = NO_SESSION;
      this.#waiting.clear();
      this.#worth = 0n;
      this.#otherJobs = new Set();
    }
    this.#isOff = isOff;
    const computes = kind === 'working' || kind === 'handing-over';
    if (this.#sinceMs !== null) {
      this.#become({ computedMs: this.#session.computedMs + nowMs - this.#sinceMs });
    }
    this.#sinceMs = computes ? nowMs : null;
  }

  #computed(event: Extract<HostEvent, { type: 'computed' }>): void {
    // After a lost device the same piece is computed again.
    this.#forget([event.assignment]);
    this.#waiting.set(event.assignment, event.worthMicroCredits);
    this.#worth += event.worthMicroCredits;
    if (this.#waiting.size > MAX_WAITING) {
      const [oldest] = this.#waiting.keys();
      this.#forget([oldest!]);
    }
    const others = this.#session.jobs.filter(({ job }) => job !== event.job);
    const before = this.#session.jobs.find(({ job }) => job === event.job);
    const { job, jobName: name, author } = event;
    const items = (before?.items ?? 0) + event.items;
    const isNamed = before !== undefined || others.length < MAX_NAMED_JOBS;
    if (!isNamed) this.#otherJobs.add(job);
    const jobs = isNamed ? [...others, { job, name, author, items }] : others;
    this.#become({
      items: this.#session.items + event.items,
      pieces: this.#session.pieces + 1,
      jobs: [...jobs].sort((a, b) => b.items - a.items),
      moreJobs: this.#otherJobs.size,
    });
    this.#weigh();
  }

  #forget(assignments: readonly string[]): void {
    for (const id of assignments) {
      this.#worth -= this.#waiting.get(id) ?? 0n;
      this.#waiting.delete(id);
    }
    this.#weigh();
  }

  #weigh(): void {
    this.#become({ waiting: this.#waiting.size, waitingMicroCredits: this.#worth });
  }

  #become(change: Partial<Session>): void {
    this.#session = { ...this.#session, ...change };
  }
}
