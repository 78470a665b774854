/**
 * How many requests a key may make, told with every answer (draft-ietf-httpapi-ratelimit-headers): an author's program
 * that asks too often is slowed down before it slows the others. The operator has no limit.
 */
import type { KeyId } from '../../../shared/ids.ts';
import { Allowance } from '../../../shared/allowance.ts';
import { MAX_KEY_REQUESTS, MAX_REMEMBERED_KEYS } from '../../../shared/limits.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';

const { burst, perSecond } = MAX_KEY_REQUESTS;
/** Seconds in which a key that rests has earned its burst. */
const WINDOW_S = Math.ceil(burst / perSecond);

export interface RequestLimit {
  readonly headers: Readonly<Record<string, string>>;
  /** Null where the request may go on. */
  readonly refused: Problem | null;
}

export class RequestLimits {
  readonly #now: () => number;
  /** Whoever asked last is last. */
  readonly #of = new Map<KeyId, Allowance>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts one request of the key. */
  take(key: KeyId): RequestLimit {
    const nowMs = this.#now();
    const allowance = this.#of.get(key) ?? new Allowance(MAX_KEY_REQUESTS, nowMs);
    this.#of.delete(key);
    this.#of.set(key, allowance);
    // Who has not asked for longest is whole again, or nearly.
    if (this.#of.size > MAX_REMEMBERED_KEYS) this.#of.delete(this.#of.keys().next().value!);
    const isAllowed = allowance.take(nowMs);
    const left = Math.floor(allowance.left(nowMs));
    const resetS = Math.ceil((burst - left) / perSecond);
    return {
      headers: {
        'RateLimit-Policy': `"key";q=${burst};w=${WINDOW_S}`,
        RateLimit: `"key";r=${left};t=${resetS}`,
      },
      refused: isAllowed ? null : TOO_MANY,
    };
  }
}

const TOO_MANY: Problem = {
  code: 'too-many-requests',
  detail: 'this key asks too often',
  expected: `at most ${burst} requests at once, and ${perSecond} a second`,
  fix: 'wait as long as Retry-After says; follow a job by its events instead of asking again',
};
