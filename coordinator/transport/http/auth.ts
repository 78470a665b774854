/**
 * Who asks: `Authorization: Bearer` with the operator's admin token or an author's key; and which jobs are theirs.
 */
import { createMiddleware } from 'hono/factory';
import type { JobId } from '../../../shared/ids.ts';
import type { Job } from '../../core/state.ts';
import { OPERATOR_KEY, type Keys } from '../keys.ts';
import { refuse, type AppContext, type AppEnv, type HttpDeps, type Principal } from './context.ts';
import { refusalOf } from './refusals.ts';

const MAX_TOKEN_CHARS = 200;

/** Counts the request, too: once, through however many of these it comes. */
export const requireAuthor = ({
  keys,
  requests,
  metrics,
}: Pick<HttpDeps, 'keys' | 'requests' | 'metrics'>) =>
  createMiddleware<AppEnv>(async (c, next) => {
    if (c.get('principal') !== undefined) return next();
    const principal = await principalOf(c, keys);
    c.set('principal', principal);
    if (principal.kind === 'operator') return next();
    const { headers, refused } = requests.take(principal.key);
    if (refused === null) await next();
    else {
      metrics.refused(refused.code);
      c.res = refusalOf(c.req.path, refused);
    }
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  });

export const requireOperator = (keys: Keys) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const principal = await principalOf(c, keys);
    if (principal.kind !== 'operator') {
      const fix = 'use the adminToken that `idlewave serve` prints';
      refuse({ code: 'not-allowed', detail: 'only the operator may do this', fix });
    }
    c.set('principal', principal);
    await next();
  });

async function principalOf(c: AppContext, keys: Keys): Promise<Principal> {
  const token = /^Bearer (\S+)$/.exec(c.req.header('Authorization') ?? '')?.[1];
  const fix = 'send "Authorization: Bearer KEY"; whoever runs the coordinator makes keys';
  if (token === undefined || token.length > MAX_TOKEN_CHARS) {
    return refuse({ code: 'not-authenticated', detail: 'this needs a key', fix });
  }
  if (keys.isAdminToken(token)) return { kind: 'operator', key: OPERATOR_KEY, isPrepaid: false };
  const key = await keys.find(token);
  if (key === null) {
    return refuse({ code: 'not-authenticated', detail: 'the key is unknown or revoked', fix });
  }
  return { kind: 'author', key: key.id, isPrepaid: key.isPrepaid };
}

/** Finds the job of a path; another author's job is not there. */
export const jobFinder =
  ({ engine, store }: Pick<HttpDeps, 'engine' | 'store'>) =>
  async (c: AppContext, id: string): Promise<Job> => {
    const job = engine.runningJob(id as JobId) ?? (await store.job(id as JobId));
    const principal = c.get('principal');
    if (job !== null && (principal.kind === 'operator' || job.author === principal.key)) return job;
    return refuse({ code: 'not-found', detail: 'you have no such job', came: id });
  };
