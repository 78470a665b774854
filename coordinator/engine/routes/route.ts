/**
 * One route: the hosts that run the stages of a job's model, in their order, and the shards that are under way.
 *
 * Memory only: after a restart routes are formed anew, and what was under way is computed again. Invariant: every
 * stage has one place, and the epoch rises whenever a place changes hands.
 */
import type { AssignmentId, JobId, PeerId, RouteId, ShardId } from '../../../shared/ids.ts';
import type { RoutePlace } from '../../../shared/protocol/link.ts';
import type { PeerState } from '../../../shared/protocol/peers.ts';
import { assert } from '../../../shared/result.ts';
import type { Place } from '../../core/placement.ts';
import type { ConnectedHost } from '../hosts.ts';

/** A host's name among its peers, with the secret that proves it. */
export interface PeerIdentity {
  readonly peer: PeerId;
  readonly token: string;
}

/** A host's place, and what it last said of its neighbours. */
export interface Member extends Place<ConnectedHost> {
  readonly identity: PeerIdentity;
  readonly from: PeerState | null;
  readonly to: PeerState | null;
}

/** One try at a shard on a route. */
export interface Attempt {
  /** What its activations are known by. */
  readonly sequence: number;
  /** Who was given each of its assignments, and still has all that came of it: a link of its own, not a device. */
  readonly holders: Map<AssignmentId, ConnectedHost>;
  /** The epoch in which a stage was last handed out: what it is computed from is sent once in each. */
  readonly grantedIn: Map<number, number>;
}

/** How hosts of a route are made known to each other; the transport implements it. */
export interface PeerDirectory {
  admit(): PeerIdentity;
  /** From now on these two may find each other; nobody else learns of them. */
  introduce(a: PeerId, b: PeerId): void;
  part(a: PeerId, b: PeerId): void;
  revoke(peer: PeerId): void;
  /** STUN and TURN servers, with credentials of this peer where they need some. */
  iceServersFor(peer: PeerId): RoutePlace['iceServers'];
}

export class Route {
  readonly id: RouteId;
  readonly job: JobId;
  readonly stages: number;
  /** Shards under way, each with the attempt that is being made. */
  readonly inFlight = new Map<ShardId, Attempt>();
  #sequence = 0;
  #epoch = -1;
  #seatedAtMs = 0;
  #members: readonly Member[] = [];
  readonly #directory: PeerDirectory;
  readonly #forgiven = new Set<ConnectedHost>();

  constructor(id: RouteId, job: JobId, stages: number, directory: PeerDirectory) {
    this.id = id;
    this.job = job;
    this.stages = stages;
    this.#directory = directory;
  }

  /** A shard is begun, or begun anew: what is still on its way of an earlier attempt is of no use. */
  begin(shard: ShardId): void {
    const sequence = this.#sequence++;
    this.inFlight.set(shard, { sequence, holders: new Map(), grantedIn: new Map() });
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** When the epoch began: then everything was sent again. */
  get seatedAtMs(): number {
    return this.#seatedAtMs;
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  hostOf(stage: number): ConnectedHost {
    const member = this.#members.find(({ first, last }) => first <= stage && stage <= last);
    assert(member !== undefined, `route ${this.id} has no host for stage ${stage}`);
    return member.host;
  }

  /** Does its host get what the stage is computed from of another one? */
  isFedByAnother(stage: number): boolean {
    return stage > 0 && this.#members.some(({ first }) => first === stage);
  }

  /** A stage of a shard is handed out. */
  granted(shard: ShardId, stage: number, assignment: AssignmentId): void {
    const attempt = this.inFlight.get(shard);
    assert(attempt !== undefined, 'granted: the shard is not under way');
    attempt.holders.set(assignment, this.hostOf(stage));
    attempt.grantedIn.set(stage, this.#epoch);
  }

  has(host: ConnectedHost): boolean {
    return this.#members.some((member) => member.host === host);
  }

  /** The places that its hosts have from now on. Who had one before keeps its name among the peers. */
  seat(places: readonly Place<ConnectedHost>[], nowMs: number): void {
    const known = new Map(this.#members.map((member) => [member.host, member.identity]));
    const before = pairsOf(this.#members);
    this.#members = places.map((place) => ({
      ...place,
      identity: known.get(place.host) ?? this.#directory.admit(),
      from: null,
      to: null,
    }));
    this.#epoch += 1;
    this.#seatedAtMs = nowMs;
    // The new pairs first: who stays beside the same neighbour is never without permission.
    for (const [a, b] of pairsOf(this.#members)) this.#directory.introduce(a, b);
    for (const [a, b] of before) this.#directory.part(a, b);
    for (const [host, { peer }] of known) if (!this.has(host)) this.#directory.revoke(peer);
  }

  /** Nobody has a place any more. */
  dissolve(): void {
    for (const [a, b] of pairsOf(this.#members)) this.#directory.part(a, b);
    for (const { identity } of this.#members) this.#directory.revoke(identity.peer);
    this.#members = [];
  }

  /** What a host says of its neighbours; false where it is of another epoch. */
  hear(host: ConnectedHost, epoch: number, from: PeerState | null, to: PeerState | null): boolean {
    if (epoch !== this.#epoch) return false;
    this.#members = this.#members.map((it) => (it.host === host ? { ...it, from, to } : it));
    return true;
  }

  /**
   * Neighbours of whom one says that it cannot reach the other. It is not asked which of them: who ends a link because
   * of what came over it is the first to say so.
   */
  unreachable(): ConnectedHost[] {
    const found = new Set<ConnectedHost>();
    for (const [i, member] of this.#members.entries()) {
      const next = this.#members[i + 1];
      if (next === undefined) break;
      if (isBroken(member.to) || isBroken(next.from)) found.add(member.host).add(next.host);
    }
    return [...found];
  }

  /** True at the first time that something is wrong with all of these and it is not known with which. */
  forgives(hosts: readonly ConnectedHost[]): boolean {
    const areNew = hosts.every((host) => !this.#forgiven.has(host));
    for (const host of hosts) this.#forgiven.add(host);
    return areNew;
  }

  /** What the member at `index` is told. */
  placeOf(index: number, jobName: string): RoutePlace {
    const { first, last, identity } = this.#members[index]!;
    return {
      type: 'route',
      route: this.id,
      jobName,
      epoch: this.#epoch,
      first,
      last,
      of: this.stages,
      self: identity,
      iceServers: this.#directory.iceServersFor(identity.peer),
      from: this.#members[index - 1]?.identity.peer ?? null,
      to: this.#members[index + 1]?.identity.peer ?? null,
    };
  }
}

const isBroken = (state: PeerState | null): boolean => state?.path === 'broken';
const pairsOf = (members: readonly Member[]): [PeerId, PeerId][] =>
  members.slice(1).map((member, i) => [members[i]!.identity.peer, member.identity.peer]);
