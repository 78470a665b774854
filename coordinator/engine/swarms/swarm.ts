/**
 * One swarm: hosts that fetch or hold one blob, who of them are neighbours, and what each is told.
 *
 * Memory only. Invariant: neighbours are introduced to each other for exactly as long as they are, and a member is sent
 * its place again whenever something of it changed.
 */
import { ChunkSet, chunkCount } from '../../../shared/chunks.ts';
import type { BlobDigest, JobId, PeerId } from '../../../shared/ids.ts';
import { MAX_SWARM_MEMBERS } from '../../../shared/limits.ts';
import type { SwarmPlace } from '../../../shared/protocol/swarm.ts';
import { chooseNeighbours, LEAST_NEIGHBOURS } from '../../core/swarm/neighbours.ts';
import { LEAST_TO_SPLIT, planShares } from '../../core/swarm/shares.ts';
import type { ConnectedHost } from '../hosts.ts';
import type { PeerIdentity } from '../routes/route.ts';

/** How members are made known to each other; the transport implements it. */
export interface SwarmDirectory {
  /** Null where there are as many peers as there may be. */
  admit(): PeerIdentity | null;
  /** False where there are as many pairs as there may be. */
  introduce(a: PeerId, b: PeerId): boolean;
  part(a: PeerId, b: PeerId): void;
  revoke(peer: PeerId): void;
  /** STUN servers. */
  iceServersFor(peer: PeerId): SwarmPlace['iceServers'];
}

export interface Member {
  readonly host: ConnectedHost;
  readonly identity: PeerIdentity;
  readonly job: JobId;
  have: ChunkSet;
  share: ChunkSet;
  shares: boolean;
  /** Whether this one calls. */
  readonly neighbours: Map<Member, boolean>;
  /** Who was its neighbour until one of the two gave up: not introduced again. Hosts, or all of a contributor's. */
  readonly lost: Set<string>;
  /** Contributors that gave it up. What it says that it has may not be so, or be out of reach. */
  readonly doubters: Set<string>;
  /** Of what it was last told: its share, and its neighbours. */
  told: { readonly share: ChunkSet; readonly neighbours: string } | null;
}

/** So many gave a member up: from then on nobody waits for what it says that it has. */
const DOUBTERS = 2;

const hasLost = ({ lost }: Member, { host }: Member): boolean =>
  lost.has(hostKey(host)) || lost.has(host.contributor);
const hostKey = ({ contributor, host }: ConnectedHost): string => `${contributor}/${host}`;

export class Swarm {
  readonly blob: BlobDigest;
  readonly bytes: number;
  readonly count: number;
  readonly #directory: SwarmDirectory;
  readonly #random: () => number;
  /** In the order in which they joined. */
  readonly #members = new Map<ConnectedHost, Member>();

  constructor(blob: BlobDigest, bytes: number, directory: SwarmDirectory, random: () => number) {
    this.blob = blob;
    this.bytes = bytes;
    this.count = chunkCount(bytes);
    this.#directory = directory;
    this.#random = random;
  }

  get size(): number {
    return this.#members.size;
  }

  get isFull(): boolean {
    return this.#members.size >= MAX_SWARM_MEMBERS;
  }

  find(host: ConnectedHost): Member | undefined {
    return this.#members.get(host);
  }

  join(
    host: ConnectedHost,
    identity: PeerIdentity,
    job: JobId,
    have: ChunkSet,
    shares: boolean,
  ): void {
    const member: Member = {
      host,
      identity,
      job,
      have,
      share: new ChunkSet(this.count),
      shares,
      neighbours: new Map(),
      lost: new Set(),
      doubters: new Set(),
      told: null,
    };
    this.#members.set(host, member);
    this.#befriend(member);
    this.#plan();
  }

  leave(host: ConnectedHost): void {
    const member = this.#members.get(host);
    if (member === undefined) return;
    const neighbours = [...member.neighbours.keys()];
    for (const other of neighbours) this.#part(member, other);
    this.#members.delete(host);
    for (const other of neighbours) this.#befriendIfLonely(other);
    this.#plan();
  }

  /** What a member says that it has. */
  hear(member: Member, have: ChunkSet, shares: boolean): void {
    const isNews = shares !== member.shares || have.size < member.have.size;
    for (const chunk of have) member.share.delete(chunk);
    member.have = have;
    member.shares = shares;
    const isIdle = member.share.size === 0 && !have.isFull;
    if (have.isFull) this.#partComplete(member);
    // Only then does anybody get another share: its holder knows by itself what is left of it.
    if (isNews || (isIdle && this.#hasToSpare)) this.#plan();
    else this.#tell();
  }

  /** Two that have everything have nothing more to say to each other. */
  #partComplete(member: Member): void {
    for (const other of [...member.neighbours.keys()]) {
      if (other.have.isFull) this.#part(member, other);
    }
  }

  /** The two are neighbours no more, and will not be again; nor will other hosts of one who sent a wrong chunk. */
  lose(member: Member, other: Member, withContributor: boolean): void {
    member.lost.add(hostKey(other.host));
    if (withContributor) member.lost.add(other.host.contributor);
    other.doubters.add(member.host.contributor);
    this.#part(member, other);
    for (const one of [member, other]) this.#befriendIfLonely(one);
    if (other.doubters.size === DOUBTERS) this.#plan();
    else this.#tell();
  }

  neighbourOf(member: Member, peer: PeerId): Member | undefined {
    return [...member.neighbours.keys()].find(({ identity }) => identity.peer === peer);
  }

  #befriendIfLonely(member: Member): void {
    if (this.#members.has(member.host) && member.neighbours.size < LEAST_NEIGHBOURS) {
      this.#befriend(member);
    }
  }

  #befriend(member: Member): void {
    const others = [...this.#members.values()].filter(
      (other) => other !== member && !member.neighbours.has(other),
    );
    const chosen = chooseNeighbours(
      {
        neighbours: member.neighbours.size,
        shares: member.shares,
        isComplete: member.have.isFull,
      },
      others.map((other) => ({
        neighbours: other.neighbours.size,
        shares: other.shares,
        isComplete: other.have.isFull,
        isOfSameJob: other.job === member.job,
        wasLost: hasLost(member, other) || hasLost(other, member),
      })),
      this.#random,
    );
    for (const at of chosen) {
      const other = others[at]!;
      if (!this.#directory.introduce(member.identity.peer, other.identity.peer)) return;
      member.neighbours.set(other, true);
      other.neighbours.set(member, false);
    }
  }

  #part(a: Member, b: Member): void {
    if (!a.neighbours.delete(b)) return;
    b.neighbours.delete(a);
    this.#directory.part(a.identity.peer, b.identity.peer);
  }

  get #hasToSpare(): boolean {
    return [...this.#members.values()].some(({ share }) => share.size >= LEAST_TO_SPLIT);
  }

  #plan(): void {
    const members = [...this.#members.values()];
    const believed = members.map((member) => ({
      ...member,
      shares: member.shares && member.doubters.size < DOUBTERS,
    }));
    planShares(believed, this.count).forEach((share, i) => {
      members[i]!.share = share;
    });
    this.#tell();
  }

  #tell(): void {
    for (const member of this.#members.values()) {
      const { identity, share, have, host, told } = member;
      const neighbours = [...member.neighbours].map(([other, calls]) => ({
        peer: other.identity.peer,
        calls,
      }));
      const text = JSON.stringify(neighbours);
      if (told?.neighbours === text && isSameShare(told.share, share, have)) continue;
      member.told = { share: new ChunkSet(this.count, share), neighbours: text };
      host.link.send({
        type: 'swarm',
        blob: this.blob,
        bytes: this.bytes,
        self: identity,
        iceServers: this.#directory.iceServersFor(identity.peer),
        share: share.toHex(),
        neighbours,
      });
    }
  }
}

/** But for what its holder has by now. */
const isSameShare = (told: ChunkSet, share: ChunkSet, have: ChunkSet): boolean =>
  [...share].every((chunk) => told.has(chunk)) &&
  [...told].every((chunk) => share.has(chunk) || have.has(chunk));
