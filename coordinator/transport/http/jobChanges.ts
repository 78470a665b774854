/**
 * Routes of what an author does to a job that is posted: pause, resume, offer more, let the referee in, cancel, delete its
 * results. Each may be asked for again, and does no more then.
 */
import { createRoute, z } from '@hono/zod-openapi';
import { jobChangeSchema, jobViewSchema, type JobView } from '../../../shared/protocol/job.ts';
import type { JobId } from '../../../shared/ids.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import type { Job } from '../../core/state.ts';
import type { RaiseOutcome } from '../../engine/raises.ts';
import { deleteResults } from '../../retention/deleteResults.ts';
import { jobFinder, requireAuthor } from './auth.ts';
import {
  idParams,
  jsonResponse,
  newApp,
  problemResponse,
  refuse,
  type App,
  type AppContext,
  type HttpDeps,
} from './context.ts';
import { jobViewer } from './jobViewer.ts';

const responses = { 200: jsonResponse('The job', jobViewSchema), default: problemResponse };

export function jobChangeRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { jobs } = deps.engine;
  app.use('/v1/jobs/*', requireAuthor(deps));

  const jobOf = jobFinder(deps);
  const view = jobViewer(deps);

  /** Refused where the job has ended: before it was asked for, or meanwhile. */
  const changed = async (
    c: AppContext,
    id: string,
    change: (id: JobId) => Promise<Job | null>,
  ): Promise<JobView> => {
    const job = await jobOf(c, id);
    return view((await change(job.id)) ?? refuse(ended(await jobOf(c, id))));
  };

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/jobs/{id}/pause',
      summary: 'Hand out nothing more of a job for now; what volunteers have of it still counts',
      request: { params: idParams },
      responses,
    }),
    async (c) => c.json(await changed(c, c.req.valid('param').id, (id) => jobs.pause(id)), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/jobs/{id}/resume',
      summary: 'Go on with a job that is paused',
      request: { params: idParams },
      responses,
    }),
    async (c) => c.json(await changed(c, c.req.valid('param').id, (id) => jobs.resume(id)), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/jobs/{id}/cancel',
      summary: 'End a job; its verified results stay. Harmless where it has ended',
      request: { params: idParams },
      responses,
    }),
    async (c) => {
      const job = await jobOf(c, c.req.valid('param').id);
      const cancelled = await jobs.cancel(job.id);
      return c.json(view(cancelled ?? (await jobOf(c, job.id))), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/jobs/{id}/second-opinion',
      summary: 'Let the referee be the second opinion where contributors are missing',
      request: {
        params: idParams,
        body: {
          required: true,
          content: {
            'application/json': { schema: z.strictObject({ secondOpinion: z.literal('referee') }) },
          },
        },
      },
      responses,
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { verification } = await jobOf(c, id);
      if (!('secondOpinion' in verification)) return refuse(NO_SECOND_OPINION);
      return c.json(await changed(c, id, (job) => jobs.allowReferee(job)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/jobs/{id}',
      summary: 'Offer more for what is left of a job; what that adds to its price is put aside',
      request: {
        params: idParams,
        body: { required: true, content: { 'application/json': { schema: jobChangeSchema } } },
      },
      responses,
    }),
    async (c) => {
      const { ratePercent, budget } = c.req.valid('json');
      const { isPrepaid } = c.get('principal');
      const most = budget === undefined ? null : BigInt(budget);
      const raise = { ratePercent, budget: most, isPrepaid };
      const { id } = c.req.valid('param');
      return c.json(
        await changed(c, id, async (job) =>
          raisedJob(await jobs.raise(job, raise), ratePercent, budget),
        ),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/jobs/{id}/results',
      summary: 'Delete the results of a job that has ended; the rest of it stays. Harmless twice',
      request: { params: idParams },
      responses,
    }),
    async (c) => {
      const job = await jobOf(c, c.req.valid('param').id);
      return c.json(view((await deleteResults(deps, job.id)) ?? refuse(stillRunning(job))), 200);
    },
  );

  return app;
}

const stillRunning = ({ id }: Job): Problem => ({
  code: 'job-running',
  detail: 'a job that runs has results to come',
  expected: 'a job that has ended',
  came: id,
  fix: 'wait for its end, or cancel it first',
});

/** Null where the job has ended; whatever else stands against it is refused. */
function raisedJob(
  outcome: RaiseOutcome,
  ratePercent: number,
  budget: string | undefined,
): Job | null {
  switch (outcome.kind) {
    case 'raised':
      return outcome.job;
    case 'ended':
      return null;
    case 'lower':
      return refuse({
        code: 'rate-lowered',
        detail:
          'what is offered for a job that runs can only rise: volunteers compute it at that rate',
        field: 'ratePercent',
        expected: `at least ${outcome.ratePercent}`,
        came: `${ratePercent}`,
        fix: 'cancel the job and post what is left at the lower rate',
      });
    case 'over-budget':
      return refuse({
        code: 'budget-too-small',
        detail: 'at this rate the job costs more than its budget',
        field: 'budget',
        expected: `at least ${outcome.price} micro-credits`,
        came: budget,
        fix: 'raise the budget, or offer less',
      });
    case 'short':
      return refuse({
        code: 'balance-too-small',
        detail: 'what the rate adds to the price is more than this key has',
        expected: `a balance of at least ${outcome.more} micro-credits`,
        came: `${outcome.balance}`,
        fix: 'ask the operator for credit, or offer less',
      });
    default:
      return outcome satisfies never;
  }
}

const NO_SECOND_OPINION: Problem = {
  code: 'no-second-opinion',
  detail: 'this job needs no second opinion: every report is checked by itself',
  expected: 'a job that asks for a quorum, or for samples',
};

const ended = ({ state }: Job): Problem => ({
  code: 'job-ended',
  detail: 'the job has ended',
  expected: 'a running job',
  came: state.kind,
});
