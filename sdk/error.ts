/**
 * The one error that the SDK throws. Every kind carries RFC 9457 problem details with a stable code.
 *
 * An aborted `AbortSignal` is not among them: its own reason is thrown, as `fetch` does.
 */
import {
  describeProblem,
  problemDetails,
  type Problem,
  type ProblemDetails,
} from '../shared/protocol/problem.ts';

/**
 * - `refused`: the coordinator answered, and said no; `problem` is its own.
 * - `invalid`: what was asked can be seen to be wrong without asking; nothing was sent.
 * - `unreachable`: no answer came within the deadline and the patience of the retries.
 * - `unexpected-answer`: an answer came that this version does not understand, or that contradicts itself.
 */
export type FailureKind = 'refused' | 'invalid' | 'unreachable' | 'unexpected-answer';

export class IdlewaveError extends Error {
  override name = 'IdlewaveError';
  readonly kind: FailureKind;
  readonly problem: ProblemDetails;

  constructor(kind: FailureKind, problem: ProblemDetails, cause?: unknown) {
    super(describeProblem(problem), cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.problem = problem;
  }
}

/** Found wrong before anything was sent. */
export const invalid = (problem: Problem): IdlewaveError =>
  new IdlewaveError('invalid', problemDetails(problem));

export const unreachable = (detail: string, fix: string, cause?: unknown): IdlewaveError =>
  new IdlewaveError('unreachable', localProblem('unreachable', { detail, fix }), cause);

export const unexpectedAnswer = (detail: string, expected: string, came: string): IdlewaveError => {
  const fix = 'check that the URL is an Idlewave coordinator of the same version as this client';
  const problem = localProblem('unexpected-answer', { detail, expected, came, fix });
  return new IdlewaveError('unexpected-answer', problem);
};

/** Problems that no coordinator sends: they have no HTTP status, and say 0. */
function localProblem(
  code: 'unreachable' | 'unexpected-answer',
  parts: Omit<Problem, 'code'>,
): ProblemDetails {
  const title = code.replaceAll('-', ' ');
  return { type: `urn:idlewave:problem:${code}`, title, status: 0, code, ...parts };
}
