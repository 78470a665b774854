/**
 * What the coordinator that holds the store has beside its front: blobs, referee, engine, jobs, links and the relay.
 * Of one tenure.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { messageOf } from '../shared/result.ts';
import { KEEP_RESULTS_MS } from '../shared/retention.ts';
import { workerChecker } from './check/workerChecker.ts';
import { MEMORY, type CoordinatorConfig } from './config.ts';
import { Engine } from './engine/engine.ts';
import type { ConnectedHost } from './engine/hosts.ts';
import { needsOf } from './engine/swarms/needs.ts';
import { Swarms } from './engine/swarms/swarms.ts';
import type { Front } from './front.ts';
import { JobDesk } from './jobs/jobDesk.ts';
import { JobInputs } from './jobs/jobInputs.ts';
import { computeItems, computeStage } from './jobs/recompute.ts';
import { diskLogFiles, memoryLogFiles, type LogFiles } from './log/logFiles.ts';
import { PublicLog } from './log/publicLog.ts';
import { workerReferee } from './referee/workerReferee.ts';
import { Retention } from './retention/retention.ts';
import type { Batches } from './serving/batches.ts';
import { serving } from './serving/serving.ts';
import type { BlobStore } from './store/blobs.ts';
import type { Store } from './store/store.ts';
import { PublicStats } from './stats/publicStats.ts';
import { nodeWebhooks } from './webhooks/nodeWebhooks.ts';
import { Webhooks } from './webhooks/webhooks.ts';
import { LinkCodes } from './transport/account/linkCodes.ts';
import { RequestLimits } from './transport/http/requestLimits.ts';
import { SignedRequests } from './transport/account/signedRequests.ts';
import { buildApp } from './transport/http/app.ts';
import { Keys } from './transport/keys.ts';
import { LinkServer } from './transport/link/linkServer.ts';
import { answerLeadCheck } from './transport/members/leadCheck.ts';
import { memberProof } from './transport/members/proofs.ts';
import { routePeers } from './transport/peers/routePeers.ts';
import { swarmPeers } from './transport/peers/swarmPeers.ts';

const SWEEP_INTERVAL_MS = 500;
/** Of a number in [0, 1): what the system's generator gives at once. */
const RANDOM_STEPS = 2 ** 32;
const chance = (): number => randomInt(RANDOM_STEPS) / RANDOM_STEPS;

export interface LeadOptions {
  readonly store: Store;
  readonly blobs: BlobStore;
  /** Where other coordinators may join: what they know this one by. */
  readonly tenure?: Tenure;
}

export interface Tenure {
  readonly id: string;
  /** Of the store. */
  readonly secret: string;
  /** Where others reach this coordinator; asked for once it listens. */
  address(): string;
}

export interface Leading {
  readonly adminToken: string;
  /** Takes no more work; resolves when what was begun is in the store. */
  stop(): Promise<void>;
  /** To be called when nothing is asked of it any more. Closes the store. */
  close(): Promise<void>;
}

/**
 * From when it resolves the front serves as the lead does. Where it rejects nothing remains of it but the store, which
 * is the caller's until then.
 */
export async function startLead(front: Front, options: LeadOptions): Promise<Leading> {
  const { config, log, metrics, now, peers } = front;
  const { store, blobs, tenure } = options;
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
  const { authorRecords: records } = store;
  const { webhookNetworks: networks = 'public', keepResultsMs = KEEP_RESULTS_MS } = config;
  const webhooks = new Webhooks({
    records,
    transport: nodeWebhooks(networks),
    networks,
    now,
    random: randomBytes,
    chance,
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
    jobEnds: webhooks,
    keepResultsMs,
  });
  const retention = new Retention({ store, blobs, keepResultsMs, now, log });
  engine.onSettled = (items) => metrics.settled(items);
  let publicLog: PublicLog | undefined;
  let batches: Batches | undefined;
  const stats = new PublicStats({ store, now, log });
  try {
    const secret = await store.secret();
    const keys = new Keys(store, secret, now);
    await webhooks.start();
    await retention.start();
    await engine.start();
    publicLog = new PublicLog({ store, files: logFiles(config), secret, log });
    publicLog.start();
    stats.start();
    metrics.observe(engine);
    const byeTokens = new Map<string, ConnectedHost>();
    const desk = new JobDesk({ store, blobs, inputs, referee, engine, now });
    const { callers } = front;
    const signing = {
      callers,
      requests: new RequestLimits(now),
      signedRequests: new SignedRequests(now, randomBytes),
      linkCodes: new LinkCodes(now, randomBytes),
    };
    const served = serving({ records, store, blobs, desk, engine, inputs, webhooks, now, log });
    batches = served.batches;
    await batches.start();
    const kept = { engine, store, blobs, desk, ...served, webhooks, keys, publicLog, stats };
    const http = { ...kept, ...signing, byeTokens, metrics, now, log };
    const shared = tenure === undefined ? {} : { leadAddress: () => tenure.address() };
    const answer = getRequestListener(buildApp({ ...http, ...shared }, front.site).fetch);
    const { cohorts = 'auto' } = config;
    const swarms = new Swarms({
      directory: swarmPeers(peers),
      needsOf: (host) => needsOf(engine.work, engine.routes.spares, host),
      bytesOf: (blob) => blobs.has(blob),
      isConnected: (host) => engine.hosts.find(host.contributor, host.host) === host,
      now,
      random: chance,
      metrics,
      log,
    });
    metrics.countSwarmMembers(() => swarms.memberCount);
    const link = { engine, store, inputs, swarms, cohorts, secret, metrics, byeTokens, now, log };
    const links = new LinkServer(link, front.callers);
    front.answer = (request, response) => {
      if (tenure !== undefined && answerLeadCheck(request, response, front.callers, tenure)) return;
      void answer(request, response);
    };
    if (tenure !== undefined) front.callers.trustMembers(memberProof(tenure.secret, tenure.id));
    links.attach(front.upgrades);
    peers.attachRelay(front.upgrades);
    const sweeps = setInterval(() => {
      engine.sweep();
      webhooks.sweep();
      retention.sweep();
    }, SWEEP_INTERVAL_MS);
    return {
      adminToken: keys.adminToken,
      async stop() {
        clearInterval(sweeps);
        links.close();
        await batches?.close();
        await engine.stop();
        await retention.close();
        // The last: what the others ended is told by the next coordinator.
        await webhooks.close();
      },
      async close() {
        await Promise.all([referee.close(), checker.close(), publicLog?.close(), stats.close()]);
        await store.close();
      },
    };
  } catch (thrown) {
    await batches?.close();
    await engine.stop();
    await webhooks.close();
    await Promise.all([referee.close(), checker.close(), publicLog?.close(), stats.close()]);
    throw thrown;
  }
}

const logFiles = ({ dataDir }: CoordinatorConfig): LogFiles =>
  dataDir === MEMORY ? memoryLogFiles() : diskLogFiles(join(dataDir, 'log'));
