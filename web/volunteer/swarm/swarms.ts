/**
 * This host's swarms: large blobs that it fetches together with others, or has and passes on.
 *
 * A source of blobs like any other: what is small, and whatever the coordinator keeps no swarm for, comes over HTTP.
 * Invariant: bytes leave here only when their digest was asked for, and a chunk is passed on only while the volunteer
 * computes, within the budget, and after its hash was checked.
 */
import { ChunkSet, chunkRange } from '../../../shared/chunks.ts';
import type { BlobDigest, PeerId } from '../../../shared/ids.ts';
import { MIN_SWARM_BLOB_BYTES } from '../../../shared/limits.ts';
import type { AssignMessage, HostMessage } from '../../../shared/protocol/link.ts';
import type { ChunkMessage, SwarmEnded, SwarmPlace } from '../../../shared/protocol/swarm.ts';
import { ok, type Result } from '../../../shared/result.ts';
import type { BlobCache, BlobFailure, BlobSource, Clock, Swarming } from '../ports.ts';
import type { ChunkFeed } from './chunkFeed.ts';
import type { ChunkLink, ChunkPort } from './chunkPort.ts';
import { Download } from './download.ts';
import { Holdings } from './holdings.ts';
import { Neighbours } from './neighbours.ts';
import type { UploadBudget } from './uploadBudget.ts';
import { Uploads } from './uploads.ts';

export interface SwarmsPorts {
  /** Over HTTP, through the same cache. */
  readonly whole: BlobSource;
  readonly feed: ChunkFeed;
  readonly cache: BlobCache;
  readonly chunks: ChunkPort;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly random: () => number;
  readonly budget: UploadBudget;
  /** False where the line costs its owner money. */
  readonly mayUpload: () => boolean;
  /** Bytes so far. */
  readonly onTraffic: (fromPeers: number, toPeers: number) => void;
}

/** The coordinator asks its disk for a size, no more. */
const JOIN_DEADLINE_MS = 3_000;
const TICK_MS = 1_000;

type Send = (message: HostMessage) => boolean;

/** A blob in a swarm, or on its way into one. */
interface Session {
  readonly blob: BlobDigest;
  /** Null while it is not known, and where all of the blob is in the cache. */
  download: Download | null;
  /** Ends the wait for a first answer. */
  answered: () => void;
  /** As it was last told. */
  place: SwarmPlace | null;
  /** Of what was told last. */
  told: string;
  /** It was said that its share is done. */
  saidIdle: boolean;
  /** Since that was last told. */
  fromPeers: number;
}

export class Swarms implements Swarming, BlobSource {
  readonly #ports: SwarmsPorts;
  readonly #neighbours: Neighbours;
  readonly #uploads: Uploads;
  readonly #sessions = new Map<BlobDigest, Session>();
  readonly #fetching = new Map<BlobDigest, Promise<Result<Uint8Array, BlobFailure>>>();
  readonly #holdings: Holdings;
  #send: Send | null = null;
  #isActive = false;
  #isTicking = false;
  #fromPeers = 0;
  #toPeers = 0;

  constructor(ports: SwarmsPorts) {
    this.#ports = ports;
    this.#holdings = new Holdings(ports.cache, ports.feed);
    const { clock, wallMs, budget } = ports;
    this.#neighbours = new Neighbours(ports.chunks, clock, {
      onOpen: (peer, blob) => {
        this.#met(peer, blob);
      },
      onMessage: (...came) => this.#hear(...came),
      onParted: (peer, blob) => {
        const download = this.#sessions.get(blob)?.download;
        download?.picker.part(peer);
        download?.pump();
      },
      onClosed: (link) => {
        this.#uploads.forget(link);
      },
      onLost: (peer, blobs, why) => {
        for (const blob of blobs) this.#send?.({ type: 'swarm-lost', blob, peer, why });
      },
    });
    this.#uploads = new Uploads({
      clock,
      wallMs,
      budget,
      mayShare: () => this.#mayShare,
      read: (blob, chunk) => this.#read(blob, chunk),
      onSent: (bytes) => {
        this.#traffic(0, bytes);
      },
    });
  }

  get(digest: BlobDigest, signal: AbortSignal): Promise<Result<Uint8Array, BlobFailure>> {
    const under = this.#fetching.get(digest);
    if (under !== undefined) return under;
    const fetching = this.#get(digest, signal).finally(() => this.#fetching.delete(digest));
    this.#fetching.set(digest, fetching);
    return fetching;
  }

  opened(send: Send): void {
    this.#send = send;
    for (const session of this.#sessions.values()) this.#join(session);
  }

  closed(): void {
    this.#send = null;
    this.#neighbours.leave();
    for (const session of [...this.#sessions.values()]) this.#goOnAlone(session);
  }

  take(message: SwarmPlace | SwarmEnded): void {
    const session = this.#sessions.get(message.blob);
    if (message.type === 'swarm-ended') return void (session && this.#goOnAlone(session));
    // The answer came too late, or crossed a goodbye.
    if (session === undefined)
      return void this.#send?.({ type: 'swarm-leave', blob: message.blob });
    session.place = message;
    session.saidIdle = false;
    session.answered();
    this.#settle(session, message);
  }

  assigned({ program, constants }: AssignMessage): void {
    if (program.kind === 'onnx') this.#offer(program.model);
    if (constants !== null) this.#offer(constants);
  }

  setActive(isActive: boolean): void {
    if (this.#isActive === isActive) return;
    this.#isActive = isActive;
    for (const session of [...this.#sessions.values()]) {
      if (session.download !== null) this.#report(session);
      else if (!isActive && this.#holdings.chunksOf(session.blob) !== null) this.#leave(session);
    }
  }

  get #mayShare(): boolean {
    const { budget, wallMs, mayUpload } = this.#ports;
    return this.#isActive && mayUpload() && !budget.isSpent(wallMs());
  }

  async #get(digest: BlobDigest, signal: AbortSignal): Promise<Result<Uint8Array, BlobFailure>> {
    const cached = await this.#holdings.find(digest);
    if (cached !== null) {
      this.#offer(digest);
      return ok(cached);
    }
    const session = this.#sessionOf(digest);
    await this.#firstPlace(session, signal);
    if (session.place !== null) return this.#fetch(session, session.place, signal);
    this.#forget(session);
    return this.#ports.whole.get(digest, signal);
  }

  /** Others may have it, where all of it is in the cache. */
  #offer(blob: BlobDigest): void {
    const bytes = this.#holdings.bytesOf(blob) ?? 0;
    if (bytes < MIN_SWARM_BLOB_BYTES || this.#sessions.has(blob) || !this.#mayShare) return;
    this.#join(this.#sessionOf(blob));
  }

  #sessionOf(blob: BlobDigest): Session {
    const known = this.#sessions.get(blob);
    if (known !== undefined) return known;
    const session: Session = {
      blob,
      download: null,
      answered: () => undefined,
      place: null,
      told: '',
      saidIdle: false,
      fromPeers: 0,
    };
    this.#sessions.set(blob, session);
    this.#tick();
    return session;
  }

  /** Ends when the coordinator has answered, or with no place. */
  #firstPlace(session: Session, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const answered = (): void => {
        session.answered = () => undefined;
        cancel();
        resolve();
      };
      const cancel = this.#ports.clock.after(JOIN_DEADLINE_MS, answered);
      session.answered = answered;
      signal.addEventListener('abort', answered);
      if (!this.#join(session)) answered();
    });
  }

  async #fetch(
    session: Session,
    place: SwarmPlace,
    signal: AbortSignal,
  ): Promise<Result<Uint8Array, BlobFailure>> {
    const { blob } = session;
    const { feed, clock, random } = this.#ports;
    const download = new Download(blob, place.bytes, {
      feed,
      clock,
      random,
      ask: (peer, chunk) => {
        this.#neighbours.send(peer, { type: 'want', blob, chunk });
      },
      drop: (peer, why) => {
        this.#neighbours.drop(peer, why);
      },
      onKept: (chunk, bytes, from) => {
        this.#kept(session, chunk, from === null ? 0 : bytes);
      },
    });
    session.download = download;
    signal.addEventListener('abort', () => {
      download.cancel();
    });
    this.#settle(session, place);
    const result = await download.done;
    this.#report(session);
    const isKept = result.ok && (await this.#holdings.keep(blob, result.value));
    session.download = null;
    if (!isKept || session.place === null || !this.#mayShare) this.#leave(session);
    return result;
  }

  /** What it is to fetch, and with whom. */
  #settle({ download, blob }: Session, place: SwarmPlace): void {
    // Nobody is met before there is anything to say.
    if (download === null && this.#holdings.chunksOf(blob) === null) return;
    this.#neighbours.place(place);
    if (download === null) return;
    const share = ChunkSet.parse(place.share, download.picker.have.count);
    if (share !== null) download.picker.setShare(share);
    download.pump();
  }

  /** It is in no swarm (any more): what is missing comes from the coordinator. */
  #goOnAlone(session: Session): void {
    session.place = null;
    session.told = '';
    session.answered();
    this.#neighbours.end(session.blob);
    if (session.download === null) this.#forget(session);
    else session.download.goOnAlone();
  }

  #join(session: Session): boolean {
    const have = this.#haveOf(session)?.toHex() ?? '';
    const { blob } = session;
    return this.#send?.({ type: 'swarm-join', blob, have, shares: this.#mayShare }) ?? false;
  }

  #leave(session: Session): void {
    if (session.place !== null) this.#send?.({ type: 'swarm-leave', blob: session.blob });
    this.#forget(session);
  }

  #forget(session: Session): void {
    if (this.#sessions.get(session.blob) === session) this.#sessions.delete(session.blob);
    this.#neighbours.end(session.blob);
    if (this.#sessions.size === 0) this.#neighbours.leave();
  }

  #kept(session: Session, chunk: number, fromPeers: number): void {
    const { blob, download } = session;
    this.#traffic(fromPeers, 0, session);
    if (this.#mayShare) this.#neighbours.tell({ type: 'got', blob, chunk });
    // Whoever has nothing to fetch from the coordinator is given more at once.
    if (session.saidIdle || download?.picker.isShareDone !== true) return;
    session.saidIdle = true;
    this.#report(session);
  }

  /** Tells the coordinator what it has, where that is news; and neighbours where it passes on what it did not. */
  #report(session: Session): void {
    const { blob, download, place, fromPeers } = session;
    if (place === null || download === null) return;
    const have = download.picker.have.toHex();
    const shares = this.#mayShare;
    const told = `${have} ${shares}`;
    if (told === session.told) return;
    if (!session.told.endsWith(`${shares}`)) this.#tellAll(session);
    session.told = told;
    session.fromPeers = 0;
    this.#send?.({ type: 'swarm-have', blob, have, shares, fromPeers });
  }

  #traffic(fromPeers: number, toPeers: number, session?: Session): void {
    if (session !== undefined) session.fromPeers += fromPeers;
    this.#fromPeers += fromPeers;
    this.#toPeers += toPeers;
    if (fromPeers + toPeers > 0) this.#ports.onTraffic(this.#fromPeers, this.#toPeers);
  }

  #haveOf({ blob, download }: Session): ChunkSet | null {
    return download === null ? this.#holdings.chunksOf(blob) : download.picker.have;
  }

  #tellAll(session: Session): void {
    const have = this.#mayShare ? this.#haveOf(session) : null;
    if (have === null) return;
    this.#neighbours.tell({ type: 'have', blob: session.blob, have: have.toHex() });
  }

  #met(peer: PeerId, blob: BlobDigest): void {
    const session = this.#sessions.get(blob);
    if (session === undefined) return;
    session.download?.picker.meet(peer);
    const have = this.#mayShare ? this.#haveOf(session) : null;
    if (have !== null) this.#neighbours.send(peer, { type: 'have', blob, have: have.toHex() });
  }

  /** False where the neighbour breaks the rules. */
  #hear(peer: PeerId, link: ChunkLink, message: ChunkMessage, bytes: Uint8Array | null): boolean {
    const session = this.#sessions.get(message.blob);
    const download = session?.download ?? null;
    if (message.type === 'want') return this.#wanted(link, message, session);
    // It may speak of what was left meanwhile, or is here by now.
    if (download === null) return true;
    const { picker } = download;
    if (message.type === 'have') {
      const has = ChunkSet.parse(message.have, picker.have.count);
      if (has === null) return false;
      picker.announce(peer, has);
      download.pump();
      return true;
    }
    if (message.chunk >= picker.have.count) return false;
    switch (message.type) {
      case 'got':
        picker.got(peer, message.chunk);
        break;
      case 'refuse':
        picker.refused(peer, message.chunk);
        break;
      case 'chunk': {
        const { start, end } = chunkRange(message.chunk, download.bytes);
        if (bytes?.byteLength !== end - start) return false;
        return download.take(peer, message.chunk, bytes);
      }
      default:
        message satisfies never;
    }
    download.pump();
    return true;
  }

  #wanted(link: ChunkLink, { blob, chunk }: WantMessage, session: Session | undefined): boolean {
    const have = session === undefined ? null : this.#haveOf(session);
    if (have?.has(chunk) === true) return this.#uploads.want(link, { blob, chunk });
    void link.send({ type: 'refuse', blob, chunk });
    return true;
  }

  /** A copy of a chunk that is what its hash says. */
  async #read(blob: BlobDigest, chunk: number): Promise<Uint8Array | null> {
    const session = this.#sessions.get(blob);
    if (session === undefined) return null;
    const own = session.download?.read(chunk) ?? null;
    if (own !== null) return new Uint8Array(own);
    const held = await this.#holdings.read(blob, chunk);
    // The cache lost it, or spoiled it.
    if (held === null && session.download === null) this.#leave(session);
    return held;
  }

  #tick(): void {
    if (this.#isTicking || this.#sessions.size === 0) return;
    this.#isTicking = true;
    this.#ports.clock.after(TICK_MS, () => {
      this.#isTicking = false;
      for (const session of this.#sessions.values()) {
        this.#report(session);
        session.download?.pump();
      }
      this.#tick();
    });
  }
}

type WantMessage = Extract<ChunkMessage, { type: 'want' }>;
