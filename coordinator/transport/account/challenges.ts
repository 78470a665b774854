/**
 * Single-use challenges for signed requests. In memory: a restart forgets them, and whoever asks gets another.
 *
 * Invariant: a challenge is taken once, within its time, and what was taken is remembered until that is over.
 */
import type { RandomBytes } from '../../../shared/ids.ts';
import {
  CHALLENGE_LIFETIME_MS,
  MAX_CHALLENGES,
  MAX_CHALLENGES_PER_ADDRESS,
} from '../../../shared/limits.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import { WindowCounts } from './windowCounts.ts';

const NONCE_BYTES = 32;

export class Challenges {
  readonly #now: () => number;
  readonly #random: RandomBytes;
  readonly #counts: WindowCounts;
  /** In the order in which they were made. */
  readonly #known = new Map<string, { readonly madeAtMs: number; isUsed: boolean }>();

  constructor(now: () => number, random: RandomBytes) {
    this.#now = now;
    this.#random = random;
    this.#counts = new WindowCounts({
      windowMs: CHALLENGE_LIFETIME_MS,
      inAll: MAX_CHALLENGES,
      perParty: MAX_CHALLENGES_PER_ADDRESS,
      now,
    });
  }

  make(address: string): Result<string, Problem> {
    if (!this.#counts.allows(address)) {
      return fail({
        code: 'too-many-requests',
        detail: 'too many challenges were asked for',
        expected: `at most ${MAX_CHALLENGES_PER_ADDRESS} of one address in ${CHALLENGE_LIFETIME_MS / 1000} seconds`,
        fix: 'try again in a few minutes',
      });
    }
    this.#counts.count(address);
    const nonce = Buffer.from(this.#random(NONCE_BYTES)).toString('hex');
    this.#known.set(nonce, { madeAtMs: this.#now(), isUsed: false });
    // Twice as long as they are good, and no more of them than two windows can make.
    for (const [oldest, { madeAtMs }] of this.#known) {
      if (this.#now() - madeAtMs < 2 * CHALLENGE_LIFETIME_MS) break;
      this.#known.delete(oldest);
    }
    return ok(nonce);
  }

  /** Takes it; why it is not to be had where it is none, over, or used. */
  take(nonce: string): Problem | null {
    const known = this.#known.get(nonce);
    if (known === undefined) {
      return {
        code: 'challenge-unknown',
        detail: 'this coordinator has not made that challenge, or has been restarted since',
        fix: 'ask for another one',
      };
    }
    if (known.isUsed) {
      return {
        code: 'challenge-used',
        detail: 'the challenge has been answered already: each is good for one request',
        fix: 'ask for another one, and sign the request anew',
      };
    }
    if (this.#now() - known.madeAtMs >= CHALLENGE_LIFETIME_MS) {
      return {
        code: 'challenge-expired',
        detail: 'the challenge was made too long ago',
        expected: `an answer within ${CHALLENGE_LIFETIME_MS / 1000} seconds`,
        fix: 'ask for another one, and sign the request anew',
      };
    }
    known.isUsed = true;
    return null;
  }
}
