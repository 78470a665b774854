/**
 * Routes of leaderboards and exports: files from memory, compressed once. A request for one asks nobody.
 */
import { createRoute } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import { etag } from 'hono/etag';
import { STATS_INTERVAL_MS } from '../../../shared/limits.ts';
import {
  contributorStatsSchema,
  dayStatsSchema,
  leaderboardSchema,
  STATS_PATH,
  STATS_FILES,
  type StatsFileName,
} from '../../../shared/protocol/history.ts';
import {
  jsonResponse,
  newApp,
  problemResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';

const csvResponse = (description: string) => ({
  description: `${description} A cell that a spreadsheet would run has an apostrophe before it.`,
  content: { 'text/csv': { schema: { type: 'string' } as const } },
});

const DESCRIPTIONS: Readonly<Record<StatsFileName, { summary: string; ok: object }>> = {
  'leaderboard/day.json': board('today (UTC)'),
  'leaderboard/week.json': board('the last seven days, today among them (UTC)'),
  'leaderboard/all.json': board('all time'),
  'contributors.json': {
    summary: 'The contributors with most credit',
    ok: jsonResponse('Most credit first', contributorStatsSchema),
  },
  'contributors.csv': {
    summary: 'The contributors with most credit, as CSV',
    ok: csvResponse('Most credit first.'),
  },
  'days.json': {
    summary: 'The network day by day',
    ok: jsonResponse('In order', dayStatsSchema),
  },
  'days.csv': { summary: 'The network day by day, as CSV', ok: csvResponse('In order.') },
};

function board(time: string) {
  return {
    summary: `Contributors by credit of ${time}, without those that do not want to be listed`,
    ok: jsonResponse('Most credit first', leaderboardSchema),
  };
}

export function statsRoutes({ stats }: HttpDeps): App {
  const app = newApp();
  // It compares the tags that files have; it makes none.
  app.use(`${STATS_PATH}/*`, etag());
  for (const name of STATS_FILES) {
    const { summary, ok } = DESCRIPTIONS[name];
    const path = `${STATS_PATH}/${name}`;
    app.openAPIRegistry.registerPath(
      createRoute({
        method: 'get',
        path,
        summary: `${summary}. Made anew every ${STATS_INTERVAL_MS / 1000} seconds; may be cached by anybody.`,
        responses: { 200: ok as ReturnType<typeof csvResponse>, default: problemResponse },
      }),
    );
    app.get(path, (c) => {
      const file = stats.file(name);
      if (file === null) {
        return refuse({ code: 'not-ready', detail: 'statistics are being made', fix: 'try again' });
      }
      const encoding = accepts(c, {
        header: 'Accept-Encoding',
        supports: ['gzip', 'identity'],
        default: 'identity',
      });
      const isGzip = encoding === 'gzip';
      const body = isGzip ? file.gzip : file.body;
      return c.body(body as Uint8Array<ArrayBuffer>, 200, {
        'Content-Type': file.contentType,
        'Content-Length': String(body.byteLength),
        ...(isGzip ? { 'Content-Encoding': 'gzip' } : {}),
        ETag: isGzip ? file.gzipEtag : file.etag,
        'Last-Modified': new Date(file.madeAtMs).toUTCString(),
        'Cache-Control': `public, max-age=${STATS_INTERVAL_MS / 1000}`,
        Vary: 'Accept-Encoding',
        'Access-Control-Allow-Origin': '*',
        'X-Content-Type-Options': 'nosniff',
      });
    });
  }
  return app;
}
