/**
 * A relay for tests, of the form that the coordinator's has: two sockets of one lane are piped into each other.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { RELAY_PATH } from '../peerTransport.ts';

export interface TestRelay {
  readonly url: string;
  /** Bytes that were carried. */
  readonly bytes: () => number;
  close(): void;
}

export async function startTestRelay(
  server: Server = createServer(),
  maxPayload = 256 * 1024,
): Promise<TestRelay> {
  const sockets = new WebSocketServer({ server, path: RELAY_PATH, maxPayload });
  const waiting = new Map<string, WebSocket>();
  let carried = 0;
  const pipe = (from: WebSocket, to: WebSocket): void => {
    from.on('message', (data: Buffer) => {
      carried += data.length;
      to.send(data);
      if (to.bufferedAmount < 1024 * 1024) return;
      from.pause();
      const look = setInterval(() => {
        if (to.bufferedAmount > 256 * 1024 && to.readyState === to.OPEN) return;
        clearInterval(look);
        from.resume();
      }, 2);
    });
    from.on('close', () => to.close());
  };
  sockets.on('connection', (socket, request) => {
    const { searchParams } = new URL(request.url ?? '', 'http://relay');
    const [id, to, lane] = ['id', 'to', 'lane'].map((name) => searchParams.get(name) ?? '');
    socket.on('error', () => undefined);
    const partner = waiting.get(`${to} ${id} ${lane}`);
    if (partner === undefined) {
      waiting.set(`${id} ${to} ${lane}`, socket);
      socket.pause();
      return;
    }
    waiting.delete(`${to} ${id} ${lane}`);
    pipe(socket, partner);
    pipe(partner, socket);
    partner.resume();
  });
  if (!server.listening) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => carried,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.close();
    },
  };
}
