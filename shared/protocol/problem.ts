/**
 * Every refusal that leaves the coordinator, over HTTP (RFC 9457 problem details) or over a link.
 *
 * The `code` is stable and each has one meaning; the rest is for people. `status` is the HTTP status.
 */
import { z } from 'zod';

export const PROBLEM_STATUS = {
  // what came could not be read
  'malformed-json': 400,
  'json-too-deep': 400,
  'malformed-frame': 400,
  'malformed-tensors': 400,
  'malformed-path': 400,
  'body-too-large': 413,
  'wrong-content-type': 415,
  'message-too-large': 413,
  'unknown-message': 400,
  'unknown-version': 400,
  'invalid-field': 422,
  // who asks
  'not-authenticated': 401,
  'not-allowed': 403,
  'bad-signature': 401,
  'challenge-used': 401,
  'challenge-expired': 401,
  'challenge-unknown': 401,
  'hello-replayed': 401,
  'wrong-origin': 401,
  'key-retired': 401,
  'hello-expected': 401,
  'hello-repeated': 409,
  'too-many-links': 429,
  'too-many-streams': 429,
  'too-many-messages': 429,
  'too-many-requests': 429,
  'too-many-guesses': 429,
  // what is asked for
  'not-found': 404,
  'method-not-allowed': 405,
  'blob-absent': 404,
  'range-not-satisfiable': 416,
  'digest-mismatch': 422,
  'upload-incomplete': 400,
  'upload-refused': 400,
  'upload-offset': 409,
  'upload-gone': 410,
  'upload-locked': 423,
  'idempotency-conflict': 409,
  'job-ended': 409,
  'job-running': 409,
  'job-closed': 409,
  'job-full': 409,
  'too-many-open-jobs': 409,
  'results-deleted': 410,
  'no-second-opinion': 409,
  'rate-lowered': 409,
  'bad-cursor': 400,
  // accounts
  'link-code-unknown': 404,
  'link-code-expired': 410,
  'link-code-used': 409,
  'already-linked': 409,
  'account-has-devices': 409,
  'too-many-devices': 409,
  'last-device': 409,
  'bad-recovery-proof': 401,
  'recovery-unknown': 404,
  // teams and sites
  'team-name-taken': 409,
  'team-full': 409,
  'team-code-wrong': 403,
  'team-needs-work': 403,
  'team-member': 409,
  'team-not-member': 409,
  'team-founder': 409,
  'too-many-teams': 409,
  'too-many-sites': 409,
  'site-has-credit': 409,
  'shares-too-large': 422,
  // jobs
  'model-refused': 422,
  'model-too-large': 413,
  'model-too-slow': 422,
  'wgsl-refused': 422,
  'wgsl-trapped': 422,
  'wgsl-endless': 422,
  'input-missing': 422,
  'input-unknown': 422,
  'input-dtype': 422,
  'input-shape': 422,
  'input-count': 422,
  'input-not-finite': 422,
  'output-unknown': 422,
  'output-not-finite': 422,
  'kernel-unknown': 422,
  'kernel-params': 422,
  'no-algebraic-check': 422,
  'bound-unmet': 422,
  'item-too-large': 422,
  'budget-too-small': 422,
  'balance-too-small': 402,
  'account-unknown': 404,
  'too-many-items': 422,
  'lot-too-small': 422,
  // models under a name
  'model-unknown': 404,
  'model-name-taken': 409,
  'too-many-models': 409,
  'too-many-inferences': 429,
  'inference-timeout': 504,
  'item-failed': 502,
  'too-many-files': 409,
  'too-many-batches': 409,
  'batch-cancelled': 409,
  'batch-expired': 504,
  // webhooks
  'webhook-url-refused': 422,
  'webhooks-off': 403,
  'too-many-webhooks': 409,
  // reports
  'assignment-unknown': 404,
  'assignment-of-another-host': 403,
  'lease-expired': 409,
  'commit-repeated': 409,
  'commit-boundary': 422,
  'class-quarantined': 409,
  'report-repeated': 409,
  'report-signature': 401,
  'report-uncommitted': 409,
  'report-challenge': 422,
  'report-openings': 422,
  'report-output-missing': 422,
  'report-output-unknown': 422,
  'report-dtype': 422,
  'report-shape': 422,
  'report-not-finite': 422,
  'report-root-mismatch': 422,
  'progress-out-of-range': 422,
  // the coordinator itself
  'not-ready': 503,
  'referee-failed': 503,
  'inputs-unreadable': 500,
  cancelled: 409,
  internal: 500,
} as const;

/** The `Retry-After` of `not-ready`. */
export const RETRY_AFTER_S = '1';

export type ProblemCode = keyof typeof PROBLEM_STATUS;

export const problemSchema = z.object({
  type: z.string(),
  code: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  /** The field at fault, as a path: `inputs.stacked`. */
  field: z.string().optional(),
  expected: z.string().optional(),
  came: z.string().optional(),
  /** What to do about it. */
  fix: z.string().optional(),
});
export type ProblemDetails = z.infer<typeof problemSchema>;

/** A refusal as a value. `expected`, `came` and `fix` are sentences without a full stop. */
export interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly field?: string | undefined;
  readonly expected?: string | undefined;
  readonly came?: string | undefined;
  readonly fix?: string | undefined;
}

export function problemDetails(problem: Problem): ProblemDetails {
  const status = PROBLEM_STATUS[problem.code];
  const title = problem.code.replaceAll('-', ' ');
  return { type: `urn:idlewave:problem:${problem.code}`, title, status, ...problem };
}

/** A problem thrown where a value cannot travel (HTTP handlers, the SDK). */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(describeProblem(problem));
    this.problem = problem;
  }
}

/** One paragraph for a terminal: what happened, expected, came, and what to do. */
export function describeProblem(problem: Omit<Problem, 'code'> & { code: string }): string {
  const parts = [`${problem.code}: ${problem.detail}`];
  if (problem.field !== undefined) parts.push(`field: ${problem.field}`);
  if (problem.expected !== undefined) parts.push(`expected: ${problem.expected}`);
  if (problem.came !== undefined) parts.push(`came: ${problem.came}`);
  if (problem.fix !== undefined) parts.push(`to do: ${problem.fix}`);
  return parts.join('\n  ');
}
