/**
 * WebSocket services that share one HTTP server: an upgrade goes to the service of its path, or is refused with
 * a problem. Knows no messages.
 *
 * Invariant: whatever a stranger writes into the request line, nothing here throws.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  RETRY_AFTER_S,
  problemDetails,
  type Problem,
  type ProblemCode,
} from '../../shared/protocol/problem.ts';

export interface UpgradeService {
  /** Why this upgrade is refused; null where it is taken. */
  refusal(request: IncomingMessage): Problem | null;
  /** Called where it is not refused, in the same turn. */
  open(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Why an upgrade is refused whatever its path; null where its path decides. */
export type UpgradeGuard = (request: IncomingMessage) => Problem | null;

export class UpgradeRouter {
  readonly #services = new Map<string, UpgradeService>();
  readonly #onRefused: (code: ProblemCode) => void;
  readonly #guard: UpgradeGuard;

  constructor(onRefused: (code: ProblemCode) => void, guard: UpgradeGuard = () => null) {
    this.#onRefused = onRefused;
    this.#guard = guard;
  }

  /** Takes the place of an earlier service of the same path. */
  add(path: string, service: UpgradeService): void {
    this.#services.set(path, service);
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      const service = this.#services.get(pathOf(request));
      const problem = this.#refusal(request, service);
      if (service === undefined || problem !== null) {
        this.#onRefused(problem!.code);
        return refuseUpgrade(socket, problem!);
      }
      service.open(request, socket, head);
    });
  }

  #refusal(request: IncomingMessage, service: UpgradeService | undefined): Problem | null {
    const problem = this.#guard(request);
    if (problem !== null) return problem;
    return service === undefined ? this.#unknownPath() : service.refusal(request);
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

const refusalOf = (
  problem: Problem,
): { status: number; headers: [string, string][]; body: string } => {
  const details = problemDetails(problem);
  const body = JSON.stringify(details);
  const headers: [string, string][] = [
    ['Content-Type', 'application/problem+json'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ];
  if (problem.code === 'not-ready') headers.push(['Retry-After', RETRY_AFTER_S]);
  return { status: details.status, headers, body };
};

/** Answers an upgrade that does not take place. */
export function refuseUpgrade(socket: Duplex, problem: Problem): void {
  const { status, headers, body } = refusalOf(problem);
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  // Not kept half open by somebody who does not close.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n${lines}\r\n${body}`);
}

/** Answers a request of which nothing was answered yet. Its body is not read: the connection ends. */
export function refuseRequest(response: ServerResponse, problem: Problem): void {
  const { status, headers, body } = refusalOf(problem);
  response.writeHead(status, [...headers, ['Connection', 'close']].flat()).end(body);
}
