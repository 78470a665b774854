/**
 * A contributor's account over HTTP: each call asks for a challenge, signs its request with the device's key, and sends
 * it. Keeps no state. Runs in browsers and in Node.
 *
 * Invariant: what a person has to know of a failure is in the problem; nothing is thrown.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from 'zod';
import {
  ACCOUNT_PATH,
  accountViewSchema,
  challengeViewSchema,
  linkCodeViewSchema,
  type AccountAction,
  type accountRequests,
  type AccountView,
  type LinkCodeView,
} from '../../../shared/protocol/account.ts';
import { problemSchema, type ProblemDetails } from '../../../shared/protocol/problem.ts';
import { fail, messageOf, ok, type Result } from '../../../shared/result.ts';
import {
  consentText,
  signRequest,
  type Envelope,
  type Signer,
} from '../../../shared/signedRequest.ts';

/** A few small requests; a coordinator that is being restarted answers within it. */
const DEADLINE_MS = 20_000;

/** `code` is a problem's of the coordinator, or `unreachable`. */
export type AccountFailure = Pick<ProblemDetails, 'code' | 'detail' | 'fix'>;
export type Answer<T> = Promise<Result<T, AccountFailure>>;

export interface AccountClientOptions {
  /** The coordinator's, which is what the key signs. */
  readonly origin: string;
  readonly signer: Signer;
  readonly fetch: typeof fetch;
}

/** What a contributor does about teams, shares and gifts. */
export type SharingAction = Extract<AccountAction, `team-${string}` | 'share' | 'give'>;
export type FieldsOf<A extends AccountAction> = Omit<
  z.input<(typeof accountRequests)[A]>,
  keyof Envelope
>;

/** Of a request that another key has to agree to. */
type Consent = Pick<Signer, 'publicKey' | 'sign'>;

export class AccountClient {
  readonly #options: AccountClientOptions;

  constructor(options: AccountClientOptions) {
    this.#options = options;
  }

  show(): Answer<AccountView> {
    return this.#ask('show', accountViewSchema);
  }

  /** Null takes the name away. */
  rename(name: string | null): Answer<AccountView> {
    return this.#ask('name', accountViewSchema, { name });
  }

  /** Whether it is in leaderboards and exports. */
  setListed(listed: boolean): Answer<AccountView> {
    return this.#ask('listing', accountViewSchema, { listed });
  }

  /** For another device to be linked by, once. */
  makeCode(): Answer<LinkCodeView> {
    return this.#ask('codes', linkCodeViewSchema);
  }

  /** This device belongs to the account that made the code from then on. */
  link(code: string, deviceName: string): Answer<AccountView> {
    return this.#ask('link', accountViewSchema, { code, deviceName });
  }

  /** `phrase`: the key that follows from it. It replaces an older one. */
  setRecovery(phrase: Consent): Answer<AccountView> {
    return this.#ask('recovery', accountViewSchema, {}, phrase);
  }

  /** This device belongs to the account of the phrase from then on. */
  restore(phrase: Consent, deviceName: string): Answer<AccountView> {
    return this.#ask('restore', accountViewSchema, { deviceName }, phrase);
  }

  removeDevice(device: string): Answer<AccountView> {
    return this.#ask('remove-device', accountViewSchema, { device });
  }

  delete(): Answer<null> {
    return this.#ask('delete', z.null());
  }

  /** Any action that answers with the account as it is then. */
  act<A extends SharingAction>(action: A, fields: FieldsOf<A>): Answer<AccountView> {
    return this.#ask(action, accountViewSchema, fields);
  }

  async #ask<T>(
    action: AccountAction,
    schema: z.ZodType<T>,
    fields: object = {},
    recovery: Consent | null = null,
  ): Answer<T> {
    const { origin, signer } = this.#options;
    const challenge = await this.#post('challenges', {}, challengeViewSchema);
    if (!challenge.ok) return challenge;
    const head = { origin, nonce: challenge.value.nonce, action };
    const agreed = recovery === null ? {} : await consentOf(recovery, head, signer.publicKey);
    const body = await signRequest(signer, head, { ...fields, ...agreed });
    return this.#post(action, body, schema);
  }

  async #post<T>(path: string, body: object, schema: z.ZodType<T>): Answer<T> {
    const { origin, fetch } = this.#options;
    try {
      const response = await fetch(`${origin}${ACCOUNT_PATH}/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      const text = await response.text();
      const answer: unknown = text === '' ? null : JSON.parse(text);
      if (!response.ok) return fail(problemSchema.parse(answer));
      return ok(schema.parse(answer));
    } catch (thrown) {
      return fail({
        code: 'unreachable',
        detail: `the coordinator does not answer as it should: ${messageOf(thrown)}`,
        fix: 'try again in a moment',
      });
    }
  }
}

async function consentOf(
  { publicKey: recoveryKey, sign }: Consent,
  head: { readonly origin: string; readonly nonce: string; readonly action: string },
  publicKey: string,
): Promise<{ recoveryKey: string; recoveryProof: string }> {
  const signature = await sign(consentText({ ...head, publicKey }));
  return { recoveryKey, recoveryProof: bytesToHex(signature) };
}
