/** Records of authors as a table. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type {
  AuthorRecord,
  AuthorRecordBodies,
  AuthorRecordKind,
  AuthorRecords,
} from './authorRecords.ts';
import { blobsOfRecord } from './blobNames.ts';
import { pageOf, parseCursor } from './cursor.ts';
import type { Database } from './schema.ts';
import { asText, fromJson, toJson } from './storedRecords.ts';

type Writing = <T>(write: (db: Kysely<Database>) => Promise<T>) => Promise<T>;

/** Events of a commit; a job has one, so they are few. */
export function* eventStatements(
  events: readonly AuthorRecord<'openEvent'>[],
): Generator<RawBuilder<unknown>> {
  if (events.length === 0) return;
  const rows = events.map((it) => [it.kind, it.id, it.author, it.createdAtMs, it.body]);
  yield sql`
    insert into author_records (kind, id, author, created_at_ms, record)
    select r->>0, r->>1, r->>2, (r->>3)::bigint, r->4
    from json_array_elements(${toJson(rows)}::json) as e(r)
    on conflict (kind, id) do nothing`;
}

/** `writing` is the way of every write: `kyselyStore.ts`. */
export const storedAuthorRecords = (
  db: () => Kysely<Database>,
  writing: Writing,
): AuthorRecords => {
  const select = (kind: AuthorRecordKind) =>
    db()
      .selectFrom('author_records')
      .select(['id', 'author', asText('created_at_ms').as('createdAtMs')])
      .select(asText('record').as('record'))
      .where('kind', '=', kind);
  type Row = Awaited<ReturnType<ReturnType<typeof select>['execute']>>[number];
  const recordFrom = <K extends AuthorRecordKind>(kind: K, row: Row): AuthorRecord<K> => ({
    kind,
    id: row.id,
    author: row.author,
    createdAtMs: Number(row.createdAtMs),
    body: fromJson<AuthorRecordBodies[K]>(row.record),
  });
  return {
    async put({ kind, id, author, createdAtMs, body }) {
      const record = toJson(body);
      const blobs = toJson(blobsOfRecord({ kind, body }));
      await writing((writer) =>
        writer
          .insertInto('author_records')
          .values({ kind, id, author, created_at_ms: createdAtMs, record, blobs })
          .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ record, blobs }))
          .execute(),
      );
    },
    async get(kind, id) {
      const row = await select(kind).where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : recordFrom(kind, row);
    },
    async list(kind, author, cursor, limit) {
      const after = parseCursor(cursor);
      let query = select(kind)
        .orderBy('created_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1);
      if (author !== null) query = query.where('author', '=', author);
      if (after !== null) {
        query = query.where(
          sql<boolean>`(created_at_ms, id) < (${after.atMs}::bigint, ${after.id})`,
        );
      }
      const rows = (await query.execute()).map((row) => recordFrom(kind, row));
      return pageOf(rows, limit, ({ createdAtMs, id }) => ({ atMs: createdAtMs, id }));
    },
    async count(kind, author) {
      let query = db()
        .selectFrom('author_records')
        .select(sql<string>`count(*)::text`.as('found'))
        .where('kind', '=', kind);
      if (author !== null) query = query.where('author', '=', author);
      return Number((await query.executeTakeFirstOrThrow()).found);
    },
    async delete(kind, id) {
      const dropped = await writing((writer) =>
        writer
          .deleteFrom('author_records')
          .where('kind', '=', kind)
          .where('id', '=', id)
          .returning('id')
          .execute(),
      );
      return dropped.length > 0;
    },
  };
};
