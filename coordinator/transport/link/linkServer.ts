/**
 * WebSocket links on the HTTP server's `upgrade` event. Sockets and their bounds only; what the messages
 * mean is `hostConnection.ts`'s business.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { Allowance } from '../../../shared/allowance.ts';
import {
  HELLO_DEADLINE_MS,
  MAX_FRAME_BYTES,
  MAX_LINKS,
  MAX_LINKS_PER_ADDRESS,
  MAX_LINK_BACKLOG_BYTES,
  MAX_LINK_MESSAGES,
} from '../../../shared/limits.ts';
import { LINK_PATH } from '../../../shared/protocol/link.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { messageOf } from '../../../shared/result.ts';
import { AddressCounts } from '../addressCounts.ts';
import type { Callers } from '../members/callers.ts';
import { SocketPings, closeSockets } from '../socketPings.ts';
import type { UpgradeRouter } from '../upgrades.ts';
import { HostConnection, type LinkDeps } from './hostConnection.ts';

/** Inputs waiting for a transaction: above it the sockets are not read, so memory stays bounded. */
const BACKLOG_HIGH_BYTES = 256 * 1024 * 1024;
const BACKLOG_CHECK_MS = 50;
/** Messages of one link that wait for their turn, while a hello is proven or a lease looked up: likewise. */
const WAITING_HIGH_BYTES = 2 * MAX_FRAME_BYTES;
/** What the smallest message costs while it waits. */
const MESSAGE_BYTES = 1024;
/** WebSocket close codes (RFC 6455 section 7.4.1) and our own. */
const CLOSE_TRY_AGAIN = 1013;
const CLOSE_NO_HELLO = 4401;
/** What `ws` says of a message beyond `maxPayload`, before it closes the link. */
const WS_TOO_LARGE = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

export class LinkServer {
  readonly #deps: LinkDeps;
  readonly #callers: Pick<Callers, 'of'>;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  });
  readonly #counts = new AddressCounts(MAX_LINKS, MAX_LINKS_PER_ADDRESS);
  readonly #pings = new SocketPings(this.#sockets);

  constructor(deps: LinkDeps, callers: Pick<Callers, 'of'>) {
    this.#deps = deps;
    this.#callers = callers;
  }

  attach(router: UpgradeRouter): void {
    router.add(LINK_PATH, {
      refusal: (request) => this.#refusal(request),
      open: (request, socket, head) =>
        this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#open(ws, socket, request)),
    });
  }

  close(): void {
    this.#pings.close();
    closeSockets(this.#sockets);
  }

  #refusal(request: IncomingMessage): Problem | null {
    if (this.#deps.engine.isStopped) return { code: 'not-ready', detail: 'the coordinator stops' };
    return this.#counts.refusal(this.#callers.of(request).address);
  }

  #open(ws: WebSocket, socket: Duplex, request: IncomingMessage): void {
    const { address, origin } = this.#callers.of(request);
    this.#counts.enter(address);
    this.#pings.watch(ws);
    const connection = new HostConnection(
      {
        address,
        origin,
        send: (data) => this.#send(ws, socket, data),
        close: (code, reason) => ws.close(code, reason),
      },
      this.#deps,
    );
    const helloDeadline = setTimeout(() => {
      if (!connection.isWelcomed) ws.close(CLOSE_NO_HELLO, 'no hello came');
    }, HELLO_DEADLINE_MS);
    const { now } = this.#deps;
    const allowance = new Allowance(MAX_LINK_MESSAGES, now());
    let waitingBytes = 0;
    ws.on('message', (data, isBinary) => {
      const message = isBinary ? bytesOf(data) : (data as Buffer).toString('utf8');
      const bytes = message.length + MESSAGE_BYTES;
      waitingBytes += bytes;
      allowance.spend(now());
      connection
        .receive(message)
        .catch((error: unknown) => {
          this.#deps.log('link-error', { error: messageOf(error) });
          ws.close(CLOSE_TRY_AGAIN, 'internal error');
        })
        .finally(() => (waitingBytes -= bytes));
      this.#pauseWhile(
        ws,
        (share) => waitingBytes > WAITING_HIGH_BYTES * share || allowance.left(now()) < 0,
      );
    });
    // ws closes by itself on a protocol violation (oversize 1009, bad UTF-8 1007); the reason is its own.
    ws.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === WS_TOO_LARGE) this.#deps.metrics.refused('message-too-large');
      this.#deps.log('link-closed', { address, error: messageOf(error) });
    });
    ws.on('close', () => {
      clearTimeout(helloDeadline);
      this.#counts.leave(address);
      connection.closed();
    });
  }

  /** Everything that one turn of the event loop says to a host leaves in one write. */
  #send(ws: WebSocket, socket: Duplex, data: string | Uint8Array): void {
    if (ws.readyState !== ws.OPEN) return;
    if (socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    ws.send(data);
    if (ws.bufferedAmount > MAX_LINK_BACKLOG_BYTES) ws.terminate();
  }

  /** Where too much waits, of all links or of this one, it is not read until half of that is gone. */
  #pauseWhile(ws: WebSocket, isTooMuch: (share: number) => boolean): void {
    const isAbove = (share: number) =>
      this.#deps.engine.backlogBytes > BACKLOG_HIGH_BYTES * share || isTooMuch(share);
    if (ws.isPaused || !isAbove(1)) return;
    ws.pause();
    const check = setInterval(() => {
      if (isAbove(0.5)) return;
      clearInterval(check);
      ws.resume();
    }, BACKLOG_CHECK_MS);
  }
}

/** One contiguous view; `ws` gives fragments only where it was asked to. */
function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
