/** Refusals in the words of whose path it is: problem details, but under `/v2` as the Open Inference Protocol has them. */
import { PROBLEM_STATUS, describeProblem, type Problem } from '../../../shared/protocol/problem.ts';
import { problemBody } from './context.ts';

const OPEN_INFERENCE = /^\/v2(\/|$)/;

export function refusalOf(path: string, problem: Problem): Response {
  const response = problemBody(problem);
  if (!OPEN_INFERENCE.test(path)) return response;
  response.headers.set('Content-Type', 'application/json');
  const body = { error: describeProblem(problem).replaceAll('\n  ', '; ') };
  return new Response(JSON.stringify(body), {
    status: PROBLEM_STATUS[problem.code],
    headers: response.headers,
  });
}
