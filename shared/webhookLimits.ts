/** Maxima of authors' webhooks; all others are in `limits.ts`. */
const KiB = 1024;

export const MAX_WEBHOOKS_PER_KEY = 10;
/** Endpoints of all keys: in memory, at about 1 KiB each. */
export const MAX_WEBHOOKS = 2_000;
export const MAX_WEBHOOK_URL_CHARS = 1_000;
/** One event as it is sent; the only long text in it, why a job failed, is cut to the next. */
export const MAX_WEBHOOK_PAYLOAD_BYTES = 16 * KiB;
export const MAX_WEBHOOK_REASON_CHARS = 1_000;
/** Events of one key that have not come everywhere; beyond that the oldest is given up. In memory, at 2 KiB each. */
export const MAX_OPEN_EVENTS_PER_KEY = 1_000;
/** Events of one key that are remembered when their deliveries have ended. */
export const MAX_KEPT_EVENTS_PER_KEY = 200;
export const MAX_WEBHOOK_ATTEMPTS = 9;
/** Of one attempt, from looking the name up to the end of the answer. */
export const WEBHOOK_DEADLINE_MS = 15_000;
/** Of an answer: only its status counts. */
export const MAX_WEBHOOK_ANSWER_BYTES = 16 * KiB;
/** Attempts under way at once: to one endpoint, and in all. */
export const MAX_WEBHOOK_SENDS_PER_ENDPOINT = 4;
export const MAX_WEBHOOK_SENDS = 128;
