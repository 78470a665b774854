/**
 * Routes of jobs: post, estimate, list, watch, read results. What is done to one that is posted: `jobChanges.ts`.
 */
import { createRoute, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import { MAX_EVENT_STREAMS, MAX_NAME_CHARS, MAX_SHARDS_PER_JOB } from '../../../shared/limits.ts';
import {
  RESULTS_MORE_HEADER,
  RESULTS_NEXT_HEADER,
  estimateSchema,
  jobSpecSchema,
  jobViewSchema,
} from '../../../shared/protocol/job.ts';
import { LIST_PRICE } from '../../../shared/units.ts';
import { opinionsOf } from '../../core/replicate.ts';
import { expectationOf } from '../../jobs/expectation.ts';
import { routePreview } from '../../jobs/routePreview.ts';
import { factsView } from '../../jobs/jobView.ts';
import { resultsAfter } from '../../jobs/results.ts';
import { BadCursorError } from '../../store/store.ts';
import { jobFinder, requireAuthor } from './auth.ts';
import {
  cursorQuery,
  idParams,
  jsonResponse,
  newApp,
  problemResponse,
  rawResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';
import { jobViewer } from './jobViewer.ts';

/** A job changes thousands of times a second; its author sees at most this often. */
const EVENT_INTERVAL_MS = 250;
const EVENT_KEEP_ALIVE_MS = 15_000;
const LIST_ROWS = 50;

export function jobRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { engine, store, desk } = deps;
  let streams = 0;
  app.use('/v1/jobs/*', requireAuthor(deps));
  app.use('/v1/jobs', requireAuthor(deps));
  app.use('/v1/estimates', requireAuthor(deps));

  const jobOf = jobFinder(deps);
  const view = jobViewer(deps);

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/jobs',
      summary: 'Post a job',
      request: {
        headers: z.object({ 'idempotency-key': z.string().min(1).max(MAX_NAME_CHARS).optional() }),
        body: { required: true, content: { 'application/json': { schema: jobSpecSchema } } },
      },
      responses: {
        201: jsonResponse('Posted', jobViewSchema),
        200: jsonResponse('Posted earlier under the same Idempotency-Key', jobViewSchema),
        default: problemResponse,
      },
    }),
    async (c) => {
      const idempotencyKey = c.req.valid('header')['idempotency-key'] ?? null;
      const posted = await desk.post(c.get('principal'), c.req.valid('json'), idempotencyKey);
      if (!posted.ok) return refuse(posted.error);
      const { job, repeated } = posted.value;
      deps.log('job-posted', { job: job.id, items: job.items, shards: job.shards, repeated });
      return c.json(view(job), repeated ? 200 : 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/estimates',
      summary: 'What a job would cost, and who could run it now',
      request: {
        body: { required: true, content: { 'application/json': { schema: jobSpecSchema } } },
      },
      responses: { 200: jsonResponse('The estimate', estimateSchema), default: problemResponse },
    }),
    async (c) => {
      const planned = await desk.plan(c.req.valid('json'), c.get('principal').key);
      if (!planned.ok) return refuse(planned.error);
      const { job, offer: chosen, alternatives, volunteers, notes } = planned.value;
      const { items, shards, itemsPerShard, facts, priceMicroCredits, why } = job;
      const contributorsNow = volunteers.known + volunteers.newcomers;
      const enoughContributors = contributorsNow >= opinionsOf(job.verification);
      const { ratePercent = LIST_PRICE } = job;
      const price = priceMicroCredits.toString();
      const cut = { items, shards, itemsPerShard, price, ratePercent };
      const who = { contributorsNow, enoughContributors };
      const checking = { chosen, why, alternatives: [...alternatives], notes: [...notes] };
      const route = job.program.kind === 'staged' ? { route: routePreview(job, engine) } : {};
      const when = expectationOf(planned.value, route.route, engine);
      return c.json(
        { ...cut, facts: factsView(facts), ...who, ...when, ...checking, ...route },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/jobs',
      summary: 'Your jobs, newest first',
      request: { query: cursorQuery },
      responses: {
        200: jsonResponse(
          'A page',
          z.object({ rows: z.array(jobViewSchema), next: z.string().nullable() }),
        ),
        default: problemResponse,
      },
    }),
    async (c) => {
      const principal = c.get('principal');
      const author = principal.kind === 'operator' ? null : principal.key;
      const cursor = c.req.valid('query').cursor ?? null;
      const page = await atCursor(() => store.jobs(author, cursor, LIST_ROWS));
      const rows = page.rows.map((job) => view(engine.runningJob(job.id) ?? job));
      return c.json({ rows, next: page.next }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/jobs/{id}',
      summary: 'A job, and what it waits for',
      request: { params: idParams },
      responses: { 200: jsonResponse('The job', jobViewSchema), default: problemResponse },
    }),
    async (c) => c.json(view(await jobOf(c, c.req.valid('param').id)), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/jobs/{id}/results',
      summary: 'Verified results as they settle, as safetensors',
      request: {
        params: idParams,
        query: z.object({
          after: z.coerce.number().int().min(0).max(MAX_SHARDS_PER_JOB).default(0),
        }),
      },
      responses: {
        200: {
          description: 'The item indices and every output, stacked; see the Idlewave-* headers',
          content: { 'application/octet-stream': { schema: z.string() } },
        },
        204: { description: 'Nothing new' },
        default: problemResponse,
      },
    }),
    async (c) => {
      const job = await jobOf(c, c.req.valid('param').id);
      const found = await resultsAfter(store, job, c.req.valid('query').after);
      if (!found.ok) return refuse(found.error);
      const page = found.value;
      c.header(RESULTS_NEXT_HEADER, String(page.next));
      c.header(RESULTS_MORE_HEADER, String(page.more));
      if (page.file === null) return c.body(null, 204);
      c.header('Content-Type', 'application/octet-stream');
      return c.body(page.file as Uint8Array<ArrayBuffer>, 200);
    },
  );

  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/v1/jobs/{id}/events',
    summary: 'The job whenever it has changed, as server-sent events named `job`, until it ends',
    request: { params: idParams },
    responses: { 200: rawResponse('The events', 'text/event-stream'), default: problemResponse },
  });
  app.get('/v1/jobs/:id/events', async (c) => {
    const params = idParams.safeParse(c.req.param());
    if (!params.success) return refuse({ code: 'malformed-path', detail: 'no job has such an id' });
    const job = await jobOf(c, params.data.id);
    if (streams >= MAX_EVENT_STREAMS) {
      const fix = 'poll GET /v1/jobs/{id} instead';
      return refuse({ code: 'too-many-streams', detail: 'too many event streams are open', fix });
    }
    streams += 1;
    return streamSSE(c, async (stream) => {
      let wake = () => {};
      let ended = false;
      let changed = false;
      const unwatch = engine.watchers.watch(job.id, () => {
        changed = true;
        wake();
      });
      stream.onAbort(() => {
        ended = true;
        wake();
      });
      try {
        while (!ended) {
          changed = false;
          const now = engine.runningJob(job.id) ?? (await store.job(job.id)) ?? job;
          await stream.writeSSE({ event: 'job', data: JSON.stringify(view(now)) });
          if (now.state.kind !== 'running') break;
          await new Promise<void>((resolve) => {
            const keepAlive = setTimeout(resolve, EVENT_KEEP_ALIVE_MS);
            wake = () => {
              clearTimeout(keepAlive);
              resolve();
            };
            // It changed, or the client went, while this was read and written: nobody was awake to hear it.
            if (changed || ended) wake();
          });
          await stream.sleep(EVENT_INTERVAL_MS);
        }
      } finally {
        unwatch();
        streams -= 1;
      }
    });
  });

  return app;
}

/** A cursor is the store's own: one that it cannot read is the asker's mistake. */
export async function atCursor<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof BadCursorError)) throw error;
    const fix = 'use the `next` of an earlier page, unchanged';
    return refuse({ code: 'bad-cursor', detail: 'the cursor cannot be read', fix });
  }
}
