/**
 * WebSocket services that share one HTTP server: an upgrade goes to the service of its path, or is refused with
 * a problem. Knows no messages.
 *
 * Invariant: whatever a stranger writes into the request line, nothing here throws.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemDetails, type Problem, type ProblemCode } from '../../shared/protocol/problem.ts';

export interface UpgradeService {
  /** Why this upgrade is refused; null where it is taken. */
  refusal(request: IncomingMessage): Problem | null;
  /** Called where it is not refused, in the same turn. */
  open(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export class UpgradeRouter {
  readonly #services = new Map<string, UpgradeService>();
  readonly #onRefused: (code: ProblemCode) => void;

  constructor(onRefused: (code: ProblemCode) => void) {
    this.#onRefused = onRefused;
  }

  add(path: string, service: UpgradeService): void {
    this.#services.set(path, service);
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      const service = this.#services.get(pathOf(request));
      const problem = service === undefined ? this.#unknownPath() : service.refusal(request);
      if (service === undefined || problem !== null) {
        this.#onRefused(problem!.code);
        return reject(socket, problem!);
      }
      service.open(request, socket, head);
    });
  }

  #unknownPath(): Problem {
    const expected = [...this.#services.keys()].join(', ');
    return { code: 'not-found', detail: 'no WebSocket here', expected };
  }
}

// Not `new URL`: it throws at paths like `//`, and a throw in an upgrade ends the process.
const pathOf = (request: IncomingMessage): string => request.url?.split('?', 1)[0] ?? '';

export const queryOf = (request: IncomingMessage): URLSearchParams => {
  const url = request.url ?? '';
  const at = url.indexOf('?');
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
};

function reject(socket: Duplex, problem: Problem): void {
  const details = problemDetails(problem);
  const body = JSON.stringify(details);
  const headers = `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(
    `HTTP/1.1 ${details.status} Refused\r\nConnection: close\r\n${headers}\r\n\r\n${body}`,
  );
}
