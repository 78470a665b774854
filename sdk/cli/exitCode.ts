/**
 * How the command ends, for scripts, and the one error that carries it.
 *
 * Documented in `idlewave --help`; a code keeps its meaning for ever.
 */
import { describeFileProblem, type FileProblem } from '../inputs/fileProblem.ts';
import { IdlewaveError, type FailureKind } from '../error.ts';
import type { JobView } from '../../shared/protocol/job.ts';
import type { Result } from '../../shared/result.ts';
import { printable } from './table.ts';

export const EXIT = {
  ok: 0,
  /** Something went wrong that has no code of its own. */
  failed: 1,
  /** Wrong options, or a file they name that cannot be used. */
  usage: 2,
  refused: 3,
  unreachable: 4,
  /** The job ended, but not with all of its results. */
  jobFailed: 5,
  /** Ctrl-C; 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `
Exit codes:
  0    done
  1    something went wrong that has no code of its own
  2    wrong options, or a file that cannot be used
  3    the coordinator refused
  4    the coordinator could not be reached
  5    the job failed or was cancelled
  130  interrupted with Ctrl-C`;

/** Ends the command with a code and a message for standard error. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Something in the command line is wrong: says what was expected, what came, and what to do. */
export const usageError = (message: string): CliError => new CliError(EXIT.usage, message);

/** The value, or a usage error that describes the file. */
export function fileOrThrow<T>(result: Result<T, FileProblem>): T {
  if (result.ok) return result.value;
  throw usageError(describeFileProblem(result.error));
}

/** For a job that ended without all of its results; the reason, and where to read more. */
export const jobFailure = ({ id, state, reason }: JobView): CliError =>
  new CliError(
    EXIT.jobFailed,
    `The job ${state === 'cancelled' ? 'was cancelled' : `failed: ${printable(reason ?? '')}`}\n` +
      `  to do: idlewave jobs explain ${id}`,
  );

const CODE_OF_FAILURE: Readonly<Record<FailureKind, ExitCode>> = {
  refused: EXIT.refused,
  invalid: EXIT.usage,
  unreachable: EXIT.unreachable,
  'unexpected-answer': EXIT.failed,
};

export const exitCodeOf = (error: IdlewaveError): ExitCode => CODE_OF_FAILURE[error.kind];
