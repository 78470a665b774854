/**
 * Where authors want to be told of their jobs and batches: all endpoints, in memory and in the store.
 *
 * Nothing is told before it is in the store. Who wants to hear of what is asked in every tick of the engine that ends a
 * job, so that is answered from memory.
 */
import { makeWebhookId, type KeyId, type RandomBytes } from '../../shared/ids.ts';
import { MAX_WEBHOOKS, MAX_WEBHOOKS_PER_KEY } from '../../shared/webhookLimits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import {
  WEBHOOK_EVENTS,
  type WebhookEventType,
  type WebhookSpec,
} from '../../shared/protocol/webhooks.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { OneByOne } from '../engine/oneByOne.ts';
import type { AuthorRecord, AuthorRecords } from '../store/authorRecords.ts';
import { makeSecret } from './signature.ts';
import type { WebhookTransport } from './transport.ts';

/** What is stored under an endpoint's id. */
export interface Endpoint {
  readonly url: string;
  readonly events: readonly WebhookEventType[];
  /** Needed for every signature, so kept as it is. */
  readonly secret: string;
  /** Nothing is posted there any more. */
  readonly disabled: { readonly why: string; readonly atMs: number } | null;
}
export type EndpointRecord = AuthorRecord<'webhook'>;

export interface EndpointsDeps {
  readonly records: AuthorRecords;
  readonly transport: Pick<WebhookTransport, 'problemOf'>;
  readonly now: () => number;
  readonly random: RandomBytes;
}

export class Endpoints {
  readonly #deps: EndpointsDeps;
  readonly #writing = new OneByOne();
  /** The oldest first. */
  readonly #all = new Map<string, EndpointRecord>();

  constructor(deps: EndpointsDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { rows } = await this.#deps.records.list('webhook', null, null, MAX_WEBHOOKS);
    for (const record of rows.toReversed()) this.#all.set(record.id, record);
  }

  async create(
    author: KeyId,
    { url, events }: WebhookSpec,
  ): Promise<Result<EndpointRecord, Problem>> {
    const { records, transport, now, random } = this.#deps;
    const problem = await transport.problemOf(url);
    if (problem !== null) return fail(problem);
    // One after another, whosever they are: how many there are is counted.
    return this.#write(async () => {
      if (this.of(author).length >= MAX_WEBHOOKS_PER_KEY)
        return fail(tooMany(`at most ${MAX_WEBHOOKS_PER_KEY} endpoints of one key`));
      if (this.#all.size >= MAX_WEBHOOKS)
        return fail(tooMany(`at most ${MAX_WEBHOOKS} endpoints on this coordinator`));
      const wanted = WEBHOOK_EVENTS.filter((it) => events?.includes(it) ?? true);
      const record: EndpointRecord = {
        kind: 'webhook',
        id: makeWebhookId(random),
        author,
        createdAtMs: now(),
        body: { url, events: wanted, secret: makeSecret(random), disabled: null },
      };
      await records.put(record);
      this.#all.set(record.id, record);
      return ok(record);
    });
  }

  /** Of one author, or of all where null; the oldest first. */
  of(author: KeyId | null): readonly EndpointRecord[] {
    return [...this.#all.values()].filter((it) => author === null || it.author === author);
  }

  /** Of this author, or of anybody where null; another's is not there. */
  find(author: KeyId | null, id: string): EndpointRecord | null {
    const record = this.#all.get(id);
    return record !== undefined && (author === null || record.author === author) ? record : null;
  }

  /** Those that take events of this type of the author. */
  wanting(author: KeyId, type: WebhookEventType): readonly EndpointRecord[] {
    return this.of(author).filter(
      ({ body }) => body.disabled === null && body.events.includes(type),
    );
  }

  async remove(id: string): Promise<void> {
    await this.#write(async () => {
      await this.#deps.records.delete('webhook', id);
      this.#all.delete(id);
    });
  }

  /** Null enables it again. */
  async disable(id: string, why: string | null): Promise<void> {
    await this.#write(async () => {
      const record = this.#all.get(id);
      if (record === undefined || (record.body.disabled === null) === (why === null)) return;
      const disabled = why === null ? null : { why, atMs: this.#deps.now() };
      const changed = { ...record, body: { ...record.body, disabled } };
      await this.#deps.records.put(changed);
      this.#all.set(id, changed);
    });
  }

  #write<T>(write: () => Promise<T>): Promise<T> {
    return this.#writing.run('', write);
  }
}

const tooMany = (expected: string): Problem => ({
  code: 'too-many-webhooks',
  detail: 'no more webhooks can be registered',
  expected,
  fix: 'remove one: DELETE /v1/webhooks/{id}',
});
