/** The route by which anybody sees what a contributor did by hour and by day. */
import { createRoute, z } from '@hono/zod-openapi';
import {
  DAY_MS,
  RECENT_DAYS,
  BUCKET_MS,
  recentAverage,
  bucketOf,
} from '../../../shared/history.ts';
import type { ContributorId } from '../../../shared/ids.ts';
import {
  MAX_HISTORY_DAYS,
  MAX_HISTORY_DEVICES,
  MAX_HISTORY_HOURS,
} from '../../../shared/limits.ts';
import { historyViewSchema, bucketKindSchema } from '../../../shared/protocol/history.ts';
import type { BucketRange, Work } from '../../store/historyReads.ts';
import {
  idParams,
  jsonResponse,
  newApp,
  problemResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';

const MAX_BUCKETS = { hour: MAX_HISTORY_HOURS, day: MAX_HISTORY_DAYS } as const;
/** What is told where nothing is asked for: a week, or a month. */
const USUAL_BUCKETS = { hour: 7 * 24, day: 30 } as const;

/** The last moment of a `Date`. */
const timeSchema = z.coerce.number().int().min(0).max(8.64e15);

const querySchema = z.object({
  by: bucketKindSchema.default('day'),
  /** Milliseconds since 1970; whole hours or days around them are told. `to` itself is not among them. */
  from: timeSchema.optional(),
  to: timeSchema.optional(),
  /** Only what one device did. */
  device: idParams.shape.id.optional(),
});

export function historyRoutes({ store, now }: HttpDeps): App {
  const app = newApp();
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/contributors/{id}/history',
      summary: 'What a contributor did by hour or by day, in all and with each device',
      request: { params: idParams, query: querySchema },
      responses: {
        200: jsonResponse(
          'Hours of the last eight days, or days from the beginning',
          historyViewSchema,
        ),
        default: problemResponse,
      },
    }),
    async (c) => {
      const id = c.req.valid('param').id as ContributorId;
      const query = c.req.valid('query');
      const range = rangeOf(query, now());
      const device = (query.device ?? null) as ContributorId | null;
      const { history } = store;
      const today = bucketOf('day', now());
      const recent = { by: 'day', fromMs: today - RECENT_DAYS * DAY_MS, toMs: today + 1 } as const;
      const [buckets, devices, days] = await Promise.all([
        history.buckets(id, device, range),
        history.devices(id, range, MAX_HISTORY_DEVICES),
        history.buckets(id, null, recent),
      ]);
      const answer = {
        contributor: id,
        ...range,
        ...(device === null ? {} : { device }),
        buckets: buckets.map(({ atMs, ...work }) => ({ atMs, ...workView(work) })),
        devices: devices.map(({ device: of, ...work }) => ({ device: of, ...workView(work) })),
        recentAverageMicroCredits: BigInt(Math.round(recentAverage(days, now()))).toString(),
      };
      return c.json(answer, 200);
    },
  );
  return app;
}

function rangeOf({ by, from, to }: z.infer<typeof querySchema>, nowMs: number): BucketRange {
  const bucketMs = BUCKET_MS[by];
  const toMs =
    to === undefined ? bucketOf(by, nowMs) + bucketMs : Math.ceil(to / bucketMs) * bucketMs;
  const fromMs = from === undefined ? toMs - USUAL_BUCKETS[by] * bucketMs : bucketOf(by, from);
  const buckets = (toMs - fromMs) / bucketMs;
  if (buckets > MAX_BUCKETS[by] || buckets < 0) {
    return refuse({
      code: 'invalid-field',
      field: 'query.from',
      detail: 'the time that is asked about is too long, or ends before it begins',
      expected: `at most ${MAX_BUCKETS[by]} ${by}s from "from" to "to"`,
      came: `${buckets} ${by}s`,
    });
  }
  return { by, fromMs: Math.max(fromMs, 0), toMs };
}

const workView = ({ shards, items, microCredits, refused }: Work) => ({
  shards,
  items,
  microCredits: microCredits.toString(),
  refused,
});
