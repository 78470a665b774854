/** The compiled modules of the last programs: compiling takes some milliseconds, and shards come one after another. */
import { MAX_WGSL_BYTES } from '../../shared/limits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { WgslProgram } from '../../shared/protocol/program.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { checkModule } from './checkModule.ts';
import { compileWgsl, type WgslFault } from './compile.ts';
import type { Runnable } from './emit.ts';
import { UnsupportedError } from './types.ts';

const MAX_KEPT = 16;
/** Of WebAssembly, and of a stack that is full. */
const BROKE_THE_READER = ['RuntimeError', 'RangeError'];
const kept = new Map<string, Runnable>();

/**
 * `constants` are the names of the inputs that are the same for all items. `onLost` is told where reading the module broke
 * its reader, which then cannot be asked again.
 */
export async function moduleOf(
  program: WgslProgram,
  text: Uint8Array,
  constants: readonly string[],
  onLost: () => void,
): Promise<Result<Runnable, Problem>> {
  const key = JSON.stringify([program, [...constants].sort()]);
  const known = kept.get(key);
  if (known !== undefined) return ok(known);
  let made: Result<Runnable, WgslFault>;
  try {
    made = await compiledAnew(program, text, new Set(constants));
  } catch (thrown) {
    if (!(thrown instanceof Error) || !BROKE_THE_READER.includes(thrown.name)) throw thrown;
    onLost();
    return fail(refused({ line: 0, text: 'it is too large, or nested too deeply, to be read' }));
  }
  if (!made.ok) return fail(refused(made.error));
  kept.set(key, made.value);
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!);
  return made;
}

async function compiledAnew(
  program: WgslProgram,
  bytes: Uint8Array,
  constants: ReadonlySet<string>,
): Promise<Result<Runnable, WgslFault>> {
  if (bytes.byteLength > MAX_WGSL_BYTES) {
    const text = `the module has ${bytes.byteLength} bytes: at most ${MAX_WGSL_BYTES}`;
    return fail({ line: 0, text });
  }
  const source = new TextDecoder().decode(bytes);
  const compiled = await compileWgsl(source);
  if (!compiled.ok) return compiled;
  const entry = checkModule(compiled.value, program, constants, source);
  if (!entry.ok) return entry;
  try {
    return ok(compiled.value.runnable(entry.value));
  } catch (thrown) {
    if (!(thrown instanceof UnsupportedError)) throw thrown;
    return fail({ line: 0, text: `the coordinator cannot check it: ${thrown.message}` });
  }
}

/** As the author is told. */
export function refused(
  { line, text }: WgslFault,
  code: Problem['code'] = 'wgsl-refused',
): Problem {
  const detail = line === 0 ? text : `line ${line}: ${text}`;
  return { code, detail, field: 'program.module' };
}
