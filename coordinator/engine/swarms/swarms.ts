/**
 * The swarms of a coordinator: which connected hosts fetch or hold a large blob, so that they get it from each other.
 *
 * Memory only: nothing here is a record, and after a restart hosts join again. Invariant: a host is in the swarm of a
 * blob only if it was given work that needs that blob, or told to load it, when it joined, so that nobody learns who
 * has what; and a contributor that is cut off is in none.
 */
import { Allowance } from '../../../shared/allowance.ts';
import { ChunkSet, chunkCount } from '../../../shared/chunks.ts';
import type { BlobDigest, JobId } from '../../../shared/ids.ts';
import {
  CHUNK_BYTES,
  MAX_ACCUSATIONS,
  MAX_SWARM_MESSAGES,
  MAX_SWARM_PAIRS,
  MAX_SWARMS_PER_HOST,
  MIN_SWARM_BLOB_BYTES,
} from '../../../shared/limits.ts';
import type { HostMessage } from '../../../shared/protocol/link.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import type { SwarmEnded } from '../../../shared/protocol/swarm.ts';
import { unreachable } from '../../../shared/result.ts';
import { isCutOff, type Accusation } from '../../core/swarm/accusations.ts';
import type { ConnectedHost } from '../hosts.ts';
import type { PeerIdentity } from '../routes/route.ts';
import type { Needs } from './needs.ts';
import { Swarm, type Member, type SwarmDirectory } from './swarm.ts';

export type SwarmMessage = Extract<HostMessage, { type: `swarm-${string}` }>;
type Join = Extract<SwarmMessage, { type: 'swarm-join' }>;
type Have = Extract<SwarmMessage, { type: 'swarm-have' }>;
type Lost = Extract<SwarmMessage, { type: 'swarm-lost' }>;

export interface SwarmsDeps {
  readonly directory: SwarmDirectory;
  readonly needsOf: (host: ConnectedHost) => readonly Needs[];
  /** Size of a blob; null where there is none. */
  readonly bytesOf: (blob: BlobDigest) => Promise<number | null>;
  /** Its link is open, and it has not said that it goes. */
  readonly isConnected: (host: ConnectedHost) => boolean;
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly metrics: {
    /** As hosts say of themselves: what came from peers. */
    chunksPassed(bytes: number): void;
    cutOff(): void;
  };
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

interface Stay {
  readonly identity: PeerIdentity;
  /** By blob; the oldest first. */
  readonly swarms: Map<BlobDigest, Swarm>;
}

export class Swarms {
  readonly #deps: SwarmsDeps;
  readonly #directory: SwarmDirectory;
  /** Of one blob there are several where one would grow too large. */
  readonly #byBlob = new Map<BlobDigest, Swarm[]>();
  readonly #stays = new Map<ConnectedHost, Stay>();
  readonly #allowances = new WeakMap<ConnectedHost, Allowance>();
  #accusations: Accusation[] = [];
  #pairs = 0;

  constructor(deps: SwarmsDeps) {
    this.#deps = deps;
    const { directory } = deps;
    // The directory's room is shared with routes: swarms leave them theirs.
    this.#directory = {
      ...directory,
      introduce: (a, b) => {
        const isTaken = this.#pairs < MAX_SWARM_PAIRS && directory.introduce(a, b);
        if (isTaken) this.#pairs += 1;
        return isTaken;
      },
      part: (a, b) => {
        this.#pairs -= 1;
        directory.part(a, b);
      },
    };
  }

  /** Memberships: a host in two swarms counts twice. */
  get memberCount(): number {
    let members = 0;
    for (const swarms of this.#byBlob.values()) for (const { size } of swarms) members += size;
    return members;
  }

  /** What is wrong with the message, if anything is. */
  async hear(host: ConnectedHost, message: SwarmMessage): Promise<Problem | null> {
    if (!this.#maySpeak(host)) return TOO_MANY;
    switch (message.type) {
      case 'swarm-join':
        return this.#join(host, message);
      case 'swarm-have':
        return this.#have(host, message);
      case 'swarm-lost':
        this.#lost(host, message);
        return null;
      case 'swarm-leave':
        this.#leave(host, message.blob);
        return null;
      default:
        return unreachable(message satisfies never);
    }
  }

  /** Its link has ended, or it said that it goes. */
  gone(host: ConnectedHost): void {
    for (const blob of [...(this.#stays.get(host)?.swarms.keys() ?? [])]) this.#leave(host, blob);
  }

  #maySpeak(host: ConnectedHost): boolean {
    const nowMs = this.#deps.now();
    const allowance = this.#allowances.get(host) ?? new Allowance(MAX_SWARM_MESSAGES, nowMs);
    this.#allowances.set(host, allowance);
    return allowance.take(nowMs);
  }

  async #join(host: ConnectedHost, message: Join): Promise<Problem | null> {
    const { blob, shares } = message;
    const job = this.#jobThatNeeds(host, blob);
    if (job === null) return this.#end(host, blob, 'not-assigned');
    const bytes = await this.#deps.bytesOf(blob);
    // It may have gone while the disk was asked.
    if (!this.#deps.isConnected(host)) return null;
    if (bytes === null || bytes < MIN_SWARM_BLOB_BYTES) return this.#end(host, blob, 'too-small');
    const have = message.have === '' ? new ChunkSet(chunkCount(bytes)) : setOf(message.have, bytes);
    if (have === null) return wrongSet(message.have, bytes);
    if (this.#isCutOff(host)) return this.#end(host, blob, 'cut-off');
    this.#leave(host, blob);
    const stay = this.#stayOf(host);
    if (stay === null) return this.#end(host, blob, 'full');
    const swarm = this.#swarmOf(blob, bytes);
    stay.swarms.set(blob, swarm);
    swarm.join(host, stay.identity, job, have, shares);
    const [oldest] = stay.swarms.keys();
    if (stay.swarms.size <= MAX_SWARMS_PER_HOST || oldest === undefined) return null;
    this.#leave(host, oldest);
    return this.#end(host, oldest, 'full');
  }

  #have(host: ConnectedHost, { blob, have: text, shares, fromPeers }: Have): Problem | null {
    const swarm = this.#stays.get(host)?.swarms.get(blob);
    const member = swarm?.find(host);
    // It may have been sent before the host was told that it is no member.
    if (swarm === undefined || member === undefined) return null;
    const have = setOf(text, swarm.bytes);
    if (have === null) return wrongSet(text, swarm.bytes);
    const newChunks = Math.max(0, have.size - member.have.size);
    this.#deps.metrics.chunksPassed(Math.min(fromPeers, newChunks * CHUNK_BYTES));
    swarm.hear(member, have, shares);
    return null;
  }

  #lost(host: ConnectedHost, { blob, peer, why }: Lost): void {
    const swarm = this.#stays.get(host)?.swarms.get(blob);
    const member = swarm?.find(host);
    const other = member && swarm?.neighbourOf(member, peer);
    // The other one may have gone, or said the same before.
    if (swarm === undefined || member === undefined || other === undefined) return;
    swarm.lose(member, other, why === 'wrong-chunk');
    if (why === 'wrong-chunk') this.#accuse(host, other);
  }

  #accuse({ contributor, cohort }: ConnectedHost, { host: accused }: Member): void {
    const atMs = this.#deps.now();
    const accusation = { accuser: contributor, cohort, accused: accused.contributor, atMs };
    this.#accusations = [...this.#accusations, accusation].slice(-MAX_ACCUSATIONS);
    this.#deps.log('chunk-wrong', { accuser: contributor, accused: accused.contributor });
    if (!this.#isCutOff(accused)) return;
    this.#deps.metrics.cutOff();
    this.#deps.log('cut-off-from-swarms', { contributor: accused.contributor });
    for (const [host, { swarms }] of [...this.#stays]) {
      if (host.contributor !== accused.contributor) continue;
      const blobs = [...swarms.keys()];
      this.gone(host);
      for (const blob of blobs) this.#end(host, blob, 'cut-off');
    }
  }

  #isCutOff({ contributor }: ConnectedHost): boolean {
    return isCutOff(contributor, this.#accusations, this.#deps.now());
  }

  #leave(host: ConnectedHost, blob: BlobDigest): void {
    const stay = this.#stays.get(host);
    const swarm = stay?.swarms.get(blob);
    if (stay === undefined || swarm === undefined) return;
    stay.swarms.delete(blob);
    swarm.leave(host);
    if (swarm.size === 0) {
      const left = this.#byBlob.get(blob)?.filter((other) => other !== swarm) ?? [];
      if (left.length === 0) this.#byBlob.delete(blob);
      else this.#byBlob.set(blob, left);
    }
    if (stay.swarms.size > 0) return;
    this.#stays.delete(host);
    this.#deps.directory.revoke(stay.identity.peer);
  }

  #stayOf(host: ConnectedHost): Stay | null {
    const known = this.#stays.get(host);
    if (known !== undefined) return known;
    const identity = this.#deps.directory.admit();
    if (identity === null) return null;
    const stay = { identity, swarms: new Map<BlobDigest, Swarm>() };
    this.#stays.set(host, stay);
    return stay;
  }

  #swarmOf(blob: BlobDigest, bytes: number): Swarm {
    const swarms = this.#byBlob.get(blob) ?? [];
    const room = swarms.find(({ isFull }) => !isFull);
    if (room !== undefined) return room;
    const { random } = this.#deps;
    const swarm = new Swarm(blob, bytes, this.#directory, random);
    this.#byBlob.set(blob, [...swarms, swarm]);
    return swarm;
  }

  #jobThatNeeds(host: ConnectedHost, blob: BlobDigest): JobId | null {
    return this.#deps.needsOf(host).find(({ blobs }) => blobs.includes(blob))?.job ?? null;
  }

  #end(host: ConnectedHost, blob: BlobDigest, reason: SwarmEnded['reason']): null {
    host.link.send({ type: 'swarm-ended', blob, reason });
    return null;
  }
}

const setOf = (text: string, bytes: number) => ChunkSet.parse(text, chunkCount(bytes));

const TOO_MANY: Problem = {
  code: 'too-many-messages',
  detail: 'this host says too much about swarms',
  expected: `at most ${MAX_SWARM_MESSAGES.perSecond} messages a second for long`,
};

const wrongSet = (came: string, bytes: number): Problem => ({
  code: 'invalid-field',
  detail: 'the set of chunks is not of this blob',
  field: 'have',
  expected: `${Math.ceil(chunkCount(bytes) / 8)} bytes as hex, without chunks beyond the last`,
  came: came.slice(0, 120),
});
