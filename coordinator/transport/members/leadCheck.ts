/**
 * How a member makes sure of the lead before it sends anybody's request there: an address in the database may be of
 * another machine by now, or be another machine's here (127.0.0.1). Each proves that it knows the store's secret.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fail, messageOf, ok, type Result } from '../../../shared/result.ts';
import { queryOf } from '../upgrades.ts';
import type { Callers } from './callers.ts';
import {
  CHALLENGE,
  LEAD_HEADER,
  LEAD_PATH,
  MEMBER_HEADER,
  isProof,
  leadProof,
  memberProof,
} from './proofs.ts';

const REACH_DEADLINE_MS = 5_000;

/** A tenure of the lead, and the store's secret. */
export interface ProvenTenure {
  readonly id: string;
  readonly secret: string;
}

/** Answers a member that asks; false where the request is anything else. */
export function answerLeadCheck(
  request: IncomingMessage,
  response: ServerResponse,
  callers: Pick<Callers, 'isMember'>,
  { secret, id }: ProvenTenure,
): boolean {
  if (request.url?.startsWith(`${LEAD_PATH}?`) !== true || !callers.isMember(request)) return false;
  const challenge = queryOf(request).get('challenge') ?? '';
  if (!CHALLENGE.test(challenge)) return false;
  response.writeHead(204, { [LEAD_HEADER]: leadProof(secret, id, challenge) }).end();
  return true;
}

/** Is the lead of that tenure at `address`? */
export async function reachLead(
  address: string,
  { secret, id }: ProvenTenure,
): Promise<Result<void, string>> {
  const challenge = randomBytes(32).toString('hex');
  let answer: Response;
  try {
    answer = await fetch(`${address}${LEAD_PATH}?challenge=${challenge}`, {
      headers: { [MEMBER_HEADER]: memberProof(secret, id) },
      redirect: 'manual',
      signal: AbortSignal.timeout(REACH_DEADLINE_MS),
    });
  } catch (thrown) {
    const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
    return fail(`it does not answer (${messageOf(cause)})`);
  }
  await answer.body?.cancel();
  if (isProof(answer.headers.get(LEAD_HEADER), leadProof(secret, id, challenge)))
    return ok(undefined);
  return fail(
    `somebody else answers there, with status ${answer.status}: start it with an --advertise that is its own from here`,
  );
}
