/** The sites of an API key, as their owner's page reads and changes them. The key is sent to this coordinator only. */
import { z } from 'zod';
import { problemSchema } from '../../shared/protocol/problem.ts';
import {
  ownSiteSchema,
  siteDaySchema,
  type OwnSite,
  type SiteDayView,
  type SiteSpec,
} from '../../shared/protocol/sharing.ts';
import { fail, messageOf, ok, type Result } from '../../shared/result.ts';

const DEADLINE_MS = 15_000;

/** The failure is for a person. */
type Answer<T> = Promise<Result<T, string>>;

export interface SitesApi {
  sites(): Answer<readonly OwnSite[]>;
  add(spec: SiteSpec): Answer<OwnSite>;
  change(id: string, spec: SiteSpec): Answer<OwnSite>;
  remove(id: string): Answer<null>;
  /** Newest first; days without a share are not in it. */
  days(id: string): Answer<readonly SiteDayView[]>;
}

export function sitesApi(origin: string, key: string, http: typeof fetch): SitesApi {
  const ask = async <T>(
    method: string,
    path: string,
    schema: z.ZodType<T>,
    body?: object,
  ): Answer<T> => {
    try {
      const response = await http(`${origin}/v1/sites${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      const text = await response.text();
      const answer: unknown = text === '' ? null : JSON.parse(text);
      if (response.ok) return ok(schema.parse(answer));
      const { detail, fix } = problemSchema.parse(answer);
      return fail(fix === undefined ? detail : `${detail}: ${fix}`);
    } catch (thrown) {
      return fail(messageOf(thrown, 200));
    }
  };
  const rowsOf = <T>(row: z.ZodType<T>) => z.object({ rows: z.array(row) });
  const at = (id: string): string => `/${encodeURIComponent(id)}`;
  const rows = async <T>(path: string, row: z.ZodType<T>): Answer<readonly T[]> => {
    const answer = await ask('GET', path, rowsOf(row));
    return answer.ok ? ok(answer.value.rows) : answer;
  };
  return {
    sites: () => rows('', ownSiteSchema),
    add: (spec) => ask('POST', '', ownSiteSchema, spec),
    change: (id, spec) => ask('PUT', at(id), ownSiteSchema, spec),
    remove: (id) => ask('DELETE', at(id), z.null()),
    days: (id) => rows(`${at(id)}/days`, siteDaySchema),
  };
}
