/**
 * Routes of webhooks: an author's endpoints, and what became of the events that were posted there. The operator sees and may
 * do all of it.
 */
import { createRoute } from '@hono/zod-openapi';
import {
  createdWebhookSchema,
  webhookDeliveriesSchema,
  webhookSpecSchema,
  webhookTestSchema,
  webhookViewSchema,
  webhooksSchema,
  type WebhookView,
} from '../../../shared/protocol/webhooks.ts';
import type { EndpointRecord } from '../../webhooks/endpoints.ts';
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

export function webhookRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { webhooks } = deps;
  const { endpoints } = webhooks;
  app.use('/v1/webhooks', requireAuthor(deps));
  app.use('/v1/webhooks/*', requireAuthor(deps));

  /** Whose endpoints are seen: null for all. */
  const authorOf = (c: AppContext) => {
    const { kind, key } = c.get('principal');
    return kind === 'operator' ? null : key;
  };
  const endpointOf = (c: AppContext, id: string): EndpointRecord =>
    endpoints.find(authorOf(c), id) ??
    refuse({ code: 'not-found', detail: 'you have no such webhook', came: id });

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/webhooks',
      summary: 'Register an endpoint that events of your jobs and batches are posted to, signed',
      request: {
        body: { required: true, content: { 'application/json': { schema: webhookSpecSchema } } },
      },
      responses: {
        201: jsonResponse('The endpoint, with its secret: it is told once', createdWebhookSchema),
        default: problemResponse,
      },
    }),
    async (c) => {
      const created = await endpoints.create(c.get('principal').key, c.req.valid('json'));
      if (!created.ok) return refuse(created.error);
      const { secret } = created.value.body;
      return c.json({ ...viewOf(created.value), secret }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/webhooks',
      summary: 'The endpoints of this key, or all for the operator',
      responses: {
        200: jsonResponse('The oldest first', webhooksSchema),
        default: problemResponse,
      },
    }),
    (c) => c.json({ rows: endpoints.of(authorOf(c)).map(viewOf) }, 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/webhooks/{id}',
      summary: 'An endpoint of yours',
      request: { params: idParams },
      responses: { 200: jsonResponse('The endpoint', webhookViewSchema), default: problemResponse },
    }),
    (c) => c.json(viewOf(endpointOf(c, c.req.valid('param').id)), 200),
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/webhooks/{id}',
      summary: 'Remove an endpoint, with what was on its way to it',
      request: { params: idParams },
      responses: { 204: { description: 'Removed' }, default: problemResponse },
    }),
    async (c) => {
      await webhooks.remove(endpointOf(c, c.req.valid('param').id));
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/webhooks/{id}/test',
      summary: 'Post a ping now. An endpoint that was disabled and takes it is enabled again',
      request: { params: idParams },
      responses: {
        200: jsonResponse('What came back', webhookTestSchema),
        default: problemResponse,
      },
    }),
    async (c) => {
      const tested = await webhooks.test(endpointOf(c, c.req.valid('param').id));
      return tested.ok ? c.json(tested.value, 200) : refuse(tested.error);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/webhooks/{id}/deliveries',
      summary: 'The last events for an endpoint, with every attempt: why nothing arrives',
      request: { params: idParams },
      responses: {
        200: jsonResponse('The newest first', webhookDeliveriesSchema),
        default: problemResponse,
      },
    }),
    async (c) => {
      const rows = await webhooks.deliveries(endpointOf(c, c.req.valid('param').id));
      return c.json({ rows: [...rows] }, 200);
    },
  );
  return app;
}

const viewOf = ({ id, author, createdAtMs, body }: EndpointRecord): WebhookView => ({
  id,
  url: body.url,
  events: [...body.events],
  owner: author,
  createdAtMs,
  disabled: body.disabled,
});
