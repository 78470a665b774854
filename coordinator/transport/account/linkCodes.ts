/**
 * One-time codes by which a new device is linked to an account. In memory: a restart forgets them, and another is asked
 * for. Only hashes are kept.
 *
 * Invariant: a code is redeemed once, within its time, and an account has one living code at most. Wrong guesses are
 * counted, of every address and in all.
 */
import type { ContributorId, RandomBytes } from '../../../shared/ids.ts';
import {
  LINK_CODE_LIFETIME_MS,
  LINK_CODE_MEMORY_MS,
  MAX_CODE_GUESSES,
  MAX_CODE_GUESSES_PER_ADDRESS,
  MAX_LINK_CODES,
  MAX_LINK_CODES_PER_ADDRESS,
} from '../../../shared/limits.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import { makeCode } from '../../core/code.ts';
import { sha256 } from '../../digest.ts';
import { WindowCounts } from './windowCounts.ts';

interface KnownCode {
  readonly account: ContributorId;
  readonly madeAtMs: number;
  isUsed: boolean;
}

const TOO_MANY_CODES: Problem = {
  code: 'too-many-requests',
  detail: 'too many linking codes were asked for',
  expected: `at most ${MAX_LINK_CODES_PER_ADDRESS} from one address in ${LINK_CODE_LIFETIME_MS / 60_000} minutes`,
  fix: 'use the newest code, or try again later',
};

const minutes = (ms: number): string => `${ms / 60_000} minutes`;

export class LinkCodes {
  readonly #now: () => number;
  readonly #random: RandomBytes;
  /** By hash, in the order in which they were made. */
  readonly #known = new Map<string, KnownCode>();
  readonly #living = new Map<ContributorId, string>();
  readonly #made: WindowCounts;
  readonly #wrong: WindowCounts;

  constructor(now: () => number, random: RandomBytes) {
    this.#now = now;
    this.#random = random;
    const windowMs = LINK_CODE_LIFETIME_MS;
    this.#made = new WindowCounts({
      windowMs,
      // Of the codes that are remembered, as many windows as they are remembered for.
      inAll: (MAX_LINK_CODES * LINK_CODE_LIFETIME_MS) / LINK_CODE_MEMORY_MS,
      perParty: MAX_LINK_CODES_PER_ADDRESS,
      now,
    });
    this.#wrong = new WindowCounts({
      windowMs,
      inAll: MAX_CODE_GUESSES,
      perParty: MAX_CODE_GUESSES_PER_ADDRESS,
      now,
    });
  }

  /** The account's last code is over. */
  make(account: ContributorId, address: string): Result<string, Problem> {
    this.#forgetOld();
    if (!this.#made.allows(address)) return fail(TOO_MANY_CODES);
    this.#made.count(address);
    this.drop(account);
    const code = makeCode(this.#random);
    const hash = hashOf(code);
    this.#known.set(hash, { account, madeAtMs: this.#now(), isUsed: false });
    this.#living.set(account, hash);
    return ok(code);
  }

  /** The account's code, if it has one, was never made. */
  drop(account: ContributorId): void {
    const hash = this.#living.get(account);
    this.#living.delete(account);
    if (hash !== undefined && this.#known.get(hash)?.isUsed === false) this.#known.delete(hash);
  }

  /** The account that made the code, which is used from now on. */
  redeem(code: string, address: string): Result<ContributorId, Problem> {
    if (!this.#wrong.allows(address)) {
      return fail({
        code: 'too-many-guesses',
        detail: 'too many wrong linking codes were tried',
        expected: `at most ${MAX_CODE_GUESSES_PER_ADDRESS} from one address in ${minutes(LINK_CODE_LIFETIME_MS)}`,
        fix: `wait ${minutes(LINK_CODE_LIFETIME_MS)}, then use a new code`,
      });
    }
    const known = this.#known.get(hashOf(code));
    const problem = this.#problemOf(known);
    if (known === undefined || problem !== null) {
      this.#wrong.count(address);
      return fail(problem!);
    }
    known.isUsed = true;
    return ok(known.account);
  }

  /** What it was redeemed for did not come about: it is good again. */
  giveBack(code: string): void {
    const known = this.#known.get(hashOf(code));
    if (known !== undefined) known.isUsed = false;
  }

  #problemOf(known: KnownCode | undefined): Problem | null {
    const fix = 'ask for a new code on the device that is linked';
    if (known === undefined) {
      const detail = 'there is no such linking code, or a newer one has replaced it';
      return { code: 'link-code-unknown', detail, fix };
    }
    if (known.isUsed) {
      const detail = 'this linking code has been used already: each links one device';
      return { code: 'link-code-used', detail, fix };
    }
    if (this.#now() - known.madeAtMs < LINK_CODE_LIFETIME_MS) return null;
    const detail = `this linking code is older than ${minutes(LINK_CODE_LIFETIME_MS)}`;
    return { code: 'link-code-expired', detail, fix };
  }

  #forgetOld(): void {
    for (const [hash, { account, madeAtMs }] of this.#known) {
      if (this.#now() - madeAtMs < LINK_CODE_MEMORY_MS) return;
      this.#known.delete(hash);
      if (this.#living.get(account) === hash) this.#living.delete(account);
    }
  }
}

const hashOf = (code: string): string =>
  Buffer.from(sha256(Buffer.from(`idlewave linking code\n${code}`))).toString('hex');
