/**
 * Brings events to endpoints, at least once each, over restarts and failures.
 *
 * An event is a record that is open until all of its deliveries have ended; what was open when a coordinator ended is taken
 * up by the next. It has no timer: `sweep` looks what is due. Every endpoint has a lane of its own, and lanes take turns, so
 * that a slow one holds up nobody else. Whoever hands an event over never waits for a delivery.
 */
import type { KeyId } from '../../shared/ids.ts';
import {
  MAX_KEPT_EVENTS_PER_KEY,
  MAX_OPEN_EVENTS_PER_KEY,
  MAX_WEBHOOK_SENDS,
  MAX_WEBHOOK_SENDS_PER_ENDPOINT,
} from '../../shared/webhookLimits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { WebhookAttempt } from '../../shared/protocol/webhooks.ts';
import { fail, messageOf, ok, type Result } from '../../shared/result.ts';
import { OneByOne } from '../engine/oneByOne.ts';
import type { AuthorRecord, AuthorRecords } from '../store/authorRecords.ts';
import type { Page } from '../store/store.ts';
import { afterAttempt, givenUp, hasEnded, newDelivery, type Delivery } from './delivery.ts';
import type { EndpointRecord, Endpoints } from './endpoints.ts';
import { signedHeaders } from './signature.ts';
import type { WebhookAnswer, WebhookTransport } from './transport.ts';

const LIST_ROWS = 500;
/** Events beyond those that are kept, before they are looked for and forgotten. */
const KEPT_SLACK = 50;

export type OpenEvent = AuthorRecord<'openEvent'>;
export type AnyEvent = OpenEvent | AuthorRecord<'sentEvent'>;

export interface CourierDeps {
  readonly records: AuthorRecords;
  readonly endpoints: Endpoints;
  readonly transport: Pick<WebhookTransport, 'post'>;
  readonly now: () => number;
  /** In [0, 1). */
  readonly chance: () => number;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/** Deliveries to one endpoint, by event. */
interface Lane {
  readonly author: KeyId;
  readonly endpoint: string;
  /** In the order in which they became due. */
  readonly due: Set<string>;
  readonly waiting: Map<string, number>;
  underWay: number;
}

export class Courier {
  readonly #deps: CourierDeps;
  readonly #closed = new AbortController();
  /** By author and id; the oldest first. */
  readonly #open = new Map<KeyId, Map<string, OpenEvent>>();
  /** The one that had its turn last is last. */
  readonly #lanes = new Map<string, Lane>();
  /** By event: its record is written whole. */
  readonly #writing = new OneByOne();
  readonly #underWay = new Set<Promise<unknown>>();
  #sending = 0;

  constructor(deps: CourierDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const found: OpenEvent[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<OpenEvent> = await this.#deps.records.list(
        'openEvent',
        null,
        cursor,
        LIST_ROWS,
      );
      found.push(...page.rows);
      cursor = page.next;
    } while (cursor !== null);
    for (const event of found.toReversed()) this.take(event);
  }

  /** What is under way is broken off, and made again by the next coordinator. */
  async close(): Promise<void> {
    this.#closed.abort();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** An event that is in the store. A second time it changes nothing. */
  take(event: OpenEvent): void {
    const { author, id, createdAtMs, body } = event;
    const ofAuthor = this.#openOf(author);
    if (ofAuthor.has(id) || this.#closed.signal.aborted) return;
    const fresh = this.#deps.endpoints
      .wanting(author, body.type)
      .filter((it) => it.createdAtMs <= createdAtMs && !Object.hasOwn(body.deliveries, it.id));
    const added = fresh.map((it) => [it.id, newDelivery(createdAtMs)] as const);
    const deliveries = { ...body.deliveries, ...Object.fromEntries(added) };
    ofAuthor.set(id, { ...event, body: { ...body, deliveries } });
    for (const [endpoint, { state }] of Object.entries(deliveries))
      if (state.kind === 'waiting') this.#schedule(author, endpoint, id, state.dueAtMs);
    if (hasEnded({ ...body, deliveries })) this.#track(this.#write(author, id));
    if (ofAuthor.size > MAX_OPEN_EVENTS_PER_KEY) this.#makeRoom(author, ofAuthor);
    this.#pump();
  }

  /** To be called every second or so: attempts what is due. */
  sweep(): void {
    const nowMs = this.#deps.now();
    for (const lane of this.#lanes.values()) {
      for (const [event, dueAtMs] of lane.waiting) {
        if (dueAtMs > nowMs) continue;
        lane.waiting.delete(event);
        lane.due.add(event);
      }
    }
    this.#pump();
  }

  /** The endpoint takes nothing more: what was on its way to it ends. */
  giveUp({ author, id }: EndpointRecord, why: string): void {
    for (const event of this.#openOf(author).keys()) this.#giveUpDelivery(author, id, event, why);
  }

  /** One attempt at an event that is not kept. */
  async test(
    endpoint: EndpointRecord,
    event: string,
    payload: string,
  ): Promise<Result<WebhookAttempt, Problem>> {
    const lane = this.#lane(endpoint.author, endpoint.id);
    if (!this.#hasRoom(lane)) return fail(BUSY);
    return ok(await this.#attempt(lane, endpoint, event, payload));
  }

  /** Of the endpoint, the newest first; those that have not ended before those that have. */
  async eventsOf({ author, id }: EndpointRecord): Promise<readonly AnyEvent[]> {
    const open = [...this.#openOf(author).values()].toReversed();
    const sent = await this.#deps.records.list('sentEvent', author, null, MAX_KEPT_EVENTS_PER_KEY);
    return [...open, ...sent.rows]
      .filter(({ body }) => Object.hasOwn(body.deliveries, id))
      .slice(0, MAX_KEPT_EVENTS_PER_KEY);
  }

  /** Lanes take turns, one attempt each. */
  #pump(): void {
    if (this.#closed.signal.aborted) return;
    for (const [id, lane] of this.#lanes) {
      if (this.#sending >= MAX_WEBHOOK_SENDS) return;
      const [event] = lane.due;
      if (event === undefined || !this.#hasRoom(lane)) {
        if (lane.due.size + lane.waiting.size + lane.underWay === 0) this.#lanes.delete(id);
        continue;
      }
      lane.due.delete(event);
      this.#lanes.delete(id);
      this.#lanes.set(id, lane);
      this.#track(this.#deliver(lane, event));
    }
  }

  async #deliver(lane: Lane, id: string): Promise<void> {
    const { endpoints, chance, log } = this.#deps;
    const { author } = lane;
    const endpoint = endpoints.find(author, lane.endpoint);
    const event = this.#openOf(author).get(id);
    if (event === undefined) return;
    if (endpoint === null || endpoint.body.disabled !== null) {
      const why = endpoint?.body.disabled?.why ?? WAS_REMOVED;
      return this.#giveUpDelivery(author, lane.endpoint, id, why);
    }
    const attempt = await this.#attempt(lane, endpoint, id, event.body.payload);
    // While it closes, attempts are broken off: the next coordinator makes them.
    if (this.#closed.signal.aborted) return;
    const delivery = afterAttempt(event.body.deliveries[endpoint.id]!, attempt, chance());
    const { state } = delivery;
    if (state.kind === 'failed')
      log('webhook-given-up', { webhook: endpoint.id, event: id, why: state.why });
    this.#put(author, id, endpoint.id, delivery);
    if (state.kind === 'waiting') this.#schedule(author, endpoint.id, id, state.dueAtMs);
    await this.#write(author, id);
    if (attempt.status !== GONE) return;
    await endpoints.disable(endpoint.id, ANSWERED_GONE);
    log('webhook-disabled', { webhook: endpoint.id, why: ANSWERED_GONE });
    this.giveUp(endpoint, ANSWERED_GONE);
  }

  async #attempt(
    lane: Lane,
    { body: { url, secret } }: EndpointRecord,
    event: string,
    payload: string,
  ): Promise<WebhookAttempt> {
    const { transport, now } = this.#deps;
    lane.underWay += 1;
    this.#sending += 1;
    try {
      const atMs = now();
      const headers = signedHeaders(secret, event, payload, atMs);
      const answer = await transport.post({ url, headers, payload }, this.#closed.signal);
      const status = answer.kind === 'answered' ? answer.status : null;
      return { atMs, tookMs: Math.max(0, now() - atMs), status, error: errorOf(answer) };
    } finally {
      lane.underWay -= 1;
      this.#sending -= 1;
      this.#pump();
    }
  }

  #makeRoom(author: KeyId, events: ReadonlyMap<string, OpenEvent>): void {
    const oldest = [...events.keys()].slice(0, events.size - MAX_OPEN_EVENTS_PER_KEY);
    for (const id of oldest)
      for (const endpoint of Object.keys(events.get(id)!.body.deliveries))
        this.#giveUpDelivery(author, endpoint, id, GAVE_WAY);
  }

  /** Where it still waits. */
  #giveUpDelivery(author: KeyId, endpoint: string, id: string, why: string): void {
    const delivery = this.#openOf(author).get(id)?.body.deliveries[endpoint];
    if (delivery?.state.kind !== 'waiting') return;
    const lane = this.#lanes.get(endpoint);
    lane?.due.delete(id);
    lane?.waiting.delete(id);
    this.#put(author, id, endpoint, givenUp(delivery, why));
    this.#track(this.#write(author, id));
  }

  /** Known here; `#write` makes it durable. */
  #put(author: KeyId, id: string, endpoint: string, delivery: Delivery): void {
    const events = this.#openOf(author);
    const event = events.get(id);
    if (event === undefined) return;
    const deliveries = { ...event.body.deliveries, [endpoint]: delivery };
    events.set(id, { ...event, body: { ...event.body, deliveries } });
  }

  #schedule(author: KeyId, endpoint: string, event: string, dueAtMs: number): void {
    const lane = this.#lane(author, endpoint);
    if (dueAtMs <= this.#deps.now()) lane.due.add(event);
    else lane.waiting.set(event, dueAtMs);
  }

  /** As it is known here; and it is forgotten here where all its deliveries have ended. */
  #write(author: KeyId, id: string): Promise<void> {
    const { records } = this.#deps;
    return this.#writing.run(id, async () => {
      const events = this.#openOf(author);
      const event = events.get(id);
      if (event === undefined) return;
      if (!hasEnded(event.body)) return records.put(event);
      // Kept before it is closed: between the two it would be lost.
      if (Object.keys(event.body.deliveries).length > 0)
        await records.put({ ...event, kind: 'sentEvent' });
      await records.delete('openEvent', id);
      events.delete(id);
      if (events.size === 0) this.#open.delete(author);
      await this.#forget(author);
    });
  }

  async #forget(author: KeyId): Promise<void> {
    const { records } = this.#deps;
    if ((await records.count('sentEvent', author)) <= MAX_KEPT_EVENTS_PER_KEY + KEPT_SLACK) return;
    const kept = await records.list('sentEvent', author, null, MAX_KEPT_EVENTS_PER_KEY);
    const old = await records.list('sentEvent', author, kept.next, LIST_ROWS);
    for (const { id } of old.rows) await records.delete('sentEvent', id);
  }

  #hasRoom(lane: Lane): boolean {
    return lane.underWay < MAX_WEBHOOK_SENDS_PER_ENDPOINT && this.#sending < MAX_WEBHOOK_SENDS;
  }

  #lane(author: KeyId, endpoint: string): Lane {
    let lane = this.#lanes.get(endpoint);
    if (lane === undefined) {
      lane = { author, endpoint, due: new Set(), waiting: new Map(), underWay: 0 };
      this.#lanes.set(endpoint, lane);
    }
    return lane;
  }

  #openOf(author: KeyId): Map<string, OpenEvent> {
    let events = this.#open.get(author);
    if (events === undefined) this.#open.set(author, (events = new Map<string, OpenEvent>()));
    return events;
  }

  /** A write that fails stops the coordinator elsewhere; the event is open when it starts again. */
  #track(work: Promise<void>): void {
    const tracked = work
      .catch((thrown: unknown) => {
        if (!this.#closed.signal.aborted)
          this.#deps.log('webhook-error', { error: messageOf(thrown) });
      })
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }
}

const GONE = 410;
const ANSWERED_GONE = 'the endpoint answered 410: it is gone';
const WAS_REMOVED = 'the endpoint was removed';
const GAVE_WAY = `it gave way: more than ${MAX_OPEN_EVENTS_PER_KEY} events of this key were waiting`;

/** Why it was no success; null where it was. */
function errorOf(answer: WebhookAnswer): string | null {
  if (answer.kind === 'unanswered') return answer.why.slice(0, MAX_ERROR_CHARS);
  const { status } = answer;
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed`;
  return status === GONE ? ANSWERED_GONE : `answered ${status}, expected 2xx`;
}

const MAX_ERROR_CHARS = 300;

const BUSY: Problem = {
  code: 'too-many-requests',
  detail: 'too many deliveries to this endpoint are under way',
  expected: `at most ${MAX_WEBHOOK_SENDS_PER_ENDPOINT} at once`,
  fix: 'wait until one has ended',
};
