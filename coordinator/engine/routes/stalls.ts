/**
 * Finds two neighbours between whom an activation has not come through: one has reported its stage, and the other
 * neither begins nor does anything else. Pure.
 *
 * Whose doing it is cannot be told: what is sent from host to host nobody else sees.
 */
import type { ShardId } from '../../../shared/ids.ts';
import { leaseLengthMs } from '../../core/lease.ts';
import type { Job } from '../../core/state.ts';
import type { ShardWork } from '../../core/step.ts';
import type { ConnectedHost } from '../hosts.ts';
import type { Route } from './route.ts';
import { livingOf } from './underWay.ts';

/** Lengths of a lease: a host that computes commits, or tells of progress, well within one. */
const LEASES = 2;
/** For a host that has not delivered anything yet: it may be fetching its stage over a slow line. */
const FIRST_MS = 300_000;

/** The two hosts, the sending one first; null where everything goes on. */
export function stalledPair(
  route: Route,
  job: Job,
  shards: ReadonlyMap<ShardId, ShardWork>,
  /** When a host last reported a stage. */
  workedAtMs: Pick<WeakMap<ConnectedHost, number>, 'get'>,
  nowMs: number,
): readonly [ConnectedHost, ConnectedHost] | null {
  for (const id of route.inFlight.keys()) {
    const work = shards.get(id);
    if (work?.shard.state.kind !== 'open') continue;
    for (const [index, { first, host }] of route.members.entries()) {
      if (index === 0) continue;
      const sent = livingOf(work, first - 1);
      const waiting = livingOf(work, first);
      if (sent?.state.kind !== 'reported' || waiting?.state.kind !== 'leased') continue;
      if (waiting.state.committed !== null || waiting.state.itemsDone > 0) continue;
      const worked = workedAtMs.get(host);
      const leaseMs = leaseLengthMs(work.shard.items, job.facts.refereeMsPerItem);
      const patienceMs = worked === undefined ? FIRST_MS : leaseMs * LEASES;
      const since = Math.max(sent.state.atMs, waiting.grantedAtMs, route.seatedAtMs, worked ?? 0);
      if (nowMs - since >= patienceMs) return [route.members[index - 1]!.host, host];
    }
  }
  return null;
}
