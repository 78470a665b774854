/** Refusals: every code has one status, and reads as one paragraph. */
import { describe, expect, it } from 'vitest';
import {
  PROBLEM_STATUS,
  ProblemError,
  describeProblem,
  problemDetails,
  problemSchema,
  type ProblemCode,
} from './problem.ts';

const CODES = Object.keys(PROBLEM_STATUS) as ProblemCode[];

describe('problems', () => {
  it.each(CODES)('%s has an HTTP error status and full details', (code) => {
    const details = problemDetails({ code, detail: 'why' });
    expect(details.status).toBeGreaterThanOrEqual(400);
    expect(details.status).toBeLessThan(600);
    expect(details).toMatchObject({ type: `urn:idlewave:problem:${code}`, code, detail: 'why' });
    expect(details.title).not.toContain('-');
    expect(problemSchema.parse(JSON.parse(JSON.stringify(details)))).toEqual(details);
  });

  it('codes are stable: adding one is an addition here, removing one breaks clients', () => {
    expect(CODES.length).toBeGreaterThanOrEqual(52);
    expect(CODES).toEqual(expect.arrayContaining(['not-found', 'invalid-field', 'lease-expired']));
  });

  it('a paragraph for a terminal says what happened, expected, came, and what to do', () => {
    const problem = {
      code: 'input-shape' as const,
      detail: 'the input does not fit',
      field: 'inputs.stacked',
      expected: 'F32[3]',
      came: 'F32[4]',
      fix: 'reshape it',
    };
    expect(describeProblem(problem)).toBe(
      'input-shape: the input does not fit\n  field: inputs.stacked\n  expected: F32[3]\n' +
        '  came: F32[4]\n  to do: reshape it',
    );
    expect(describeProblem({ code: 'internal', detail: 'a bug' })).toBe('internal: a bug');
    expect(new ProblemError(problem).message).toBe(describeProblem(problem));
  });
});
