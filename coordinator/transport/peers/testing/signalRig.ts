/** Signalling without sockets, on a clock that is moved by hand, of one coordinator or several on one bus. */
import { randomBytes } from 'node:crypto';
import type { PeerId } from '../../../../shared/ids.ts';
import { assert } from '../../../../shared/result.ts';
import { DirectorySync } from '../directorySync.ts';
import type { Bus } from '../bus.ts';
import { PeerDirectory, type Admission } from '../peerDirectory.ts';
import { Signalling, type PeerPort } from '../signalling.ts';

export class FakePort implements PeerPort {
  readonly sent: Record<string, unknown>[] = [];
  readonly closes: number[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(code: number): void {
    this.closes.push(code);
  }

  /** Types of what was sent, but OPEN. */
  get types(): unknown[] {
    return this.sent.map(({ type }) => type).filter((type) => type !== 'OPEN');
  }
}

/** A bus that delivers when it is told to, may lose messages, and is shared by the nodes of a test. */
export class HandBus {
  readonly waiting: string[] = [];
  readonly #handlers: ((text: string) => void)[] = [];

  connect(): Bus {
    return {
      publish: (_, text) => void this.waiting.push(text),
      subscribe: async (_, handler) => void this.#handlers.push(handler),
      close: async () => {},
    };
  }

  /** Delivers all that waits, and what follows from it. */
  async deliver(): Promise<void> {
    await turn();
    for (let text = this.waiting.shift(); text !== undefined; text = this.waiting.shift()) {
      for (const handle of this.#handlers) handle(text);
      await turn();
    }
  }

  /** All that waits is lost. */
  async lose(): Promise<number> {
    await turn();
    return this.waiting.splice(0).length;
  }
}

/** Messages are put together in a microtask. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

export interface Clock {
  nowMs: number;
}

export class SignalRig {
  readonly directory: PeerDirectory;
  readonly signalling: Signalling;
  readonly sync: DirectorySync;
  readonly refused: string[] = [];
  readonly logged: string[] = [];
  readonly clock: Clock;
  forwarded = 0;

  constructor(name: string, bus: Bus = new HandBus().connect(), clock: Clock = { nowMs: 0 }) {
    this.clock = clock;
    const now = () => clock.nowMs;
    this.directory = new PeerDirectory(name, randomBytes);
    this.sync = new DirectorySync({
      directory: this.directory,
      bus,
      now,
      onCarried: (signal) => this.signalling.deliver(signal),
      log: (event) => this.logged.push(event),
    });
    this.signalling = new Signalling({
      directory: this.directory,
      now,
      carry: (node, signal) => this.sync.carry(node, signal),
      onForwarded: () => void (this.forwarded += 1),
      onRefused: ({ code }) => this.refused.push(code),
    });
  }

  admit(): Admission {
    const admission = this.directory.admit();
    assert(admission.ok, 'the directory is full');
    return admission.value;
  }

  /** Peers who may meet each other, each with an attached port. */
  attached(count: number): { id: PeerId; port: FakePort }[] {
    const peers = Array.from({ length: count }, () => {
      const { id } = this.admit();
      return { id, port: this.attach(id) };
    });
    for (const [i, a] of peers.entries()) {
      for (const b of peers.slice(i + 1)) this.directory.introduce(a.id, b.id);
    }
    return peers;
  }

  attach(id: PeerId): FakePort {
    const port = new FakePort();
    this.signalling.attach(id, port);
    return port;
  }

  say({ id, port }: { id: PeerId; port: FakePort }, message: unknown): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    this.signalling.receive(id, port, text);
  }

  advance(ms: number): void {
    this.clock.nowMs += ms;
    this.signalling.sweep();
    this.sync.tick();
  }
}

export const offerTo = (dst: PeerId, connectionId = 'dc_1', sdp = 'v=0') => ({
  type: 'OFFER',
  dst,
  payload: { connectionId, sdp },
});
