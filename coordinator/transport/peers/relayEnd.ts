/**
 * One end of a relayed lane: a socket that waits for its partner, then passes what comes to it.
 *
 * Invariant: before it has a partner, and while the partner's unsent bytes are above the high-water mark, the
 * socket is not read.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { PeerId } from '../../../shared/ids.ts';
import {
  RELAY_HIGH_WATER_BYTES,
  RELAY_PARTNER_DEADLINE_MS,
  RELAY_STALL_DEADLINE_MS,
} from '../../../shared/limits.ts';
import { RELAY_CLOSE } from '../../../shared/protocol/peers.ts';

export type OnBytes = (from: PeerId, to: PeerId, bytes: number) => void;

/** RFC 6455 section 7.4.1: text where only binary is taken. */
const CLOSE_UNSUPPORTED = 1003;
/** A socket that is not read does not see its partner's close: it is cut where it does not answer ours. */
const CLOSE_DEADLINE_MS = 5_000;

export interface RelayEndInit {
  readonly ws: WebSocket;
  /** The one beneath `ws`. */
  readonly socket: Duplex;
  readonly from: PeerId;
  readonly to: PeerId;
  readonly onBytes: OnBytes;
}

type State =
  | { readonly kind: 'waiting'; readonly deadline: NodeJS.Timeout }
  | { readonly kind: 'joined'; readonly partner: RelayEnd }
  | { readonly kind: 'closed' };

export class RelayEnd {
  readonly #init: RelayEndInit;
  #state: State;
  #stall: NodeJS.Timeout | null = null;

  constructor(init: RelayEndInit) {
    this.#init = init;
    init.ws.pause();
    const deadline = setTimeout(() => {
      this.close(RELAY_CLOSE.partnerGone, 'the other end did not come');
    }, RELAY_PARTNER_DEADLINE_MS);
    this.#state = { kind: 'waiting', deadline };
    init.ws.on('message', (data, isBinary) => this.#take(data as Buffer, isBinary));
    init.socket.on('drain', () => this.#drained());
  }

  get to(): PeerId {
    return this.#init.to;
  }

  get isWaiting(): boolean {
    return this.#state.kind === 'waiting';
  }

  /** Both ends are there: from now on each is read. */
  join(partner: RelayEnd): void {
    for (const [end, other] of [
      [this, partner],
      [partner, this],
    ] as const) {
      end.#enter({ kind: 'joined', partner: other });
      end.#init.ws.resume();
    }
  }

  /** Closes this end, and the other with it. */
  close(code: number, reason: string): void {
    const { ws, socket } = this.#init;
    const before = this.#state;
    if (before.kind === 'closed') return;
    this.#enter({ kind: 'closed' });
    // Read again, or the answer to our close is never seen; what still comes is dropped.
    ws.resume();
    ws.close(code, reason);
    setTimeout(() => socket.destroy(), CLOSE_DEADLINE_MS).unref();
    if (before.kind === 'joined') before.partner.close(code, reason);
  }

  /** The socket has closed. */
  closed(): void {
    const before = this.#state;
    if (before.kind === 'closed') return;
    this.#enter({ kind: 'closed' });
    if (before.kind === 'joined') {
      before.partner.close(RELAY_CLOSE.partnerGone, 'the other end has closed');
    }
  }

  #enter(state: State): void {
    if (this.#state.kind === 'waiting') clearTimeout(this.#state.deadline);
    if (state.kind === 'closed') this.#endStall();
    this.#state = state;
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (this.#state.kind !== 'joined') return;
    if (!isBinary) return this.close(CLOSE_UNSUPPORTED, 'only binary messages are relayed');
    const { partner } = this.#state;
    const { ws, from, to, onBytes } = this.#init;
    partner.#init.ws.send(data);
    onBytes(from, to, data.length);
    if (partner.#init.ws.bufferedAmount <= RELAY_HIGH_WATER_BYTES || ws.isPaused) return;
    ws.pause();
    partner.#beginStall();
  }

  /** Everything that waited for this end has left: its partner is read again. */
  #drained(): void {
    this.#endStall();
    if (this.#state.kind === 'joined') this.#state.partner.#init.ws.resume();
  }

  #beginStall(): void {
    this.#stall ??= setTimeout(() => {
      this.close(RELAY_CLOSE.stalled, 'what waits for this end is not taken');
    }, RELAY_STALL_DEADLINE_MS);
  }

  #endStall(): void {
    if (this.#stall !== null) clearTimeout(this.#stall);
    this.#stall = null;
  }
}
