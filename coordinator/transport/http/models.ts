/** Routes of models that are published under a name. */
import { createRoute, z } from '@hono/zod-openapi';
import {
  datatypeOf,
  modelNameSchema,
  modelTemplateSchema,
  publishedModelSchema,
  type PublishedModelView,
  type TensorMetadata,
} from '../../../shared/protocol/models.ts';
import type { TensorSpec } from '../../../shared/tensor.ts';
import type { AuthorRecord } from '../../store/authorRecords.ts';
import { requireAuthor } from './auth.ts';
import {
  cursorQuery,
  jsonResponse,
  newApp,
  problemResponse,
  refuse,
  type App,
  type AppContext,
  type HttpDeps,
} from './context.ts';
import { atCursor } from './jobs.ts';

const LIST_ROWS = 100;
const nameParams = z.object({ name: modelNameSchema });

export function modelRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { models, store } = deps;
  app.use('/v1/models', requireAuthor(deps));
  app.use('/v1/models/*', requireAuthor(deps));

  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/models/{name}',
      summary: 'Publish a model under a name, or a new version of one; harmless where it is there',
      request: {
        params: nameParams,
        body: { required: true, content: { 'application/json': { schema: modelTemplateSchema } } },
      },
      responses: {
        201: jsonResponse('Published', publishedModelSchema),
        200: jsonResponse('It was published like that already', publishedModelSchema),
        default: problemResponse,
      },
    }),
    async (c) => {
      const { name } = c.req.valid('param');
      const published = await models.publish(c.get('principal').key, name, c.req.valid('json'));
      if (!published.ok) return refuse(published.error);
      const { model, repeated } = published.value;
      return c.json(viewOf(c, model), repeated ? 200 : 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/models',
      summary: 'Published models, newest first',
      request: { query: cursorQuery },
      responses: {
        200: jsonResponse(
          'A page',
          z.object({ rows: z.array(publishedModelSchema), next: z.string().nullable() }),
        ),
        default: problemResponse,
      },
    }),
    async (c) => {
      const cursor = c.req.valid('query').cursor ?? null;
      const { authorRecords } = store;
      const page = await atCursor(() => authorRecords.list('model', null, cursor, LIST_ROWS));
      return c.json({ rows: page.rows.map((row) => viewOf(c, row)), next: page.next }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/models/{name}',
      summary: 'A published model',
      request: { params: nameParams },
      responses: { 200: jsonResponse('The model', publishedModelSchema), default: problemResponse },
    }),
    async (c) => {
      const record = await models.record(c.req.valid('param').name);
      return record.ok ? c.json(viewOf(c, record.value), 200) : refuse(record.error);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/models/{name}',
      summary: 'Withdraw a model of yours, with all its versions',
      request: { params: nameParams },
      responses: { 204: { description: 'Withdrawn' }, default: problemResponse },
    }),
    async (c) => {
      const { kind, key } = c.get('principal');
      const author = kind === 'operator' ? null : key;
      const problem = await models.withdraw(author, c.req.valid('param').name);
      return problem === null ? c.body(null, 204) : refuse(problem);
    },
  );
  return app;
}

const viewOf = (
  c: AppContext,
  { id, author, body }: AuthorRecord<'model'>,
): PublishedModelView => ({
  name: id,
  own: author === c.get('principal').key,
  versions: body.versions.map(({ version, template, inputs, known, publishedAtMs }) => ({
    version: String(version),
    program: template.program,
    inputs: tensorsOf(inputs),
    outputs: tensorsOf(known.facts.outputs),
    publishedAtMs,
  })),
});

/** As requests have them: the first axis counts items. */
export const tensorsOf = (specs: Readonly<Record<string, TensorSpec>>): TensorMetadata[] =>
  Object.entries(specs).map(([name, { dtype, dims }]) => ({
    name,
    datatype: datatypeOf(dtype),
    shape: [-1, ...dims],
  }));
