/**
 * The tail of a job: what a slow device still computes is given to a fast one besides, where that ends it sooner.
 *
 * Who commits first keeps the shard (`step.ts`): nobody is paid twice, and who was told what to open must show it, as ever.
 * The price: a host that commits and shows nothing costs the shard its lease, and the slow host its pay.
 */

/** How far a lease has come. */
export interface Underway {
  readonly elapsedMs: number;
  readonly items: number;
  /** By its host's word. */
  readonly itemsDone: number;
}

/** A wait that nobody would notice is not worth a second device's power. */
const LEAST_LEFT_MS = 1_000;
/** What is said of a device's speed may be wrong by so much. */
const TIMES_SOONER = 2;

/** What a lease is expected to last yet. Of what shows no progress it is only known that it took so long already. */
export const leftMs = ({ elapsedMs, items, itemsDone }: Underway): number =>
  itemsDone > 0 ? (elapsedMs * (items - itemsDone)) / itemsDone : elapsedMs;

/** `ownMs`: what the copy would take. */
export const isWorthCopying = (left: number, ownMs: number): boolean =>
  left >= LEAST_LEFT_MS && left > TIMES_SOONER * ownMs;

/** A slow device's last shard holds its job up so long at most, where a fast one is there to copy it. */
export const longestTailMs = (slowMs: number, fastMs: number): number =>
  Math.min(slowMs, Math.max(LEAST_LEFT_MS, TIMES_SOONER * fastMs) + fastMs);
