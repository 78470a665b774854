/** Routes of batches, in the shape of OpenAI's Batch API. */
import { createRoute } from '@hono/zod-openapi';
import { batchViewSchema, createBatchSchema, listOf } from '../../../shared/protocol/batches.ts';
import { batchView } from '../../serving/batchView.ts';
import type { AuthorRecord } from '../../store/authorRecords.ts';
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
import { afterQuery, listing } from './listing.ts';

export function batchRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { batches, store } = deps;
  app.use('/v1/batches', requireAuthor(deps));
  app.use('/v1/batches/*', requireAuthor(deps));

  const batchOf = async (c: AppContext, id: string): Promise<AuthorRecord<'batch'>> => {
    const { kind, key } = c.get('principal');
    const batch = await batches.find(kind === 'operator' ? null : key, id);
    return batch ?? refuse({ code: 'not-found', detail: 'you have no such batch', came: id });
  };
  const view = (record: AuthorRecord<'batch'>) => batchView(record, batches.countsOf(record.body));

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/batches',
      summary: 'Ask a published model everything that an uploaded file has, as one job',
      request: {
        body: { required: true, content: { 'application/json': { schema: createBatchSchema } } },
      },
      responses: { 200: jsonResponse('The batch', batchViewSchema), default: problemResponse },
    }),
    async (c) => {
      const { key, isPrepaid } = c.get('principal');
      const created = await batches.create({ key, isPrepaid }, c.req.valid('json'));
      return created.ok ? c.json(view(created.value), 200) : refuse(created.error);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/batches',
      summary: 'Your batches, newest first',
      request: { query: afterQuery },
      responses: { 200: jsonResponse('A page', listOf(batchViewSchema)), default: problemResponse },
    }),
    async (c) =>
      c.json(await listing(store.authorRecords, 'batch', c, c.req.valid('query'), view), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/batches/{id}',
      summary: 'A batch of yours',
      request: { params: idParams },
      responses: { 200: jsonResponse('The batch', batchViewSchema), default: problemResponse },
    }),
    async (c) => c.json(view(await batchOf(c, c.req.valid('param').id)), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/batches/{id}/cancel',
      summary: 'End a batch with what it has; harmless where it has ended',
      request: { params: idParams },
      responses: { 200: jsonResponse('The batch', batchViewSchema), default: problemResponse },
    }),
    async (c) => {
      const batch = await batchOf(c, c.req.valid('param').id);
      return c.json(view(await batches.cancel(batch)), 200);
    },
  );
  return app;
}
