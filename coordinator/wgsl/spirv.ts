/**
 * A SPIR-V module as data: what naga makes of a WGSL module, read far enough to be computed on a processor.
 *
 * Not a reader of any SPIR-V: naga's is structured, typed, and has one memory model. Source: Khronos, "SPIR-V
 * Specification", 1.6.
 */
import { assert } from '../../shared/result.ts';
import { Op } from './opcodes.ts';
import { UnsupportedError, checkSize, scalarTypesOf, type Scalar, type Type } from './types.ts';

export interface Instruction {
  readonly op: number;
  /** The words after the first. */
  readonly args: readonly number[];
}

/** Its scalars in order; null stands for zero of any type. */
export interface Constant {
  readonly type: Type;
  readonly scalars: readonly (number | boolean)[];
}

export interface Variable {
  readonly id: number;
  readonly type: Type;
  readonly storage: number;
  readonly name: string;
  readonly binding: number | null;
  readonly group: number | null;
  readonly builtIn: number | null;
  readonly isReadOnly: boolean;
  readonly initial: number | null;
}

export interface Block {
  readonly label: number;
  readonly body: readonly Instruction[];
  /** Where a selection or a loop that this block heads ends; null where it heads none. */
  readonly merge: {
    readonly kind: 'selection' | 'loop';
    readonly to: number;
    readonly next: number;
  } | null;
  readonly end: Instruction;
}

export interface Function_ {
  readonly id: number;
  readonly name: string;
  readonly returns: Type;
  readonly parameters: readonly { readonly id: number; readonly type: Type }[];
  readonly variables: readonly Variable[];
  readonly blocks: ReadonlyMap<number, Block>;
  readonly entry: number;
}

export interface EntryPoint {
  readonly name: string;
  readonly function: number;
  readonly workgroupSize: readonly [number, number, number];
}

export interface SpirvModule {
  readonly types: ReadonlyMap<number, Type>;
  readonly constants: ReadonlyMap<number, Constant>;
  readonly globals: readonly Variable[];
  readonly functions: ReadonlyMap<number, Function_>;
  readonly entryPoints: readonly EntryPoint[];
  /** The number of the set of GLSL's extended instructions. */
  readonly glsl: number | null;
}

const BYTES_PER_WORD = 4;
const HEADER_WORDS = 5;
const Decoration = {
  ArrayStride: 6,
  MatrixStride: 7,
  BuiltIn: 11,
  NonWritable: 24,
  Binding: 33,
  DescriptorSet: 34,
  Offset: 35,
} as const;
const LOCAL_SIZE = 17;

export function readSpirv(words: Uint32Array): SpirvModule {
  return new Reader(words).read();
}

class Reader {
  readonly #words: Uint32Array;
  readonly #names = new Map<number, string>();
  readonly #decorations = new Map<string, number>();
  readonly #types = new Map<number, Type>();
  readonly #constants = new Map<number, Constant>();
  readonly #globals: Variable[] = [];
  readonly #functions = new Map<number, Function_>();
  readonly #entries: { name: string; function: number }[] = [];
  readonly #sizes = new Map<number, readonly [number, number, number]>();
  #glsl: number | null = null;

  constructor(words: Uint32Array) {
    this.#words = words;
  }

  read(): SpirvModule {
    const instructions = [...this.#instructions()];
    for (let at = 0; at < instructions.length; at++) {
      if (instructions[at]!.op !== Op.Function) this.#declare(instructions[at]!);
      else at = this.#function(instructions, at);
    }
    return {
      types: this.#types,
      constants: this.#constants,
      globals: this.#globals,
      functions: this.#functions,
      entryPoints: this.#entries.map((entry) => ({
        ...entry,
        workgroupSize: this.#sizes.get(entry.function) ?? [1, 1, 1],
      })),
      glsl: this.#glsl,
    };
  }

  *#instructions(): Generator<Instruction> {
    for (let at = HEADER_WORDS; at < this.#words.length;) {
      const length = this.#words[at]! >>> 16;
      assert(length > 0, 'readSpirv: an instruction without words');
      yield { op: this.#words[at]! & 0xffff, args: [...this.#words.subarray(at + 1, at + length)] };
      at += length;
    }
  }

  #declare({ op, args }: Instruction): void {
    const [first = 0, second = 0, third = 0] = args;
    switch (op) {
      case Op.ExtInstImport:
        this.#glsl = first;
        return;
      case Op.EntryPoint:
        this.#entries.push({ name: textOf(args.slice(2)), function: second });
        return;
      case Op.ExecutionMode:
        if (second === LOCAL_SIZE) this.#sizes.set(first, [third, args[3]!, args[4]!]);
        return;
      case Op.Name:
        this.#names.set(first, textOf(args.slice(1)));
        return;
      case Op.Decorate:
        this.#decorations.set(`${first}:${second}`, third);
        return;
      case Op.MemberDecorate:
        this.#decorations.set(`${first}.${second}:${third}`, args[3] ?? 1);
        return;
      case Op.Variable:
        this.#globals.push(this.#variable(args));
        return;
      default:
        if (!this.#type(op, args)) this.#constant(op, args);
    }
  }

  #variable(args: readonly number[]): Variable {
    const [type, id, storage, initial] = args;
    const pointer = this.#types.get(type!);
    assert(pointer?.kind === 'pointer', 'readSpirv: a variable is a pointer');
    const decoration = (which: number) => this.#decorations.get(`${id}:${which}`) ?? null;
    return {
      id: id!,
      type: pointer.to,
      storage: storage!,
      name: this.#names.get(id!) ?? '',
      binding: decoration(Decoration.Binding),
      group: decoration(Decoration.DescriptorSet),
      builtIn: decoration(Decoration.BuiltIn),
      isReadOnly: decoration(Decoration.NonWritable) !== null,
      initial: initial ?? null,
    };
  }

  /** False where the instruction declares no type. */
  #type(op: number, [id = 0, ...args]: readonly number[]): boolean {
    const made = this.#madeType(op, id, args);
    if (made !== null) this.#types.set(id, made);
    return made !== null;
  }

  #madeType(op: number, id: number, args: readonly number[]): Type | null {
    const [first = 0, second = 0] = args;
    switch (op) {
      case Op.TypeVoid:
      case Op.TypeFunction:
        return { kind: 'void' };
      case Op.TypeBool:
        return { kind: 'scalar', scalar: 'bool' };
      case Op.TypeInt:
        if (first !== 32) throw new UnsupportedError(`integers of ${first} bits`);
        return { kind: 'scalar', scalar: second === 1 ? 'i32' : 'u32' };
      case Op.TypeFloat:
        if (first !== 32) throw new UnsupportedError(`floats of ${first} bits`);
        return { kind: 'scalar', scalar: 'f32' };
      case Op.TypeVector:
        return { kind: 'vector', of: this.#typeOf(first), count: second };
      case Op.TypeMatrix:
        return { kind: 'matrix', of: this.#typeOf(first), count: second };
      case Op.TypeArray: {
        const count = Number(this.#constants.get(second)!.scalars[0]);
        return { kind: 'array', of: this.#typeOf(first), count, strideWords: this.#stride(id) };
      }
      case Op.TypeRuntimeArray:
        return {
          kind: 'array',
          of: this.#typeOf(first),
          count: null,
          strideWords: this.#stride(id),
        };
      case Op.TypeStruct: {
        const of = (at: number, which: number) =>
          (this.#decorations.get(`${id}.${at}:${which}`) ?? 0) / BYTES_PER_WORD;
        const members = args.map((type, at) => ({
          type: this.#typeOf(type),
          offsetWords: of(at, Decoration.Offset),
          matrixStrideWords: of(at, Decoration.MatrixStride),
        }));
        return { kind: 'struct', members };
      }
      case Op.TypePointer:
        return { kind: 'pointer', storage: first, to: this.#typeOf(second) };
      default:
        return null;
    }
  }

  #stride(id: number): number {
    return (this.#decorations.get(`${id}:${Decoration.ArrayStride}`) ?? 0) / BYTES_PER_WORD;
  }

  #typeOf(id: number): Type {
    const type = this.#types.get(id);
    if (type === undefined)
      throw new UnsupportedError('a type other than numbers and what is made of them');
    return type;
  }

  #constant(op: number, [type = 0, id = 0, ...args]: readonly number[]): void {
    if (!CONSTANTS.includes(op)) return;
    const of = this.#typeOf(type);
    this.#constants.set(id, { type: of, scalars: this.#scalars(op, of, args) });
  }

  #scalars(op: number, type: Type, args: readonly number[]): readonly (number | boolean)[] {
    switch (op) {
      case Op.ConstantTrue:
        return [true];
      case Op.ConstantFalse:
        return [false];
      case Op.Constant:
        assert(type.kind === 'scalar', 'readSpirv: a constant of words is a scalar');
        return [numberOf(type.scalar, args[0]!)];
      case Op.ConstantComposite:
        checkSize(type);
        return args.flatMap((part) => this.#constants.get(part)!.scalars);
      default:
        checkSize(type);
        return scalarTypesOf(type).map((scalar) => (scalar === 'bool' ? false : 0));
    }
  }

  /** Reads the function that begins at `at`; the place of its end. */
  #function(instructions: readonly Instruction[], at: number): number {
    const [returns, id] = instructions[at]!.args;
    const parameters: { id: number; type: Type }[] = [];
    const variables: Variable[] = [];
    const blocks = new Map<number, Block>();
    let entry = 0;
    let label = 0;
    let body: Instruction[] = [];
    let merge: Block['merge'] = null;
    for (at += 1; ; at++) {
      const instruction = instructions[at]!;
      const { op, args } = instruction;
      if (op === Op.FunctionEnd) break;
      if (op === Op.FunctionParameter)
        parameters.push({ id: args[1]!, type: this.#typeOf(args[0]!) });
      else if (op === Op.Variable) variables.push(this.#variable(args));
      else if (op === Op.Label) {
        label = args[0]!;
        if (blocks.size === 0) entry = label;
        body = [];
        merge = null;
      } else if (op === Op.SelectionMerge) merge = { kind: 'selection', to: args[0]!, next: 0 };
      else if (op === Op.LoopMerge) merge = { kind: 'loop', to: args[0]!, next: args[1]! };
      else if (ENDS.includes(op)) blocks.set(label, { label, body, merge, end: instruction });
      else body.push(instruction);
    }
    const name = this.#names.get(id!) ?? '';
    const made = {
      id: id!,
      name,
      returns: this.#typeOf(returns!),
      parameters,
      variables,
      blocks,
      entry,
    };
    this.#functions.set(id!, made);
    return at;
  }
}

const CONSTANTS: readonly number[] = [
  Op.ConstantTrue,
  Op.ConstantFalse,
  Op.Constant,
  Op.ConstantComposite,
  Op.ConstantNull,
];
const ENDS: readonly number[] = [
  Op.Branch,
  Op.BranchConditional,
  Op.Switch,
  Op.Return,
  Op.ReturnValue,
  Op.Unreachable,
];

const view = new DataView(new ArrayBuffer(BYTES_PER_WORD));

function numberOf(scalar: Scalar, word: number): number {
  view.setUint32(0, word);
  if (scalar === 'f32') return view.getFloat32(0);
  return scalar === 'i32' ? view.getInt32(0) : word;
}

function textOf(words: readonly number[]): string {
  const bytes = Buffer.from(Uint32Array.from(words).buffer);
  return bytes.subarray(0, bytes.indexOf(0)).toString('utf8');
}
