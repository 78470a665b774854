/** A transport of webhooks that only records, and answers as a test says. */
import type { Problem } from '../../../shared/protocol/problem.ts';
import { webhookUrl } from '../addresses.ts';
import type { WebhookAnswer, WebhookPost, WebhookTransport } from '../transport.ts';

export class RecordingPosts implements WebhookTransport {
  readonly posted: WebhookPost[] = [];
  answer: (post: WebhookPost, signal: AbortSignal) => WebhookAnswer | Promise<WebhookAnswer> = () =>
    answered(204);

  problemOf(url: string): Promise<Problem | null> {
    const read = webhookUrl(url, 'public');
    return Promise.resolve(read.ok ? null : read.error);
  }

  async post(post: WebhookPost, signal: AbortSignal): Promise<WebhookAnswer> {
    this.posted.push(post);
    return this.answer(post, signal);
  }
}

export const answered = (status: number): WebhookAnswer => ({ kind: 'answered', status });
