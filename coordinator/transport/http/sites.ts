/**
 * Routes of sites: registered and removed with an API key, which is their owner; what they are called and ask for is
 * everybody's to read. The operator sees and may do all of it.
 */
import { createRoute, z } from '@hono/zod-openapi';
import type { SiteId } from '../../../shared/ids.ts';
import { siteAccount } from '../../../shared/ledger.ts';
import { MAX_SITE_DAYS } from '../../../shared/limits.ts';
import { movementViewSchema, transferOrderSchema } from '../../../shared/protocol/ledger.ts';
import {
  ownSiteSchema,
  siteDaySchema,
  siteSpecSchema,
  siteViewSchema,
  type OwnSite,
} from '../../../shared/protocol/sharing.ts';
import type { Site } from '../../core/site.ts';
import { NO_SUCH_SITE } from '../../engine/teamProblems.ts';
import { requireAuthor } from './auth.ts';
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
import { idempotencyHeader } from './ledger.ts';
import { orRefuse } from './signedActions.ts';
import { Transfers } from './transfers.ts';

export function siteRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { sites } = deps.engine.communities;
  const { store } = deps;
  const transfers = new Transfers(deps);
  app.use('/v1/sites', requireAuthor(deps));
  app.use('/v1/sites/:id/days', requireAuthor(deps));
  app.use('/v1/sites/:id/transfers', requireAuthor(deps));
  app.put('/v1/sites/:id', requireAuthor(deps));
  app.delete('/v1/sites/:id', requireAuthor(deps));

  /** The site of a path; another owner's is not there. */
  const ownSite = (c: AppContext, id: string): Site => {
    const site = sites.find(id as SiteId);
    const { kind, key } = c.get('principal');
    if (site !== null && (kind === 'operator' || site.owner === key)) return site;
    return refuse({ ...NO_SUCH_SITE, detail: 'you have no such site', came: id });
  };
  const ownView = async (site: Site): Promise<OwnSite> => {
    const balance = await store.ledger.balance(siteAccount(site.id));
    return { ...viewOf(site), owner: site.owner, balance: balance.toString() };
  };

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/sites',
      summary: 'Register a site. This key owns it',
      request: {
        body: { required: true, content: { 'application/json': { schema: siteSpecSchema } } },
      },
      responses: { 201: jsonResponse('The site', ownSiteSchema), default: problemResponse },
    }),
    async (c) => {
      const added = orRefuse(await sites.add(c.get('principal').key, c.req.valid('json')));
      return c.json(await ownView(added), 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sites',
      summary: 'The sites of this key, or all for the operator',
      responses: {
        200: jsonResponse('The oldest first', z.object({ rows: z.array(ownSiteSchema) })),
        default: problemResponse,
      },
    }),
    async (c) => {
      const { kind, key } = c.get('principal');
      const own = sites.of(kind === 'operator' ? null : key);
      return c.json({ rows: await Promise.all(own.map(ownView)) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sites/{id}',
      summary: 'A site as anybody may see it: what it is called, and what it asks for',
      request: { params: idParams },
      responses: { 200: jsonResponse('The site', siteViewSchema), default: problemResponse },
    }),
    (c) => {
      const site = sites.find(c.req.valid('param').id as SiteId);
      return site === null ? refuse(NO_SUCH_SITE) : c.json(viewOf(site), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/sites/{id}',
      summary: 'Change what a site is called, where it is, and what it asks for',
      request: {
        params: idParams,
        body: { required: true, content: { 'application/json': { schema: siteSpecSchema } } },
      },
      responses: { 200: jsonResponse('The site', ownSiteSchema), default: problemResponse },
    }),
    async (c) => {
      const { id } = ownSite(c, c.req.valid('param').id);
      return c.json(await ownView(orRefuse(await sites.change(id, c.req.valid('json')))), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/sites/{id}',
      summary: 'Remove a site, whose account must be empty',
      request: { params: idParams },
      responses: { 204: { description: 'Removed' }, default: problemResponse },
    }),
    async (c) => {
      orRefuse(await sites.remove(ownSite(c, c.req.valid('param').id).id));
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sites/{id}/days',
      summary: 'What visitors of the site shared with it, day by day (UTC), newest first',
      request: { params: idParams },
      responses: {
        200: jsonResponse('The days', z.object({ rows: z.array(siteDaySchema) })),
        default: problemResponse,
      },
    }),
    async (c) => {
      const { id } = ownSite(c, c.req.valid('param').id);
      const days = await store.communities.siteDays(id, MAX_SITE_DAYS);
      const rows = days.map(({ day, credits, microCredits }) => ({
        day,
        microCredits: microCredits.toString(),
        credits,
      }));
      return c.json({ rows }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/sites/{id}/transfers',
      summary: 'Give credit of the site to a contributor, a team or an author',
      request: {
        params: idParams,
        headers: idempotencyHeader,
        body: { required: true, content: { 'application/json': { schema: transferOrderSchema } } },
      },
      responses: { 200: jsonResponse('Transferred', movementViewSchema), default: problemResponse },
    }),
    async (c) => {
      const from = siteAccount(ownSite(c, c.req.valid('param').id).id);
      const { to, microCredits } = c.req.valid('json');
      const idempotencyKey = c.req.valid('header')['idempotency-key'];
      const order = { from, to, microCredits: BigInt(microCredits), idempotencyKey };
      return c.json(await transfers.transfer(order), 200);
    },
  );
  return app;
}

const viewOf = ({ id, name, origins, proposedPercent, createdAtMs }: Site) => ({
  id,
  name,
  origins: [...origins],
  proposedPercent,
  createdAtMs,
});
