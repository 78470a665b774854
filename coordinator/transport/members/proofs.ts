/**
 * How coordinators of one store know each other: by the secret that is in their database and nowhere else.
 *
 * Both proofs are of one tenure of the lead: what was shown to an earlier one opens nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Shown by a member with every request that it forwards. */
export const MEMBER_HEADER = 'idlewave-member';
/** What a member knows of whoever asked it: believed beside a proof only. */
export const CALLER_ADDRESS_HEADER = 'idlewave-caller-address';
export const CALLER_ORIGIN_HEADER = 'idlewave-caller-origin';
/** Where a member asks whether the lead is what it takes it for: `?challenge=`; and where its proof comes back. */
export const LEAD_PATH = '/v1/lead';
export const LEAD_HEADER = 'idlewave-lead';
export const CHALLENGE = /^[0-9a-f]{64}$/;

export const memberProof = (secret: string, tenure: string): string =>
  hmac(secret, `member of ${tenure}`);

export const leadProof = (secret: string, tenure: string, challenge: string): string =>
  hmac(secret, `lead of ${tenure}: ${challenge}`);

/** In the same time for every wrong proof. */
export const isProof = (given: unknown, expected: string): boolean => {
  const bytes = Buffer.from(typeof given === 'string' ? given : '');
  const right = Buffer.from(expected);
  return bytes.length === right.length && timingSafeEqual(bytes, right);
};

const hmac = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('hex');
