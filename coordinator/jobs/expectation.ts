/** How long a planned job would take, and on whom: what the engine knows of its hosts, put before the core. */
import type { Estimate } from '../../shared/protocol/job.ts';
import {
  expectedTime,
  expectedTimeOfRoute,
  type Expected,
  type Runner,
} from '../core/expectedTime.ts';
import type { Engine } from '../engine/engine.ts';
import type { Plan } from './jobDesk.ts';

type Asked = Pick<Engine, 'hosts' | 'paces' | 'routes' | 'work'>;

export function expectationOf(
  plan: Pick<Plan, 'job' | 'offer' | 'volunteers' | 'able'>,
  route: Estimate['route'],
  engine: Asked,
): Pick<Estimate, 'hosts' | 'seconds' | 'secondsText'> {
  const { able } = plan;
  const working = able.hosts.filter((host) => host.slots > 0 && !engine.routes.isPlaced(host));
  const { seconds, text } = expectedOf(plan, working, route, engine);
  return {
    hosts: {
      connected: engine.hosts.count,
      able: able.hosts.length,
      resting: able.hosts.length - working.length,
      refused: [...able.refused],
    },
    seconds,
    secondsText: text,
  };
}

function expectedOf(
  { job, offer, volunteers }: Pick<Plan, 'job' | 'offer' | 'volunteers'>,
  working: Plan['able']['hosts'],
  route: Estimate['route'],
  { paces, work }: Asked,
): Expected {
  const { items, itemsPerShard, verification, facts } = job;
  const { refereeMsPerItem } = facts;
  if (route !== undefined)
    return expectedTimeOfRoute({ items, refereeMsPerItem }, route.itemsPerSecond, offer.cost.now);
  const runners = working.map((host): Runner => ({
    cohort: host.cohort,
    msPerItem: paces.of(host, job),
    loadMs: paces.loadMs(host, job),
  }));
  const authors = work.authorsWithWork();
  const otherAuthors = authors.size - (authors.has(job.author) ? 1 : 0);
  const timed = { items, itemsPerShard, refereeMsPerItem, verification, volunteers, otherAuthors };
  return expectedTime(timed, runners);
}
