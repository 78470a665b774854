/**
 * WebSocket links on the HTTP server's `upgrade` event. Sockets and their bounds only; what the messages
 * mean is `hostConnection.ts`'s business.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import {
  HELLO_DEADLINE_MS,
  MAX_FRAME_BYTES,
  MAX_LINKS,
  MAX_LINKS_PER_ADDRESS,
  MAX_LINK_BACKLOG_BYTES,
} from '../../../shared/limits.ts';
import { LINK_PATH } from '../../../shared/protocol/link.ts';
import { problemDetails, type Problem } from '../../../shared/protocol/problem.ts';
import { messageOf } from '../../../shared/result.ts';
import { addressOf } from './cohorts.ts';
import { HostConnection, type LinkDeps } from './hostConnection.ts';

/** A link that answers no ping for this long is dead: phones and laptops vanish without a close. */
const PING_INTERVAL_MS = 30_000;
/** Inputs waiting for a transaction: above it the sockets are not read, so memory stays bounded. */
const BACKLOG_HIGH_BYTES = 256 * 1024 * 1024;
const BACKLOG_CHECK_MS = 50;
/** Messages of one link that wait for their turn, while a hello is proven or a lease looked up: likewise. */
const WAITING_HIGH_BYTES = 2 * MAX_FRAME_BYTES;
/** What the smallest message costs while it waits. */
const MESSAGE_BYTES = 1024;
/** WebSocket close codes (RFC 6455 section 7.4.1) and our own. */
const CLOSE_TRY_AGAIN = 1013;
const CLOSE_GOING_AWAY = 1001;
const CLOSE_NO_HELLO = 4401;
/** What `ws` says of a message beyond `maxPayload`, before it closes the link. */
const WS_TOO_LARGE = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

export interface LinkServerOptions {
  /** Origin that hosts sign; from the request where absent. */
  readonly publicOrigin: string | null;
  /** Proxies before it whose X-Forwarded-For is believed. */
  readonly trustedProxies: number;
}

export class LinkServer {
  readonly #deps: LinkDeps;
  readonly #options: LinkServerOptions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  });
  readonly #perAddress = new Map<string, number>();
  readonly #silent = new WeakSet<WebSocket>();
  readonly #pings: NodeJS.Timeout;

  constructor(deps: LinkDeps, options: LinkServerOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#pings = setInterval(() => this.#ping(), PING_INTERVAL_MS);
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      const problem = this.#refusal(request);
      if (problem !== null) {
        this.#deps.metrics.refused(problem.code);
        return rejectUpgrade(socket, problem);
      }
      this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#open(ws, socket, request));
    });
  }

  get count(): number {
    return this.#sockets.clients.size;
  }

  close(): void {
    clearInterval(this.#pings);
    for (const ws of this.#sockets.clients) ws.close(CLOSE_GOING_AWAY, 'the coordinator stops');
    this.#sockets.close();
    // Whoever does not answer the close in time is cut: stopping must not wait for strangers.
    setTimeout(() => this.#sockets.clients.forEach((ws) => ws.terminate()), 500).unref();
  }

  #refusal(request: IncomingMessage): Problem | null {
    // Not `new URL`: it throws at paths like `//`, and a throw in here ends the process.
    if (request.url?.split('?', 1)[0] !== LINK_PATH) {
      return { code: 'not-found', detail: 'no WebSocket here', expected: LINK_PATH };
    }
    if (this.#deps.engine.isStopped) return { code: 'not-ready', detail: 'the coordinator stops' };
    const address = addressOf(request, this.#options.trustedProxies);
    const fromHere = this.#perAddress.get(address) ?? 0;
    if (this.count < MAX_LINKS && fromHere < MAX_LINKS_PER_ADDRESS) return null;
    return {
      code: 'too-many-links',
      detail: 'too many links are open',
      expected: `at most ${MAX_LINKS_PER_ADDRESS} from one address, ${MAX_LINKS} in all`,
      fix: 'try again later',
    };
  }

  #open(ws: WebSocket, socket: Duplex, request: IncomingMessage): void {
    const address = addressOf(request, this.#options.trustedProxies);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    const origin = this.#options.publicOrigin ?? `http://${request.headers.host ?? 'localhost'}`;
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
    let waitingBytes = 0;
    ws.on('message', (data, isBinary) => {
      this.#silent.delete(ws);
      const message = isBinary ? bytesOf(data) : (data as Buffer).toString('utf8');
      const bytes = message.length + MESSAGE_BYTES;
      waitingBytes += bytes;
      connection
        .receive(message)
        .catch((error: unknown) => {
          this.#deps.log('link-error', { error: messageOf(error) });
          ws.close(CLOSE_TRY_AGAIN, 'internal error');
        })
        .finally(() => (waitingBytes -= bytes));
      this.#pauseUntilDrained(ws, () => waitingBytes);
    });
    ws.on('pong', () => this.#silent.delete(ws));
    // ws closes by itself on a protocol violation (oversize 1009, bad UTF-8 1007); the reason is its own.
    ws.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === WS_TOO_LARGE) this.#deps.metrics.refused('message-too-large');
      this.#deps.log('link-closed', { address, error: messageOf(error) });
    });
    ws.on('close', () => {
      clearTimeout(helloDeadline);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
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
  #pauseUntilDrained(ws: WebSocket, waitingBytes: () => number): void {
    const isAbove = (share: number) =>
      this.#deps.engine.backlogBytes > BACKLOG_HIGH_BYTES * share ||
      waitingBytes() > WAITING_HIGH_BYTES * share;
    if (ws.isPaused || !isAbove(1)) return;
    ws.pause();
    const check = setInterval(() => {
      if (isAbove(0.5)) return;
      clearInterval(check);
      ws.resume();
    }, BACKLOG_CHECK_MS);
  }

  #ping(): void {
    for (const ws of this.#sockets.clients) {
      // Its pong could not be read: that is our doing.
      if (ws.isPaused) continue;
      if (this.#silent.has(ws)) ws.terminate();
      else {
        this.#silent.add(ws);
        ws.ping();
      }
    }
  }
}

/** One contiguous view; `ws` gives fragments only where it was asked to. */
function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function rejectUpgrade(socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(problemDetails(problem));
  const { status } = problemDetails(problem);
  const headers = `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n${headers}\r\n\r\n${body}`);
}
