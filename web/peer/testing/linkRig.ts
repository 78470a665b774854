/**
 * Two ends of a tensor link on memory channels and a hand-turned clock, and a raw end that sends any bytes.
 */
import { encodePeerFrame, type MessageKey, type PeerFrame } from '../../../shared/peerFrame.ts';
import { assert, type Result } from '../../../shared/result.ts';
import { ManualClock, settle } from '../../volunteer/testing.ts';
import type {
  IncomingMessage,
  LinkEnd,
  LinkEvents,
  LinkLimits,
  OutgoingMessage,
  SendFailure,
  SendOptions,
} from '../linkTypes.ts';
import { memoryChannels, type MemoryByteChannel, type MemoryLine } from '../memoryByteChannel.ts';
import { TensorLink } from '../tensorLink.ts';

/** Everything that one end was told. */
export class Ear implements LinkEvents {
  readonly messages: IncomingMessage[] = [];
  readonly acks: MessageKey[] = [];
  readonly cancels: MessageKey[] = [];
  readonly ends: LinkEnd[] = [];
  readonly progress: number[] = [];
  onMessage: (message: IncomingMessage) => void = () => undefined;

  onTensors(message: IncomingMessage): void {
    this.messages.push(message);
    this.onMessage(message);
  }
  onAck(key: MessageKey): void {
    this.acks.push(key);
  }
  onCancel(key: MessageKey): void {
    this.cancels.push(key);
  }
  onProgress(_key: MessageKey, receivedBytes: number): void {
    this.progress.push(receivedBytes);
  }
  onEnd(end: LinkEnd): void {
    this.ends.push(end);
  }
}

export interface RigOptions {
  readonly lines?: readonly MemoryLine[];
  readonly limits?: Partial<LinkLimits>;
}

const hello = (text: string): Uint8Array => new TextEncoder().encode(text);

export class LinkRig {
  readonly clock = new ManualClock();
  readonly earA = new Ear();
  readonly earB = new Ear();
  readonly channels: (readonly [MemoryByteChannel, MemoryByteChannel])[];
  readonly opening: Promise<[Result<TensorLink, LinkEnd>, Result<TensorLink, LinkEnd>]>;

  constructor({ lines = [{}], limits = {} }: RigOptions = {}) {
    this.channels = lines.map((line) => memoryChannels(this.clock, line));
    const open = (end: 0 | 1, events: LinkEvents) =>
      TensorLink.open(
        this.channels.map((pair) => pair[end]),
        events,
        { clock: this.clock, hello: hello(end === 0 ? 'a' : 'b'), openDeadlineMs: 10_000, limits },
      );
    this.opening = Promise.all([open(0, this.earA), open(1, this.earB)]);
  }

  async open(): Promise<{ a: TensorLink; b: TensorLink }> {
    this.clock.pass(1_000);
    const [a, b] = await this.opening;
    assert(a.ok && b.ok, 'both ends open');
    return { a: a.value, b: b.value };
  }
}

/** What a send ended as, once it has. */
export function sent(
  link: TensorLink,
  message: OutgoingMessage,
  options?: SendOptions,
): { result: Result<void, SendFailure> | null } {
  const seen: { result: Result<void, SendFailure> | null } = { result: null };
  void link.send(message, options).then((result) => (seen.result = result));
  return seen;
}

/** A real end against one that a test writes byte by byte. */
export class HostileRig {
  readonly clock = new ManualClock();
  readonly ear = new Ear();
  readonly heard: Uint8Array[] = [];
  readonly #raw: MemoryByteChannel[];
  readonly opening: Promise<Result<TensorLink, LinkEnd>>;

  constructor(lanes = 1, limits: Partial<LinkLimits> = {}) {
    const pairs = Array.from({ length: lanes }, () =>
      memoryChannels(this.clock, { maxMessageBytes: 1024 * 1024 }),
    );
    const options = { clock: this.clock, hello: hello('honest'), openDeadlineMs: 5_000, limits };
    this.opening = TensorLink.open(
      pairs.map(([a]) => a),
      this.ear,
      options,
    );
    this.#raw = pairs.map(([, b]) => b);
    for (const raw of this.#raw) {
      const none = { onOpen() {}, onDrain() {}, onClose() {} };
      raw.listen({ ...none, onMessage: (bytes) => this.heard.push(bytes) }, 0);
    }
    this.clock.pass(0);
  }

  raw(bytes: Uint8Array, lane = 0): void {
    this.#raw[lane]!.send(bytes);
    this.clock.pass(0);
  }

  tell(frame: PeerFrame): void {
    this.raw(encodePeerFrame(frame), frame.lane);
  }

  async greet(window = 1024 * 1024): Promise<TensorLink> {
    const lanes = this.#raw.length;
    const payload = new Uint8Array(0);
    this.tell({ kind: 'hello', lane: 0, lanes, window, maxFrameBytes: 65_536, payload });
    await settle();
    const opened = await this.opening;
    assert(opened.ok, 'it opens');
    return opened.value;
  }
}
