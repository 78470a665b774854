/**
 * A coordinator of several on one PostgreSQL: its life put to work. It leads where nobody else does, with the engine
 * in its memory as on any store; else it is a member, and takes the lead's place when that goes.
 *
 * Invariant: whoever holds the database's lock leads, and says where it is reached only when it can be; a member
 * writes nothing.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../shared/result.ts';
import type { CoordinatorConfig } from './config.ts';
import {
  blobDirectory,
  closeParts,
  openBlobs,
  type Coordinator,
  type Parts,
} from './coordinator.ts';
import { Front, type FrontOptions, type Log } from './front.ts';
import { startLead, type Leading } from './lead.ts';
import { Life, type LifePorts, type Standing } from './life.ts';
import { Member } from './member.ts';
import { blobHomeProblem, settleBlobHome } from './store/blobHome.ts';
import { openPostgresStore, type PostgresStore } from './store/postgresStore.ts';
import { watchPostgres, type StoreWatch } from './store/postgresWatch.ts';
import { StoreHeldError } from './store/store.ts';
import { BLOB_HOME, LEAD } from './store/storeSettings.ts';
import { adminTokenOf } from './transport/keys.ts';
import { reachLead } from './transport/members/leadCheck.ts';

/** That a lead went is noticed after this at most. */
const LOOK_INTERVAL_MS = 500;
/** A start waits so long for a lead that starts itself, perhaps with a migration. */
const START_DEADLINE_MS = 60_000;
const TENURE_BYTES = 16;
/** Addresses on which one listens, but at which nobody is reached. */
const UNSPECIFIED = new Set(['0.0.0.0', '::', '']);

export type StartOptions = Omit<FrontOptions, 'mayComeLater'>;

export async function startShared(
  options: StartOptions,
  databaseUrl: string,
): Promise<Coordinator> {
  const { config, log } = options;
  requireAddress(config);
  const parts: Parts = {};
  let member: Member | null = null;
  const watch = watchPostgres(databaseUrl);
  const place = new Place(watch, {
    unfitness: async ({ blobHome }) => {
      const directory = blobDirectory(config);
      return directory === null ? null : blobHomeProblem(directory, blobHome);
    },
    async lead() {
      const store = await openUnlessHeld(databaseUrl);
      if (store === null) return false;
      parts.leading = await leadWith(parts.front!, store);
      return true;
    },
    onStanding(standing) {
      member?.stand(standing);
      logStanding(standing, log);
    },
  });
  const close = async (): Promise<void> => {
    await place.leave();
    await closeParts(parts);
  };
  try {
    const front = await Front.open({ ...options, mayComeLater: () => !place.isLead });
    parts.front = front;
    member = new Member(front);
    await place.take();
    await front.listen();
    const { url, server, peers } = front;
    log('ready', { url, store: 'postgres' });
    const { standing } = place;
    const adminToken =
      standing.kind === 'following' ? adminTokenOf(standing.secret) : parts.leading!.adminToken;
    place.keep((error) => {
      log('store-failed', { error: messageOf(error) });
      config.onFatal?.(error);
    });
    return { url, adminToken, server, peers, followed: () => place.followed, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** A life on the clock. */
class Place {
  readonly #life: Life;
  readonly #watch: StoreWatch;
  readonly #stop = new AbortController();
  #kept: Promise<void> = Promise.resolve();

  constructor(watch: StoreWatch, ports: Omit<LifePorts, 'look' | 'reach'>) {
    this.#watch = watch;
    this.#life = new Life({
      ...ports,
      look: () => watch.look(),
      reach: ({ address, tenure: id }, secret) => reachLead(address, { id, secret }),
    });
  }

  get standing(): Standing {
    return this.#life.standing;
  }

  get isLead(): boolean {
    return this.standing.kind === 'leading';
  }

  get followed(): string | null {
    return this.standing.kind === 'following' ? this.standing.lead.address : null;
  }

  /** Resolves when this coordinator leads or follows; rejects, in words, where it comes to neither. */
  async take(): Promise<void> {
    const deadlineMs = performance.now() + START_DEADLINE_MS;
    for (;;) {
      await this.#life.step();
      const { standing } = this;
      if (standing.kind === 'leading' || standing.kind === 'following') return;
      if (standing.kind === 'unfit') throw new Error(standing.why);
      if (performance.now() > deadlineMs) {
        throw new StoreHeldError('why' in standing ? standing.why : 'this coordinator has ended');
      }
      await sleep(LOOK_INTERVAL_MS);
    }
  }

  /** From now on it follows whoever leads, until it leads itself. */
  keep(onFatal: (error: unknown) => void): void {
    const { signal } = this.#stop;
    this.#kept = (async () => {
      while (!this.isLead && !signal.aborted) {
        await this.#life.step();
        await sleep(LOOK_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
      }
    })().catch(onFatal);
  }

  /** Resolves when nothing of it is under way. */
  async leave(): Promise<void> {
    this.#stop.abort();
    this.#life.end();
    await this.#kept;
    await this.#watch.close();
  }
}

/** Null where somebody else was quicker. */
async function openUnlessHeld(databaseUrl: string): Promise<PostgresStore | null> {
  try {
    return await openPostgresStore(databaseUrl);
  } catch (thrown) {
    if (thrown instanceof StoreHeldError) return null;
    throw thrown;
  }
}

async function leadWith(front: Front, store: PostgresStore): Promise<Leading> {
  const { config } = front;
  let leading: Leading | null = null;
  try {
    const directory = blobDirectory(config);
    if (directory !== null) {
      await settleBlobHome(directory, {
        read: () => store.setting(BLOB_HOME),
        keep: (home) => store.keepSetting(BLOB_HOME, home),
      });
    }
    const id = randomBytes(TENURE_BYTES).toString('hex');
    const address = () => config.advertiseUrl ?? front.localUrl;
    const tenure = { id, secret: await store.secret(), address };
    leading = await startLead(front, { store, blobs: await openBlobs(config), tenure });
    await front.listen();
    await store.keepSetting(LEAD, JSON.stringify({ address: address(), tenure: id }));
    return leading;
  } catch (thrown) {
    await leading?.stop();
    await leading?.close();
    await store.close();
    throw thrown;
  }
}

function requireAddress({ host, advertiseUrl }: CoordinatorConfig): void {
  if (advertiseUrl !== undefined || !UNSPECIFIED.has(host)) return;
  throw new Error(
    `expected an address at which other coordinators of the database reach this one, but ${host || 'every address'} is ` +
      'none: say it (--advertise http://10.0.0.5:7433), or listen on one address (--host)',
  );
}

function logStanding(standing: Standing, log: Log): void {
  switch (standing.kind) {
    case 'seeking':
      return log('no-lead', { why: standing.why });
    case 'unfit':
      return log('cannot-lead', { why: standing.why });
    case 'following':
      log('following', { lead: standing.lead.address });
      if (standing.unfitness !== null) log('cannot-lead', { why: standing.unfitness });
      return;
    case 'leading':
      return log('leading', {});
    case 'ended':
      return;
    default:
      standing satisfies never;
  }
}
