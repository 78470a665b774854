/**
 * The results of a job, from the coordinator to a file.
 */
import { describeSpec } from '../../shared/tensor.ts';
import { formatBytes } from '../../shared/units.ts';
import { tensorFileKind, TENSOR_FILE_KINDS, writeTensorFile } from '../inputs/tensorFile.ts';
import type { Job } from '../job.ts';
import { collectResults } from '../results.ts';
import { fileOrThrow, usageError } from './exitCode.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Said before any work is done, so that results are not lost to a wrong ending. */
export function checkOutputPath(path: string): void {
  if (tensorFileKind(path) !== null) return;
  throw usageError(
    `--output ${path}: expected a file that ends in ${TENSOR_FILE_KINDS.join(', ')}\n` +
      '  to do: name it .npz, which holds any number of outputs',
  );
}

/** Writes every settled item; says which are missing. */
export async function saveResults(
  job: Job,
  path: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { outputs, settled, missing } = await collectResults(job, { signal, follow: false });
  const names = Object.keys(outputs);
  // Finished work is never thrown away for an ending that cannot hold it.
  const single = tensorFileKind(path) === '.npy' && names.length !== 1;
  const target = single ? path.replace(/\.npy$/i, '.npz') : path;
  if (single) terminal.warn(`A .npy file holds one array, not ${names.length}: wrote ${target}.`);
  const { bytes } = fileOrThrow(await writeTensorFile(target, outputs));
  const shapes = Object.fromEntries(
    Object.entries(outputs).map(([name, { dtype, dims }]) => [name, { dtype, dims }]),
  );
  const items = job.view.items.total;
  terminal.object({
    type: 'output',
    path: target,
    bytes,
    items,
    settled,
    missing,
    outputs: shapes,
  });
  terminal.line(`Wrote ${target} (${formatBytes(bytes)}): ${settled} of ${items} items`);
  for (const name of names) terminal.line(`  ${printable(name)} ${describeSpec(outputs[name]!)}`);
  if (missing.length > 0) terminal.warn(missingText(missing));
}

const SHOWN_ITEMS = 20;

function missingText(missing: readonly number[]): string {
  const shown = missing.slice(0, SHOWN_ITEMS).join(', ');
  const rest = missing.length > SHOWN_ITEMS ? ` and ${missing.length - SHOWN_ITEMS} more` : '';
  const rows = 'Their rows are NaN for floats and 0 otherwise.';
  return `No result for ${missing.length} items: ${shown}${rest}. ${rows}`;
}
