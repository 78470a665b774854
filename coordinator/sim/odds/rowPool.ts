/**
 * Opinions that probes can be held against, as `engine/probePool.ts` draws them, with rows counted instead of
 * stored: of a report it is enough to know how many rows were not drawn yet and how many of them are wrong.
 */
import { DRAWS, MAX_RINGERS, MOST_TRIES, RINGERS_PER_PROBES } from '../../engine/probePool.ts';
import type { QuickRng } from './quickRng.ts';
import type { Identity } from './slots.ts';

/** A report that was accepted. */
export interface Source<T extends Identity> {
  readonly owner: T;
  state: 'provisional' | 'final' | 'void';
  /** Rows that were not drawn yet, and the wrong ones among them. */
  left: number;
  wrongLeft: number;
  /** Its place in the pool. */
  at: number;
}

export interface Drawn<S> {
  readonly source: S;
  /** The source's value of this row is wrong. */
  readonly wrong: boolean;
}

interface Ringer<S> extends Drawn<S> {
  /** Numbers of the identities that have had it. */
  readonly seen: number[];
}

export class RowPool<T extends Identity, S extends Source<T>> {
  readonly #rng: QuickRng;
  readonly #sources: S[] = [];
  readonly #ringers: Ringer<S>[] = [];

  constructor(rng: QuickRng) {
    this.#rng = rng;
  }

  get size(): number {
    return this.#sources.length;
  }

  add(source: S): void {
    source.at = this.#sources.length;
    this.#sources.push(source);
  }

  /** It is final or void now. Ringers of void reports go when they are drawn. */
  remove(source: S): void {
    const last = this.#sources.pop()!;
    if (last === source) return;
    this.#sources[source.at] = last;
    last.at = source.at;
  }

  confirm({ source, wrong }: Drawn<S>, checker: T): void {
    const ringer = { source, wrong, seen: [checker.number, source.owner.number] };
    if (this.#ringers.length < MAX_RINGERS) this.#ringers.push(ringer);
    else this.#ringers[this.#rng.below(MAX_RINGERS)] = ringer;
  }

  choose(asker: T, count: number): Drawn<S>[] {
    const chosen: Drawn<S>[] = [];
    const wantedRingers = Math.floor(count / RINGERS_PER_PROBES);
    for (let i = 0; i < wantedRingers; i++) {
      const ringer = this.#drawRinger(asker);
      if (ringer !== null) chosen.push(ringer);
    }
    for (let tries = 2 * count; chosen.length < count && tries > 0; tries--) {
      const source = this.#drawSource(asker);
      if (source !== null) chosen.push({ source, wrong: this.takeRow(source) });
    }
    return chosen;
  }

  /** Is the next row, at random among those left, wrong? */
  takeRow(source: S): boolean {
    const wrong = source.wrongLeft > 0 && this.#rng.chance(source.wrongLeft / source.left);
    source.left -= 1;
    if (wrong) source.wrongLeft -= 1;
    return wrong;
  }

  #drawRinger({ number }: T): Ringer<S> | null {
    for (let tries = 0; tries < MOST_TRIES && this.#ringers.length > 0; tries++) {
      const at = this.#rng.below(this.#ringers.length);
      const ringer = this.#ringers[at]!;
      if (ringer.source.state === 'void') {
        this.#ringers[at] = this.#ringers.at(-1)!;
        this.#ringers.pop();
      } else if (!ringer.seen.includes(number)) {
        ringer.seen.push(number);
        return ringer;
      }
    }
    return null;
  }

  #drawSource(asker: T): S | null {
    let most: S | null = null;
    for (let draw = 0; draw < DRAWS && this.#sources.length > 0; draw++) {
      const source = this.#sources[this.#rng.below(this.#sources.length)]!;
      if (source.owner === asker) continue;
      if (most === null || source.left > most.left) most = source;
    }
    return most === null || most.left === 0 ? null : most;
  }
}
