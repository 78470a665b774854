/** Files of authors: what a batch reads, and what it has written. Their bytes are blobs. */
import { randomBytes } from 'node:crypto';
import { makeFileId, type BlobDigest, type KeyId } from '../../shared/ids.ts';
import { MAX_FILES_PER_KEY } from '../../shared/limits.ts';
import type { FilePurpose } from '../../shared/protocol/batches.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import { digestOf } from '../digest.ts';
import type { AuthorRecord, AuthorRecords } from '../store/authorRecords.ts';
import type { BlobStore } from '../store/blobs.ts';

export interface AuthorFile {
  readonly filename: string;
  readonly purpose: FilePurpose;
  readonly bytes: number;
  readonly digest: BlobDigest;
}

export interface FilesDeps {
  readonly records: AuthorRecords;
  readonly blobs: Pick<BlobStore, 'put' | 'get'>;
  readonly now: () => number;
}

export class Files {
  readonly #deps: FilesDeps;

  constructor(deps: FilesDeps) {
    this.#deps = deps;
  }

  /** What an author uploads. */
  async add(
    author: KeyId,
    filename: string,
    bytes: Uint8Array,
  ): Promise<Result<AuthorRecord<'file'>, Problem>> {
    if ((await this.#deps.records.count('file', author)) >= MAX_FILES_PER_KEY)
      return fail(TOO_MANY);
    return ok(
      await this.put(author, { filename, purpose: 'batch', id: makeFileId(randomBytes) }, bytes),
    );
  }

  /** The same id and bytes twice are one file. */
  async put(
    author: KeyId,
    { id, ...named }: Pick<AuthorFile, 'filename' | 'purpose'> & { readonly id: string },
    bytes: Uint8Array,
  ): Promise<AuthorRecord<'file'>> {
    const { records, blobs, now } = this.#deps;
    const digest = digestOf(bytes);
    const stored = await blobs.put(bytes, digest, bytes.byteLength);
    assert(stored.ok, 'files: bytes that are here can be stored');
    const body = { ...named, bytes: bytes.byteLength, digest };
    const record: AuthorRecord<'file'> = { kind: 'file', id, author, createdAtMs: now(), body };
    await records.put(record);
    return record;
  }

  /** Of this author, or of anybody where null; another's is not there. */
  async find(author: KeyId | null, id: string): Promise<AuthorRecord<'file'> | null> {
    const record = await this.#deps.records.get('file', id);
    return record !== null && (author === null || record.author === author) ? record : null;
  }

  async content(digest: BlobDigest): Promise<Uint8Array> {
    const bytes = await this.#deps.blobs.get(digest);
    assert(bytes !== null, `files: blob ${digest} is here`);
    return bytes;
  }

  delete({ id }: AuthorRecord<'file'>): Promise<boolean> {
    return this.#deps.records.delete('file', id);
  }
}

const TOO_MANY: Problem = {
  code: 'too-many-files',
  detail: 'this key has too many files',
  expected: `at most ${MAX_FILES_PER_KEY}`,
  fix: 'delete some: DELETE /v1/files/{id}',
};
