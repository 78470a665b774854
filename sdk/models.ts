/** Models that are published under a name: `client.models`. */
import { publishedModelSchema, type PublishedModelView } from '../shared/protocol/models.ts';
import type { BlobUploads } from './blobUploads.ts';
import {
  queryOf,
  type CallOptions,
  type Page,
  type PageOptions,
  type UploadOptions,
} from './calls.ts';
import type { Http } from './http.ts';
import { prepare, type SubmitOptions } from './submission.ts';
import { z } from 'zod';

const pageSchema = z.object({ rows: z.array(publishedModelSchema), next: z.string().nullable() });

export class Models {
  readonly #http: Http;
  readonly #uploads: BlobUploads;

  constructor(http: Http, uploads: BlobUploads) {
    this.#http = http;
    this.#uploads = uploads;
  }

  /**
   * Publishes what a job of these options would run; its stacked inputs are the example that it is tried on. A name that
   * is this key's already gets a new version. Safe to repeat.
   */
  async publish(
    name: string,
    options: Omit<SubmitOptions, 'name' | 'items' | 'budget' | 'idempotencyKey'>,
    call: UploadOptions = {},
  ): Promise<PublishedModelView> {
    const submission = await prepare({ ...options, name });
    const { name: _, ...template } = submission.spec;
    const body = { json: template };
    const request = { method: 'PUT', path: pathOf(name), body, signal: call.signal } as const;
    return this.#uploads.before(submission, call, () =>
      this.#http.json(request, publishedModelSchema),
    );
  }

  /** One page of all that are published, newest first. */
  list(options: PageOptions = {}): Promise<Page<PublishedModelView>> {
    const path = `/v1/models${queryOf(options)}`;
    return this.#http.json({ method: 'GET', path, signal: options.signal }, pageSchema);
  }

  get(name: string, { signal }: CallOptions = {}): Promise<PublishedModelView> {
    return this.#http.json({ method: 'GET', path: pathOf(name), signal }, publishedModelSchema);
  }

  /** With all its versions; requests that are waited for are still answered. */
  async withdraw(name: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#http.send({ method: 'DELETE', path: pathOf(name), signal });
  }
}

const pathOf = (name: string): string => `/v1/models/${encodeURIComponent(name)}`;
