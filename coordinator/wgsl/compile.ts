/**
 * A WGSL module, checked by naga and ready to be computed on a processor: the coordinator's own opinion of what an
 * author's module does.
 *
 * Arithmetic is WGSL's in f32, each operation rounded once; nothing of it is taken from the GPU. Source: W3C, "WebGPU
 * Shading Language".
 */
import { fail, ok, type Result } from '../../shared/result.ts';
import { emitModule, type Runnable } from './emit.ts';
import { markLines } from './markLines.ts';
import { Storage } from './places.ts';
import { readSpirv, type EntryPoint, type SpirvModule } from './spirv.ts';
import { UnsupportedError, type Type } from './types.ts';

/** What is wrong with a module. `line` is 0 where it is not of one line. */
export interface WgslFault {
  readonly line: number;
  readonly text: string;
}

export interface DeclaredBinding {
  readonly name: string;
  readonly binding: number;
  readonly isReadOnly: boolean;
  readonly type: Type;
}

export interface CompiledWgsl {
  readonly entryPoints: readonly EntryPoint[];
  /** Storage buffers of group 0. */
  readonly bindings: readonly DeclaredBinding[];
  /** Bytes that a workgroup shares. */
  readonly workgroupTypes: readonly Type[];
  /** Throws `UnsupportedError` where the module uses what cannot be computed here. */
  runnable(entry: EntryPoint): Runnable;
}

export async function compileWgsl(text: string): Promise<Result<CompiledWgsl, WgslFault>> {
  const naga = await import('naga-wasm');
  try {
    // The author's own text first: its lines and its words are in what naga says.
    free(validated(naga, text));
    const { module, info } = validated(naga, markLines(text));
    try {
      return ok(compiled(readSpirv(naga.writeSpirv(module, info, { flags: { debug: true } }))));
    } finally {
      free({ module, info });
    }
  } catch (thrown) {
    if (thrown instanceof UnsupportedError) return fail({ line: 0, text: thrown.message });
    if (!(thrown instanceof naga.NagaError)) throw thrown;
    return fail(faultOf(thrown.formatted));
  }
}

type Naga = typeof import('naga-wasm');
interface Validated {
  readonly module: ReturnType<Naga['parseWgsl']>;
  readonly info: ReturnType<Naga['validate']>;
}

function validated(naga: Naga, text: string): Validated {
  const module = naga.parseWgsl(text);
  return { module, info: naga.validate(module) };
}

function free({ module, info }: Validated): void {
  info.free();
  module.free();
}

function compiled(spirv: SpirvModule): CompiledWgsl {
  const buffers = spirv.globals.filter(({ storage }) => storage === Storage.StorageBuffer);
  const other = spirv.globals.find(({ storage }) => storage === Storage.Uniform || storage === 0);
  if (other !== undefined) {
    throw new UnsupportedError(
      `"${other.name}" is no storage buffer: declare it var<storage, read>`,
    );
  }
  return {
    entryPoints: spirv.entryPoints,
    bindings: buffers.map(({ name, binding, isReadOnly, type }) => ({
      name,
      binding: binding ?? -1,
      isReadOnly,
      type,
    })),
    workgroupTypes: spirv.globals
      .filter(({ storage }) => storage === Storage.Workgroup)
      .map(({ type }) => type),
    runnable: (entry) => emitModule(spirv, entry),
  };
}

/** naga draws the place: the line is taken from the drawing, the words from the message and the mark under it. */
function faultOf(formatted: string): WgslFault {
  const line = Number(/wgsl:(\d+):\d+/.exec(formatted)?.[1] ?? 0);
  const [first = ''] = formatted.split('\n');
  const marked = /\^+ (.+)/.exec(formatted)?.[1];
  const said = first.replace(/^error: /, '');
  return {
    line,
    text: marked === undefined || said.includes(marked) ? said : `${said}: ${marked}`,
  };
}
