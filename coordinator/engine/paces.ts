/**
 * How fast hosts computed what they were given, by their own word: for who helps whom at the end of a job, and for what an
 * author is told of a job before it is posted. Never for credit.
 */
import { MAX_PACED_PROGRAMS } from '../../shared/limits.ts';
import type { MsPerItem } from '../core/expectedTime.ts';
import type { Job } from '../core/state.ts';
import { programKeyOf } from '../core/stream.ts';
import type { ConnectedHost } from './hosts.ts';
import { Speeds } from './speeds.ts';

/** A device is as fast as it was for so long: a slow one reports seldom. */
const HOLDS_MS = 30 * 60_000;
/** A host that has reported nothing of a program may still be loading it, over a line of 2 Mbit/s. */
const SLOW_LINE_BYTES_PER_MS = 250;

type Paced = Pick<Job, 'program' | 'facts'>;

export class Paces {
  /** Over all programs, in times as fast as the referee. */
  readonly speeds: Speeds;
  readonly #now: () => number;
  /** Over all programs, in FLOPs a millisecond. */
  readonly #flops: Speeds;
  /** Of one program, in times as fast as the referee; those reported last come last. */
  readonly #ofProgram = new Map<string, Speeds>();
  /** Keys of the programs of which a host has reported something. */
  readonly #loaded = new WeakMap<ConnectedHost, Set<string>>();

  constructor(now: () => number) {
    this.#now = now;
    this.speeds = new Speeds(now, HOLDS_MS);
    this.#flops = new Speeds(now, HOLDS_MS);
  }

  /** The host reported so many items of the job, which took it so long. */
  note(host: ConnectedHost, { facts, program }: Paced, items: number, ms: number): void {
    const key = programKeyOf(program);
    const loaded = this.#loaded.get(host) ?? new Set();
    this.#loaded.set(host, loaded.add(key));
    const refereeMs = items * facts.refereeMsPerItem;
    this.speeds.note(host, refereeMs, ms);
    this.#flops.note(host, items * facts.flopsPerItem, ms);
    const own = this.#ofProgram.get(key) ?? new Speeds(this.#now, HOLDS_MS);
    this.#ofProgram.delete(key);
    this.#ofProgram.set(key, own);
    own.note(host, refereeMs, ms);
    if (this.#ofProgram.size > MAX_PACED_PROGRAMS)
      this.#ofProgram.delete(this.#ofProgram.keys().next().value!);
  }

  /** What an item of the job takes the host, by what it showed of this program, else of others; null where of none. */
  of(host: ConnectedHost, { program, facts }: Paced): MsPerItem | null {
    const { refereeMsPerItem, flopsPerItem } = facts;
    const own = this.#ofProgram.get(programKeyOf(program))?.of(host) ?? null;
    if (own !== null) {
      const ms = refereeMsPerItem / own;
      return { from: 'program', low: ms, high: ms };
    }
    const speed = this.speeds.of(host);
    if (speed === null) return null;
    const flops = this.#flops.of(host);
    const guesses = [refereeMsPerItem / speed, ...(flops === null ? [] : [flopsPerItem / flops])];
    return { from: 'others', low: Math.min(...guesses), high: Math.max(...guesses) };
  }

  /** Loading the program takes the host at most; nothing where it has reported some of it. */
  loadMs(host: ConnectedHost | undefined, { program, facts }: Paced): number {
    const hasLoaded = host !== undefined && this.#loaded.get(host)?.has(programKeyOf(program));
    return hasLoaded === true ? 0 : facts.programBytes / SLOW_LINE_BYTES_PER_MS;
  }
}
