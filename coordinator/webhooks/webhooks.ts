/**
 * Webhooks of authors, put together: endpoints, what is told to them, and what became of it.
 *
 * The event of a job is in the commit that ends the job, that of a batch is in the store before the batch is closed: so an
 * end is told at least once, whenever the process dies.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { JobId, KeyId, RandomBytes } from '../../shared/ids.ts';
import type { BatchView } from '../../shared/protocol/batches.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { WebhookDelivery, WebhookTest } from '../../shared/protocol/webhooks.ts';
import { ok, type Result } from '../../shared/result.ts';
import type { WebhookNetworks } from '../../shared/webhookNetworks.ts';
import type { Job } from '../core/state.ts';
import type { JobEnds } from '../engine/engineOptions.ts';
import { Courier, type AnyEvent, type CourierDeps, type OpenEvent } from './courier.ts';
import { Endpoints, type EndpointRecord, type EndpointsDeps } from './endpoints.ts';
import { eventOfBatch, eventOfJob, pingPayload, typeOfBatch, typeOfJob } from './events.ts';
import type { WebhookTransport } from './transport.ts';

export interface WebhooksDeps
  extends Omit<CourierDeps, 'endpoints' | 'transport'>, Omit<EndpointsDeps, 'transport'> {
  readonly transport: WebhookTransport;
  readonly networks: WebhookNetworks;
  readonly random: RandomBytes;
}

const ID_BYTES = 16;

export class Webhooks implements JobEnds {
  readonly endpoints: Endpoints;
  readonly #deps: WebhooksDeps;
  readonly #courier: Courier;
  readonly #leftOut = new Set<JobId>();

  constructor(deps: WebhooksDeps) {
    this.#deps = deps;
    this.endpoints = new Endpoints(deps);
    this.#courier = new Courier({ ...deps, endpoints: this.endpoints });
  }

  /** Before anything ends: who wants to hear of it must be known. */
  async start(): Promise<void> {
    await this.endpoints.start();
    if (this.#isOn) await this.#courier.start();
  }

  sweep(): void {
    this.#courier.sweep();
  }

  close(): Promise<void> {
    return this.#courier.close();
  }

  eventOf(job: Job): OpenEvent | null {
    const type = typeOfJob(job);
    if (type === null || !this.#isOn || this.#leftOut.has(job.id)) return null;
    return this.endpoints.wanting(job.author, type).length === 0 ? null : eventOfJob(job, type);
  }

  /** No event is made of this job's end, until `takeIn`. A restart forgets it. */
  leaveOut(job: JobId): void {
    this.#leftOut.add(job);
  }

  takeIn(job: JobId): void {
    this.#leftOut.delete(job);
  }

  committed(event: OpenEvent): void {
    this.#courier.take(event);
  }

  /** Resolves when it is certain to be told. Again it is told under the same id. */
  async batchEnded(author: KeyId, view: BatchView, atMs: number): Promise<void> {
    const type = typeOfBatch(view);
    if (type === null || !this.#isOn) return;
    if (this.endpoints.wanting(author, type).length === 0) return;
    const event = eventOfBatch(author, view, type, atMs);
    await this.#deps.records.put(event);
    this.#courier.take(event);
  }

  async remove(endpoint: EndpointRecord): Promise<void> {
    await this.endpoints.remove(endpoint.id);
    this.#courier.giveUp(endpoint, 'the endpoint was removed');
  }

  /** Posts a ping now. One that is taken enables the endpoint again. */
  async test(endpoint: EndpointRecord): Promise<Result<WebhookTest, Problem>> {
    const { random, now } = this.#deps;
    const event = `evt_${bytesToHex(random(ID_BYTES))}`;
    const tried = await this.#courier.test(endpoint, event, pingPayload(endpoint.id, now()));
    if (!tried.ok) return tried;
    const delivered = tried.value.error === null;
    if (delivered) await this.endpoints.disable(endpoint.id, null);
    return ok({ event, delivered, ...tried.value });
  }

  /** The newest first; those that have not ended before those that have. */
  async deliveries(endpoint: EndpointRecord): Promise<readonly WebhookDelivery[]> {
    return (await this.#courier.eventsOf(endpoint)).map((event) => viewOf(event, endpoint.id));
  }

  get #isOn(): boolean {
    return this.#deps.networks !== 'none';
  }
}

function viewOf({ id, createdAtMs, body }: AnyEvent, endpoint: string): WebhookDelivery {
  const { state, attempts } = body.deliveries[endpoint]!;
  return {
    event: id,
    eventType: body.type,
    atMs: createdAtMs,
    state: state.kind,
    nextAttemptAtMs: state.kind === 'waiting' ? state.dueAtMs : null,
    why: state.kind === 'failed' ? state.why : null,
    attempts: [...attempts],
  };
}
