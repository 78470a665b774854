/** Routes of a job that is held open: add items, and close it. Each may be asked for again, and does no more then. */
import { createRoute, z } from '@hono/zod-openapi';
import { MAX_NAME_CHARS } from '../../../shared/limits.ts';
import { addItemsSchema, addedItemsSchema } from '../../../shared/protocol/addedItems.ts';
import { jobViewSchema } from '../../../shared/protocol/job.ts';
import { jobFinder, requireAuthor } from './auth.ts';
import {
  idParams,
  jsonResponse,
  newApp,
  problemResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';
import { jobViewer } from './jobViewer.ts';

export function jobItemRoutes(deps: HttpDeps): App {
  const app = newApp();
  app.use('/v1/jobs/*', requireAuthor(deps));

  const jobOf = jobFinder(deps);
  const view = jobViewer(deps);

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/jobs/{id}/items',
      summary: 'Add items to a job that is held open; what they cost is put aside',
      request: {
        params: idParams,
        headers: z.object({ 'idempotency-key': z.string().min(1).max(MAX_NAME_CHARS).optional() }),
        body: { required: true, content: { 'application/json': { schema: addItemsSchema } } },
      },
      responses: {
        201: jsonResponse('Added', addedItemsSchema),
        200: jsonResponse('Added earlier under the same Idempotency-Key', addedItemsSchema),
        default: problemResponse,
      },
    }),
    async (c) => {
      const job = await jobOf(c, c.req.valid('param').id);
      const key = c.req.valid('header')['idempotency-key'] ?? null;
      const { isPrepaid } = c.get('principal');
      const added = await deps.desk.add(job, c.req.valid('json'), key, isPrepaid);
      if (!added.ok) return refuse(added.error);
      const { lot, repeated } = added.value;
      const { firstItem, items } = lot;
      deps.log('items-added', { job: job.id, items, shards: lot.shards, repeated });
      return c.json({ firstItem, items, job: view(added.value.job) }, repeated ? 200 : 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/jobs/{id}/close',
      summary:
        'Take no more items: the job ends with those it has. Harmless where it is not held open',
      request: { params: idParams },
      responses: { 200: jsonResponse('The job', jobViewSchema), default: problemResponse },
    }),
    async (c) => {
      const job = await jobOf(c, c.req.valid('param').id);
      const closed = await deps.engine.jobs.close(job.id);
      return c.json(view(closed ?? (await jobOf(c, job.id))), 200);
    },
  );

  return app;
}
