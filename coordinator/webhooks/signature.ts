/** Signatures of deliveries, as the Standard Webhooks specification has them: symmetric, version 1. */
import { createHmac } from 'node:crypto';
import {
  WEBHOOK_ID_HEADER,
  WEBHOOK_SECRET_PREFIX,
  WEBHOOK_SIGNATURE_HEADER,
  WEBHOOK_TIMESTAMP_HEADER,
} from '../../shared/protocol/webhooks.ts';
import type { RandomBytes } from '../../shared/ids.ts';

/** The specification wants 24 to 64. */
const SECRET_BYTES = 32;

export const makeSecret = (random: RandomBytes): string =>
  WEBHOOK_SECRET_PREFIX + Buffer.from(random(SECRET_BYTES)).toString('base64');

/** Headers of one attempt: its time is signed with the event's id and the body. */
export function signedHeaders(
  secret: string,
  id: string,
  payload: string,
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const key = Buffer.from(secret.slice(WEBHOOK_SECRET_PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${payload}`);
  return {
    [WEBHOOK_ID_HEADER]: id,
    [WEBHOOK_TIMESTAMP_HEADER]: timestamp,
    [WEBHOOK_SIGNATURE_HEADER]: `v1,${signature.digest('base64')}`,
  };
}
