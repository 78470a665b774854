/**
 * Finds dead WebSockets: phones and laptops vanish without a close.
 *
 * A socket that is not read because we paused it is not asked: its pong could not be seen.
 */
import type { WebSocket, WebSocketServer } from 'ws';

/** A socket that answers no ping for this long is dead. */
const PING_INTERVAL_MS = 30_000;

export class SocketPings {
  readonly #silent = new WeakSet<WebSocket>();
  readonly #timer: NodeJS.Timeout;

  constructor(server: WebSocketServer) {
    this.#timer = setInterval(() => this.#ping(server), PING_INTERVAL_MS);
  }

  /** To be called once for every socket. */
  watch(ws: WebSocket): void {
    const heard = () => void this.#silent.delete(ws);
    ws.on('message', heard);
    ws.on('pong', heard);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #ping(server: WebSocketServer): void {
    for (const ws of server.clients) {
      if (ws.isPaused) continue;
      if (this.#silent.has(ws)) ws.terminate();
      else {
        this.#silent.add(ws);
        ws.ping();
      }
    }
  }
}

/** Says goodbye to all sockets; who does not answer in time is cut: stopping must not wait for strangers. */
export function closeSockets(server: WebSocketServer): void {
  for (const ws of server.clients) ws.close(CLOSE_GOING_AWAY, 'the coordinator stops');
  server.close();
  setTimeout(() => server.clients.forEach((ws) => ws.terminate()), CLOSE_DEADLINE_MS).unref();
}

/** RFC 6455 section 7.4.1. */
const CLOSE_GOING_AWAY = 1001;
const CLOSE_DEADLINE_MS = 500;
