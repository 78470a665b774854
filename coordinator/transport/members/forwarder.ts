/**
 * What a member does with the requests that are the lead's to answer: passes them on, bodies and sockets as streams,
 * with its proof and what it knows of the caller. Understands none of them.
 *
 * Of one tenure. Invariant: nothing that is forwarded outlives either of its two sockets, or the forwarder.
 */
import { Agent, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { createProxyServer, type ProxyServer } from 'httpxy';
import { MAX_FORWARDED_REQUESTS, MAX_FORWARDED_SOCKETS } from '../../../shared/limits.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { messageOf } from '../../../shared/result.ts';
import { refuseRequest, refuseUpgrade, type UpgradeService } from '../upgrades.ts';
import type { Callers } from './callers.ts';
import { CALLER_ADDRESS_HEADER, CALLER_ORIGIN_HEADER, MEMBER_HEADER } from './proofs.ts';

/** The lead is near: a connection that takes longer will not come. */
const CONNECT_DEADLINE_MS = 5_000;
/** From asking for a socket to having it. */
const UPGRADE_DEADLINE_MS = 10_000;
/** Idle connections to the lead that are kept for the next requests. */
const KEPT_CONNECTIONS = 64;

/** Of one connection, not of the message (RFC 9110 section 7.6.1); so is whatever `Connection` names. */
const HOP_BY_HOP = ['keep-alive', 'te', 'trailer', 'proxy-connection', 'proxy-authorization'];
/** What frames the message stays, whatever `Connection` says: a body without its length would be a second request. */
const FRAMING = ['content-length', 'transfer-encoding', 'host', 'upgrade', 'connection'];

export interface ForwarderOptions {
  /** The lead's origin. */
  readonly address: string;
  readonly proof: string;
  readonly callers: Callers;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #agent: Agent;
  readonly #proxy: ProxyServer;
  /** Both ends of every socket. */
  readonly #sockets = new Set<Duplex>();
  /** Callers' sockets that speak the protocol of the lead's now: nothing of ours may be written into them. */
  readonly #upgraded = new WeakSet<Duplex>();
  readonly #requests = new Set<ServerResponse>();
  #upgrades = 0;
  /** A failure is told once, until something is answered again. */
  #isFailing = false;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const kept = { keepAlive: true, maxFreeSockets: KEPT_CONNECTIONS };
    const isSecure = options.address.startsWith('https:');
    this.#agent = isSecure ? new SecureAgent(kept) : new Agent(kept);
    this.#proxy = createProxyServer({
      target: options.address,
      prependPath: false,
      changeOrigin: true,
      upgradeTimeout: UPGRADE_DEADLINE_MS,
    });
    this.#proxy.on('proxyReq', (asked) => limitConnecting(asked));
    this.#proxy.on('proxyRes', (answer, _, response) => {
      this.#isFailing = false;
      dropHopByHop(answer);
      answer.headers.connection = response.shouldKeepAlive ? 'keep-alive' : 'close';
      // A stream of events may say nothing for a while: that it is open is told at once.
      queueMicrotask(() => {
        if (!response.headersSent) response.flushHeaders();
      });
    });
    this.#proxy.on('proxyReqWs', (asked, _, socket) => this.#watchUpgrade(asked, socket));
    this.#proxy.on('error', (error, _, response) => this.#failed(error, response));
  }

  /** Sockets and requests that are open now. */
  get openCount(): number {
    return this.#upgrades + this.#requests.size;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#requests.size >= MAX_FORWARDED_REQUESTS) return refuseRequest(response, BUSY);
    this.#requests.add(response);
    response.once('close', () => this.#requests.delete(response));
    this.#introduce(request);
    // Node has answered what is expected.
    for (const name of ['connection', 'upgrade', 'expect']) delete request.headers[name];
    // Errors are answered in `#failed`; what remains is a caller that went.
    this.#proxy.web(request, response, { agent: this.#agent }).catch(() => undefined);
  }

  readonly upgrades: UpgradeService = {
    refusal: () => (this.#upgrades >= MAX_FORWARDED_SOCKETS ? BUSY : null),
    open: (request, socket, head) => {
      this.#upgrades += 1;
      this.#keep(socket, () => (this.#upgrades -= 1));
      this.#introduce(request);
      // A connection of its own: it ends with the socket.
      this.#proxy.ws(request, socket as never, { agent: false }, head).catch(() => undefined);
    },
  };

  /** Cuts everything off. */
  close(): void {
    this.closeSockets();
    for (const response of this.#requests) response.destroy();
    this.#agent.destroy();
  }

  /** Requests have an end of their own. */
  closeSockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Tells the lead who asks. Nothing that the caller wrote in those places remains. */
  #introduce(request: IncomingMessage): void {
    const { address, origin } = this.#options.callers.of(request);
    dropHopByHop(request);
    delete request.headers['x-forwarded-for'];
    request.headers[MEMBER_HEADER] = this.#options.proof;
    request.headers[CALLER_ADDRESS_HEADER] = address;
    request.headers[CALLER_ORIGIN_HEADER] = origin;
  }

  #watchUpgrade(asked: ClientRequest, socket: Duplex): void {
    limitConnecting(asked);
    socket.once('close', () => asked.destroy());
    // Refused by the lead: what it says is passed on, and that was all.
    asked.once('response', () => socket.once('finish', () => socket.destroy()));
    asked.once('upgrade', (_, upstream: Duplex) => {
      this.#isFailing = false;
      this.#upgraded.add(socket);
      this.#keep(upstream, () => socket.destroy());
      socket.once('close', () => upstream.destroy());
      // Closed meanwhile: its event has been.
      if (socket.destroyed) upstream.destroy();
    });
  }

  #keep(socket: Duplex, onClose: () => void): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      onClose();
    });
  }

  #failed(error: Error, asked: unknown): void {
    const end = asked as ServerResponse | Duplex | undefined;
    // Who asked has gone.
    if (end === undefined || end.destroyed) return;
    if (!this.#isFailing) {
      const lead = this.#options.address;
      this.#options.log('forwarding-failed', { lead, error: messageOf(error) });
    }
    this.#isFailing = true;
    if (isResponse(end)) {
      if (end.headersSent) end.destroy();
      else refuseRequest(end, GONE);
    } else if (this.#upgraded.has(end)) end.destroy();
    else refuseUpgrade(end, GONE);
  }
}

const isResponse = (end: ServerResponse | Duplex): end is ServerResponse => 'headersSent' in end;

function dropHopByHop({ headers }: IncomingMessage): void {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  for (const name of [...HOP_BY_HOP, ...named]) if (!FRAMING.includes(name)) delete headers[name];
}

const BUSY: Problem = {
  code: 'not-ready',
  detail: 'this coordinator forwards as much as it may',
  expected: `at most ${MAX_FORWARDED_REQUESTS} requests and ${MAX_FORWARDED_SOCKETS} sockets at once`,
  fix: 'try again later, or another coordinator',
};

const GONE: Problem = {
  code: 'not-ready',
  detail: 'the coordinator that leads did not answer',
  fix: 'try again in a moment: another one takes its place',
};

function limitConnecting(asked: ClientRequest): void {
  const limit = (): void => {
    const { socket } = asked;
    if (socket?.connecting !== true) return;
    const timer = setTimeout(
      () => asked.destroy(new Error(`no connection within ${CONNECT_DEADLINE_MS} ms`)),
      CONNECT_DEADLINE_MS,
    );
    const end = (): void => clearTimeout(timer);
    socket.once('connect', end);
    socket.once('close', end);
  };
  if (asked.socket === null) asked.once('socket', limit);
  else limit();
}
