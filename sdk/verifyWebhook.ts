/**
 * Whether a request is a coordinator's webhook: its signature, by the Standard Webhooks specification. Runs in Node,
 * browsers and workers (WebCrypto).
 */
import { base64 } from '@scure/base';
import { parseJson } from '../shared/protocol/parse.ts';
import type { Problem } from '../shared/protocol/problem.ts';
import {
  WEBHOOK_ID_HEADER,
  WEBHOOK_SECRET_PREFIX,
  WEBHOOK_SIGNATURE_HEADER,
  WEBHOOK_TIMESTAMP_HEADER,
  webhookEventSchema,
  type WebhookEvent,
} from '../shared/protocol/webhooks.ts';
import { invalid, unexpectedAnswer } from './error.ts';

export type { WebhookEvent } from '../shared/protocol/webhooks.ts';

/** A header object of `fetch`, or of Node's server. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyWebhookOptions {
  /** How far the sender's clock may be from this one; 300 where absent. */
  readonly toleranceS?: number | undefined;
  readonly nowMs?: number | undefined;
}

const TOLERANCE_S = 300;
/** More than one only while a sender changes its secret. */
const MAX_SIGNATURES = 16;
const VERSION = 'v1,';

/**
 * The event, where the request is signed with the endpoint's secret (`whsec_…`) and not old. `body` is what came, to the
 * byte: not parsed and written again. The same event may come more than once: its id, the header `webhook-id`, is the same.
 * Throws `IdlewaveError` (`bad-signature`) for anything else.
 */
export async function verifyWebhook(
  secret: string,
  headers: WebhookHeaders,
  body: string | Uint8Array,
  { toleranceS = TOLERANCE_S, nowMs = Date.now() }: VerifyWebhookOptions = {},
): Promise<WebhookEvent> {
  const id = headerOf(headers, WEBHOOK_ID_HEADER);
  const timestamp = headerOf(headers, WEBHOOK_TIMESTAMP_HEADER);
  const given = headerOf(headers, WEBHOOK_SIGNATURE_HEADER);
  const sentS = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : null;
  if (sentS === null || Math.abs(nowMs / 1_000 - sentS) > toleranceS) throw untimely(timestamp);
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const signed = concat(new TextEncoder().encode(`${id}.${timestamp}.`), bytes);
  const key = await keyOf(secret);
  const candidates = given.split(' ').slice(0, MAX_SIGNATURES);
  let isRight = false;
  for (const text of candidates) {
    const signature = text.startsWith(VERSION) ? decoded(text.slice(VERSION.length)) : null;
    // WebCrypto compares in constant time.
    if (signature !== null && (await crypto.subtle.verify('HMAC', key, signature, signed)))
      isRight = true;
  }
  if (!isRight) throw invalid(WRONG_SIGNATURE);
  const event = parseJson(new TextDecoder().decode(bytes), webhookEventSchema);
  if (event.ok) return event.value;
  const { detail, field } = event.error;
  throw unexpectedAnswer(`a signed webhook, field ${field ?? 'none'}`, detail, 'another shape');
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value =
    'get' in headers && typeof headers.get === 'function'
      ? headers.get(name)
      : (headers as Readonly<Record<string, string | readonly string[] | undefined>>)[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid({
    code: 'bad-signature',
    detail: 'the request is no webhook: a header is missing',
    expected: `one ${name}`,
    fix: 'pass the headers of the request, with their names in lower case',
  });
}

async function keyOf(secret: string) {
  const bytes = secret.startsWith(WEBHOOK_SECRET_PREFIX)
    ? decoded(secret.slice(WEBHOOK_SECRET_PREFIX.length))
    : null;
  if (bytes === null) throw invalid(NO_SECRET);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify']);
}

function decoded(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const bytes = base64.decode(text);
    return bytes.byteLength === 0 ? null : new Uint8Array(bytes);
  } catch {
    return null;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.byteLength + b.byteLength);
  both.set(a);
  both.set(b, a.byteLength);
  return both;
}

const untimely = (came: string) =>
  invalid({
    code: 'bad-signature',
    detail: 'the webhook was signed too long ago, or in the future: it may be an old one again',
    field: WEBHOOK_TIMESTAMP_HEADER,
    came: came.slice(0, 40),
    fix: 'check the clocks of both machines',
  });

const WRONG_SIGNATURE: Problem = {
  code: 'bad-signature',
  detail: 'the webhook is not signed with this secret, or was changed on its way',
  field: WEBHOOK_SIGNATURE_HEADER,
  fix: 'pass the body as it came, byte for byte, and the secret of this endpoint',
};

const NO_SECRET: Problem = {
  code: 'invalid-field',
  detail: 'the secret of the webhook is not one',
  field: 'secret',
  expected: 'whsec_ and base64, as it was told when the endpoint was registered',
};
