/**
 * The composition root: store, referee, engine and transports become one running coordinator.
 */
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { createServer } from 'node:http';
import { messageOf } from '../shared/result.ts';
import { workerChecker } from './check/workerChecker.ts';
import { MEMORY, type CoordinatorConfig } from './config.ts';
import { Engine } from './engine/engine.ts';
import type { ConnectedHost } from './engine/hosts.ts';
import { needsOf } from './engine/swarms/needs.ts';
import { Swarms } from './engine/swarms/swarms.ts';
import { JobDesk } from './jobs/jobDesk.ts';
import { JobInputs } from './jobs/jobInputs.ts';
import { computeItems, computeStage } from './jobs/recompute.ts';
import { Metrics } from './metrics.ts';
import { workerReferee } from './referee/workerReferee.ts';
import type { BlobStore } from './store/blobs.ts';
import { openDiskBlobs } from './store/diskBlobs.ts';
import { memoryBlobs } from './store/memoryBlobs.ts';
import { openMemoryStore } from './store/memoryStore.ts';
import { openPgliteStore } from './store/pgliteStore.ts';
import { openPostgresStore } from './store/postgresStore.ts';
import type { Store } from './store/store.ts';
import { buildApp } from './transport/http/app.ts';
import { siteRoutes } from './transport/http/site.ts';
import { Keys } from './transport/keys.ts';
import { LinkServer } from './transport/link/linkServer.ts';
import type { Bus } from './transport/peers/bus.ts';
import { NO_ICE } from './transport/peers/iceServers.ts';
import { MemoryBusHub } from './transport/peers/memoryBus.ts';
import { PeerTransport } from './transport/peers/peerTransport.ts';
import { routePeers } from './transport/peers/routePeers.ts';
import { swarmPeers } from './transport/peers/swarmPeers.ts';
import { openPostgresBus } from './transport/peers/postgresBus.ts';
import { UpgradeRouter } from './transport/upgrades.ts';

const SWEEP_INTERVAL_MS = 500;
/** A stop waits this long for requests in progress. */
const CLOSE_DEADLINE_MS = 2_000;

type Log = NonNullable<CoordinatorConfig['log']>;

export interface Coordinator {
  readonly url: string;
  readonly adminToken: string;
  /** For whoever runs it in the same process (development, benchmarks). */
  readonly server: Server;
  /** Likewise: who may meet, and what they are told. */
  readonly peers: PeerTransport;
  /** Lets go of everything; resolves when the store is closed. */
  close(): Promise<void>;
}

/** Rejects where the store is held by another coordinator (`StoreHeldError`) or the port is taken. */
export async function startCoordinator(config: CoordinatorConfig): Promise<Coordinator> {
  const log = config.log ?? (() => undefined);
  const now = () => Date.now();
  const store = await openStore(config);
  try {
    return await start(config, store, now, log);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function start(
  config: CoordinatorConfig,
  store: Store,
  now: () => number,
  log: Log,
): Promise<Coordinator> {
  const blobs = await openBlobs(config);
  const bus = await openBus(config, log);
  const inputs = new JobInputs(blobs);
  const referee = workerReferee();
  const recompute = { referee, blobs, inputs };
  const checker = workerChecker(inputs, {
    onFailure: ({ detail, came }) => log('check-failed', { detail, came }),
  });
  const onFatal = (error: unknown) => {
    log('store-failed', { error: messageOf(error) });
    config.onFatal?.(error);
  };
  store.onLost(onFatal);
  const { cohorts = 'auto', trustedProxies = 0 } = config;
  const peers = new PeerTransport({
    bus,
    ice: config.ice ?? NO_ICE,
    trustedProxies,
    now,
    metrics: {
      refused: (code) => metrics.refused(code),
      signalForwarded: () => metrics.signalForwarded(),
      relayed: (bytes) => metrics.relayed(bytes),
    },
    log,
  });
  const engine = new Engine({
    store,
    compute: (job, items) => computeItems(recompute, job, items),
    stages: {
      directory: routePeers(peers),
      computeStage: (stage, stacked) => computeStage(recompute, stage, stacked),
      inputRows: async (job, items) => (await inputs.batch(job, items)).stacked,
    },
    checker,
    now,
    random: randomBytes,
    onFatal,
    notice: log,
  });
  const metrics = new Metrics(engine, now);
  engine.onSettled = (items) => metrics.settled(items);
  const keys = new Keys(store, await store.secret(), now);
  const byeTokens = new Map<string, ConnectedHost>();
  const desk = new JobDesk({ store, blobs, inputs, referee, engine, now });
  const siteDir = await config.siteDir;
  const site = siteDir === undefined ? null : await siteRoutes(siteDir);
  const http = { engine, store, blobs, desk, keys, metrics, byeTokens, now, log };
  const answer = getRequestListener(buildApp(http, site).fetch);
  const server = createServer((request, response) => void answer(request, response));
  const publicOrigin = config.publicUrl === undefined ? null : new URL(config.publicUrl).origin;
  const swarms = new Swarms({
    directory: swarmPeers(peers),
    needsOf: (host) => needsOf(engine.work, engine.routes.spares, host),
    bytesOf: (blob) => blobs.has(blob),
    isConnected: (host) => engine.hosts.find(host.contributor, host.host) === host,
    now,
    random: Math.random,
    metrics,
    log,
  });
  metrics.countSwarmMembers(() => swarms.memberCount);
  const link = { engine, store, inputs, swarms, cohorts, metrics, byeTokens, now, log };
  const links = new LinkServer(link, { publicOrigin, trustedProxies });
  metrics.countPeers(() => peers.attachedCount);
  const upgrades = new UpgradeRouter((code) => metrics.refused(code));
  links.attach(upgrades);
  peers.attach(upgrades);
  upgrades.attach(server);

  try {
    await engine.start();
    await peers.start();
    await listen(server, config);
  } catch (error) {
    // What was opened keeps the process alive: a service that listens nowhere must end.
    links.close();
    await engine.stop();
    await Promise.all([peers.close(), referee.close(), checker.close()]);
    throw error;
  }
  const sweeps = setInterval(() => engine.sweep(), SWEEP_INTERVAL_MS);
  const { port } = server.address() as AddressInfo;
  const url = config.publicUrl ?? `http://${config.host}:${port}`;
  log('ready', { url, store: store.kind });
  return {
    url,
    adminToken: keys.adminToken,
    server,
    peers,
    async close() {
      clearInterval(sweeps);
      links.close();
      const peersClosed = peers.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      setTimeout(() => server.closeAllConnections(), CLOSE_DEADLINE_MS).unref();
      server.closeIdleConnections();
      await engine.stop();
      await peersClosed;
      await closed;
      await referee.close();
      await checker.close();
      await store.close();
    },
  };
}

function openStore(config: CoordinatorConfig): Promise<Store> {
  if (config.databaseUrl !== undefined) return openPostgresStore(config.databaseUrl);
  if (config.dataDir === MEMORY) return openMemoryStore();
  return openPgliteStore(join(config.dataDir, 'store'));
}

async function openBus(config: CoordinatorConfig, log: Log): Promise<Bus> {
  if (config.databaseUrl === undefined) return new MemoryBusHub().connect();
  return openPostgresBus(config.databaseUrl, log);
}

async function openBlobs(config: CoordinatorConfig): Promise<BlobStore> {
  if (config.blobDir !== undefined) return openDiskBlobs(config.blobDir);
  return config.dataDir === MEMORY ? memoryBlobs() : openDiskBlobs(join(config.dataDir, 'blobs'));
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
