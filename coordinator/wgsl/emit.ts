/** A whole module as JavaScript: its functions, its memory, and what runs its workgroups. */
import { compileFunction } from 'node:vm';
import { Op } from './opcodes.ts';
import { FunctionEmitter, TextSize, literals, type Surroundings } from './functionEmitter.ts';
import { LINE_VARIABLE } from './markLines.ts';
import { BUILT_INS, Storage, type Place } from './places.ts';
import { RUNTIME } from './runtime.ts';
import type { EntryPoint, SpirvModule, Variable } from './spirv.ts';
import { UnsupportedError, checkOwn, scalarsOf } from './types.ts';

/** One entry point of a module, ready to run on buffers. */
export interface Runnable {
  /** The buffers, by binding. */
  bind(binding: number, bytes: ArrayBuffer): void;
  /**
   * Runs so many workgroups. Throws `WgslTrap` where the module leaves its buffers, or where its loops have gone round
   * `fuel` times in all.
   */
  run(workgroups: readonly [number, number, number], fuel: number): void;
  /** Operations on numbers in the last run. */
  readonly flops: number;
}

/** Throws `UnsupportedError` where the module uses what cannot be computed here. */
export function emitModule(module: SpirvModule, entry: EntryPoint): Runnable {
  const text = textOf(module, entry);
  // The text is made of numbers and of names made here alone: nothing of the author's is in it but names as strings.
  const make = compileFunction(text, ['RUNTIME']) as (runtime: typeof RUNTIME) => Runnable;
  return make(RUNTIME);
}

function textOf(module: SpirvModule, entry: EntryPoint): string {
  const waiting = waitingFunctions(module);
  const own = module.globals.filter(
    ({ storage, name }) => storage === Storage.Private && name !== LINE_VARIABLE,
  );
  checkOwn(own.map(({ type }) => type));
  const globals = new Map<number, { readonly place: Place; readonly name: string }>();
  const memory: Memory = { workgroup: [], perInvocation: [] };
  for (const variable of module.globals) {
    if (variable.name === LINE_VARIABLE) continue;
    globals.set(variable.id, { name: variable.name, place: placeOf(variable, memory, module) });
  }
  const line = module.globals.find(({ name }) => name === LINE_VARIABLE)?.id ?? null;
  const around: Surroundings = { module, globals, waiting, line, text: new TextSize() };
  const functions = [...module.functions.values()].map((it) =>
    new FunctionEmitter(around, it).text(),
  );
  const buffers = module.globals.filter(({ storage }) => storage === Storage.StorageBuffer);
  const [x, y, z] = entry.workgroupSize;
  return [
    `'use strict';`,
    `const { ${Object.keys(RUNTIME).join(', ')} } = RUNTIME;`,
    `let LINE = 0, FUEL = 0, FLOPS = 0, ${Object.values(BUILT_INS).flat().join(' = 0, ')} = 0;`,
    ...buffers.map(({ binding: b }) => `let F${b}, I${b}, U${b}, L${b} = 0;`),
    ...memory.workgroup.map(({ names }) => `let ${names};`),
    ...memory.perInvocation.map(({ names }) => `let ${names};`),
    ...functions,
    `function beginWorkgroup() { ${memory.workgroup.map(({ begin }) => begin).join(' ')} }`,
    `function beginInvocation(k) {`,
    `  TX = k % ${x}; TY = (k / ${x} | 0) % ${y}; TZ = k / ${x * y} | 0; TI = k;`,
    `  GX = WX * ${x} + TX; GY = WY * ${y} + TY; GZ = WZ * ${z} + TZ;`,
    `}`,
    `function beginMemory() { ${memory.perInvocation.map(({ begin }) => begin).join(' ')} }`,
    waiting.has(entry.function)
      ? togetherText(entry, memory)
      : `function workgroup() { for (let k = 0; k < ${x * y * z}; k++) { beginInvocation(k); beginMemory(); f${entry.function}(); } }`,
    `return {`,
    `  bind(binding, bytes) { switch (binding) {`,
    ...buffers.map(
      ({ binding: b }) =>
        `case ${b}: F${b} = new Float32Array(bytes); I${b} = new Int32Array(bytes); U${b} = new Uint32Array(bytes); L${b} = U${b}.length; return;`,
    ),
    `  } },`,
    `  run([nx, ny, nz], fuel) {`,
    `    FUEL = fuel; FLOPS = 0; LINE = 0; NX = nx; NY = ny; NZ = nz;`,
    `    for (WZ = 0; WZ < nz; WZ++) for (WY = 0; WY < ny; WY++) for (WX = 0; WX < nx; WX++) { beginWorkgroup(); workgroup(); }`,
    `  },`,
    `  get flops() { return FLOPS; },`,
    `};`,
  ].join('\n');
}

interface Part {
  /** As they are declared. */
  readonly names: string;
  /** Gives them what they begin with. */
  readonly begin: string;
}

interface Memory {
  readonly workgroup: Part[];
  readonly perInvocation: (Part & { readonly list: readonly string[] })[];
}

function placeOf(variable: Variable, memory: Memory, module: SpirvModule): Place {
  const { id, type, storage, binding, group, builtIn, initial } = variable;
  switch (storage) {
    case Storage.Input: {
      const names = BUILT_INS[builtIn ?? -1];
      if (names === undefined) throw new UnsupportedError(`the built-in value ${builtIn}`);
      return { kind: 'names', type, names };
    }
    case Storage.StorageBuffer:
      if (group !== 0 || binding === null)
        throw new UnsupportedError('a binding outside of group 0');
      return { kind: 'buffer', type, binding, at: '0', matrixStrideWords: 0 };
    case Storage.Workgroup: {
      const array = `m${id}`;
      const count = scalarsOf(type);
      memory.workgroup.push({ names: array, begin: `${array} = new Array(${count}).fill(0);` });
      return { kind: 'memory', type, array, at: '0' };
    }
    case Storage.Private: {
      const array = `m${id}`;
      const begins =
        initial === null
          ? `new Array(${scalarsOf(type)}).fill(0)`
          : `[${literals(module.constants.get(initial)!).join(', ')}]`;
      memory.perInvocation.push({ names: array, begin: `${array} = ${begins};`, list: [array] });
      return { kind: 'memory', type, array, at: '0' };
    }
    default:
      throw new UnsupportedError(`variables of storage class ${storage}`);
  }
}

/** Invocations of a workgroup go on together from one barrier to the next. */
function togetherText(
  { function: id, workgroupSize: [x, y, z] }: EntryPoint,
  memory: Memory,
): string {
  const own = memory.perInvocation.flatMap(({ list }) => list);
  return [
    `function workgroup() {`,
    `  const runs = [], memories = [];`,
    `  for (let k = 0; k < ${x * y * z}; k++) { beginMemory(); memories.push([${own.join(', ')}]); runs.push(f${id}()); }`,
    `  for (let ended = 0, waits = 0; ended === 0; ) {`,
    `    for (let k = 0; k < runs.length; k++) {`,
    `      beginInvocation(k);`,
    own.length === 0 ? '' : `      [${own.join(', ')}] = memories[k];`,
    `      if (runs[k].next().done) ended += 1; else waits = LINE;`,
    `    }`,
    `    if (ended > 0 && ended < runs.length) APART(waits);`,
    `  }`,
    `}`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** Those that wait at a barrier, and those that call them. */
function waitingFunctions(module: SpirvModule): ReadonlySet<number> {
  const waiting = new Set<number>();
  for (let before = -1; before < waiting.size;) {
    before = waiting.size;
    for (const { id, blocks } of module.functions.values()) {
      const waits = [...blocks.values()].some(({ body }) =>
        body.some(
          ({ op, args }) =>
            op === Op.ControlBarrier || (op === Op.FunctionCall && waiting.has(args[2]!)),
        ),
      );
      if (waits) waiting.add(id);
    }
  }
  return waiting;
}
