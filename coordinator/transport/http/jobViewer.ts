/** A job as its author is shown it, with what only the engine knows of one that runs. */
import type { JobView } from '../../../shared/protocol/job.ts';
import type { Job } from '../../core/state.ts';
import { executionsInHand } from '../../engine/inHand.ts';
import { viewOf } from '../../jobs/jobView.ts';
import { routeView } from '../../jobs/routeView.ts';
import type { HttpDeps } from './context.ts';

export const jobViewer =
  ({ engine }: Pick<HttpDeps, 'engine'>) =>
  (job: Job): JobView => {
    const route = engine.routes.of(job.id);
    return viewOf(job, {
      waiting: engine.waitingOf(job),
      executionsInHand: executionsInHand(engine.work, job.id),
      route: route === undefined ? null : routeView(job, route, engine.routes.speeds),
    });
  };
