/**
 * An event on its way to the endpoints of its author: what was tried, and when it is tried again. Pure.
 */
import { MAX_WEBHOOK_ATTEMPTS } from '../../shared/webhookLimits.ts';
import type { WebhookAttempt, WebhookEventType } from '../../shared/protocol/webhooks.ts';

/** What is stored under an event's id. */
export interface EventRecord {
  readonly type: WebhookEventType;
  /** As it is posted, every time. */
  readonly payload: string;
  /** By the endpoint's id; of those that it was meant for when it was first looked at. */
  readonly deliveries: Readonly<Record<string, Delivery>>;
}

export interface Delivery {
  readonly state: DeliveryState;
  readonly attempts: readonly WebhookAttempt[];
}

export type DeliveryState =
  | { readonly kind: 'waiting'; readonly dueAtMs: number }
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly why: string };

/** Waits grow fourfold from here: 4, 16, 64 s, … 18 h. All eight together are a day. */
const FIRST_WAIT_MS = 4_000;
const GROWTH = 4;
/** A wait is drawn from this much around its length, so that endpoints that fail together do not return together. */
const JITTER = 0.25;

export const newDelivery = (dueAtMs: number): Delivery => ({
  state: { kind: 'waiting', dueAtMs },
  attempts: [],
});

/** `random` is in [0, 1). */
export function afterAttempt(
  { attempts: before }: Delivery,
  attempt: WebhookAttempt,
  random: number,
): Delivery {
  const attempts = [...before, attempt];
  if (attempt.error === null) return { state: { kind: 'delivered' }, attempts };
  if (attempts.length >= MAX_WEBHOOK_ATTEMPTS) {
    const why = `no success in ${MAX_WEBHOOK_ATTEMPTS} attempts; the last: ${attempt.error}`;
    return { state: { kind: 'failed', why }, attempts };
  }
  const waitMs = FIRST_WAIT_MS * GROWTH ** before.length * (1 + JITTER * (2 * random - 1));
  const dueAtMs = attempt.atMs + attempt.tookMs + Math.round(waitMs);
  return { state: { kind: 'waiting', dueAtMs }, attempts };
}

export const givenUp = ({ attempts }: Delivery, why: string): Delivery => ({
  state: { kind: 'failed', why },
  attempts,
});

export const hasEnded = ({ deliveries }: EventRecord): boolean =>
  Object.values(deliveries).every(({ state }) => state.kind !== 'waiting');
