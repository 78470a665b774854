/**
 * Why a model could not be cut. A value, not an exception: whoever asked reads it.
 */
import { fail, type Result } from '../../result.ts';

export interface SplitProblem {
  readonly kind:
    | 'malformed-model'
    | 'unsupported-model'
    | 'bad-option'
    /** Fewer places to cut than stages need. */
    | 'too-few-cuts'
    /** No division keeps every stage within its memory. */
    | 'stage-too-large';
  readonly expected: string;
  readonly came: string;
  readonly fix?: string;
}

export const splitProblem = (
  kind: SplitProblem['kind'],
  expected: string,
  came: string,
  fix?: string,
): Result<never, SplitProblem> =>
  fail({ kind, expected, came, ...(fix === undefined ? {} : { fix }) });
