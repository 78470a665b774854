/**
 * What a coordinator has whether it leads or not: its port, signalling between peers, the site, counters, and who its
 * callers are. What answers requests and links is set by `lead.ts` or `member.ts`, and may change while it listens.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CoordinatorConfig } from './config.ts';
import { Metrics } from './metrics.ts';
import { siteRoutes, type BuiltSite } from './transport/http/site.ts';
import { Callers } from './transport/members/callers.ts';
import type { Bus } from './transport/peers/bus.ts';
import { NO_ICE } from './transport/peers/iceServers.ts';
import { MemoryBusHub } from './transport/peers/memoryBus.ts';
import { PeerTransport } from './transport/peers/peerTransport.ts';
import { openPostgresBus } from './transport/peers/postgresBus.ts';
import { UpgradeRouter, refuseRequest } from './transport/upgrades.ts';

/** A stop waits this long for requests in progress. */
const CLOSE_DEADLINE_MS = 2_000;

export type Log = NonNullable<CoordinatorConfig['log']>;
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FrontOptions {
  readonly config: CoordinatorConfig;
  readonly now: () => number;
  readonly log: Log;
  /** As `PeerServerDeps` has it. */
  readonly mayComeLater: () => boolean;
}

export class Front {
  readonly config: CoordinatorConfig;
  readonly now: () => number;
  readonly log: Log;
  readonly server: Server;
  readonly peers: PeerTransport;
  readonly upgrades: UpgradeRouter;
  readonly callers: Callers;
  readonly metrics: Metrics;
  readonly site: BuiltSite | null;
  /** Set before it listens. */
  answer: Answer = (_, response) => void response.destroy();

  private constructor(
    { config, now, log, mayComeLater }: FrontOptions,
    bus: Bus,
    site: BuiltSite | null,
  ) {
    this.config = config;
    this.now = now;
    this.log = log;
    this.site = site;
    const { publicUrl, trustedProxies = 0, ice = NO_ICE } = config;
    const publicOrigin = publicUrl === undefined ? null : new URL(publicUrl).origin;
    const callers = new Callers({ publicOrigin, trustedProxies });
    const metrics = new Metrics(now);
    this.callers = callers;
    this.metrics = metrics;
    this.peers = new PeerTransport({
      bus,
      ice,
      callers,
      mayComeLater,
      now,
      metrics: {
        refused: (code) => metrics.refused(code),
        signalForwarded: () => metrics.signalForwarded(),
        relayed: (bytes) => metrics.relayed(bytes),
      },
      log,
    });
    metrics.countPeers(() => this.peers.attachedCount);
    this.server = createServer((request, response) => this.#take(request, response));
    this.upgrades = new UpgradeRouter(
      (code) => metrics.refused(code),
      (request) => callers.refusal(request),
    );
    this.peers.attachSignalling(this.upgrades);
    this.upgrades.attach(this.server);
  }

  /** Rejects where the bus or the site cannot be opened. Other coordinators are heard; it does not listen yet. */
  static async open(options: FrontOptions): Promise<Front> {
    const { databaseUrl, siteDir } = options.config;
    const directory = await siteDir;
    const site = directory === undefined ? null : await siteRoutes(directory);
    const bus =
      databaseUrl === undefined
        ? new MemoryBusHub().connect()
        : await openPostgresBus(databaseUrl, options.log);
    const front = new Front(options, bus, site);
    try {
      await front.peers.start();
    } catch (thrown) {
      await front.peers.close();
      throw thrown;
    }
    return front;
  }

  /** Where it listens, as a URL of this machine or network; known once it does. */
  get localUrl(): string {
    const { port } = this.server.address() as AddressInfo;
    const { host } = this.config;
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  get url(): string {
    return this.config.publicUrl ?? this.localUrl;
  }

  /** Nothing where it listens already. Rejects, in words, where the port is not to be had. */
  async listen(): Promise<void> {
    if (!this.server.listening) await listen(this.server, this.config);
  }

  /** Takes no more requests; resolves when the last is answered or cut off. */
  async close(): Promise<void> {
    const peersClosed = this.peers.close();
    if (this.server.listening) {
      const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
      setTimeout(() => this.server.closeAllConnections(), CLOSE_DEADLINE_MS).unref();
      this.server.closeIdleConnections();
      await closed;
    }
    await peersClosed;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const problem = this.callers.refusal(request);
    if (problem === null) return this.answer(request, response);
    this.metrics.refused(problem.code);
    refuseRequest(response, problem);
  }
}

function listen(server: Server, { port, host }: CoordinatorConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(describeListenError(error)));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });

    function describeListenError(error: NodeJS.ErrnoException): Error {
      const place = `port ${port} of ${host}`;
      const why: Readonly<Record<string, string>> = {
        EADDRINUSE: `expected a free port, but ${place} is in use: stop who listens there, or choose another (--port; 0 takes a free one)`,
        EACCES: `${place} may not be used by this user: choose a port above 1023 (--port)`,
        EADDRNOTAVAIL: `this machine has no address ${host}: choose one of its own (--host)`,
      };
      const text = why[error.code ?? ''];
      return text === undefined ? error : new Error(text, { cause: error });
    }
  });
}
