/**
 * What is wrong with a file that an author gave us. A value, not an exception; the sentences have no full
 * stop and name what the author can do.
 */
import { fail, type Result } from '../../shared/result.ts';

export interface FileProblem {
  readonly kind: 'file-problem';
  /** The file, and the member of it where it is an archive. */
  readonly file: string;
  readonly expected: string;
  readonly came: string;
  readonly fix: string;
}

export const fileProblem = (
  file: string,
  expected: string,
  came: string,
  fix: string,
): Result<never, FileProblem> => fail({ kind: 'file-problem', file, expected, came, fix });

/** One paragraph for a terminal. */
export const describeFileProblem = ({ file, expected, came, fix }: FileProblem): string =>
  `${file}: expected ${expected}\n  came: ${came}\n  to do: ${fix}`;
