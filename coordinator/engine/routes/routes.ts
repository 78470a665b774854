/**
 * The routes of all staged jobs: forms them, keeps every stage in somebody's hands, and several shards under way.
 *
 * A host that goes is replaced in the same tick. Its neighbours stay where they are; of every shard under way those
 * stages are handed out again whose activations went with it. Invariants: a lease of a stage is with the host that
 * has its place; the job of a route is running.
 */
import {
  makeRouteId,
  type AssignmentId,
  type JobId,
  type RandomBytes,
  type RouteId,
  type ShardId,
} from '../../../shared/ids.ts';
import { HAND_OVER_DEADLINE_MS, MAX_LEASES_PER_HOST } from '../../../shared/limits.ts';
import type { HostMessage } from '../../../shared/protocol/link.ts';
import { isPaused } from '../../core/job.ts';
import type { Place } from '../../core/placement.ts';
import { stageCount } from '../../core/stages.ts';
import type { Assignment, Job } from '../../core/state.ts';
import type { ShardInput } from '../../core/shardInput.ts';
import type { ShardWork } from '../../core/step.ts';
import type { ConnectedHost, Hosts } from '../hosts.ts';
import type { OpenWork } from '../openWork.ts';
import type { Tick } from '../tick.ts';
import { Route, type PeerDirectory } from './route.ts';
import { Seating } from './seating.ts';
import { Spares } from './spares.ts';
import { Speeds } from '../speeds.ts';
import { hasPeers } from './stageLoads.ts';
import { stalledPair } from './stalls.ts';
import {
  hasCommitted,
  isLiving,
  isThrough,
  isWhollyReported,
  livingOf,
  missingStages,
  needs,
} from './underWay.ts';

export interface RoutesOptions {
  readonly hosts: Hosts;
  readonly work: OpenWork;
  readonly directory: PeerDirectory;
  readonly now: () => number;
  readonly random: RandomBytes;
  readonly apply: (tick: Tick, work: ShardWork, input: ShardInput) => void;
  /** Hands one stage of a shard to the host of its place. */
  readonly grant: (
    tick: Tick,
    host: ConnectedHost,
    work: ShardWork,
    at: { readonly stage: number; readonly route: RouteId; readonly sequence: number },
  ) => AssignmentId;
}

/**
 * Shards under way on a route for each of its hosts: one that it computes, and one that waits for it or is on its
 * way. More hide longer ways, up to what a host may hold.
 */
const IN_FLIGHT_PER_HOST = 2;
/** With those that are computed: each host keeps what it showed and sent of so many. */
const MOST_IN_FLIGHT = 32;
export class Routes {
  readonly #options: RoutesOptions;
  readonly #routes = new Map<JobId, Route>();
  /** Shards that want stages and are under way nowhere. */
  readonly #wanting = new Map<JobId, Set<ShardId>>();
  readonly #placed = new Map<ConnectedHost, Route>();
  /** Hosts that are about to stop, and until when what is under way with them may end. */
  readonly #leaving = new WeakMap<ConnectedHost, number>();
  readonly #workedAtMs = new WeakMap<ConnectedHost, number>();
  readonly speeds: Speeds;
  readonly #seating: Seating;
  readonly spares = new Spares();

  constructor(options: RoutesOptions) {
    this.#options = options;
    const { hosts, now } = options;
    this.speeds = new Speeds(now);
    const isPlaced = (host: ConnectedHost): boolean => this.#placed.has(host);
    this.#seating = new Seating({ hosts, now, speeds: this.speeds, isPlaced });
  }

  of(job: JobId): Route | undefined {
    return this.#routes.get(job);
  }

  /** Hosts that could have a place for this stage of a job now. */
  freeFor(job: Job, stage: number): ConnectedHost[] {
    return this.#seating
      .free(job)
      .filter((host) => this.#seating.maySit(job, { host, first: stage, last: stage }));
  }

  /** The places that a route of this job would have if it were formed now; null where none can be. */
  placesFor(job: Job): Place<ConnectedHost>[] | null {
    return this.#seating.placesOf(job, this.#seating.free(job));
  }

  /** A host with a place is given nothing else. */
  isPlaced(host: ConnectedHost): boolean {
    return this.#placed.has(host);
  }

  /**
   * The host is about to stop: nothing new is begun on its route until what is under way there has ended, and then
   * its place goes to another. False where it has none.
   */
  handOver(host: ConnectedHost): boolean {
    if (!this.#placed.has(host)) return false;
    const untilMs = this.#leaving.get(host) ?? this.#options.now() + HAND_OVER_DEADLINE_MS;
    this.#leaving.set(host, untilMs);
    return true;
  }

  /** It stays after all. */
  keep(host: ConnectedHost): void {
    this.#leaving.delete(host);
  }

  /** A shard of a staged job wants stages. */
  want({ shard, assignments }: ShardWork): void {
    const route = this.#routes.get(shard.job);
    if (route?.inFlight.has(shard.id) === true) {
      if (assignments.some(isLiving)) return;
      if (!this.#beginsNothing(route)) return route.begin(shard.id);
      route.inFlight.delete(shard.id);
    }
    const wanting = this.#wanting.get(shard.job) ?? new Set();
    this.#wanting.set(shard.job, wanting.add(shard.id));
  }

  /** It wants none any more. */
  unwant({ shard }: ShardWork): void {
    this.#routes.get(shard.job)?.inFlight.delete(shard.id);
    this.#wanting.get(shard.job)?.delete(shard.id);
  }

  /** The job has ended, and its shards with it. */
  forget(tick: Tick, job: JobId): void {
    this.#wanting.delete(job);
    const route = this.#routes.get(job);
    if (route === undefined) return;
    route.inFlight.clear();
    this.#end(tick, route);
  }

  /** A host says how it is connected to its neighbours. Where there is no way at all, one of the two is replaced. */
  hear(
    tick: Tick,
    host: ConnectedHost,
    { route: id, epoch, from, to }: Extract<HostMessage, { type: 'route-state' }>,
  ): void {
    const route = this.#placed.get(host);
    if (route?.id !== id || !route.hear(host, epoch, from, to)) return;
    const unreachable = route.unreachable();
    if (unreachable.length === 0) return;
    this.#doubt(tick, route, unreachable);
  }

  /** Two neighbours say different things of what one sent to the other: both may have told the truth once. */
  disputed(tick: Tick, job: JobId, pair: readonly (ConnectedHost | undefined)[]): void {
    const route = this.#routes.get(job);
    const seated = pair.filter((host) => host !== undefined && route?.has(host) === true);
    if (route !== undefined && seated.length === pair.length)
      this.#doubt(tick, route, seated as ConnectedHost[]);
  }

  /** A host has reported a stage. */
  worked(host: ConnectedHost, refereeMs: number, computeMs: number): void {
    this.speeds.note(host, refereeMs, computeMs);
    this.#workedAtMs.set(host, this.#options.now());
  }

  /** Once they may try anew: networks change, and a place is worth a second. Then others have their places. */
  #doubt(tick: Tick, route: Route, hosts: readonly ConnectedHost[]): void {
    const job = this.#options.work.jobOf(route);
    if (route.forgives(hosts)) return this.#seat(tick, job, route, route.members);
    for (const host of hosts) this.#seating.shun(host);
    this.#vacate(tick, route, hosts);
  }

  /** Runs at the end of every tick: whoever went is replaced, and every route has enough under way. */
  maintain(tick: Tick): void {
    for (const route of this.#routes.values()) {
      if (this.#isIdle(route)) {
        this.#end(tick, route);
        continue;
      }
      const job = this.#options.work.jobOf(route);
      this.#shunUnable(route);
      const gone = route.members
        .filter((it) => !this.#seating.maySit(job, it) || this.#mayLeave(route, it))
        .map(({ host }) => host);
      if (gone.length > 0) this.#vacate(tick, route, gone);
    }
    for (const [job, wanting] of this.#wanting) {
      if (wanting.size === 0 || this.#routes.has(job) || this.#isPaused({ job })) continue;
      this.#form(tick, this.#options.work.jobOf({ job }));
    }
    for (const route of this.#routes.values()) this.#fill(tick, route);
  }

  /**
   * To be called at every sweep: where nothing goes on between two hosts they are doubted; where a route would be much
   * faster with hosts that came since, or with its stages placed otherwise because a host has slowed down, the places
   * change hands; and where it is well as it is, others get ready to take the place of who leaves.
   */
  improve(tick: Tick): void {
    for (const route of [...this.#routes.values()]) {
      if (this.#isEnding(route)) continue;
      const job = this.#options.work.jobOf(route);
      const { shards } = this.#options.work;
      const stalled = stalledPair(route, job, shards, this.#workedAtMs, this.#options.now());
      if (stalled !== null) {
        this.#doubt(tick, route, stalled);
        continue;
      }
      if (isPaused(job)) continue;
      const free = this.#seating.free(job).filter(hasPeers);
      const better = this.#seating.better(job, route, free);
      if (better !== null) this.#seat(tick, job, route, better);
      else this.spares.keep(job, route, free, (place) => this.#seating.maySit(job, place));
    }
  }

  #isIdle(route: Route): boolean {
    const wanting = this.#isPaused(route) ? 0 : (this.#wanting.get(route.job)?.size ?? 0);
    return route.inFlight.size === 0 && wanting === 0;
  }

  #isPaused = (of: { readonly job: JobId }): boolean => isPaused(this.#options.work.jobOf(of));

  #beginsNothing = (route: Route): boolean => this.#isEnding(route) || this.#isPaused(route);

  /** Does a host of the route wait for what is under way to end? */
  #isEnding({ members }: Route): boolean {
    return members.some(({ host }) => this.#leaving.has(host));
  }

  /** It has said that it is about to stop, and nothing under way needs it any more, or its time is over. */
  #mayLeave(route: Route, place: Place<ConnectedHost>): boolean {
    const untilMs = this.#leaving.get(place.host);
    if (untilMs === undefined) return false;
    if (untilMs <= this.#options.now()) return true;
    return [...route.inFlight.keys()].every(
      (id) => !needs(this.#options.work.shards.get(id), place, route.stages),
    );
  }

  #form(tick: Tick, job: Job): void {
    const places = this.#seating.placesOf(job, this.#seating.free(job));
    if (places === null) return;
    const { directory, random } = this.#options;
    const route = new Route(makeRouteId(random), job.id, stageCount(job), directory);
    this.#routes.set(job.id, route);
    this.#seat(tick, job, route, places);
  }

  /** Others take the places of these hosts; where nobody can, the route starts over, or ends. */
  #vacate(tick: Tick, route: Route, gone: readonly ConnectedHost[]): void {
    const job = this.#options.work.jobOf(route);
    const staying = route.members.filter(({ host }) => !gone.includes(host));
    const places =
      this.#seating.replaced(job, route.members, gone, (it) => this.spares.isWarm(route.id, it)) ??
      this.#seating.placesOf(job, [
        ...staying.map(({ host }) => host),
        ...this.#seating.free(job).filter((host) => !gone.includes(host)),
      ]);
    if (places === null) return this.#end(tick, route);
    this.#seat(tick, job, route, places);
  }

  #seat(tick: Tick, job: Job, route: Route, places: readonly Place<ConnectedHost>[]): void {
    const before = route.members.map(({ host }) => host);
    route.seat(places, this.#options.now());
    for (const host of before) if (!route.has(host)) this.#unplace(tick, route, host);
    for (const [index, { host }] of route.members.entries()) {
      this.#placed.set(host, route);
      host.toldWaiting = null;
      const place = route.placeOf(index, job.name);
      tick.afterCommit(() => host.link.send(place));
    }
    for (const id of route.inFlight.keys()) this.#recall(tick, route, id);
  }

  #unplace(tick: Tick, route: Route, host: ConnectedHost): void {
    this.#placed.delete(host);
    if (this.#leaving.delete(host)) host.slots = 0;
    tick.afterCommit(() => host.link.send({ type: 'route-ended', route: route.id }));
  }

  #end(tick: Tick, route: Route): void {
    this.#routes.delete(route.job);
    this.spares.forget(route.id);
    const hosts = route.members.map(({ host }) => host);
    route.dissolve();
    for (const host of hosts) this.#unplace(tick, route, host);
    for (const id of [...route.inFlight.keys()]) {
      const work = this.#options.work.shards.get(id);
      route.inFlight.delete(id);
      // Where every stage has reported it is being looked at, and needs no route.
      if (work?.shard.state.kind !== 'open' || isWhollyReported(work, route.stages)) continue;
      // What was reported of the others was to be sent on, and no later route has it.
      const nothing = { wrong: new Map<AssignmentId, string>(), sound: new Set<AssignmentId>() };
      const reason = 'its route has ended';
      this.#options.apply(tick, work, { kind: 'stages-rejected', ...nothing, reason });
    }
  }

  /** Who gives a stage back as it cannot run it is not asked again at once. */
  #shunUnable(route: Route): void {
    for (const [id, { holders }] of route.inFlight) {
      for (const { id: assignment, state } of this.#options.work.shards.get(id)?.assignments ??
        []) {
        const host = holders.get(assignment);
        if (host === undefined || state.kind !== 'returned') continue;
        holders.delete(assignment);
        if (state.reason === 'not-capable') this.#seating.shun(host);
      }
    }
  }

  /**
   * After a change of places: leases go to who has the place now, and so do reports whose activations the next stage
   * still waits for and whose host is not there to send them again.
   */
  #recall(tick: Tick, route: Route, id: ShardId): void {
    const { holders } = route.inFlight.get(id)!;
    for (const { id: assignment, stage } of this.#options.work.shards.get(id)?.assignments ?? []) {
      // Who comes back to a place later has forgotten what it had there.
      if (holders.get(assignment) !== route.hostOf(stage!)) holders.delete(assignment);
    }
    this.#withdraw(tick, id, (assignment) => !holders.has(assignment.id));
    for (let stage = route.stages - 2; stage >= 0; stage--) {
      const work = this.#options.work.shards.get(id);
      if (work?.shard.state.kind !== 'open') return;
      const report = livingOf(work, stage);
      if (report?.state.kind !== 'reported' || holders.has(report.id)) continue;
      // It computes from all of what it was sent.
      if (hasCommitted(livingOf(work, stage + 1))) continue;
      const reason = 'the device went before the next stage had what it computed';
      this.#options.apply(tick, work, { kind: 'disowned', assignment: report.id, reason });
    }
  }

  #withdraw(tick: Tick, id: ShardId, isMeant: (assignment: Assignment) => boolean): void {
    const leased = this.#options.work.shards.get(id)?.assignments ?? [];
    for (const assignment of leased) {
      if (assignment.state.kind !== 'leased' || !isMeant(assignment)) continue;
      const now = this.#options.work.shards.get(id);
      if (now === undefined) return;
      this.#options.apply(tick, now, { kind: 'withdrawn', assignment: assignment.id });
    }
  }

  /** Hands out what is missing of the shards under way, and begins as many more as there is room for. */
  #fill(tick: Tick, route: Route): void {
    if ([...route.inFlight.keys()].some((id) => this.#wantsReplay(route, id))) {
      const job = this.#options.work.jobOf(route);
      this.#seat(tick, job, route, route.members);
    }
    for (const id of route.inFlight.keys()) this.#grantMissing(tick, route, id);
    if (this.#beginsNothing(route)) return;
    let room = Math.min(route.members.length * IN_FLIGHT_PER_HOST, MAX_LEASES_PER_HOST);
    const { shards } = this.#options.work;
    for (const id of route.inFlight.keys()) if (!isThrough(shards.get(id), route.stages)) room -= 1;
    const wanting = this.#wanting.get(route.job);
    for (const id of wanting ?? []) {
      if (room <= 0 || route.inFlight.size >= MOST_IN_FLIGHT) return;
      room -= 1;
      wanting!.delete(id);
      route.begin(id);
      this.#grantMissing(tick, route, id);
    }
  }

  #grantMissing(tick: Tick, route: Route, id: ShardId): void {
    const { shards } = this.#options.work;
    for (const stage of missingStages(shards.get(id), route.stages)) {
      const work = shards.get(id)!;
      const { sequence } = route.inFlight.get(id)!;
      const at = { stage, route: route.id, sequence };
      const granted = this.#options.grant(tick, route.hostOf(stage), work, at);
      route.granted(id, stage, granted);
    }
  }

  /** A stage was handed out in this epoch and came to nothing: what it was computed from is used up. */
  #wantsReplay(route: Route, id: ShardId): boolean {
    const { grantedIn } = route.inFlight.get(id)!;
    return missingStages(this.#options.work.shards.get(id), route.stages).some(
      (stage) => route.isFedByAnother(stage) && grantedIn.get(stage) === route.epoch,
    );
  }
}
