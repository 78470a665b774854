/**
 * Who signed a request: checked against its origin and its challenge, which is used up by it.
 *
 * Invariant: a challenge is taken only by a request whose signature is right, so that nobody uses up another's.
 */
import type { RandomBytes } from '../../../shared/ids.ts';
import { CHALLENGE_LIFETIME_MS } from '../../../shared/limits.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import { requestText, type Envelope, type RequestHead } from '../../../shared/signedRequest.ts';
import type { Key } from '../../engine/accounts.ts';
import { contributorIdOf, isSignedBy, keyObjectOf, originProblem } from '../link/proof.ts';
import type { Caller } from '../members/callers.ts';
import { Challenges } from './challenges.ts';

export interface SignedRequest<F> {
  readonly key: Key;
  readonly head: RequestHead;
  /** The body without its envelope. */
  readonly fields: F;
}

export class SignedRequests {
  readonly #challenges: Challenges;

  constructor(now: () => number, random: RandomBytes) {
    this.#challenges = new Challenges(now, random);
  }

  challenge(address: string): Result<{ nonce: string; lifetimeMs: number }, Problem> {
    const nonce = this.#challenges.make(address);
    return nonce.ok ? ok({ nonce: nonce.value, lifetimeMs: CHALLENGE_LIFETIME_MS }) : nonce;
  }

  async check<B extends Envelope>(
    action: string,
    body: B,
    caller: Pick<Caller, 'origin'>,
  ): Promise<Result<SignedRequest<Omit<B, keyof Envelope>>, Problem>> {
    const { publicKey, origin, nonce, signature, ...fields } = body;
    const head = { publicKey, origin, nonce, action };
    if (!(await provesKey(publicKey, requestText(head, fields), signature))) {
      return fail({
        code: 'bad-signature',
        detail: 'the request is not signed by its key as it is',
        expected: `Ed25519 over requestText of "${action}" and its fields`,
      });
    }
    if (origin !== caller.origin) return fail(originProblem(caller.origin, origin));
    const problem = this.#challenges.take(nonce);
    if (problem !== null) return fail(problem);
    return ok({ key: { own: contributorIdOf(publicKey), publicKey }, head, fields });
  }
}

export async function provesKey(
  publicKey: string,
  text: Uint8Array,
  signature: string,
): Promise<boolean> {
  const key = keyObjectOf(publicKey);
  return key !== null && (await isSignedBy(key, text, signature));
}
