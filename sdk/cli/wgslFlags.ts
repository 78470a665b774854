/** `--wgsl file --spec file`: an author's own module, and what its buffers are. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { MAX_WGSL_BYTES } from '../../shared/limits.ts';
import { checkValue } from '../../shared/protocol/parse.ts';
import { wgslProgramSchema } from '../../shared/protocol/program.ts';
import { messageOf } from '../../shared/result.ts';
import { readWholeFile } from '../inputs/wholeFile.ts';
import type { ProgramOptions } from '../submission.ts';
import { fileOrThrow, usageError } from './exitCode.ts';

export interface WgslFlags {
  readonly wgsl?: string;
  readonly spec?: string;
}

const specSchema = wgslProgramSchema.omit({ kind: true, module: true });
const EXAMPLE =
  '{"workgroupsPerItem":1,"inputs":{"x":{"binding":1,"dtype":"F32","dims":[64]}},"outputs":{"y":{"binding":2,"dtype":"F32","dims":[64]}}}';

export async function wgslOf(path: string, spec: string | undefined): Promise<ProgramOptions> {
  if (spec === undefined) {
    throw usageError(
      `expected --spec file.json beside --wgsl\n  to do: say what its buffers are, such as\n  ${EXAMPLE}`,
    );
  }
  const wgsl = new TextDecoder().decode(fileOrThrow(await readWholeFile(path, MAX_WGSL_BYTES)));
  return { wgsl, ...(await specOf(spec)) };
}

async function specOf(path: string): Promise<z.infer<typeof specSchema>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    throw usageError(`--spec ${path}: expected a file of JSON\n  came: ${messageOf(thrown, 200)}`);
  }
  const checked = checkValue(json, specSchema);
  if (checked.ok) return checked.value;
  const { detail, field } = checked.error;
  throw usageError(`--spec ${path}: ${field ?? ''} ${detail}\n  to do: write it as\n  ${EXAMPLE}`);
}
