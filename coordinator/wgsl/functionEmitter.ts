/** One function of a module as JavaScript: its blocks become loops and branches again, each value a name. */
import { assert } from '../../shared/result.ts';
import { Op } from './opcodes.ts';
import { beginningOf, partOf, scalarsAt, countOf, type Place } from './places.ts';
import type { Block, Constant, Function_, Instruction, SpirvModule, Variable } from './spirv.ts';
import {
  UnsupportedError,
  checkOwn,
  checkValue,
  scalarTypesOf,
  scalarsOf,
  type Scalar,
  type Type,
} from './types.ts';
import { ATOMICS, valueOf } from './values.ts';

export interface Surroundings {
  readonly module: SpirvModule;
  readonly globals: ReadonlyMap<number, { readonly place: Place; readonly name: string }>;
  /** Functions in which invocations wait for one another. */
  readonly waiting: ReadonlySet<number>;
  /** The variable that is told the author's line. */
  readonly line: number | null;
  readonly text: TextSize;
}

/** A module of some thousand lines is a megabyte. */
const MAX_TEXT_CHARS = 16 * 1024 * 1024;

/** How much JavaScript a module has become. */
export class TextSize {
  #chars = 0;

  grow(chars: number): void {
    this.#chars += chars;
    if (this.#chars > MAX_TEXT_CHARS) throw new UnsupportedError('more than can be computed here');
  }
}

/** A variable with more scalars than these lies in memory. */
const MAX_NAMES = 64;

export class FunctionEmitter {
  readonly #around: Surroundings;
  readonly #function: Function_;
  readonly #values = new Map<number, readonly string[]>();
  readonly #types = new Map<number, Type>();
  readonly #places = new Map<number, { readonly place: Place; readonly name: string }>();
  readonly #declared: string[] = [];
  readonly #lines: string[] = [];
  /** Where a branch to a label of an open construct goes. */
  readonly #jumps = new Map<number, string>();

  constructor(around: Surroundings, emitted: Function_) {
    this.#around = around;
    this.#function = emitted;
  }

  text(): string {
    const { id, parameters, variables, entry, returns } = this.#function;
    checkValue(returns);
    checkOwn(variables.map(({ type }) => type));
    for (const variable of variables) this.#place(variable);
    const given = parameters.flatMap((parameter) => this.#parameter(parameter));
    this.#chain(entry);
    const star = this.#around.waiting.has(id) ? '*' : '';
    const names = this.#declared.length === 0 ? '' : `let ${this.#declared.join(', ')};\n`;
    const guard = 'if (--FUEL < 0) ENDLESS(LINE);\n';
    return `function${star} f${id}(${given.join(', ')}) {\n${guard}${names}${this.#lines.join('\n')}\n}`;
  }

  #parameter({ id, type }: Function_['parameters'][number]): string[] {
    this.#types.set(id, type);
    if (type.kind === 'pointer') {
      const [array, at] = [`p${id}`, `q${id}`];
      this.#places.set(id, { name: '', place: { kind: 'memory', type: type.to, array, at } });
      return [array, at];
    }
    checkValue(type);
    const names = namesOf(`v${id}`, scalarsOf(type));
    this.#values.set(id, names);
    return names;
  }

  #place(variable: Variable): void {
    const { id, type, name, initial } = variable;
    const begins =
      initial === null
        ? scalarTypesOf(type).map((scalar) => (scalar === 'bool' ? 'false' : '0'))
        : literals(this.#constant(initial));
    if (begins.length <= MAX_NAMES && this.#isNamed(id)) {
      const names = namesOf(`x${id}`, begins.length);
      this.#declared.push(...names.map((it, i) => `${it} = ${begins[i]}`));
      this.#places.set(id, { name, place: { kind: 'names', type, names } });
    } else {
      this.#declared.push(`m${id} = ${beginningOf(begins, variable)}`);
      this.#places.set(id, { name, place: { kind: 'memory', type, array: `m${id}`, at: '0' } });
    }
  }

  /** All its parts are known by their place: none is indexed by a value, and no function is given a pointer to it. */
  #isNamed(variable: number): boolean {
    const pointers = new Set([variable]);
    for (const { body } of this.#function.blocks.values()) {
      for (const { op, args } of body) {
        if (op === Op.AccessChain && pointers.has(args[2]!)) {
          if (!args.slice(3).every((index) => this.#around.module.constants.has(index)))
            return false;
          pointers.add(args[1]!);
        } else if (op === Op.FunctionCall && args.slice(3).some((it) => pointers.has(it))) {
          return false;
        }
      }
    }
    return true;
  }

  /** The block, and those that follow it until a branch leaves the construct in which they stand. */
  #chain(label: number): void {
    let next: number | null = label;
    while (next !== null) {
      const block: Block = this.#function.blocks.get(next)!;
      next = block.merge?.kind === 'loop' ? this.#loop(block, block.merge) : this.#block(block);
    }
  }

  #loop(header: Block, { to, next }: NonNullable<Block['merge']>): number {
    this.#declared.push(`l${to} = 0`);
    this.#say(`l${to} = LINE; L${to}: for (;;) { if (--FUEL < 0) ENDLESS(l${to}); C${next}: {`);
    this.#jumps.set(to, `break L${to};`);
    this.#jumps.set(next, `break C${next};`);
    this.#jumps.set(header.label, `continue L${to};`);
    const first = this.#block({ ...header, merge: null });
    if (first !== null) this.#chain(first);
    this.#jumps.delete(next);
    this.#say('}');
    this.#chain(next);
    this.#jumps.delete(header.label);
    this.#jumps.delete(to);
    this.#say('}');
    return to;
  }

  /** The label that follows in the same construct; null where none does. */
  #block({ body, merge, end }: Block): number | null {
    const at = this.#lines.length;
    let flops = 0;
    for (const instruction of body) flops += this.#instruction(instruction);
    if (flops > 0) this.#lines.splice(at, 0, `FLOPS += ${flops};`);
    if (merge === null) return this.#end(end);
    this.#say(`S${merge.to}: {`);
    this.#jumps.set(merge.to, `break S${merge.to};`);
    const follows = this.#end(end);
    if (follows !== null) this.#chain(follows);
    this.#jumps.delete(merge.to);
    this.#say('}');
    return merge.to;
  }

  #end({ op, args }: Instruction): number | null {
    switch (op) {
      case Op.Branch: {
        const jump = this.#jumps.get(args[0]!);
        if (jump === undefined) return args[0]!;
        this.#say(jump);
        return null;
      }
      case Op.BranchConditional:
        this.#say(`if (${this.#value(args[0]!)[0]}) {`);
        this.#arm(args[1]!);
        this.#say('} else {');
        this.#arm(args[2]!);
        this.#say('}');
        return null;
      case Op.Switch:
        this.#switch(args);
        return null;
      case Op.Return:
        this.#say('return;');
        return null;
      case Op.ReturnValue: {
        const given = this.#value(args[0]!);
        this.#say(`return ${given.length === 1 ? given[0] : `[${given.join(', ')}]`};`);
        return null;
      }
      default:
        return null;
    }
  }

  #arm(label: number): void {
    const jump = this.#jumps.get(label);
    if (jump === undefined) this.#chain(label);
    else this.#say(jump);
  }

  #switch([selector, otherwise, ...cases]: readonly number[]): void {
    const isSigned = this.#scalarOf(selector!) === 'i32';
    const byLabel = new Map<number, string[]>([[otherwise!, ['default:']]]);
    for (let i = 0; i < cases.length; i += 2) {
      const literal = isSigned ? cases[i]! | 0 : cases[i]!;
      const label = cases[i + 1]!;
      byLabel.set(label, [...(byLabel.get(label) ?? []), `case ${literal}:`]);
    }
    this.#say(`switch (${this.#value(selector!)[0]}) {`);
    for (const [label, heads] of byLabel) {
      this.#say(`${heads.join(' ')} {`);
      this.#arm(label);
      this.#say('}');
    }
    this.#say('}');
  }

  /** Says what it does; how many operations on numbers that is. */
  #instruction(instruction: Instruction): number {
    const { op, args } = instruction;
    const [typeId = 0, id = 0] = args;
    switch (op) {
      case Op.Load:
        return this.#assign(id, this.#type(typeId), scalarsAt(this.#at(args[2]!).place));
      case Op.Store:
        this.#store(args[0]!, args[1]!);
        return 0;
      case Op.AccessChain:
        this.#access(id, args[2]!, args.slice(3));
        return 0;
      case Op.ArrayLength: {
        const { place } = this.#at(args[2]!);
        const array = partOf({ name: '', place }, args[3]!);
        return this.#assign(id, this.#type(typeId), [countOf(array)]);
      }
      case Op.FunctionCall:
        this.#call(args);
        return 0;
      case Op.ControlBarrier:
        this.#say('yield;');
        return 0;
      case Op.MemoryBarrier:
        return 0;
      default:
        return ATOMICS.has(op) ? this.#atomic(instruction) : this.#compute(instruction);
    }
  }

  #compute(instruction: Instruction): number {
    const [typeId, id] = instruction.args;
    const type = this.#type(typeId!);
    checkValue(type);
    const made = valueOf(instruction, type, {
      value: (of) => this.#value(of),
      typeOf: (of) => this.#typeOfValue(of),
      glsl: this.#around.module.glsl,
    });
    if (made.isAlias) {
      this.#types.set(id!, type);
      this.#values.set(id!, made.scalars);
    } else this.#assign(id!, type, made.scalars);
    return made.flops;
  }

  #assign(id: number, type: Type, scalars: readonly string[]): 0 {
    const names = namesOf(`v${id}`, scalars.length);
    this.#declared.push(...names);
    this.#types.set(id, type);
    this.#values.set(id, names);
    for (const [i, scalar] of scalars.entries()) this.#say(`${names[i]} = ${scalar};`);
    return 0;
  }

  #store(pointer: number, value: number): void {
    if (pointer === this.#around.line) return this.#say(`LINE = ${this.#value(value)[0]};`);
    const { place } = this.#at(pointer);
    const constant = this.#around.module.constants.get(value);
    const isZero = constant?.scalars.every((scalar) => scalar === 0) === true;
    if (isZero && place.kind === 'memory' && constant.scalars.length > 1) {
      const count = constant.scalars.length;
      return this.#say(`${place.array}.fill(0, ${place.at}, ${place.at} + ${count});`);
    }
    const scalars = this.#value(value);
    for (const [i, target] of scalarsAt(place).entries()) this.#say(`${target} = ${scalars[i]};`);
  }

  #access(id: number, base: number, indices: readonly number[]): void {
    const { name, place: from } = this.#at(base);
    let place = from;
    for (const index of indices) {
      const constant = this.#around.module.constants.get(index);
      const known = constant === undefined ? this.#value(index)[0]! : Number(constant.scalars[0]);
      place = partOf({ name, place }, known);
    }
    if (place.kind !== 'names' && !/^\d+$/.test(place.at)) {
      // Computed, and checked, once.
      this.#declared.push(`o${id}`);
      this.#say(`o${id} = ${place.at};`);
      place = { ...place, at: `o${id}` };
    }
    this.#places.set(id, { name, place });
  }

  #call([typeId, id, called, ...given]: readonly number[]): void {
    const type = this.#type(typeId!);
    checkValue(type);
    const operands = given.flatMap((it) => {
      if (!this.#isPlace(it)) return this.#value(it);
      const { place } = this.#at(it);
      if (place.kind !== 'memory')
        throw new UnsupportedError('a pointer to a buffer given to a function');
      return [place.array, place.at];
    });
    const star = this.#around.waiting.has(called!) ? 'yield* ' : '';
    const call = `${star}f${called}(${operands.join(', ')})`;
    const count = scalarsOf(type);
    if (count === 0) return this.#say(`${call};`);
    if (count === 1) return void this.#assign(id!, type, [call]);
    this.#declared.push(`r${id}`);
    this.#say(`r${id} = ${call};`);
    this.#assign(
      id!,
      type,
      Array.from({ length: count }, (_, i) => `r${id}[${i}]`),
    );
  }

  #atomic({ op, args }: Instruction): number {
    const isStore = op === Op.AtomicStore;
    const [target] = scalarsAt(this.#at(isStore ? args[0]! : args[2]!).place);
    if (isStore) {
      this.#say(`${target} = ${this.#value(args[3]!)[0]};`);
      return 0;
    }
    const [typeId, id] = args;
    this.#assign(id!, this.#type(typeId!), [target!]);
    const before = `v${id}`;
    if (op === Op.AtomicLoad) return 0;
    // Of an exchange that compares: the new value, then what it compares with.
    const [first, second] =
      op === Op.AtomicCompareExchange ? [args[6]!, args[7]!] : [args[5]!, null];
    const value = this.#value(first)[0]!;
    const other = second === null ? '' : this.#value(second)[0]!;
    this.#say(`${target} = ${ATOMICS.get(op)!(this.#scalarOf(id!), before, value, other)};`);
    return 1;
  }

  #at(id: number): { readonly place: Place; readonly name: string } {
    const found = this.#places.get(id) ?? this.#around.globals.get(id);
    assert(found !== undefined, `wgsl: %${id} is no place`);
    return found;
  }

  #isPlace(id: number): boolean {
    return this.#places.has(id) || this.#around.globals.has(id);
  }

  #value(id: number): readonly string[] {
    const value = this.#values.get(id);
    return value ?? literals(this.#constant(id));
  }

  #constant(id: number): Constant {
    const constant = this.#around.module.constants.get(id);
    assert(constant !== undefined, `wgsl: %${id} has no value`);
    return constant;
  }

  #type(id: number): Type {
    return this.#around.module.types.get(id)!;
  }

  #typeOfValue(id: number): Type {
    return this.#types.get(id) ?? this.#constant(id).type;
  }

  #scalarOf(id: number): Scalar {
    return scalarTypesOf(this.#typeOfValue(id))[0]!;
  }

  #say(text: string): void {
    this.#around.text.grow(text.length);
    this.#lines.push(text);
  }
}

export const namesOf = (name: string, count: number): string[] =>
  count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}_${i}`);

/** Negative ones in parentheses: `--1` would be another thing. */
export const literals = ({ scalars }: Constant): string[] =>
  scalars.map((it) => {
    if (typeof it === 'boolean') return String(it);
    return Object.is(it, -0) ? '(-0)' : it < 0 ? `(${it})` : String(it);
  });
