/**
 * Routes that anyone may read: the network, contributors, and a closing page's goodbye.
 */
import { createRoute, z } from '@hono/zod-openapi';
import type { ContributorId } from '../../../shared/ids.ts';
import { contributorAccount } from '../../../shared/ledger.ts';
import {
  contributorBalanceSchema,
  contributorViewSchema,
  networkSchema,
  type ContributorView,
} from '../../../shared/protocol/job.ts';
import { openJobsSchema } from '../../../shared/protocol/openJobs.ts';
import type { Contributor } from '../../core/state.ts';
import { OpenJobsNow } from '../../jobs/openJobs.ts';
import {
  idParams,
  jsonResponse,
  newApp,
  problemResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';

const LEADERS = 50;

export function publicRoutes({ engine, store, metrics, byeTokens, now }: HttpDeps): App {
  const app = newApp();
  const openJobs = new OpenJobsNow(engine, now);

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/network/jobs',
      summary: 'The jobs that are open to volunteers, and what they are computed with',
      responses: { 200: jsonResponse('Newest first', openJobsSchema), default: problemResponse },
    }),
    (c) => c.json(openJobs.view(), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/network',
      summary: 'The network now',
      responses: { 200: jsonResponse('The network', networkSchema), default: problemResponse },
    }),
    (c) =>
      c.json(
        {
          hosts: engine.hosts.count,
          contributors: engine.hosts.contributors().size,
          jobsRunning: engine.work.jobs.size,
          itemsPerSecond: metrics.itemsPerSecond(),
        },
        200,
      ),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/leaderboard',
      summary: 'Contributors by credit',
      responses: {
        200: jsonResponse('Highest first', z.object({ rows: z.array(contributorViewSchema) })),
        default: problemResponse,
      },
    }),
    async (c) => {
      const leaders = (await store.leaders(LEADERS)).filter(
        ({ movedTo, unlisted }) => movedTo === undefined && unlisted === undefined,
      );
      const names = await store.accounts.names(leaders.map(({ id }) => id));
      return c.json({ rows: leaders.map((it) => contributorView(it, names.get(it.id))) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/contributors/{id}',
      summary: 'A contributor',
      request: { params: idParams },
      responses: {
        200: jsonResponse('The contributor', contributorBalanceSchema),
        default: problemResponse,
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const contributor = await engine.contributor(id as ContributorId);
      if (contributor === null) {
        return refuse({ code: 'not-found', detail: 'there is no such contributor', came: id });
      }
      const balance = await store.ledger.balance(contributorAccount(contributor.id));
      const names = await store.accounts.names([contributor.id]);
      const view = contributorView(contributor, names.get(contributor.id));
      return c.json({ ...view, balance: balance.toString() }, 200);
    },
  );

  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/links/{token}/bye',
    summary: 'A page is being closed: what its host holds goes back at once',
    request: { params: z.object({ token: z.string() }) },
    responses: { 204: { description: 'It has gone' }, default: problemResponse },
  });
  // By `sendBeacon`, with any body.
  app.post('/v1/links/:token/bye', (c) => {
    const host = byeTokens.get(c.req.param('token'));
    if (host === undefined) return refuse({ code: 'not-found', detail: 'there is no such link' });
    engine.leave(host, 'closing');
    return c.body(null, 204);
  });
  return app;
}

const contributorView = (contributor: Contributor, name: string | undefined): ContributorView => {
  const { id, microCredits, verifiedItems, agreed, disagreed } = contributor;
  const { errored, expired, firstSeenMs } = contributor;
  const credit = microCredits.toString();
  return {
    id,
    ...(name === undefined ? {} : { name }),
    microCredits: credit,
    verifiedItems,
    agreed,
    disagreed,
    errored,
    expired,
    firstSeenMs,
  };
};
