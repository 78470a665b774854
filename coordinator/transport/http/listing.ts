/** Listings in OpenAI's shape: a page goes on after an id. */
import { z } from '@hono/zod-openapi';
import { MAX_NAME_CHARS } from '../../../shared/limits.ts';
import type { AuthorRecord, AuthorRecordKind, AuthorRecords } from '../../store/authorRecords.ts';
import { cursorOf } from '../../store/cursor.ts';
import { refuse, type AppContext } from './context.ts';

const MOST_ROWS = 100;
const DEFAULT_ROWS = 20;

export const afterQuery = z.object({
  after: z.string().min(1).max(MAX_NAME_CHARS).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_ROWS).default(DEFAULT_ROWS),
});

/** Of the author that asks; of all where the operator does. */
export async function listing<K extends AuthorRecordKind, V>(
  records: AuthorRecords,
  kind: K,
  c: AppContext,
  { after, limit }: z.infer<typeof afterQuery>,
  viewOf: (record: AuthorRecord<K>) => V,
) {
  const principal = c.get('principal');
  const author = principal.kind === 'operator' ? null : principal.key;
  const last = after === undefined ? null : await records.get(kind, after);
  if (after !== undefined && (last === null || (author !== null && last.author !== author))) {
    const detail = 'you have nothing of this id to go on after';
    return refuse({ code: 'bad-cursor', detail, field: 'after', came: after });
  }
  const cursor = last === null ? null : cursorOf({ atMs: last.createdAtMs, id: last.id });
  const page = await records.list(kind, author, cursor, limit);
  return {
    object: 'list' as const,
    data: page.rows.map(viewOf),
    first_id: page.rows[0]?.id ?? null,
    last_id: page.rows.at(-1)?.id ?? null,
    has_more: page.next !== null,
  };
}
