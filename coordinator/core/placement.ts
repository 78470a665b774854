/**
 * Which host runs which stage of a model: stages in a row on each, so that the slowest of them has least to do.
 *
 * Pure, and exhaustive: there are at most 2^15 ways to part 16 stages into rows.
 */
import { assert } from '../../shared/result.ts';

/** What a stage asks of its host, for one item. */
export interface StageLoad {
  readonly flops: number;
  readonly memoryBytes: number;
}

/** A host that could have a place. */
export interface Seat<Host> {
  readonly host: Host;
  readonly memoryBytes: number;
  /** Measured on earlier work, in FLOP a millisecond; null where nothing was. */
  readonly speed: number | null;
}

/** The stages `[first, last]` of one host. */
export interface Place<Host> {
  readonly host: Host;
  readonly first: number;
  readonly last: number;
}

/** The places of a route in the order of the stages. */
export interface Placement<Host> {
  readonly places: readonly Place<Host>[];
  /** Time of the slowest host for one item: what the route's rate is bound by. Comparable among the same seats. */
  readonly slowest: number;
}

/**
 * The placement with the least time of its slowest host, and of equal ones that with the fewest hosts. Null where the
 * stages do not fit. A host whose speed is unknown counts as the median one.
 */
export function placeStages<Host>(
  stages: readonly StageLoad[],
  seats: readonly Seat<Host>[],
): Placement<Host> | null {
  assert(stages.length > 0, 'placeStages: no stages');
  const ranked = rankedSeats(seats).slice(0, stages.length);
  let best: Placement<Host> | null = null;
  for (const rows of partitions(stages.length, ranked.length)) {
    const seated = seatRows(stages, rows, ranked);
    if (seated === null) continue;
    const isBetter =
      best === null ||
      seated.slowest < best.slowest ||
      (seated.slowest === best.slowest && seated.places.length < best.places.length);
    if (isBetter) best = seated;
  }
  return best;
}

/** Time of the slowest host of places that are taken, among the same seats as a placement that they are compared with. */
export function slowestOf<Host>(
  stages: readonly StageLoad[],
  places: readonly Place<Host>[],
  seats: readonly Seat<Host>[],
): number {
  const ranked = rankedSeats(seats);
  return Math.max(
    ...places.map(({ host, first, last }) => {
      const seat = ranked.find((it) => it.host === host);
      assert(seat !== undefined, 'slowestOf: a host without a seat');
      return stages.slice(first, last + 1).reduce((sum, { flops }) => sum + flops, 0) / seat.speed;
    }),
  );
}

type Row = readonly [first: number, last: number];
interface RankedSeat<Host> extends Seat<Host> {
  readonly speed: number;
}

/** The fastest first. */
function rankedSeats<Host>(seats: readonly Seat<Host>[]): RankedSeat<Host>[] {
  const known = seats.flatMap(({ speed }) => (speed === null ? [] : [speed])).sort((a, b) => a - b);
  const median = known[Math.floor(known.length / 2)] ?? 1;
  return seats
    .map((seat) => ({ ...seat, speed: seat.speed ?? median }))
    .sort((a, b) => b.speed - a.speed);
}

/** All ways to part `[0, count)` into at most `most` rows. */
function* partitions(count: number, most: number, first = 0): Generator<Row[]> {
  if (first === count) yield [];
  if (first === count || most === 0) return;
  for (let last = first; last < count; last++) {
    for (const rest of partitions(count, most - 1, last + 1)) yield [[first, last], ...rest];
  }
}

/** The heaviest row to the fastest seat that has the memory. */
function seatRows<Host>(
  stages: readonly StageLoad[],
  rows: readonly Row[],
  ranked: readonly RankedSeat<Host>[],
): Placement<Host> | null {
  const loads = rows.map(([first, last]) => {
    const those = stages.slice(first, last + 1);
    const flops = those.reduce((sum, stage) => sum + stage.flops, 0);
    const memoryBytes = those.reduce((sum, stage) => sum + stage.memoryBytes, 0);
    return { first, last, flops, memoryBytes };
  });
  const free = [...ranked];
  const places: Place<Host>[] = [];
  let slowest = 0;
  for (const { first, last, flops, memoryBytes } of loads.sort((a, b) => b.flops - a.flops)) {
    const at = free.findIndex((seat) => seat.memoryBytes >= memoryBytes);
    if (at < 0) return null;
    const [seat] = free.splice(at, 1);
    places.push({ host: seat!.host, first, last });
    slowest = Math.max(slowest, flops / seat!.speed);
  }
  return { places: places.sort((a, b) => a.first - b.first), slowest };
}
