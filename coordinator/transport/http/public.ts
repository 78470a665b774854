/**
 * Routes that anyone may read: the network, contributors and their credit, and a closing page's goodbye.
 */
import { createRoute, z } from '@hono/zod-openapi';
import type { ContributorId } from '../../../shared/ids.ts';
import {
  contributorViewSchema,
  creditViewSchema,
  networkSchema,
  type ContributorView,
} from '../../../shared/protocol/job.ts';
import type { Contributor } from '../../core/state.ts';
import {
  cursorQuery,
  idParams,
  jsonResponse,
  newApp,
  problemResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';
import { atCursor } from './jobs.ts';

const CREDIT_ROWS = 100;
const LEADERS = 50;

export function publicRoutes({ engine, store, metrics, byeTokens }: HttpDeps): App {
  const app = newApp();

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
    async (c) => c.json({ rows: (await store.leaders(LEADERS)).map(contributorView) }, 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/contributors/{id}',
      summary: 'A contributor',
      request: { params: idParams },
      responses: {
        200: jsonResponse('The contributor', contributorViewSchema),
        default: problemResponse,
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const contributor = await engine.contributor(id as ContributorId);
      if (contributor === null) {
        return refuse({ code: 'not-found', detail: 'there is no such contributor', came: id });
      }
      return c.json(contributorView(contributor), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/contributors/{id}/credits',
      summary: 'Every credit of a contributor with its reason, newest first',
      request: { params: idParams, query: cursorQuery },
      responses: {
        200: jsonResponse(
          'A page',
          z.object({ rows: z.array(creditViewSchema), next: z.string().nullable() }),
        ),
        default: problemResponse,
      },
    }),
    async (c) => {
      const id = c.req.valid('param').id as ContributorId;
      const cursor = c.req.valid('query').cursor ?? null;
      const page = await atCursor(() => store.credits(id, cursor, CREDIT_ROWS));
      const rows = page.rows.map(({ contributor: _, microCredits, ...entry }) => ({
        ...entry,
        microCredits: microCredits.toString(),
      }));
      return c.json({ rows, next: page.next }, 200);
    },
  );

  /** sendBeacon from a page that is being closed: its leases go back at once. */
  app.post('/v1/links/:token/bye', (c) => {
    const host = byeTokens.get(c.req.param('token'));
    if (host === undefined) return refuse({ code: 'not-found', detail: 'there is no such link' });
    engine.leave(host, 'closing');
    return c.body(null, 204);
  });
  return app;
}

const contributorView = (contributor: Contributor): ContributorView => {
  const { id, microCredits, verifiedItems, agreed, disagreed } = contributor;
  const { errored, expired, firstSeenMs } = contributor;
  const credit = microCredits.toString();
  return {
    id,
    microCredits: credit,
    verifiedItems,
    agreed,
    disagreed,
    errored,
    expired,
    firstSeenMs,
  };
};
