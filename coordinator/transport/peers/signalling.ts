/**
 * Signalling between peers: who is attached, what is forwarded, what waits and what expires. No sockets, no
 * timers; messages to other coordinators leave through `carry` and come in through `deliver`.
 *
 * Invariant: a message reaches a peer only while its sender and that peer may meet. To a sender, a peer that it
 * may not meet, one that is not there and one that does not exist are the same: EXPIRE, after the same wait.
 */
import { Allowance } from '../../../shared/allowance.ts';
import type { PeerId } from '../../../shared/ids.ts';
import {
  MAX_ALL_WAITING_SIGNAL_BYTES,
  MAX_REFUSALS_PER_LINK,
  MAX_SIGNALS,
  MAX_WAITING_SIGNALS,
  MAX_WAITING_SIGNAL_BYTES,
} from '../../../shared/limits.ts';
import { parseJson } from '../../../shared/protocol/parse.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import type { DirectoryEvent, NodeId, PeerDirectory } from './peerDirectory.ts';
import { OPEN_TEXT, clientSignalSchema, signalText, type Signal } from './signal.ts';

/** As the `peer` server: `expire_timeout` and `alive_timeout` of its defaults. */
export const EXPIRE_MS = 5_000;
/** PeerJS beats every 5 s; in a hidden tab browsers let timers run once a minute. */
export const ALIVE_MS = 90_000;

/** A message counts once more for every so many characters, so that a rate of messages is one of bytes. */
const CHARS_PER_MESSAGE = 4096;

export const SIGNAL_CLOSE = {
  left: 1000,
  refused: 4400,
  revoked: 4403,
  silent: 4408,
  replaced: 4409,
};

/** One attached peer's socket, as far as this needs it. */
export interface PeerPort {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface SignallingDeps {
  readonly directory: PeerDirectory;
  readonly now: () => number;
  /** To the coordinator at which the receiver is attached. */
  readonly carry: (node: NodeId, signal: Signal) => void;
  /** A message of a peer was passed on. */
  readonly onForwarded: () => void;
  readonly onRefused: (problem: Problem) => void;
}

interface Attached {
  readonly port: PeerPort;
  heardMs: number;
  refusals: number;
  readonly allowance: Allowance;
}

/** Messages of one peer to one other, the first one's time, and what they cost. */
interface Wait {
  readonly sinceMs: number;
  readonly signals: Signal[];
  bytes: number;
}

/** Of one sender. */
interface Waits {
  readonly to: Map<PeerId, Wait>;
  count: number;
  bytes: number;
}

export class Signalling {
  readonly #deps: SignallingDeps;
  readonly #attached = new Map<PeerId, Attached>();
  readonly #waits = new Map<PeerId, Waits>();
  #waitingBytes = 0;

  constructor(deps: SignallingDeps) {
    this.#deps = deps;
    deps.directory.listen((event) => this.#heard(event));
  }

  get attachedCount(): number {
    return this.#attached.size;
  }

  /** A socket that has proven to be this peer's; it takes the place of an earlier one. */
  attach(id: PeerId, port: PeerPort): void {
    const nowMs = this.#deps.now();
    const earlier = this.#attached.get(id);
    const fresh = { heardMs: nowMs, refusals: 0, allowance: new Allowance(MAX_SIGNALS, nowMs) };
    this.#attached.set(id, { port, ...fresh });
    earlier?.port.close(SIGNAL_CLOSE.replaced, 'opened anew');
    port.send(OPEN_TEXT);
    this.#deps.directory.attach(id);
  }

  /** The socket is gone. */
  detach(id: PeerId, port: PeerPort): void {
    if (this.#attached.get(id)?.port !== port) return;
    this.#attached.delete(id);
    this.#deps.directory.detach(id);
  }

  /** What came on that socket. Null: something that is no text. */
  receive(id: PeerId, port: PeerPort, text: string | null): void {
    const from = this.#attached.get(id);
    if (from?.port !== port) return;
    from.heardMs = this.#deps.now();
    const cost = 1 + Math.floor((text?.length ?? 0) / CHARS_PER_MESSAGE);
    if (!from.allowance.take(from.heardMs, cost)) {
      const expected = `at most ${MAX_SIGNALS.perSecond} a second`;
      return this.#refuse(from, {
        code: 'too-many-messages',
        detail: 'too many messages',
        expected,
      });
    }
    if (text === null) {
      return this.#refuse(from, { code: 'unknown-message', detail: 'signalling is text' });
    }
    const message = parseJson(text, clientSignalSchema);
    if (!message.ok) return this.#refuse(from, message.error);
    switch (message.value.type) {
      case 'HEARTBEAT':
        return;
      case 'LEAVE':
        if (message.value.dst === undefined) return port.close(SIGNAL_CLOSE.left, 'left');
        this.#pass({ ...message.value, src: id, dst: message.value.dst });
        return;
      case 'OFFER':
      case 'ANSWER':
      case 'CANDIDATE':
        if (this.#pass({ ...message.value, src: id })) return;
        if (!this.#await({ ...message.value, src: id })) {
          const detail = 'too many messages wait for peers who are not there';
          this.#refuse(from, { code: 'too-many-messages', detail });
        }
        return;
      default:
        message.value satisfies never;
    }
  }

  /** What another coordinator carried here. Never carried on: where two believe that the other has the peer, it waits. */
  deliver(signal: Signal): void {
    const to = this.#attached.get(signal.dst);
    if (signal.type === 'EXPIRE') return to?.port.send(signalText(signal));
    if (!this.#deps.directory.mayMeet(signal.src, signal.dst) || to === undefined) {
      if (signal.type !== 'LEAVE') this.#await(signal);
      return;
    }
    this.#deps.onForwarded();
    to.port.send(signalText(signal));
  }

  /** What is due: senders are told whom they waited for in vain, and silent peers are closed. */
  sweep(): void {
    const nowMs = this.#deps.now();
    for (const [src, waits] of this.#waits) {
      for (const [dst, wait] of waits.to) {
        if (nowMs < wait.sinceMs + EXPIRE_MS) continue;
        this.#endWait(src, waits, dst, wait);
        this.#expire({ type: 'EXPIRE', src: dst, dst: src });
      }
    }
    for (const [id, { heardMs, port }] of this.#attached) {
      if (nowMs < heardMs + ALIVE_MS) continue;
      this.detach(id, port);
      port.close(SIGNAL_CLOSE.silent, 'no heartbeat came');
    }
  }

  /** Sends it on where that is allowed and possible now. */
  #pass(signal: Signal): boolean {
    const { directory, carry, onForwarded } = this.#deps;
    if (!directory.mayMeet(signal.src, signal.dst)) return false;
    const to = this.#attached.get(signal.dst);
    const node = directory.nodeOf(signal.dst);
    if (to !== undefined) to.port.send(signalText(signal));
    else if (node !== null && node !== directory.node) carry(node, signal);
    else return false;
    onForwarded();
    return true;
  }

  #expire(signal: Signal): void {
    const { directory, carry } = this.#deps;
    const to = this.#attached.get(signal.dst);
    const node = directory.nodeOf(signal.dst);
    if (to !== undefined) to.port.send(signalText(signal));
    else if (node !== null && node !== directory.node) carry(node, signal);
  }

  #await(signal: Signal): boolean {
    const { src, dst } = signal;
    const waits = this.#waits.get(src) ?? { to: new Map<PeerId, Wait>(), count: 0, bytes: 0 };
    const bytes = bytesOf(signal);
    if (waits.count >= MAX_WAITING_SIGNALS) return false;
    if (waits.bytes + bytes > MAX_WAITING_SIGNAL_BYTES) return false;
    if (this.#waitingBytes + bytes > MAX_ALL_WAITING_SIGNAL_BYTES) return false;
    const wait = waits.to.get(dst) ?? { sinceMs: this.#deps.now(), signals: [], bytes: 0 };
    wait.signals.push(signal);
    wait.bytes += bytes;
    waits.to.set(dst, wait);
    waits.count += 1;
    waits.bytes += bytes;
    this.#waitingBytes += bytes;
    this.#waits.set(src, waits);
    return true;
  }

  #endWait(src: PeerId, waits: Waits, dst: PeerId, wait: Wait): void {
    waits.to.delete(dst);
    waits.count -= wait.signals.length;
    waits.bytes -= wait.bytes;
    this.#waitingBytes -= wait.bytes;
    if (waits.to.size === 0) this.#waits.delete(src);
  }

  /** What `src` has waiting for `dst`, where it can go now. */
  #flush(src: PeerId, dst: PeerId): void {
    const waits = this.#waits.get(src);
    const wait = waits?.to.get(dst);
    if (waits === undefined || wait === undefined || !this.#pass(wait.signals[0]!)) return;
    this.#endWait(src, waits, dst, wait);
    for (const signal of wait.signals.slice(1)) this.#pass(signal);
  }

  #heard(event: DirectoryEvent): void {
    switch (event.kind) {
      case 'may-meet':
        this.#flush(event.a, event.b);
        return this.#flush(event.b, event.a);
      case 'attached': {
        const here = this.#attached.get(event.id);
        if (here !== undefined && event.node !== this.#deps.directory.node) {
          this.#attached.delete(event.id);
          here.port.close(SIGNAL_CLOSE.replaced, 'opened anew');
        }
        for (const src of this.#deps.directory.partnersOf(event.id)) this.#flush(src, event.id);
        return;
      }
      case 'revoked': {
        const here = this.#attached.get(event.id);
        this.#attached.delete(event.id);
        return here?.port.close(SIGNAL_CLOSE.revoked, 'not a peer any more');
      }
      case 'stated':
      case 'parted':
        return;
      default:
        event satisfies never;
    }
  }

  #refuse(from: Attached, problem: Problem): void {
    this.#deps.onRefused(problem);
    from.refusals += 1;
    if (from.refusals >= MAX_REFUSALS_PER_LINK) from.port.close(SIGNAL_CLOSE.refused, problem.code);
  }
}

/** What a waiting message costs: its text and a little more. */
const bytesOf = (signal: Signal): number => 200 + 2 * signalText(signal).length;
