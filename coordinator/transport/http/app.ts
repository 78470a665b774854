/**
 * The HTTP application: all routes, the bounds of a body, and refusals as problem details.
 */
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { MAX_JSON_BODY_BYTES } from '../../../shared/limits.ts';
import { readJson } from '../../../shared/protocol/parse.ts';
import { ProblemError, type Problem } from '../../../shared/protocol/problem.ts';
import { messageOf } from '../../../shared/result.ts';
import { accountRoutes } from './account.ts';
import { batchRoutes } from './batches.ts';
import { blobRoutes } from './blobs.ts';
import { newApp, refuse, type App, type HttpDeps } from './context.ts';
import { engineClassRoutes } from './engineClasses.ts';
import { EXAMPLES } from './examples.ts';
import { explainRoutes } from './explain.ts';
import { fileRoutes } from './files.ts';
import { ledgerRoutes } from './ledger.ts';
import { historyRoutes } from './history.ts';
import { jobChangeRoutes } from './jobChanges.ts';
import { jobItemRoutes } from './jobItems.ts';
import { jobRoutes } from './jobs.ts';
import { modelRoutes } from './models.ts';
import { openInferenceRoutes } from './openInference.ts';
import { operatorRoutes } from './operator.ts';
import { peerIdRoutes } from './peerIds.ts';
import { publicRoutes } from './public.ts';
import { publicLogRoutes } from './publicLog.ts';
import { receiptRoutes } from './receipts.ts';
import { refusalOf } from './refusals.ts';
import type { BuiltSite } from './site.ts';
import { siteRoutes } from './sites.ts';
import { statsRoutes } from './stats.ts';
import { teamRoutes } from './teams.ts';
import { UPLOADS_PATH, uploadRoutes } from './uploads.ts';
import { webhookRoutes } from './webhooks.ts';
import { widgetRoutes } from './widget.ts';

/** Ids and digests are far shorter; anything longer is not one of our paths. */
const MAX_PATH_CHARS = 500;

export function buildApp(deps: HttpDeps, site: BuiltSite | null): App {
  const app = newApp();
  app.use(async (c, next) => {
    if (c.req.path.length > MAX_PATH_CHARS) {
      refuse({ code: 'malformed-path', detail: 'the path is too long' });
    }
    await next();
  });
  app.use('/v1/*', bodyLimitUnlessCounted(), async (c, next) => {
    // JSON is read here once, so that depth is bounded before anything parses it recursively.
    const hasJson = c.req.header('Content-Type')?.toLowerCase().includes('json') ?? false;
    if (hasJson && !countsItself(c.req.path)) {
      const json = readJson(await c.req.text());
      if (!json.ok) refuse(json.error);
    }
    await next();
  });
  for (const routes of [
    jobRoutes,
    jobChangeRoutes,
    jobItemRoutes,
    explainRoutes,
    modelRoutes,
    openInferenceRoutes,
    fileRoutes,
    batchRoutes,
    blobRoutes,
    uploadRoutes,
    publicRoutes,
    receiptRoutes,
    historyRoutes,
    statsRoutes,
    operatorRoutes,
    engineClassRoutes,
    peerIdRoutes,
    publicLogRoutes,
    ledgerRoutes,
    accountRoutes,
    teamRoutes,
    siteRoutes,
    webhookRoutes,
  ]) {
    app.route('/', routes(deps));
  }
  app.get('/openapi.json', (c) => c.body(descriptionOf(app), 200, { 'Content-Type': JSON_TYPE }));
  const widget = site?.widget ?? null;
  if (widget !== null) {
    app.route('/', widgetRoutes(widget, deps));
  }
  if (site !== null) app.route('/', site.app);

  app.notFound((c) => {
    const came = c.req.path.slice(0, 200);
    const allowed = methodsOf(app, c.req.path);
    const problem: Problem =
      allowed.length === 0
        ? { code: 'not-found', detail: 'there is nothing here', came }
        : {
            code: 'method-not-allowed',
            detail: `${came} does not take this method`,
            expected: allowed.join(', '),
            came: c.req.method,
          };
    deps.metrics.refused(problem.code);
    const response = refusalOf(c.req.path, problem);
    if (allowed.length > 0) response.headers.set('Allow', allowed.join(', '));
    return response;
  });
  app.onError((error, c) => {
    const problem = problemOf(error);
    deps.metrics.refused(problem.code);
    if (problem.code === 'internal') {
      deps.log('request-error', { path: c.req.path, error: messageOf(error) });
    }
    return refusalOf(c.req.path, problem);
  });
  return app;
}

const JSON_TYPE = 'application/json';

type DescribedMethods = Record<
  string,
  { readonly requestBody?: { readonly content: Record<string, { example?: object }> } }
>;

/** The API in OpenAPI 3.1, as JSON. */
function descriptionOf(app: App): string {
  const described = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Idlewave', version: '1', description: 'Batch jobs on volunteers’ browsers' },
  });
  for (const [path, methods] of Object.entries(described.paths ?? {}))
    for (const [method, { requestBody }] of Object.entries(methods as DescribedMethods)) {
      const json = requestBody?.content[JSON_TYPE];
      const example = EXAMPLES[`${method.toUpperCase()} ${path}`];
      if (json !== undefined && example !== undefined) json.example = example;
    }
  // The generator leaves a regular expression's flags behind its source; those of JSON Schema are always `u`.
  return JSON.stringify(described, (key, value: unknown) =>
    key === 'pattern' && typeof value === 'string' ? value.replace(/\/[a-z]+$/, '') : value,
  );
}

const METHODS = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'];

/** The methods that a path has routes for, sorted. Routes of every path, as the site's, say nothing. */
function methodsOf(app: App, path: string): string[] {
  const methods = METHODS.filter((method) =>
    app.router
      .match(method, path)[0]
      .some(([[, route]]) => route.method === method && !/^\/?\*$/.test(route.path)),
  );
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

/** Blobs and files count for themselves, and only once it is known who sends them. */
const countsItself = (path: string): boolean =>
  path.startsWith('/v1/blobs/') || path.startsWith(UPLOADS_PATH) || path === '/v1/files';

function bodyLimitUnlessCounted() {
  const limit = bodyLimit({
    maxSize: MAX_JSON_BODY_BYTES,
    onError: () =>
      refuse({
        code: 'body-too-large',
        detail: 'the body is too large',
        expected: `at most ${MAX_JSON_BODY_BYTES} bytes`,
        fix: 'upload data as blobs: PUT /v1/blobs/{sha256}',
      }),
  });
  return ((c, next) => (countsItself(c.req.path) ? next() : limit(c, next))) as typeof limit;
}

function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof HTTPException && error.status === 415) {
    return {
      code: 'wrong-content-type',
      detail: 'the body is not declared as what it must be',
      expected: 'Content-Type: application/json',
    };
  }
  return {
    code: 'internal',
    detail: 'the coordinator failed at this request; nothing was changed',
    fix: 'try again; if it stays, tell the operator the time of this request',
  };
}
