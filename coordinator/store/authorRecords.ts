/**
 * What authors keep here beside their jobs, whole records by kind and id. The port.
 *
 * Written directly, not in ticks of the engine: no decision about work or credit depends on it. Each kind's records
 * belong to one part of the coordinator, which is the only one to write them. Events begin in a commit of the engine:
 * that of the job's end (`Changes.events`).
 */
import type { KeyId } from '../../shared/ids.ts';
import type { Batch } from '../serving/batches.ts';
import type { AuthorFile } from '../serving/files.ts';
import type { PublishedModel } from '../serving/models.ts';
import type { EventRecord } from '../webhooks/delivery.ts';
import type { Endpoint } from '../webhooks/endpoints.ts';
import type { Page } from './store.ts';

/** What the records of each kind hold. */
export interface AuthorRecordBodies {
  readonly model: PublishedModel;
  readonly file: AuthorFile;
  readonly batch: Batch;
  /** Of a batch that has not ended, under the same id. */
  readonly openBatch: null;
  readonly webhook: Endpoint;
  /** Its deliveries have not ended. */
  readonly openEvent: EventRecord;
  /** They have. */
  readonly sentEvent: EventRecord;
}
export type AuthorRecordKind = keyof AuthorRecordBodies;

export interface AuthorRecord<K extends AuthorRecordKind = AuthorRecordKind> {
  readonly kind: K;
  /** Unique within its kind. */
  readonly id: string;
  readonly author: KeyId;
  readonly createdAtMs: number;
  readonly body: AuthorRecordBodies[K];
}

export interface AuthorRecords {
  /** Durable when it resolves. Replaces the body of a record that is there; its author and time stay. */
  put(record: AuthorRecord): Promise<void>;
  get<K extends AuthorRecordKind>(kind: K, id: string): Promise<AuthorRecord<K> | null>;
  /** Newest first; of one author, or of all where null. `cursor` is a `next` of an earlier page. */
  list<K extends AuthorRecordKind>(
    kind: K,
    author: KeyId | null,
    cursor: string | null,
    limit: number,
  ): Promise<Page<AuthorRecord<K>>>;
  count(kind: AuthorRecordKind, author: KeyId | null): Promise<number>;
  /** True where it was there. */
  delete(kind: AuthorRecordKind, id: string): Promise<boolean>;
}
