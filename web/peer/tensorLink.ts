/**
 * Tensors between two peers, over one or several byte channels: every message once, whole and in order, or the link
 * ends and says why.
 *
 * Protocol logic: holds no socket and no timer of its own, and knows nothing of routes. A channel that breaks, a peer
 * that is silent, stands still or breaks the protocol ends the link; there is no half of one. Invariant: whatever
 * arrives, memory stays within the window that was granted, and nothing throws.
 */
import { MAX_PEER_HELLO_BYTES, MAX_PEER_LANES } from '../../shared/limits.ts';
import { peerBody } from '../../shared/peerBody.ts';
import {
  MAX_KEYS,
  NO_MESSAGE,
  decodePeerFrame,
  packKeys,
  unpackKeys,
  type MessageKey,
  type PeerFrame,
} from '../../shared/peerFrame.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import type { ByteChannel } from './byteChannel.ts';
import type { Clock } from './clock.ts';
import { Inbox, type Misbehaviour } from './inbox.ts';
import {
  ACK_AT_BYTES,
  ACK_DELAY_MS,
  LATENCY_FRAME_BYTES,
  LINK_LIMITS,
  LOW_WATER_BYTES,
  MESSAGE_OVERHEAD_BYTES,
  type LinkEnd,
  type LinkEvents,
  type LinkLimits,
  type LinkStats,
  type OutgoingMessage,
  type SendFailure,
  type SendOptions,
} from './linkTypes.ts';
import { Outbox } from './outbox.ts';

export interface TensorLinkOptions {
  readonly clock: Clock;
  /** What the peer is told of us: at most `MAX_PEER_HELLO_BYTES`, opaque. */
  readonly hello: Uint8Array;
  readonly openDeadlineMs: number;
  readonly limits?: Partial<LinkLimits>;
}

/** Frames without tensors that may always come: a hello, a few cancels, echoes after a pause. */
const CONTROL_BURST = 256;
/** More of them for every message that went or came: its acknowledgement, credit, cancel. */
const CONTROL_PER_MESSAGE = 4;
/** And for every beat of ours: theirs, and their echo. */
const CONTROL_PER_BEAT = 8;
/** However much traffic there was: acknowledgements of as many messages as are remembered, and their credit. */
const MOST_CONTROL = 65_536;
/** A frame that could not hold a smallest slice is no frame. */
const LEAST_FRAME_BYTES = LATENCY_FRAME_BYTES;

type State =
  | {
      readonly kind: 'opening';
      openLanes: number;
      readonly opened: (result: Result<TensorLink, LinkEnd>) => void;
    }
  | { readonly kind: 'open' }
  | { readonly kind: 'ended' };

export class TensorLink {
  readonly #lanes: readonly ByteChannel[];
  readonly #events: LinkEvents;
  readonly #clock: Clock;
  readonly #limits: LinkLimits;
  readonly #hello: Uint8Array;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  #state: State;
  #peerHello: Uint8Array | null = null;
  #peerWindow = 0;
  #cancelTimer: () => void;
  #controlLeft = CONTROL_BURST;
  #heardAtMs = 0;
  #arrivedAtMs = 0;
  #checkedAtMs = 0;
  #beat = 0;
  #beatAtMs = 0;
  #roundTripMs: number | null = null;
  #acks: MessageKey[] = [];
  #ackBytes = 0;
  #cancelAck: (() => void) | null = null;

  private constructor(
    lanes: readonly ByteChannel[],
    events: LinkEvents,
    options: TensorLinkOptions,
    opened: (result: Result<TensorLink, LinkEnd>) => void,
  ) {
    this.#lanes = lanes;
    this.#events = events;
    this.#clock = options.clock;
    this.#hello = options.hello;
    this.#limits = { ...LINK_LIMITS, ...options.limits };
    this.#inbox = new Inbox(this.#limits.windowBytes);
    this.#outbox = new Outbox(lanes, options.clock);
    this.#state = { kind: 'opening', openLanes: 0, opened };
    this.#cancelTimer = options.clock.after(options.openDeadlineMs, () => {
      const message = `the peer was not there within ${options.openDeadlineMs / 1000} s`;
      this.#end({ kind: 'not-open', message });
    });
    lanes.forEach((channel, lane) => {
      channel.listen(
        {
          onOpen: () => this.#laneOpened(),
          onMessage: (bytes) => this.#take(lane, bytes),
          onDrain: () => this.#outbox.drained(),
          onClose: (why) => this.#end({ kind: 'lost', message: why }),
        },
        LOW_WATER_BYTES,
      );
    });
  }

  /**
   * Takes the channels, lane 0 first, in the task that made them; both ends have equally many. Ends as a link that
   * has heard the peer's hello, or as the reason why there is none.
   */
  static open(
    channels: readonly ByteChannel[],
    events: LinkEvents,
    options: TensorLinkOptions,
  ): Promise<Result<TensorLink, LinkEnd>> {
    assert(channels.length >= 1 && channels.length <= MAX_PEER_LANES, 'TensorLink: 1 to 8 lanes');
    assert(options.hello.byteLength <= MAX_PEER_HELLO_BYTES, 'TensorLink: the hello is too long');
    return new Promise((opened) => new TensorLink(channels, events, options, opened));
  }

  /** What the peer said of itself. */
  get peerHello(): Uint8Array {
    assert(this.#peerHello !== null, 'peerHello: the link is open only after it');
    return this.#peerHello;
  }

  /** Ends when the message is in the channels; that it arrived is what an acknowledgement says. */
  send(message: OutgoingMessage, options: SendOptions = {}): Promise<Result<void, SendFailure>> {
    if (this.#state.kind !== 'open') return Promise.resolve(fail(ENDED));
    const { epoch, stage, sequence, descriptor, tensors } = message;
    const body = peerBody(descriptor, tensors);
    if (!body.ok) {
      const text = `expected ${body.error.expected}, came ${body.error.came}`;
      return Promise.resolve(fail({ kind: 'too-large', message: text }));
    }
    if (body.value.total + MESSAGE_OVERHEAD_BYTES > this.#peerWindow) {
      const text = `expected a message within the peer's window of ${this.#peerWindow} bytes`;
      return Promise.resolve(fail({ kind: 'too-large', message: text }));
    }
    this.#allowControl();
    return this.#outbox.send({ epoch, stage, sequence }, body.value, options);
  }

  /** Done with a message that came: the peer may forget it, and send as much more. */
  ack({ epoch, stage, sequence }: MessageKey): void {
    if (this.#state.kind !== 'open') return;
    const key = { epoch, stage, sequence };
    this.#acks.push(key);
    this.#ackBytes += this.#inbox.release(key);
    if (this.#ackBytes >= ACK_AT_BYTES || this.#acks.length === MAX_KEYS) this.#flushAcks();
    else this.#cancelAck ??= this.#clock.after(ACK_DELAY_MS, () => this.#flushAcks());
  }

  /** Frees a message that came without acknowledging it. */
  release(key: MessageKey): void {
    if (this.#state.kind === 'open') this.#grant(this.#inbox.release(key));
  }

  /** No longer wanted, by sender or receiver. What is being sent of it ends. */
  cancel({ epoch, stage, sequence }: MessageKey): void {
    if (this.#state.kind === 'open') this.#outbox.cancel({ epoch, stage, sequence });
  }

  /** Says goodbye; `end` is what this side is told. */
  close(end: LinkEnd = CLOSED): void {
    if (this.#state.kind === 'open') {
      this.#flushAcks();
      this.#outbox.control({ kind: 'bye', lane: 0 });
    }
    this.#end(end);
  }

  stats(): LinkStats {
    return {
      sentBytes: this.#outbox.sentBytes,
      receivedBytes: this.#inbox.receivedBytes,
      sendBytesPerSecond: this.#outbox.bytesPerSecond,
      roundTripMs: this.#roundTripMs,
      inFlight: this.#outbox.inFlight,
    };
  }

  #laneOpened(): void {
    const state = this.#state;
    if (state.kind !== 'opening') return;
    state.openLanes += 1;
    if (state.openLanes < this.#lanes.length) return;
    this.#outbox.control({
      kind: 'hello',
      lane: 0,
      lanes: this.#lanes.length,
      window: this.#limits.windowBytes,
      maxFrameBytes: this.#limits.maxFrameBytes,
      payload: this.#hello,
    });
    this.#openIfReady();
  }

  #openIfReady(): void {
    const state = this.#state;
    if (state.kind !== 'opening' || this.#peerHello === null) return;
    if (state.openLanes < this.#lanes.length) return;
    this.#cancelTimer();
    this.#state = { kind: 'open' };
    this.#heardAtMs = this.#checkedAtMs = this.#clock.nowMs();
    this.#scheduleCheck();
    state.opened(ok(this));
    // What other lanes brought before the hello comes after whoever awaits the link has it.
    queueMicrotask(() => this.#deliver());
  }

  #take(lane: number, bytes: Uint8Array): void {
    if (this.#state.kind === 'ended') return;
    this.#heardAtMs = this.#clock.nowMs();
    const frame = decodePeerFrame(bytes);
    if (!frame.ok) {
      const { expected, came } = frame.error;
      this.#misbehaved(`a frame: expected ${expected}, came ${came}`);
    } else if (frame.value.lane !== lane) {
      this.#misbehaved(`a frame of lane ${frame.value.lane} on lane ${lane}`);
    } else if (frame.value.kind !== 'tensors' && this.#controlLeft-- <= 0) {
      this.#misbehaved('a flood of frames without tensors');
    } else if (this.#peerHello === null && lane === 0 && frame.value.kind !== 'hello') {
      this.#misbehaved(`"${frame.value.kind}" before its hello`);
    } else this.#takeFrame(frame.value);
  }

  #takeFrame(frame: PeerFrame): void {
    switch (frame.kind) {
      case 'hello':
        return this.#takeHello(frame);
      case 'tensors': {
        const arrived = this.#inbox.takeSlice(frame);
        if (!arrived.ok) return this.#misbehaved(arrived.error.message);
        this.#arrivedAtMs = this.#heardAtMs;
        if (this.#state.kind === 'open') {
          this.#events.onProgress(frame, arrived.value, frame.total);
        }
        return this.#afterArrival();
      }
      case 'ack':
        this.#outbox.grant(frame.bytes);
        for (const key of unpackKeys(frame.payload)) {
          if (this.#outbox.acknowledge(key)) this.#events.onAck(key);
        }
        return;
      case 'credit':
        return this.#outbox.grant(frame.bytes);
      case 'cancel': {
        const cut = frame.message === NO_MESSAGE ? ok(null) : this.#inbox.takeCut(frame);
        if (!cut.ok) return this.#misbehaved(cut.error.message);
        if (this.#state.kind === 'open') this.#events.onCancel(keyOf(frame));
        return this.#afterArrival();
      }
      case 'beat':
        return this.#outbox.control({ kind: 'echo', lane: 0, number: frame.number });
      case 'echo':
        if (frame.number !== this.#beat) return;
        this.#roundTripMs = this.#heardAtMs - this.#beatAtMs;
        return;
      case 'bye':
        return this.#end({ kind: 'left', message: 'the peer said goodbye' });
      default:
        frame satisfies never;
    }
  }

  #takeHello(hello: Extract<PeerFrame, { kind: 'hello' }>): void {
    if (this.#peerHello !== null) return this.#misbehaved('a second hello');
    if (hello.lanes !== this.#lanes.length) {
      return this.#misbehaved(`${hello.lanes} lanes where we have ${this.#lanes.length}`);
    }
    if (hello.maxFrameBytes < LEAST_FRAME_BYTES) {
      return this.#misbehaved(`frames of at most ${hello.maxFrameBytes} bytes`);
    }
    this.#peerHello = new Uint8Array(hello.payload);
    this.#peerWindow = hello.window;
    this.#outbox.open(hello.window, hello.maxFrameBytes);
    this.#openIfReady();
  }

  #afterArrival(): void {
    this.#grant(this.#inbox.takeFreed());
    this.#deliver();
  }

  #deliver(): void {
    while (this.#state.kind === 'open') {
      const whole = this.#inbox.takeWhole();
      if (!whole.ok) return this.#misbehaved((whole.error satisfies Misbehaviour).message);
      if (whole.value === null) return;
      this.#allowControl();
      this.#events.onTensors(whole.value);
    }
  }

  #flushAcks(): void {
    this.#cancelAck?.();
    this.#cancelAck = null;
    if (this.#state.kind !== 'open' || this.#acks.length === 0) return;
    const payload = packKeys(this.#acks);
    const bytes = this.#ackBytes;
    this.#acks = [];
    this.#ackBytes = 0;
    this.#outbox.control({ kind: 'ack', lane: 0, bytes, payload });
  }

  #allowControl(): void {
    this.#controlLeft = Math.min(this.#controlLeft + CONTROL_PER_MESSAGE, MOST_CONTROL);
  }

  #grant(bytes: number): void {
    if (bytes > 0) this.#outbox.control({ kind: 'credit', lane: 0, bytes });
  }

  #scheduleCheck(): void {
    this.#cancelTimer = this.#clock.after(this.#limits.beatEveryMs, () => this.#check());
  }

  /** Beats, and sees whether anything still moves. */
  #check(): void {
    if (this.#state.kind !== 'open') return;
    const nowMs = this.#clock.nowMs();
    const { beatEveryMs, silenceMs, messageStallMs, creditStallMs } = this.#limits;
    const lateMs = nowMs - this.#checkedAtMs - beatEveryMs;
    this.#checkedAtMs = nowMs;
    // This end slept, and what came meanwhile has not been read yet: the silence was its own.
    if (lateMs > beatEveryMs) {
      this.#heardAtMs += lateMs;
      this.#arrivedAtMs += lateMs;
    }
    if (nowMs - this.#heardAtMs > silenceMs) {
      return this.#stalled(`the peer was silent for ${silenceMs / 1000} s`);
    }
    if (this.#inbox.isArriving && nowMs - this.#arrivedAtMs > messageStallMs) {
      return this.#stalled(`a message stood still for ${messageStallMs / 1000} s`);
    }
    if (this.#outbox.stalledMs() > creditStallMs) {
      return this.#stalled(`the peer took nothing for ${creditStallMs / 1000} s`);
    }
    this.#beat = (this.#beat + 1) >>> 0;
    this.#beatAtMs = nowMs;
    this.#controlLeft = Math.max(this.#controlLeft, CONTROL_PER_BEAT);
    this.#outbox.control({ kind: 'beat', lane: 0, number: this.#beat });
    this.#scheduleCheck();
  }

  #misbehaved(message: string): void {
    this.#end({ kind: 'misbehaved', message: `the peer sent ${message}` });
  }

  #stalled(message: string): void {
    this.#end({ kind: 'stalled', message });
  }

  #end(end: LinkEnd): void {
    const state = this.#state;
    if (state.kind === 'ended') return;
    this.#state = { kind: 'ended' };
    this.#cancelTimer();
    this.#cancelAck?.();
    for (const lane of this.#lanes) lane.close();
    this.#outbox.endAll({ kind: 'link-ended', message: end.message });
    if (state.kind === 'opening') {
      const kind = end.kind === 'lost' || end.kind === 'left' ? 'not-open' : end.kind;
      state.opened(fail({ kind, message: end.message }));
    } else this.#events.onEnd(end);
  }
}

const keyOf = ({ epoch, stage, sequence }: MessageKey): MessageKey => ({ epoch, stage, sequence });
const CLOSED: LinkEnd = { kind: 'closed', message: 'the link was closed here' };
const ENDED: SendFailure = { kind: 'link-ended', message: 'the link has ended' };
