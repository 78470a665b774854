/**
 * Webhooks: what an author registers, the events that are posted there, and what became of them.
 *
 * Events are signed by the Standard Webhooks specification 1.0 (github.com/standard-webhooks/standard-webhooks); their
 * `data` has the fields of the job's or batch's own view.
 */
import { z } from 'zod';
import { MAX_WEBHOOK_URL_CHARS } from '../webhookLimits.ts';
import { batchViewSchema } from './batches.ts';
import { jobViewSchema } from './job.ts';

const JOB_EVENTS = ['job.done', 'job.failed', 'job.cancelled'] as const;
const BATCH_EVENTS = [
  'batch.completed',
  'batch.failed',
  'batch.expired',
  'batch.cancelled',
] as const;
export const WEBHOOK_EVENTS = [...JOB_EVENTS, ...BATCH_EVENTS] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

/** Headers of a delivery. The id is the same over all attempts at an event. */
export const WEBHOOK_ID_HEADER = 'webhook-id';
export const WEBHOOK_TIMESTAMP_HEADER = 'webhook-timestamp';
export const WEBHOOK_SIGNATURE_HEADER = 'webhook-signature';
/** Stands before a secret's base64. */
export const WEBHOOK_SECRET_PREFIX = 'whsec_';

export const jobEventDataSchema = jobViewSchema.pick({
  id: true,
  name: true,
  state: true,
  reason: true,
  items: true,
  summary: true,
  price: true,
  granted: true,
  createdAtMs: true,
  endedAtMs: true,
});

export const batchEventDataSchema = batchViewSchema.pick({
  id: true,
  object: true,
  endpoint: true,
  status: true,
  output_file_id: true,
  error_file_id: true,
  created_at: true,
  request_counts: true,
  job: true,
});

/** Of what happened, not of the attempt. */
const timestamp = z.iso.datetime();

/** The body of a delivery. `ping` comes only when it is asked for. */
export const webhookEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.enum(JOB_EVENTS), timestamp, data: jobEventDataSchema }),
  z.object({ type: z.enum(BATCH_EVENTS), timestamp, data: batchEventDataSchema }),
  z.object({ type: z.literal('ping'), timestamp, data: z.object({ id: z.string() }) }),
]);
export type WebhookEvent = z.infer<typeof webhookEventSchema>;

export const webhookSpecSchema = z.strictObject({
  url: z.string().min(1).max(MAX_WEBHOOK_URL_CHARS),
  /** All that there are where absent. */
  events: z.array(z.enum(WEBHOOK_EVENTS)).min(1).max(WEBHOOK_EVENTS.length).optional(),
});
export type WebhookSpec = z.infer<typeof webhookSpecSchema>;

export const webhookViewSchema = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  /** The key that registered it: events of its jobs and batches are posted there. */
  owner: z.string(),
  createdAtMs: z.number().int(),
  /** Nothing is posted there any more, until a `ping` is taken. */
  disabled: z.object({ why: z.string(), atMs: z.number().int() }).nullable(),
});
export type WebhookView = z.infer<typeof webhookViewSchema>;

/** The secret is told once. */
export const createdWebhookSchema = webhookViewSchema.extend({ secret: z.string() });
export type CreatedWebhook = z.infer<typeof createdWebhookSchema>;

export const webhookAttemptSchema = z.object({
  atMs: z.number().int(),
  tookMs: z.number().int(),
  /** Null where no answer came. */
  status: z.number().int().nullable(),
  /** Why it was no success; null where it was. */
  error: z.string().nullable(),
});
export type WebhookAttempt = z.infer<typeof webhookAttemptSchema>;

export const webhookDeliverySchema = z.object({
  /** The event's id: `webhook-id`. */
  event: z.string(),
  eventType: z.string(),
  /** When what it tells of happened. */
  atMs: z.number().int(),
  state: z.enum(['waiting', 'delivered', 'failed']),
  /** Of one that waits. */
  nextAttemptAtMs: z.number().int().nullable(),
  /** Why nothing more is tried; null but where it failed. */
  why: z.string().nullable(),
  attempts: z.array(webhookAttemptSchema),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

export const webhooksSchema = z.object({ rows: z.array(webhookViewSchema) });
export const webhookDeliveriesSchema = z.object({ rows: z.array(webhookDeliverySchema) });

/** What came back of a ping. */
export const webhookTestSchema = webhookAttemptSchema.extend({
  event: z.string(),
  delivered: z.boolean(),
});
export type WebhookTest = z.infer<typeof webhookTestSchema>;
