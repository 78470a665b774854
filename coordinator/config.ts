/**
 * What an operator can set. Defaults make a coordinator on this machine with nothing else installed.
 */

import type { CohortRule } from '../shared/cohortRule.ts';
import type { WebhookNetworks } from '../shared/webhookNetworks.ts';
import type { IceConfig } from './transport/peers/iceServers.ts';

/** As `dataDir`: nothing is kept. */
export const MEMORY = ':memory:';

export interface CoordinatorConfig {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  /** Embedded store and blobs; made where absent. `MEMORY` keeps everything in memory (tests). */
  readonly dataDir: string;
  /** PostgreSQL instead of the embedded store. */
  readonly databaseUrl?: string | undefined;
  /** Blobs elsewhere than in `dataDir`. */
  readonly blobDir?: string | undefined;
  /** The origin under which hosts and authors reach it, where a proxy stands before it. */
  readonly publicUrl?: string | undefined;
  /** Where other coordinators of the same PostgreSQL reach it, as an origin; from host and port where absent. */
  readonly advertiseUrl?: string | undefined;
  /** What hosts that must not check each other have in common; see `transport/link/cohorts.ts`. */
  readonly cohorts?: CohortRule | undefined;
  /** Proxies before it whose X-Forwarded-For says where a host comes from; none where absent. */
  readonly trustedProxies?: number | undefined;
  /** STUN and TURN servers that peers are told; none where absent. */
  readonly ice?: IceConfig | undefined;
  /** Where authors may have webhooks; public addresses where absent. */
  readonly webhookNetworks?: WebhookNetworks | undefined;
  /** How long results are kept behind the end of their job: for good where null, `KEEP_RESULTS_MS` where absent. */
  readonly keepResultsMs?: number | null | undefined;
  /** The built web site, or one that is still being built; absent where only the API is served. */
  readonly siteDir?: string | Promise<string | undefined> | undefined;
  readonly log?: ((event: string, fields: Record<string, unknown>) => void) | undefined;
  /** Called when the coordinator has stopped by itself, because its store failed. */
  readonly onFatal?: ((error: unknown) => void) | undefined;
}
