/**
 * Routes of the public log: its files (C2SP tlog-tiles), which may be cached and mirrored by anybody, and who signs it.
 */
import { createRoute } from '@hono/zod-openapi';
import { LOG_PATH, logViewSchema } from '../../../shared/protocol/publicLog.ts';
import { parseTilePath, TILE_WIDTH } from '../../../shared/tlog/tiles.ts';
import { CHECKPOINT_PATH } from '../../log/publicLog.ts';
import {
  jsonResponse,
  newApp,
  problemResponse,
  rawResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';

/** Whole tiles never change. */
const FOREVER = 'public, max-age=31536000, immutable';

export function publicLogRoutes({ publicLog }: HttpDeps): App {
  const app = newApp();
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/log',
      summary: 'The public log: settled shards and credits, append-only, signed',
      responses: { 200: jsonResponse('Where it is', logViewSchema), default: problemResponse },
    }),
    (c) => {
      const { verifierKey, key } = publicLog;
      return c.json({ origin: key.name, verifierKey, path: LOG_PATH }, 200);
    },
  );

  app.openAPIRegistry.registerPath({
    method: 'get',
    path: `${LOG_PATH}/${CHECKPOINT_PATH}`,
    summary: 'The size and root of the log, signed',
    responses: { 200: rawResponse('A signed note', 'text/plain'), default: problemResponse },
  });
  app.get(`${LOG_PATH}/${CHECKPOINT_PATH}`, async (c) => {
    const bytes = await publicLog.file(CHECKPOINT_PATH);
    if (bytes === null) return refuse({ code: 'not-ready', detail: 'the log is being made' });
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-cache',
      'Access-Control-Allow-Origin': '*',
    });
  });

  // A tile's path has as many parts as the log is large.
  app.get(`${LOG_PATH}/tile/*`, async (c) => {
    const path = c.req.path.slice(LOG_PATH.length + 1);
    const tile = parseTilePath(path);
    const bytes = tile === null ? null : await publicLog.file(path);
    if (tile === null || bytes === null) {
      return refuse({
        code: 'not-found',
        detail: 'the log has no such tile',
        expected: 'a path of a tile of the newest checkpoint (C2SP tlog-tiles)',
        came: path.slice(0, 80),
      });
    }
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
      'Content-Type': 'application/octet-stream',
      'Cache-Control': tile.width === TILE_WIDTH ? FOREVER : 'public, max-age=60',
      'Access-Control-Allow-Origin': '*',
    });
  });
  return app;
}
