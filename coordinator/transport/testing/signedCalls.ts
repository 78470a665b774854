/** Signed requests of contributors, as tests send them to an HTTP rig: right ones, and such as are not. */
import type { AccountView } from '../../../shared/protocol/account.ts';
import type { ProblemDetails } from '../../../shared/protocol/problem.ts';
import { signRequest } from '../../../shared/signedRequest.ts';
import type { HttpRig } from './httpRig.ts';
import { ORIGIN, type KeyPair } from './linkRig.ts';

export interface How {
  readonly origin?: string;
  readonly nonce?: string;
  /** What is signed is another action. */
  readonly signedFor?: string;
  readonly from?: string;
}

export function signedCalls(rig: () => HttpRig) {
  const nonceOf = async (): Promise<string> =>
    (await rig().json<{ nonce: string }>('/v1/account/challenges', { method: 'POST', key: null }))
      .nonce;

  async function bodyOf(keys: KeyPair, action: string, fields: object = {}, how: How = {}) {
    const head = { origin: how.origin ?? ORIGIN, nonce: how.nonce ?? (await nonceOf()), action };
    const signer = {
      publicKey: keys.publicKey,
      sign: (text: Uint8Array) => Promise.resolve(Buffer.from(keys.sign(text), 'hex')),
    };
    return signRequest(signer, { ...head, action: how.signedFor ?? action }, fields);
  }

  /** The answer, or the code of the problem. */
  async function ask<T = AccountView>(
    keys: KeyPair,
    action: string,
    fields: object = {},
    how: How = {},
  ): Promise<T> {
    const body = await bodyOf(keys, action, fields, how);
    return send<T>(action, body, how.from);
  }

  async function send<T>(action: string, body: object, from = '203.0.113.1'): Promise<T> {
    const headers = { 'x-forwarded-for': from };
    const response = await rig().ask(`/v1/account/${action}`, { body, key: null, headers });
    if (response.status === 204) return 'done' as T;
    const answer = await response.json();
    return (response.ok ? answer : (answer as ProblemDetails).code) as T;
  }

  return { nonceOf, bodyOf, ask, send };
}
