/**
 * Routes for operators: keys, health, metrics.
 */
import { createRoute, z } from '@hono/zod-openapi';
import type { KeyId } from '../../../shared/ids.ts';
import { authorAccount } from '../../../shared/ledger.ts';
import { MAX_NAME_CHARS } from '../../../shared/limits.ts';
import { keyViewSchema } from '../../../shared/protocol/job.ts';
import { requireOperator } from './auth.ts';
import {
  idParams,
  jsonResponse,
  newApp,
  problemResponse,
  rawResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';

export function operatorRoutes({ engine, store, keys, metrics, leadAddress }: HttpDeps): App {
  const app = newApp();
  app.use('/v1/keys', requireOperator(keys));
  app.use('/v1/keys/*', requireOperator(keys));

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/keys',
      summary: 'Make an API key; it is shown only here',
      request: {
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.strictObject({
                name: z.string().min(1).max(MAX_NAME_CHARS),
                /** It spends what it is granted, and no more. */
                prepaid: z.boolean().optional(),
              }),
            },
          },
        },
      },
      responses: {
        201: jsonResponse('The key', z.object({ id: z.string(), key: z.string() })),
        default: problemResponse,
      },
    }),
    async (c) => {
      const { name, prepaid } = c.req.valid('json');
      return c.json(await keys.create(name, prepaid), 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/keys',
      summary: 'All keys, without the keys themselves',
      responses: {
        200: jsonResponse('The keys', z.object({ rows: z.array(keyViewSchema) })),
        default: problemResponse,
      },
    }),
    async (c) => {
      const rows = await Promise.all(
        (await keys.list()).map(async ({ hash: _, isPrepaid: prepaid, ...key }) => {
          const balance = await store.ledger.balance(authorAccount(key.id));
          return { ...key, prepaid, microCredits: balance.toString() };
        }),
      );
      return c.json({ rows }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/keys/{id}',
      summary: 'Revoke a key',
      request: { params: idParams },
      responses: { 204: { description: 'Revoked' }, default: problemResponse },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      if (await keys.revoke(id as KeyId)) return c.body(null, 204);
      return refuse({ code: 'not-found', detail: 'there is no such living key', came: id });
    },
  );

  describeHealth(app);
  app.get('/healthz', (c) => {
    const part = leadAddress === undefined ? {} : { leads: true, lead: leadAddress() };
    return c.json({ ok: true, store: store.kind, ...part });
  });
  app.get('/readyz', (c) =>
    engine.isStopped
      ? refuse({ code: 'not-ready', detail: 'the coordinator has stopped' })
      : c.json({ ok: true }),
  );
  app.get('/metrics', async (c) =>
    c.text(await metrics.registry.metrics(), 200, {
      'Content-Type': metrics.registry.contentType,
    }),
  );
  return app;
}

function describeHealth({ openAPIRegistry: registry }: App): void {
  const health = z.object({
    ok: z.literal(true),
    store: z.string(),
    leads: z.boolean().optional(),
    lead: z.string().optional(),
  });
  registry.registerPath({
    method: 'get',
    path: '/healthz',
    summary: 'It is alive; of several coordinators, which one leads',
    responses: { 200: jsonResponse('Alive', health), default: problemResponse },
  });
  registry.registerPath({
    method: 'get',
    path: '/readyz',
    summary: 'It takes requests',
    responses: {
      200: jsonResponse('Ready', z.object({ ok: z.literal(true) })),
      default: problemResponse,
    },
  });
  registry.registerPath({
    method: 'get',
    path: '/metrics',
    summary: 'Metrics in Prometheus’ text format',
    responses: { 200: rawResponse('The metrics', 'text/plain'), default: problemResponse },
  });
}
