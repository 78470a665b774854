/** Records of authors of the store in memory. */
import type { AuthorRecord, AuthorRecordKind, AuthorRecords } from './authorRecords.ts';
import { listed } from './cursor.ts';

/** By kind and id. */
export type MemoryAuthorRecords = Map<string, AuthorRecord>;

const keyOf = (kind: AuthorRecordKind, id: string): string => `${kind} ${id}`;

/** Of a commit; what is there stays. */
export function addEvents(
  data: MemoryAuthorRecords,
  events: readonly AuthorRecord<'openEvent'>[],
): void {
  for (const event of events) {
    const key = keyOf(event.kind, event.id);
    if (!data.has(key)) data.set(key, structuredClone(event));
  }
}

export const memoryAuthorRecords = (data: () => MemoryAuthorRecords): AuthorRecords => {
  const all = <K extends AuthorRecordKind>(kind: K, author: string | null): AuthorRecord<K>[] =>
    [...data().values()].filter(
      (it): it is AuthorRecord<K> => it.kind === kind && (author === null || it.author === author),
    );
  return {
    put: async (record) => {
      const key = keyOf(record.kind, record.id);
      const known = data().get(key);
      const { body } = structuredClone(record);
      data().set(key, { ...(known ?? record), body });
    },
    get: async <K extends AuthorRecordKind>(kind: K, id: string) =>
      (data().get(keyOf(kind, id)) as AuthorRecord<K> | undefined) ?? null,
    list: async (kind, author, cursor, limit) =>
      listed(all(kind, author), cursor, limit, ({ createdAtMs, id }) => ({
        atMs: createdAtMs,
        id,
      })),
    count: async (kind, author) => all(kind, author).length,
    delete: async (kind, id) => data().delete(keyOf(kind, id)),
  };
};
