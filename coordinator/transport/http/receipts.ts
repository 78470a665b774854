/**
 * Routes by which anybody follows a credit, or work that earned nothing, to its cause.
 */
import { createRoute, z } from '@hono/zod-openapi';
import type { ContributorId, JobId, ShardId } from '../../../shared/ids.ts';
import {
  RECEIPT_KINDS,
  receiptSchema,
  shardViewSchema,
} from '../../../shared/protocol/receipts.ts';
import { receiptsOf, shardView } from '../../jobs/receipts.ts';
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

const ROWS = 100;

export function receiptRoutes({ engine, store }: HttpDeps): App {
  const app = newApp();

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/contributors/{id}/credits',
      summary:
        'What a contributor was credited for, and what it was refused, each with its reason, newest first',
      request: {
        params: idParams,
        query: cursorQuery.extend({
          /** Only one kind of lines. A cursor is of the listing that gave it. */
          kind: z.enum(RECEIPT_KINDS).optional(),
        }),
      },
      responses: {
        200: jsonResponse(
          'A page. Of refused work the newest 1,000 lines of a contributor are kept.',
          z.object({ rows: z.array(receiptSchema), next: z.string().nullable() }),
        ),
        default: problemResponse,
      },
    }),
    async (c) => {
      const id = c.req.valid('param').id as ContributorId;
      const { cursor = null, kind = null } = c.req.valid('query');
      const page = await atCursor(() => receiptsOf(store, id, kind, cursor, ROWS));
      return c.json({ rows: [...page.rows], next: page.next }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/shards/{id}',
      summary:
        'A shard as anybody may see it: how it was decided, by whose reports, and where the log says so',
      request: { params: idParams },
      responses: {
        200: jsonResponse('The shard; nothing but its state before it is final', shardViewSchema),
        default: problemResponse,
      },
    }),
    async (c) => {
      const id = c.req.valid('param').id as ShardId;
      const open = engine.work.shards.get(id);
      // What has left the open work is in the store only then: no shard is missing from both.
      if (open === undefined) await engine.durable();
      const shard = open?.shard ?? (await store.shard(id));
      const job = shard === null ? null : await jobOf(shard.job);
      if (shard === null || job === null) {
        return refuse({ code: 'not-found', detail: 'there is no such shard', came: id });
      }
      const [assignments, credits] =
        open === undefined
          ? await Promise.all([store.assignmentsOf(id), store.creditsOfShard(id)])
          : [open.assignments, []];
      return c.json(shardView(job, shard, assignments, credits), 200);
    },
  );

  const jobOf = async (id: JobId) => engine.runningJob(id) ?? (await store.job(id));
  return app;
}
