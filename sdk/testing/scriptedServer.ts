/**
 * A real HTTP server on this machine that answers as a test says, request by request.
 *
 * Not a coordinator: it knows no rules. It shows what the client sends and how it takes what can come back.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  /** Text of an event stream; the connection is then ended, or broken off. */
  readonly events?: string;
  readonly then?: 'end' | 'break' | 'stay';
}

/** `break`: the connection is closed without an answer. */
export type Handler = (request: ReceivedRequest) => Reply | 'break';

export interface ScriptedServer {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** `GET /v1/jobs`, in order. */
  readonly lines: () => string[];
  close(): Promise<void>;
}

export async function scriptedServer(handler: Handler): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, path: url, headers, body: Buffer.concat(parts) };
      requests.push(request);
      const reply = handler(request);
      if (reply === 'break') incoming.socket.destroy();
      else answer(response, reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    lines: () => requests.map(({ method, path }) => `${method} ${path}`),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(response: ServerResponse, reply: Reply): void {
  const headers: Record<string, string> = { ...reply.headers };
  if (reply.json !== undefined) headers['content-type'] = 'application/json';
  if (reply.events !== undefined) headers['content-type'] = 'text/event-stream';
  response.writeHead(reply.status ?? 200, headers);
  if (reply.events !== undefined) {
    response.write(reply.events, () => {
      if (reply.then === 'break') response.socket?.destroy();
      else if (reply.then !== 'stay') response.end();
    });
  } else if (reply.json !== undefined) response.end(JSON.stringify(reply.json));
  else response.end(reply.bytes);
}
