/**
 * The flags that say what is made of results before they are written.
 */
import type { Command } from 'commander';
import { MAX_LABELS, MAX_LABEL_FILE_BYTES } from '../../shared/limits.ts';
import { readWholeFile } from '../inputs/wholeFile.ts';
import { isAsked, type Postprocessing } from '../outputs/postprocess.ts';
import { fileOrThrow, usageError } from './exitCode.ts';
import { parseInteger } from './numbers.ts';

export interface PostFlags {
  readonly scores?: string;
  readonly softmax?: true;
  readonly argmax?: true;
  readonly topK?: string;
  readonly threshold?: string;
  readonly ignoreClass?: string;
  readonly labels?: string;
}

export const withPostprocessing = (command: Command): Command =>
  command
    .option('--argmax', 'write the best class instead of its scores')
    .option('--top-k <n>', 'write the best N classes, best first')
    .option('--threshold <score>', 'write only what has at least this score (.jsonl, .csv, folder)')
    .option('--softmax', 'turn scores into shares of 1 first')
    .option('--ignore-class <n>', "never list this class, such as a detector's background")
    .option('--labels <file>', 'names of the classes, one a line')
    .option('--scores <output>', 'the output with the scores, classes last (else the likely one)');

export async function postprocessingOf(flags: PostFlags): Promise<Postprocessing> {
  const topK =
    flags.topK === undefined ? undefined : parseInteger('--top-k', flags.topK, 1, MAX_LABELS);
  const ignoreClass =
    flags.ignoreClass === undefined
      ? undefined
      : parseInteger('--ignore-class', flags.ignoreClass, 0, MAX_LABELS);
  const threshold = flags.threshold === undefined ? undefined : Number(flags.threshold);
  if (threshold !== undefined && (flags.threshold?.trim() === '' || !Number.isFinite(threshold)))
    throw usageError(`--threshold: expected a number, such as 0.7\n  came: ${flags.threshold}`);
  if (flags.argmax === true && topK !== undefined)
    throw usageError('expected either --argmax or --top-k\n  to do: --top-k 1 is --argmax');
  const { scores, softmax, argmax } = flags;
  const labels = flags.labels === undefined ? undefined : await labelsOf(flags.labels);
  const how = { scores, softmax, argmax, topK, threshold, ignoreClass, labels };
  const lists = argmax === true || topK !== undefined || threshold !== undefined;
  if (!lists && (labels !== undefined || ignoreClass !== undefined))
    throw usageError('--labels and --ignore-class: expected with --argmax, --top-k or --threshold');
  if (!isAsked(how) && scores !== undefined)
    throw usageError('--scores: expected with --softmax, --argmax, --top-k or --threshold');
  return how;
}

/** Line i is class i. A last empty line is none. */
async function labelsOf(path: string): Promise<readonly string[]> {
  const bytes = fileOrThrow(await readWholeFile(path, MAX_LABEL_FILE_BYTES));
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > 0 && lines.length <= MAX_LABELS) return lines;
  throw usageError(
    `--labels ${path}: expected 1 to ${MAX_LABELS} lines, a name each\n  came: ${lines.length}`,
  );
}
