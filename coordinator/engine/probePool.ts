/**
 * Opinions of one job that a probe can be held against: rows of reports that were accepted.
 *
 * An index in memory over committed records, rebuilt at start; it decides only which rows, never what they
 * mean. Invariant: a probe never comes from the host's own contributor or cohort, and nobody but the
 * coordinator's secret randomness chooses it.
 */
import type { ContributorId, RandomBytes, ShardId } from '../../shared/ids.ts';
import type { Capabilities } from '../../shared/protocol/link.ts';
import { gpuClassOf } from '../core/engineClass.ts';
import type { Probe } from '../core/state.ts';
import type { AcceptedOutput } from './sampleCheck.ts';

/** An accepted report: the rows of one shard and whose they are. */
export interface Source {
  readonly shard: ShardId;
  readonly contributor: ContributorId;
  readonly cohort: string;
  readonly engineClass: string;
  /** Item indices in the shard's own order. */
  readonly items: readonly number[];
}

interface OpenSource extends Source {
  /** Rows that were given out as probes already, or checked. */
  readonly taken: Set<number>;
  /** Rows on which another opinion agreed. */
  readonly checked: Set<number>;
}

/** A row on which two unrelated contributors agreed, and the cohorts that have had it. */
interface Ringer extends Probe {
  /** Whose word it rests on, besides the report it is of. */
  readonly by: ContributorId;
  readonly cohorts: Set<string>;
}

export interface Asker {
  readonly contributor: ContributorId;
  readonly cohort: string;
  readonly capabilities: Capabilities;
}

/** Of eight probes, two are of a known answer: colluders cannot agree about those. */
export const RINGERS_PER_PROBES = 4;
/** Known answers that are kept: enough that none comes twice to a cohort for a long time. */
export const MAX_RINGERS = 512;
/** The least checked of a few that are drawn: every report gets its share, none can be foreseen. */
export const DRAWS = 3;
/** Draws of a row before the probe is left out. */
export const MOST_TRIES = 8;

export class ProbePool {
  readonly #random: RandomBytes;
  /** An array beside the index: drawing must be quick with thousands of shards. */
  readonly #sources: OpenSource[] = [];
  readonly #at = new Map<ShardId, number>();
  readonly #sourcesOf = new Map<ContributorId, number>();
  readonly #ringers: Ringer[] = [];
  /** Of the shards that are final. */
  readonly #finalOutputs = new Map<ShardId, AcceptedOutput>();

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** Of the reports that are here. */
  get contributors(): Iterable<ContributorId> {
    return this.#sourcesOf.keys();
  }

  /** Of a shard that is final; null for others. */
  finalOutput(shard: ShardId): AcceptedOutput | null {
    return this.#finalOutputs.get(shard) ?? null;
  }

  /** The shard's report was accepted. */
  add(source: Source): void {
    if (this.#at.has(source.shard)) return;
    this.#at.set(source.shard, this.#sources.length);
    this.#sources.push({ ...source, taken: new Set(), checked: new Set() });
    const { contributor } = source;
    this.#sourcesOf.set(contributor, (this.#sourcesOf.get(contributor) ?? 0) + 1);
  }

  /** The shard is final: its rows need no more checks. What is known of it stays useful. */
  settle(shard: ShardId, output: AcceptedOutput): void {
    this.#remove(shard);
    this.#finalOutputs.set(shard, output);
  }

  /** The shard's report was found wrong: nothing of it is known any more. */
  void(shard: ShardId): void {
    this.#remove(shard);
    this.#forgetRingers((ringer) => ringer.shard === shard);
  }

  /** The contributor was found to cheat: what is known on its word is not known any more. */
  doubt(contributor: ContributorId): void {
    this.#forgetRingers(({ by }) => by === contributor);
  }

  /** The row was confirmed by an unrelated contributor, or by the referee. */
  confirm(probe: Probe, by: ContributorId, cohorts: readonly string[]): void {
    const ringer = { ...probe, by, cohorts: new Set(cohorts) };
    if (this.#ringers.length < MAX_RINGERS) this.#ringers.push(ringer);
    else this.#ringers[this.#below(MAX_RINGERS)] = ringer;
  }

  /** Up to `count` probes for an assignment of this host, all of different items. */
  choose(asker: Asker, count: number): Probe[] {
    const chosen = new Map<number, Probe>();
    const wantedRingers = Math.floor(count / RINGERS_PER_PROBES);
    for (let i = 0; i < wantedRingers; i++) {
      const ringer = this.#drawRinger(asker);
      if (ringer === null || chosen.has(ringer.item)) continue;
      ringer.cohorts.add(asker.cohort);
      chosen.set(ringer.item, { item: ringer.item, shard: ringer.shard, row: ringer.row });
    }
    // Some draws find nothing new: tries are bounded, and fewer probes are given then.
    for (let tries = 2 * count; chosen.size < count && tries > 0; tries--) {
      const probe = this.#drawRow(asker);
      if (probe !== null && !chosen.has(probe.item)) chosen.set(probe.item, probe);
    }
    return [...chosen.values()];
  }

  /** The assignment that carried them ended without a report: others may have them. */
  release(probes: readonly Probe[]): void {
    for (const { shard, row } of probes) {
      const source = this.#sourceOf(shard);
      if (source?.checked.has(row) === false) source.taken.delete(row);
    }
  }

  /** Another opinion agreed on these rows. */
  check(probes: readonly Probe[]): void {
    for (const { shard, row } of probes) {
      const source = this.#sourceOf(shard);
      source?.taken.add(row);
      source?.checked.add(row);
    }
  }

  /** Rows of the shard on which another opinion agreed, since the coordinator started. */
  checkedItems(shard: ShardId): number {
    return this.#sourceOf(shard)?.checked.size ?? 0;
  }

  /** No row of the shard is left to check. */
  isWhollyChecked(shard: ShardId): boolean {
    const source = this.#sourceOf(shard);
    return source !== undefined && source.checked.size === source.items.length;
  }

  /** Up to `count` rows, not checked before, of one of these shards: for the referee. */
  chooseFrom(shards: readonly ShardId[], count: number): Probe[] {
    const source = this.#sourceOf(shards[this.#below(shards.length)]!);
    if (source === undefined) return [];
    const { shard, items, checked } = source;
    const left = items.flatMap((item, row) => (checked.has(row) ? [] : [{ item, shard, row }]));
    // A partial shuffle (Fisher and Yates): the first `count` are drawn.
    const drawn = Math.min(count, left.length);
    for (let i = 0; i < drawn; i++) {
      const j = i + this.#below(left.length - i);
      [left[i], left[j]] = [left[j]!, left[i]!];
    }
    return left.slice(0, drawn);
  }

  #sourceOf(shard: ShardId): OpenSource | undefined {
    const at = this.#at.get(shard);
    return at === undefined ? undefined : this.#sources[at];
  }

  #forgetRingers(isDoubtful: (ringer: Ringer) => boolean): void {
    for (let i = this.#ringers.length - 1; i >= 0; i--) {
      if (isDoubtful(this.#ringers[i]!)) this.#ringers.splice(i, 1);
    }
  }

  #remove(shard: ShardId): void {
    const at = this.#at.get(shard);
    if (at === undefined) return;
    const { contributor } = this.#sources[at]!;
    const left = this.#sourcesOf.get(contributor)! - 1;
    if (left === 0) this.#sourcesOf.delete(contributor);
    else this.#sourcesOf.set(contributor, left);
    const last = this.#sources.pop()!;
    this.#at.delete(shard);
    if (last.shard === shard) return;
    this.#sources[at] = last;
    this.#at.set(last.shard, at);
  }

  #drawRinger({ cohort }: Asker): Ringer | null {
    for (let tries = 0; tries < MOST_TRIES && this.#ringers.length > 0; tries++) {
      const ringer = this.#ringers[this.#below(this.#ringers.length)]!;
      if (!ringer.cohorts.has(cohort)) return ringer;
    }
    return null;
  }

  /**
   * Of the asker's own GPU class only where nothing else is drawn: what its driver gets wrong, that class gets
   * wrong together.
   */
  #drawRow({ contributor, cohort, capabilities }: Asker): Probe | null {
    const own = gpuClassOf(capabilities);
    const isAlike = ({ engineClass }: Source): boolean => engineClass === own;
    let least: OpenSource | null = null;
    for (let draw = 0; draw < DRAWS && this.#sources.length > 0; draw++) {
      const source = this.#sources[this.#below(this.#sources.length)]!;
      if (source.contributor === contributor || source.cohort === cohort) continue;
      const isBetter =
        least === null || isAlike(source) === isAlike(least)
          ? source.taken.size < (least?.taken.size ?? Infinity)
          : isAlike(least);
      if (isBetter) least = source;
    }
    return least === null ? null : this.#takeRow(least);
  }

  #takeRow(source: OpenSource): Probe | null {
    if (source.taken.size >= source.items.length) return null;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const row = this.#below(source.items.length);
      if (source.taken.has(row)) continue;
      source.taken.add(row);
      return { item: source.items[row]!, shard: source.shard, row };
    }
    return null;
  }

  #below(limit: number): number {
    const bytes = this.#random(4);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % limit;
  }
}
