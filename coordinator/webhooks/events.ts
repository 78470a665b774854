/** What is posted of a job, of a batch, and to try an endpoint: the payloads, in the shapes of the HTTP views. Pure. */
import { MAX_WEBHOOK_REASON_CHARS } from '../../shared/webhookLimits.ts';
import type { BatchView } from '../../shared/protocol/batches.ts';
import {
  batchEventDataSchema,
  jobEventDataSchema,
  type WebhookEvent,
  type WebhookEventType,
} from '../../shared/protocol/webhooks.ts';
import type { Job } from '../core/state.ts';
import { NO_PROGRESS, viewOf } from '../jobs/jobView.ts';
import type { AuthorRecord } from '../store/authorRecords.ts';
import type { KeyId } from '../../shared/ids.ts';

/** Null of one that runs. */
export const typeOfJob = ({ state }: Job): WebhookEventType | null =>
  state.kind === 'running' ? null : `job.${state.kind}`;

export function eventOfJob(job: Job, type: WebhookEventType): AuthorRecord<'openEvent'> {
  const { author, id, state } = job;
  const { reason, ...view } = viewOf(job, NO_PROGRESS);
  const cut = reason === undefined ? {} : { reason: reason.slice(0, MAX_WEBHOOK_REASON_CHARS) };
  // What the schema does not name stays away: programs and odds are for whoever asks.
  const data = jobEventDataSchema.parse({ ...view, ...cut });
  const atMs = state.kind === 'running' ? job.createdAtMs : state.endedAtMs;
  return eventOf({ author, about: id, type, atMs, data });
}

/** Null of one that has not ended. */
export function typeOfBatch({ status }: BatchView): WebhookEventType | null {
  switch (status) {
    case 'completed':
    case 'failed':
    case 'expired':
    case 'cancelled':
      return `batch.${status}`;
    case 'validating':
    case 'in_progress':
    case 'finalizing':
    case 'cancelling':
      return null;
    default:
      return status satisfies never;
  }
}

export function eventOfBatch(
  author: KeyId,
  view: BatchView,
  type: WebhookEventType,
  atMs: number,
): AuthorRecord<'openEvent'> {
  const data = batchEventDataSchema.parse(view);
  return eventOf({ author, about: view.id, type, atMs, data });
}

export const pingPayload = (webhook: string, atMs: number): string =>
  payloadOf({ type: 'ping', timestamp: new Date(atMs).toISOString(), data: { id: webhook } });

interface Told {
  readonly author: KeyId;
  /** It ends once, so its id names the event. */
  readonly about: string;
  readonly type: WebhookEventType;
  readonly atMs: number;
  readonly data: object;
}

function eventOf({ author, about, type, atMs, data }: Told): AuthorRecord<'openEvent'> {
  const timestamp = new Date(atMs).toISOString();
  const payload = payloadOf({ type, timestamp, data } as WebhookEvent);
  const body = { type, payload, deliveries: {} };
  return { kind: 'openEvent', id: `evt_${about}`, author, createdAtMs: atMs, body };
}

const payloadOf = (event: WebhookEvent): string => JSON.stringify(event);
