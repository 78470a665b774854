/** Endpoints that events of this key's jobs and batches are posted to: `client.webhooks`. */
import {
  createdWebhookSchema,
  webhookDeliveriesSchema,
  webhookTestSchema,
  webhooksSchema,
  type CreatedWebhook,
  type WebhookDelivery,
  type WebhookSpec,
  type WebhookTest,
  type WebhookView,
} from '../shared/protocol/webhooks.ts';
import type { CallOptions } from './calls.ts';
import type { Http } from './http.ts';

export class Webhooks {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** `secret` is never shown again. Not repeated on failure: each call makes another endpoint. */
  create(spec: WebhookSpec, { signal }: CallOptions = {}): Promise<CreatedWebhook> {
    const request = { method: 'POST', path: PATH, repeatable: false } as const;
    return this.#http.json({ ...request, body: { json: spec }, signal }, createdWebhookSchema);
  }

  /** Those of this key, the oldest first; all of them for the operator. */
  async list({ signal }: CallOptions = {}): Promise<readonly WebhookView[]> {
    return (await this.#http.json({ method: 'GET', path: PATH, signal }, webhooksSchema)).rows;
  }

  /** With what was on its way to it. */
  async delete(id: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#http.send({ method: 'DELETE', path: pathOf(id), signal });
  }

  /** Has a `ping` posted now; one that is taken enables an endpoint that was disabled. */
  test(id: string, { signal }: CallOptions = {}): Promise<WebhookTest> {
    const path = `${pathOf(id)}/test`;
    return this.#http.json({ method: 'POST', path, signal }, webhookTestSchema);
  }

  /** The last events for it with every attempt, the newest first. */
  async deliveries(id: string, { signal }: CallOptions = {}): Promise<readonly WebhookDelivery[]> {
    const request = { method: 'GET', path: `${pathOf(id)}/deliveries`, signal } as const;
    return (await this.#http.json(request, webhookDeliveriesSchema)).rows;
  }
}

const PATH = '/v1/webhooks';
const pathOf = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;
