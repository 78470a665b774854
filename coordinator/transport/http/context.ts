/**
 * What the HTTP routes share: their dependencies, who asks, and how a refusal is said.
 */
import type { IncomingMessage } from 'node:http';
import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context, Env } from 'hono';
import { MAX_NAME_CHARS } from '../../../shared/limits.ts';
import {
  ProblemError,
  RETRY_AFTER_S,
  problemDetails,
  problemSchema,
  type Problem,
} from '../../../shared/protocol/problem.ts';
import type { Engine } from '../../engine/engine.ts';
import type { ConnectedHost } from '../../engine/hosts.ts';
import type { PublicLog } from '../../log/publicLog.ts';
import type { JobDesk, Payer } from '../../jobs/jobDesk.ts';
import type { Metrics } from '../../metrics.ts';
import type { Batches } from '../../serving/batches.ts';
import type { Files } from '../../serving/files.ts';
import type { ModelServer } from '../../serving/modelServer.ts';
import type { Models } from '../../serving/models.ts';
import type { PublicStats } from '../../stats/publicStats.ts';
import type { BlobStore } from '../../store/blobs.ts';
import type { Store } from '../../store/store.ts';
import type { Webhooks } from '../../webhooks/webhooks.ts';
import { assert } from '../../../shared/result.ts';
import type { LinkCodes } from '../account/linkCodes.ts';
import type { SignedRequests } from '../account/signedRequests.ts';
import type { Keys } from '../keys.ts';
import type { Caller, Callers } from '../members/callers.ts';
import type { RequestLimits } from './requestLimits.ts';

export interface HttpDeps {
  readonly engine: Engine;
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly desk: JobDesk;
  readonly models: Models;
  readonly modelServer: ModelServer;
  readonly files: Files;
  readonly batches: Batches;
  readonly webhooks: Webhooks;
  readonly keys: Keys;
  readonly requests: RequestLimits;
  readonly callers: Pick<Callers, 'of'>;
  readonly signedRequests: SignedRequests;
  readonly linkCodes: LinkCodes;
  readonly publicLog: Pick<PublicLog, 'key' | 'verifierKey' | 'file'>;
  readonly stats: Pick<PublicStats, 'file'>;
  readonly metrics: Metrics;
  readonly byeTokens: Map<string, ConnectedHost>;
  /** Where others reach this coordinator, which leads, as `/healthz` says; absent where it has no others. */
  readonly leadAddress?: () => string;
  readonly now: () => number;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/** Who asks: the operator by the admin token, an author by a key. */
export interface Principal extends Payer {
  readonly kind: 'operator' | 'author';
}

export interface AppEnv extends Env {
  Variables: { principal: Principal };
  /** What the Node server adds to a request. */
  Bindings: { incoming: IncomingMessage };
}
export type App = OpenAPIHono<AppEnv>;
export type AppContext = Context<AppEnv>;

/** An app whose schema failures are problems like all others. */
export function newApp(): App {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0]!;
      const field = [result.target === 'json' ? '' : result.target, ...issue.path.map(String)];
      throw new ProblemError({
        code: 'invalid-field',
        detail: issue.message,
        field: field.filter((part) => part !== '').join('.'),
      });
    },
  });
}

/** Who is at the other end of the request. */
export function callerOf(callers: Pick<Callers, 'of'>, { env }: Pick<AppContext, 'env'>): Caller {
  assert(env?.incoming !== undefined, 'callerOf: a request that came by no server');
  return callers.of(env.incoming);
}

export const refuse = (problem: Problem): never => {
  throw new ProblemError(problem);
};

/** The response of every refusal, for the API's description. */
export const problemResponse = {
  description: 'Refused: the problem says what was expected, what came, and what to do',
  content: { 'application/problem+json': { schema: problemSchema } },
} as const;

export const jsonResponse = <S extends z.ZodType>(description: string, schema: S) => ({
  description,
  content: { 'application/json': { schema } },
});

/** A response of bytes or text, for the API's description. */
export const rawResponse = (description: string, type: string) => ({
  description,
  content: { [type]: { schema: z.string() } },
});

/** Path parameters that are ids: a path trick matches none of these characters. */
export const idParams = z.object({ id: z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/) });

export const cursorQuery = z.object({ cursor: z.string().max(MAX_NAME_CHARS).optional() });

export function problemBody(problem: Problem, status = problemDetails(problem).status): Response {
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' };
  const passes = problem.code === 'not-ready' || problem.code === 'too-many-requests';
  if (passes) headers['Retry-After'] = RETRY_AFTER_S;
  return new Response(JSON.stringify(problemDetails(problem)), { status, headers });
}

/** The whole body; refused as soon as it is longer than `maxBytes`. */
export async function boundedBody(
  request: Request,
  maxBytes: number,
  fix: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const stream = request.body as AsyncIterable<Uint8Array> | null;
  for await (const part of stream ?? []) {
    bytes += part.byteLength;
    if (bytes > maxBytes) {
      const expected = `at most ${maxBytes} bytes`;
      return refuse({ code: 'body-too-large', detail: 'the body is too large', expected, fix });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}
