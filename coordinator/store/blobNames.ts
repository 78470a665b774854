/** Which blobs the records of authors name: those stay. A batch that has ended needs what it was made of no more. */
import { isDigest } from '../../shared/digest.ts';
import type { BlobDigest } from '../../shared/ids.ts';
import type { AuthorRecord, AuthorRecordKind } from './authorRecords.ts';

type AnyRecord = { [K in AuthorRecordKind]: AuthorRecord<K> }[AuthorRecordKind];

export function blobsOfRecord(record: Pick<AuthorRecord, 'kind' | 'body'>): BlobDigest[] {
  const { kind, body } = record as AnyRecord;
  switch (kind) {
    case 'model':
    case 'file':
      return digestsIn(body);
    case 'batch':
      return body.state.kind === 'failed' || body.state.kind === 'ended' ? [] : digestsIn(body);
    case 'openBatch':
    case 'webhook':
    case 'openEvent':
    case 'sentEvent':
      return [];
    default:
      return kind satisfies never;
  }
}

/** Every text in it that is a digest: a field that is added later is not forgotten, and one too many does no harm. */
function digestsIn(value: unknown): BlobDigest[] {
  const found = new Set<BlobDigest>();
  const seek = (it: unknown): void => {
    if (typeof it === 'string') {
      if (isDigest(it)) found.add(it);
    } else if (typeof it === 'object' && it !== null) Object.values(it).forEach(seek);
  };
  seek(value);
  return [...found];
}
