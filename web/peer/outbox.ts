/**
 * The sending half of a link: messages become slices on the lanes, as the peer's credit and the channels allow.
 *
 * One message is being sent at a time, in the order of `send`. Invariant: what was begun never exceeds what the
 * peer granted, and no lane buffers more than its high water and one frame.
 */
import { readPeerBody, type PeerBody } from '../../shared/peerBody.ts';
import {
  NO_MESSAGE,
  PEER_HEADER_BYTES,
  writePeerHeader,
  type MessageKey,
  type PeerFrame,
} from '../../shared/peerFrame.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { ByteChannel } from './byteChannel.ts';
import type { Clock } from './clock.ts';
import { keyText } from './inbox.ts';
import {
  FAST_BYTES_PER_MS,
  FAST_HIGH_WATER_BYTES,
  LATENCY_BODY_BYTES,
  LATENCY_FRAME_BYTES,
  LOW_WATER_BYTES,
  MESSAGE_OVERHEAD_BYTES,
  SLOW_FRAME_BYTES,
  SLOW_HIGH_WATER_BYTES,
  type SendFailure,
  type SendOptions,
} from './linkTypes.ts';

/** A measure of the line over less time than this is one of the buffers before it. */
const LEAST_MEASURE_MS = 50;
/** And over more it is of another line than the present one. */
const MOST_MEASURE_MS = 1_000;
/** Keys that are remembered as not acknowledged; a peer that never acknowledges must not cost memory. */
const MAX_UNACKNOWLEDGED = 16_384;

interface Job {
  readonly key: MessageKey;
  readonly body: PeerBody;
  readonly onProgress: SendOptions['onProgress'];
  readonly end: (result: Result<void, SendFailure>) => void;
  /** Set when its first slice goes. */
  message: number;
  sent: number;
}

export class Outbox {
  readonly #lanes: readonly ByteChannel[];
  readonly #clock: Clock;
  readonly #queue: Job[] = [];
  readonly #unacknowledged = new Set<string>();
  #scratch = new Uint8Array(SLOW_FRAME_BYTES);
  #maxFrameBytes = 0;
  #credit = 0;
  #next = 0;
  #sentBytes = 0;
  #turn = 0;
  #busySince: { atMs: number; leftBytes: number } | null = null;
  #bytesPerMs = 0;
  #movedAtMs: number;

  constructor(lanes: readonly ByteChannel[], clock: Clock) {
    this.#lanes = lanes;
    this.#clock = clock;
    this.#movedAtMs = clock.nowMs();
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  get bytesPerSecond(): number {
    return this.#bytesPerMs * 1000;
  }

  get inFlight(): number {
    return this.#unacknowledged.size;
  }

  /** For how long messages have been waiting without anything having moved. */
  stalledMs(): number {
    return this.#queue.length > 0 ? this.#clock.nowMs() - this.#movedAtMs : 0;
  }

  /** The peer's hello: from now on messages may go. */
  open(windowBytes: number, maxFrameBytes: number): void {
    this.#maxFrameBytes = maxFrameBytes;
    this.grant(windowBytes);
  }

  grant(bytes: number): void {
    if (bytes > 0) this.#moved();
    this.#credit = Math.min(this.#credit + bytes, Number.MAX_SAFE_INTEGER);
    this.pump();
  }

  /** Resolves when its last slice is in a channel. */
  send(key: MessageKey, body: PeerBody, options: SendOptions): Promise<Result<void, SendFailure>> {
    const { signal, onProgress } = options;
    if (signal?.aborted === true) return Promise.resolve(fail(CANCELLED));
    return new Promise((resolve) => {
      const onAbort = (): void => this.#drop(job);
      const end = (result: Result<void, SendFailure>): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const job: Job = { key, body, onProgress, end, message: NO_MESSAGE, sent: 0 };
      signal?.addEventListener('abort', onAbort);
      if (this.#queue.length === 0) this.#moved();
      this.#queue.push(job);
      this.pump();
    });
  }

  /** False where it was never sent, was acknowledged, or is forgotten. */
  acknowledge(key: MessageKey): boolean {
    return this.#unacknowledged.delete(keyText(key));
  }

  /** Ends the first waiting message of this key; the peer is told in any case. */
  cancel(key: MessageKey): void {
    const text = keyText(key);
    const job = this.#queue.find((waiting) => keyText(waiting.key) === text);
    if (job !== undefined) this.#drop(job);
    else this.control({ kind: 'cancel', lane: 0, ...key, message: NO_MESSAGE, sent: 0, total: 0 });
    this.#unacknowledged.delete(text);
  }

  /** Sends a frame without payload, or a hello, on the lane where it waits least. */
  control(frame: PeerFrame): void {
    const lane = frame.kind === 'hello' ? 0 : this.#emptiest();
    const payload = 'payload' in frame ? frame.payload : new Uint8Array(0);
    const bytes = this.#frameBytes({ ...frame, lane }, payload.byteLength);
    bytes.set(payload, PEER_HEADER_BYTES);
    this.#lanes[lane]!.send(bytes);
  }

  /** Sends what may be sent now. */
  pump(): void {
    this.#measure();
    for (let job = this.#queue[0]; job !== undefined; job = this.#queue[0]) {
      if (!this.#sendSlices(job)) return;
      this.#queue.shift();
      job.end(ok(undefined));
    }
  }

  /** Something that waited in a channel has left. */
  drained(): void {
    this.#moved();
    this.pump();
  }

  endAll(failure: SendFailure): void {
    for (const job of this.#queue.splice(0)) job.end(fail(failure));
  }

  /** False where it must wait, for credit or for a channel. */
  #sendSlices(job: Job): boolean {
    const { total } = job.body;
    if (job.message === NO_MESSAGE && this.#credit < total + MESSAGE_OVERHEAD_BYTES) return false;
    while (job.sent < total) {
      const lane = this.#laneWithRoom(total);
      if (lane === null) return false;
      if (job.message === NO_MESSAGE) this.#begin(job);
      const size = Math.min(this.#sliceBytes(lane, total), total - job.sent);
      const { key, message, sent, body } = job;
      const { descriptorBytes } = body;
      const header = { kind: 'tensors', lane, ...key, message, descriptorBytes } as const;
      const frame = { ...header, offset: sent, total, payload: NOTHING };
      const bytes = this.#frameBytes(frame, size);
      readPeerBody(body, sent, bytes.subarray(PEER_HEADER_BYTES));
      if (!this.#lanes[lane]!.send(bytes)) return false;
      this.#moved();
      job.sent += size;
      this.#sentBytes += size;
      job.onProgress?.(job.sent, total);
    }
    return true;
  }

  #begin(job: Job): void {
    this.#credit -= job.body.total + MESSAGE_OVERHEAD_BYTES;
    job.message = this.#next;
    this.#next += 1;
    const text = keyText(job.key);
    this.#unacknowledged.add(text);
    if (this.#unacknowledged.size > MAX_UNACKNOWLEDGED) {
      for (const oldest of this.#unacknowledged) {
        this.#unacknowledged.delete(oldest);
        break;
      }
    }
    this.#busySince ??= { atMs: this.#clock.nowMs(), leftBytes: this.#sentBytes };
  }

  #drop(job: Job): void {
    const at = this.#queue.indexOf(job);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    const { key, message, sent, body } = job;
    if (message !== NO_MESSAGE) {
      this.#unacknowledged.delete(keyText(key));
      this.control({ kind: 'cancel', lane: 0, ...key, message, sent, total: body.total });
    }
    job.end(fail(CANCELLED));
    this.pump();
  }

  /** One frame of a lane, in memory that the next one reuses; the header is written. */
  #frameBytes(frame: PeerFrame, payloadBytes: number): Uint8Array {
    const bytes = PEER_HEADER_BYTES + payloadBytes;
    if (this.#scratch.byteLength < bytes) this.#scratch = new Uint8Array(bytes);
    writePeerHeader(frame, this.#scratch);
    return this.#scratch.subarray(0, bytes);
  }

  #sliceBytes(lane: number, total: number): number {
    const most = Math.min(this.#maxFrameBytes, this.#lanes[lane]!.maxMessageBytes);
    const spread = this.#lanes.length > 1 && total <= LATENCY_BODY_BYTES;
    const wanted = spread ? LATENCY_FRAME_BYTES : this.#isFast ? most : SLOW_FRAME_BYTES;
    return Math.min(wanted, most) - PEER_HEADER_BYTES;
  }

  /** Small messages take turns over the lanes, so that each carries a part; bulk goes where least waits. */
  #laneWithRoom(total: number): number | null {
    const highWater = this.#isFast ? FAST_HIGH_WATER_BYTES : SLOW_HIGH_WATER_BYTES;
    if (total <= LATENCY_BODY_BYTES) this.#turn = (this.#turn + 1) % this.#lanes.length;
    const turn = this.#lanes[this.#turn]!;
    if (total <= LATENCY_BODY_BYTES && turn.bufferedBytes <= LOW_WATER_BYTES) return this.#turn;
    const lane = this.#emptiest();
    // Above it, and so above the low water: leaving it will be told.
    return this.#lanes[lane]!.bufferedBytes <= highWater ? lane : null;
  }

  #emptiest(): number {
    let best = 0;
    for (let lane = 1; lane < this.#lanes.length; lane++) {
      if (this.#lanes[lane]!.bufferedBytes < this.#lanes[best]!.bufferedBytes) best = lane;
    }
    return best;
  }

  get #isFast(): boolean {
    return this.#bytesPerMs >= FAST_BYTES_PER_MS;
  }

  #moved(): void {
    this.#movedAtMs = this.#clock.nowMs();
  }

  /** The line's rate, over stretches in which something was always waiting for it. */
  #measure(): void {
    const since = this.#busySince;
    if (since === null) return;
    const buffered = this.#lanes.reduce((sum, lane) => sum + lane.bufferedBytes, 0);
    if (this.#queue.length === 0) {
      // Nothing waits for the line: from here on time would measure whoever sends.
      if (buffered === 0) this.#busySince = null;
      return;
    }
    const nowMs = this.#clock.nowMs();
    const elapsedMs = nowMs - since.atMs;
    if (elapsedMs < LEAST_MEASURE_MS) return;
    const leftBytes = this.#sentBytes - buffered;
    this.#bytesPerMs = Math.max(0, leftBytes - since.leftBytes) / elapsedMs;
    if (elapsedMs > MOST_MEASURE_MS) this.#busySince = { atMs: nowMs, leftBytes };
  }
}

const NOTHING = new Uint8Array(0);
const CANCELLED: SendFailure = { kind: 'cancelled', message: 'the message was called off' };
