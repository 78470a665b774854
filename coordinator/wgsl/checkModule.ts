/**
 * An author's module against what its program says of it, and against what every device offers (WebGPU's default limits):
 * what can be told without running it.
 */
import { RESERVED } from '../../kernels/boundLoops.ts';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { WgslProgram } from '../../shared/protocol/program.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { byteLengthOf, describeSpec } from '../../shared/tensor.ts';
import type { CompiledWgsl, DeclaredBinding, WgslFault } from './compile.ts';
import type { EntryPoint } from './spirv.ts';
import { kindsOf, layoutOf, type Scalar, type Type } from './types.ts';

/** WebGPU's defaults, which every device has. */
const MAX_INVOCATIONS = 256;
const MAX_WORKGROUP_BYTES = 16_384;
/** Invocations of one item: a processor computes them one after another. */
const MAX_INVOCATIONS_PER_ITEM = 2 ** 20;
const BYTES_PER_WORD = 4;
const SCALAR_OF = { F32: 'f32', I32: 'i32', U32: 'u32' } as const satisfies Record<string, Scalar>;

type Buffer = WgslProgram['outputs'][string];

/** The entry point, where nothing is wrong. `source` is the module's text. */
export function checkModule(
  compiled: CompiledWgsl,
  program: WgslProgram,
  constants: ReadonlySet<string>,
  source: string,
): Result<EntryPoint, WgslFault> {
  if (source.includes(RESERVED)) {
    const text = `names that begin with "${RESERVED}" are the network's own`;
    return fail({ line: lineOf(source, RESERVED), text });
  }
  const entry = compiled.entryPoints.find(({ name }) => name === program.entryPoint);
  if (entry === undefined) {
    const names = compiled.entryPoints.map(({ name }) => `"${name}"`).join(', ') || 'none';
    const text = `no compute entry point "${program.entryPoint}": the module has ${names} (say which as "entryPoint" of the specification)`;
    return fail({ line: 0, text });
  }
  const text = sizeFault(entry, program);
  if (text !== null) return fail({ line: lineOf(source, `fn\\s+${entry.name}\\b`), text });
  const shared = compiled.workgroupTypes.reduce((sum, type) => sum + layoutOf(type).bytes, 0);
  if (shared > MAX_WORKGROUP_BYTES) {
    const line = lineOf(source, 'var\\s*<\\s*workgroup');
    return fail({
      line,
      text: `a workgroup shares ${shared} bytes: devices offer ${MAX_WORKGROUP_BYTES}`,
    });
  }
  const fault = bindingsFault(compiled, program, constants, source);
  return fault === null ? ok(entry) : fail(fault);
}

function sizeFault({ workgroupSize: [x, y, z] }: EntryPoint, program: WgslProgram): string | null {
  const size = x * y * z;
  if (z !== 1) return `a workgroup of ${x} x ${y} x ${z}: z is the item, so that it must be 1 deep`;
  if (size > MAX_INVOCATIONS)
    return `a workgroup of ${size} invocations: devices offer ${MAX_INVOCATIONS}`;
  const perItem = size * program.workgroupsPerItem;
  return perItem > MAX_INVOCATIONS_PER_ITEM
    ? `${perItem} invocations for one item: at most ${MAX_INVOCATIONS_PER_ITEM}`
    : null;
}

function bindingsFault(
  { bindings }: CompiledWgsl,
  { inputs, outputs }: WgslProgram,
  constants: ReadonlySet<string>,
  source: string,
): WgslFault | null {
  const named = [...Object.entries(inputs), ...Object.entries(outputs)];
  const both = Object.keys(inputs).find((name) => Object.hasOwn(outputs, name));
  if (both !== undefined) return { line: 0, text: `"${both}" is both an input and an output` };
  for (const [i, { binding, name }] of bindings.entries()) {
    if (bindings.findIndex((it) => it.binding === binding) === i) continue;
    const text = `binding ${binding} is declared twice, the second time for "${name}"`;
    return { line: lineOfBinding(source, binding), text };
  }
  let bytes = 0;
  for (const [name, buffer] of named) {
    const twice = named.find(([other, it]) => other !== name && it.binding === buffer.binding);
    if (twice !== undefined)
      return { line: 0, text: `"${name}" and "${twice[0]}" are both binding ${buffer.binding}` };
    const declared = bindings.find(({ binding }) => binding === buffer.binding);
    if (declared === undefined)
      return { line: 0, text: `the module declares no binding ${buffer.binding} for "${name}"` };
    const isOutput = Object.hasOwn(outputs, name);
    const text = bufferFault(name, buffer, declared, isOutput, constants.has(name));
    if (text !== null) return { line: lineOfBinding(source, buffer.binding), text };
    bytes += byteLengthOf(buffer);
    if (bytes > MAX_ITEM_BYTES) {
      const text = `the buffers of one item are larger than ${MAX_ITEM_BYTES} bytes with "${name}" ${describeSpec(buffer)}`;
      return { line: lineOfBinding(source, buffer.binding), text };
    }
  }
  const unnamed = bindings.find(({ binding }) => !named.some(([, it]) => it.binding === binding));
  if (unnamed === undefined) return null;
  const { binding, name } = unnamed;
  const text = `binding ${binding} ("${name}") is neither an input nor an output of the program`;
  return { line: lineOfBinding(source, binding), text };
}

function bufferFault(
  name: string,
  buffer: Buffer,
  { type, isReadOnly, name: variable }: DeclaredBinding,
  isOutput: boolean,
  isConstant: boolean,
): string | null {
  if (isOutput === isReadOnly) {
    return isOutput
      ? `output "${name}" is bound to "${variable}", which can only be read: declare it var<storage, read_write>`
      : `input "${name}" is bound to "${variable}", which can be written: declare it var<storage, read>`;
  }
  const said = describeSpec(buffer);
  const wrong = [...kindsOf(type)].find((scalar) => scalar !== SCALAR_OF[buffer.dtype]);
  if (wrong !== undefined)
    return `"${variable}" holds ${wrong}, and "${name}" is said to be ${said}`;
  const bytes = byteLengthOf(buffer);
  const array = arrayIn(type);
  if (array === null || array.headBytes > 0) {
    if (!isConstant)
      return `"${variable}" holds one row: give it a size that is open (array<T>), with a row for every item`;
  }
  if (array === null) {
    const declared = layoutOf(type).bytes;
    return declared === bytes
      ? null
      : `"${variable}" has ${declared} bytes, and "${name}" ${said} has ${bytes}`;
  }
  const rest = bytes - array.headBytes;
  if (rest > 0 && rest % array.strideBytes === 0) return null;
  return `elements of "${variable}" are ${array.strideBytes} bytes apart, which does not divide the ${rest} bytes of "${name}" ${said}`;
}

interface OpenArray {
  readonly headBytes: number;
  readonly strideBytes: number;
}

/** The array of any length with which a buffer ends; null where its size is fixed. */
function arrayIn(type: Type): OpenArray | null {
  if (type.kind === 'array') {
    const strideBytes = BYTES_PER_WORD * type.strideWords;
    return type.count === null ? { headBytes: 0, strideBytes } : null;
  }
  const last = type.kind === 'struct' ? type.members.at(-1) : undefined;
  const array = last === undefined ? null : arrayIn(last.type);
  return array && { ...array, headBytes: array.headBytes + BYTES_PER_WORD * last!.offsetWords };
}

const lineOfBinding = (source: string, binding: number): number =>
  lineOf(source, `@binding\\(\\s*${binding}u?\\s*\\)`);

/** The first line that has it; 0 where none has. */
function lineOf(source: string, pattern: string): number {
  const at = source.search(new RegExp(pattern));
  return at < 0 ? 0 : source.slice(0, at).split('\n').length;
}
