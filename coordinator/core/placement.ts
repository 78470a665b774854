/**
 * Which host runs which stage of a model: stages in a row on each, so that the slowest of them has least to do.
 *
 * Pure, and exhaustive: there are at most 2^15 ways to part 16 stages into rows.
 */
import { assert } from '../../shared/result.ts';

/** What a stage asks of its host, for one item. */
export interface StageLoad {
  /**
   * Milliseconds in the referee. Not FLOPs: what an engine makes of one differs more from stage to stage of a model than
   * hosts do, and a host would seem slow for the stage that it has.
   */
  readonly refereeMs: number;
  readonly memoryBytes: number;
}

/** A host that could have a place. */
export interface Seat<Host> {
  readonly host: Host;
  readonly memoryBytes: number;
  /** How many times as fast as the referee, measured on earlier work; null where nothing was. */
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
  const usable = usefulSeats(rankedSeats(seats), stages.length);
  const slowFirst = [...usable].sort((a, b) => a.speed - b.speed);
  let best: Placement<Host> | null = null;
  for (const rows of partitions(stages.length, usable.length)) {
    const loads = rows.map((row) => loadOf(stages, row));
    let seated = seatRows(loads, slowFirst, (ms) => best === null || ms <= best.slowest);
    if (seated === null) continue;
    for (let next: Placement<Host> | null = seated; next !== null;) {
      seated = next;
      const { slowest }: Placement<Host> = seated;
      next = seatRows(loads, slowFirst, (ms) => ms < slowest);
    }
    const isBetter =
      best === null || seated.slowest < best.slowest || seated.places.length < best.places.length;
    if (isBetter) best = seated;
  }
  return best === null ? null : onFastest(stages, best, usable);
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
      return (
        stages.slice(first, last + 1).reduce((sum, { refereeMs }) => sum + refereeMs, 0) /
        seat.speed
      );
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

interface RowLoad extends StageLoad {
  readonly row: Row;
}

function loadOf(stages: readonly StageLoad[], row: Row): RowLoad {
  const those = stages.slice(row[0], row[1] + 1);
  const refereeMs = those.reduce((sum, stage) => sum + stage.refereeMs, 0);
  const memoryBytes = those.reduce((sum, stage) => sum + stage.memoryBytes, 0);
  return { row, refereeMs, memoryBytes };
}

/** Without those that are never needed: as many others as there are stages are as fast and have as much memory. */
function usefulSeats<Host>(ranked: readonly RankedSeat<Host>[], stages: number) {
  const kept: RankedSeat<Host>[] = [];
  for (const seat of ranked) {
    const better = kept.filter(({ memoryBytes }) => memoryBytes >= seat.memoryBytes);
    if (better.length < stages) kept.push(seat);
  }
  return kept;
}

/**
 * Each row on a seat that has the memory and takes a time that is allowed; null where that cannot be. The largest row
 * chooses first, and takes the slowest seat that will do: whatever fits it, fits those after it too.
 */
function seatRows<Host>(
  loads: readonly RowLoad[],
  slowFirst: readonly RankedSeat<Host>[],
  isAllowed: (ms: number) => boolean,
): Placement<Host> | null {
  const free = [...slowFirst];
  const places: Place<Host>[] = [];
  let slowest = 0;
  for (const { row, refereeMs, memoryBytes } of [...loads].sort(
    (a, b) => b.memoryBytes - a.memoryBytes,
  )) {
    const at = free.findIndex(
      (seat) => seat.memoryBytes >= memoryBytes && isAllowed(refereeMs / seat.speed),
    );
    if (at < 0) return null;
    const [seat] = free.splice(at, 1);
    places.push({ host: seat!.host, first: row[0], last: row[1] });
    slowest = Math.max(slowest, refereeMs / seat!.speed);
  }
  return { places: places.sort((a, b) => a.first - b.first), slowest };
}

/** The same rows, each moved to a faster seat that nobody has, the heaviest first: an item comes through sooner. */
function onFastest<Host>(
  stages: readonly StageLoad[],
  { places, slowest }: Placement<Host>,
  ranked: readonly RankedSeat<Host>[],
): Placement<Host> {
  const taken = new Set(places.map(({ host }) => host));
  const loads = places.map((place) => ({ place, ...loadOf(stages, [place.first, place.last]) }));
  const moved = new Map<Place<Host>, Host>();
  for (const { place, memoryBytes } of loads.sort((a, b) => b.refereeMs - a.refereeMs)) {
    const now = ranked.findIndex(({ host }) => host === place.host);
    const better = ranked
      .slice(0, now)
      .find((seat) => !taken.has(seat.host) && seat.memoryBytes >= memoryBytes);
    if (better === undefined) continue;
    taken.delete(place.host);
    taken.add(better.host);
    moved.set(place, better.host);
  }
  const onto = (place: Place<Host>): Host => (moved.has(place) ? moved.get(place)! : place.host);
  const fastest = places.map((place) => ({ ...place, host: onto(place) }));
  return { places: fastest, slowest };
}
