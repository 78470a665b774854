/** How webhooks leave the coordinator. The port. */
import type { Problem } from '../../shared/protocol/problem.ts';

export interface WebhookPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
}

/** What came back: a status, or why there is none. */
export type WebhookAnswer =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'unanswered'; readonly why: string };

export interface WebhookTransport {
  /** Why nothing would be posted to the URL; null where it may be one of an endpoint. */
  problemOf(url: string): Promise<Problem | null>;
  /** Ends within `WEBHOOK_DEADLINE_MS`, or soon after `signal`. Does not throw. */
  post(post: WebhookPost, signal: AbortSignal): Promise<WebhookAnswer>;
}
