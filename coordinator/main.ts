/**
 * The composition root: a front and a lead become one running coordinator.
 */
import { join } from 'node:path';
import { MEMORY, type CoordinatorConfig } from './config.ts';
import { closeParts, openBlobs, type Coordinator, type Parts } from './coordinator.ts';
import { Front } from './front.ts';
import { startLead } from './lead.ts';
import { startShared, type StartOptions } from './sharedStore.ts';
import { openMemoryStore } from './store/memoryStore.ts';
import { openPgliteStore } from './store/pgliteStore.ts';

/**
 * Rejects where the port is taken, and where another coordinator has the store (`StoreHeldError`). On PostgreSQL it
 * joins that one instead.
 */
export async function startCoordinator(config: CoordinatorConfig): Promise<Coordinator> {
  const { databaseUrl, log = () => undefined } = config;
  const options = { config, now: () => Date.now(), log };
  return databaseUrl === undefined ? startAlone(options) : startShared(options, databaseUrl);
}

async function startAlone(options: StartOptions): Promise<Coordinator> {
  const { config, log } = options;
  const store =
    config.dataDir === MEMORY
      ? await openMemoryStore()
      : await openPgliteStore(join(config.dataDir, 'store'));
  const parts: Parts = {};
  try {
    const front = await Front.open({ ...options, mayComeLater: () => false });
    parts.front = front;
    const { adminToken } = (parts.leading = await startLead(front, {
      store,
      blobs: await openBlobs(config),
    }));
    await front.listen();
    const { url, server, peers } = front;
    log('ready', { url, store: store.kind });
    return { url, adminToken, server, peers, followed: () => null, close: () => closeParts(parts) };
  } catch (thrown) {
    // What was opened keeps the process alive: a service that listens nowhere must end.
    await closeParts(parts);
    await store.close();
    throw thrown;
  }
}
