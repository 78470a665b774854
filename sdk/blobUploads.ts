/**
 * What a coordinator must have before it is asked: uploads what it lacks of a submission's blobs, and no more.
 */
import type { BlobDigest } from '../shared/ids.ts';
import type { UploadNotice, UploadOptions } from './calls.ts';
import { IdlewaveError } from './error.ts';
import { DATA_DEADLINE_MS, type Http } from './http.ts';
import type { Submission } from './submission.ts';
import { RESUMABLE_BYTES, uploadInSlices } from './uploads.ts';

export class BlobUploads {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /**
   * `ask` names the blobs, once they are there. A coordinator forgets blobs that nothing has named for a day: one that goes in
   * the moment between is sent again, and it is asked again.
   */
  async before<T>(
    submission: Pick<Submission, 'blobs'>,
    call: UploadOptions,
    ask: () => Promise<T>,
  ): Promise<T> {
    await this.#all(submission, call);
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof IdlewaveError && thrown.problem.code === 'blob-absent')) throw thrown;
      await this.#all(submission, call);
      return ask();
    }
  }

  async one(
    digest: BlobDigest,
    bytes: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<UploadNotice> {
    const path = `/v1/blobs/${digest}`;
    const notice = { digest, bytes: bytes.byteLength };
    if (await this.#has(path, signal)) return { ...notice, sent: false, resumedAt: 0 };
    if (bytes.byteLength >= RESUMABLE_BYTES) {
      const uploaded = await uploadInSlices(this.#http, digest, bytes, signal);
      if (uploaded !== null) return { ...notice, sent: true, ...uploaded };
    }
    const body = { bytes };
    const request = { method: 'PUT', path, body, signal, deadlineMs: DATA_DEADLINE_MS } as const;
    await this.#http.send(request);
    return { ...notice, sent: true, resumedAt: 0 };
  }

  async #all({ blobs }: Pick<Submission, 'blobs'>, call: UploadOptions): Promise<void> {
    for (const { digest, bytes } of blobs) {
      // Awaited apart: the arguments of an optional call are not evaluated where there is no callback.
      const notice = await this.one(digest, bytes, call.signal);
      call.onUpload?.(notice);
    }
  }

  async #has(path: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await this.#http.send({ method: 'HEAD', path, signal });
      return true;
    } catch (thrown) {
      if (thrown instanceof IdlewaveError && thrown.problem.status === 404) return false;
      throw thrown;
    }
  }
}
