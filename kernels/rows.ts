/**
 * Kernels that treat every row of a matrix by itself, in two looks at it: measure the row, then write it. Variants, plans
 * and the frame of the WGSL; what is measured is the kernel's own.
 *
 * Rows of all items are one sequence, so that small items fill workgroups too. Invariant: a row's arithmetic depends on
 * its length and the variant alone.
 */
import type { BatchShape, DispatchPlan, KernelBinding } from './plan.ts';
import { prefersRegisters, type DeviceTraits, type KernelVariant } from './variants.ts';
import { valueType, widthFor } from './vectorValues.ts';
import { enables, placeOf, placeParameters, workgroupReduction } from './workgroupReduction.ts';

export interface RowShape {
  readonly rows: number;
  readonly columns: number;
}

const REGISTER_THREADS = 64;
/** Lanes of a row: few where each is a core's own work, as many as read a cache line together on a GPU. */
const SOFTWARE_LANES = 4;
const GPU_LANES = 32;
/** A workgroup's share of a row is then at least four values a thread. */
const LEAST_SHARED_COLUMNS = 256;
/** A row of 65,536 values: the work of one workgroup stays at a few ms on a software adapter. */
const LONG_ROW = 16_384;
/** Bytes of workgroup memory per thread: one value for each of two reductions. */
const BYTES_PER_THREAD = 8;

/** `lanes`: threads of one row, each with every so many of its values; measured apart and combined by a pass of its own. */
const registers = (lanes: number): KernelVariant => ({
  name: `registers-${lanes}`,
  family: 'registers',
  options: { lanes },
});

/** A workgroup per row. */
const sharing = (family: 'tiled' | 'subgroups', lanes: number): KernelVariant => ({
  name: `${family}-${lanes}`,
  family,
  options: { lanes },
});

export function rowVariants({ columns }: RowShape, traits: DeviceTraits): readonly KernelVariant[] {
  const length = columns / widthFor(columns);
  const atMost = (lanes: number) => 2 ** Math.floor(Math.log2(Math.min(lanes, length)));
  const few = atMost(columns > LONG_ROW ? GPU_LANES : SOFTWARE_LANES);
  const many = atMost(GPU_LANES);
  const lanes = traits.isSoftware ? [few, many] : [many, few];
  const inRegisters = [...new Set(lanes)].map(registers);
  const threads = columns > 4096 && traits.maxWorkgroupThreads >= 256 ? 256 : 64;
  const fits =
    columns >= LEAST_SHARED_COLUMNS &&
    threads <= traits.maxWorkgroupThreads &&
    threads * BYTES_PER_THREAD <= traits.maxWorkgroupBytes;
  const inWorkgroups = [
    ...(fits && traits.features.includes('subgroups') ? [sharing('subgroups', threads)] : []),
    ...(fits ? [sharing('tiled', threads)] : []),
  ];
  return prefersRegisters(traits)
    ? [...inRegisters, ...inWorkgroups]
    : [...inWorkgroups, ...inRegisters];
}

export interface RowPlanning {
  /** Names of the inputs, in the order of their bindings; the output `y` follows. */
  readonly inputs: readonly string[];
  readonly constants: Readonly<Record<string, number>>;
  readonly flopsPerValue: number;
}

export function rowPlan(
  { rows, columns }: RowShape,
  shape: BatchShape,
  { family, options }: KernelVariant,
  { inputs, constants, flopsPerValue }: RowPlanning,
): DispatchPlan {
  const width = widthFor(columns);
  const lanes = options['lanes']!;
  const all = rows * shape.rows;
  const strides = Object.fromEntries(
    inputs.map((name) => [`${name.toUpperCase()}_STRIDE`, shape.strides[name]! / width]),
  );
  const bindings: KernelBinding[] = [
    ...inputs.map((name) => ({ name, access: 'read' as const })),
    { name: 'y', access: 'read-write' },
  ];
  if (family !== 'registers') {
    const wholeRow = {
      entryPoint: 'wholeRow',
      workgroups: [all, 1, 1] as const,
      constants: { ...strides, ...constants },
      flopsPerWorkgroup: columns * flopsPerValue,
    };
    return { bindings, scratchBytes: {}, passes: [wholeRow] };
  }
  const lanesOfGroup = Math.min(REGISTER_THREADS, rows * lanes);
  const pass = (entryPoint: string, threads: number, flopsPerWorkgroup: number) => ({
    entryPoint,
    workgroups: [Math.ceil(threads / REGISTER_THREADS), 1, 1] as const,
    constants: { ...strides, ...constants },
    flopsPerWorkgroup,
  });
  const flops = (lanesOfGroup * Math.ceil(columns / lanes) * flopsPerValue) / 2;
  return {
    bindings: [...bindings, { name: 'measures', access: 'read-write' }],
    scratchBytes: { measures: 8 * all * lanes },
    passes: [
      pass('measure', all * lanes, flops),
      pass('combine', all, Math.min(REGISTER_THREADS, rows) * lanes * flopsPerValue),
      pass('finish', all * lanes, flops),
    ],
  };
}

/** A kernel's own WGSL. The bodies see `row`, `lane`, LANES, LENGTH (of a row, in Values) and the inputs' places. */
export interface RowText {
  readonly title: string;
  /** As in `RowPlanning`; `x` has rows of its own, the others one row for an item. */
  readonly inputs: readonly string[];
  /** Overrides and functions. */
  readonly declarations: string;
  /** Sets `measures[place]` to what this lane's values measure. */
  readonly measure: string;
  /** Reads `measures[first]` up to `measures[first + LANES - 1]`, and replaces as many of them as `finish` reads. */
  readonly combine: string;
  readonly finish: string;
  /** The whole of it by one workgroup, with `workgroupMax(value, at)` and `workgroupSum(value, at)`. */
  readonly wholeRow: string;
}

export function rowModule(
  { rows, columns }: RowShape,
  { name, family, options }: KernelVariant,
  text: RowText,
): string {
  const width = widthFor(columns);
  const lanes = options['lanes']!;
  const isShared = family !== 'registers';
  const outputAt = text.inputs.length + 1;
  const places = text.inputs.map((input) =>
    input === 'x'
      ? '  let xAt = row / ROWS * X_STRIDE + row % ROWS * LENGTH;'
      : `  let ${input}At = row / ROWS * ${input.toUpperCase()}_STRIDE;`,
  );
  const head = `${enables(family)}// ${text.title}, ${name}
@group(0) @binding(0) var<uniform> base: vec4u;
${text.inputs
  .map((it, i) => `@group(0) @binding(${i + 1}) var<storage, read> ${it}: array<Value>;`)
  .join('\n')}
@group(0) @binding(${outputAt}) var<storage, read_write> y: array<Value>;
${isShared ? '' : `@group(0) @binding(${outputAt + 1}) var<storage, read_write> measures: array<vec2f>;\n`}
// In Values from one item to the next; 0 where all items share the input.
${text.inputs.map((it) => `override ${it.toUpperCase()}_STRIDE: u32;`).join('\n')}

const ROWS = ${rows}u;
const LENGTH = ${columns / width}u;
const LANES = ${lanes}u;
const WIDTH = ${width}u;
${valueType(width)}${text.declarations}`;
  const atRow = `${places.join('\n')}
  let yAt = row * LENGTH;`;
  if (isShared) {
    const threads = lanes as 64 | 256;
    const reductions = (['max', 'sum'] as const)
      .filter((operation) => operation === 'sum' || text.wholeRow.includes('workgroupMax('))
      .map((operation) => workgroupReduction(family, { type: 'f32', operation, threads }));
    return `${head}
${reductions.join('\n')}
@compute @workgroup_size(${lanes})
fn wholeRow(
  @builtin(workgroup_id) group: vec3u,
  ${placeParameters(family)}
) {
  ${placeOf(family)}
  let row = group.x + base.x;
  let lane = thread.x;
${atRow}
${text.wholeRow}
}
`;
  }
  const entry = (entryPoint: string, count: string, body: string) => `
@compute @workgroup_size(${REGISTER_THREADS})
fn ${entryPoint}(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let place = (group.x + base.x) * ${REGISTER_THREADS}u + thread.x;
  if (place >= ${count}) { return; }
${body}
}
`;
  const ofLane = `  let row = place / LANES;
  let lane = place % LANES;
${atRow}`;
  return `${head}${entry('measure', 'arrayLength(&measures)', `${ofLane}\n${text.measure}`)}\
${entry('combine', 'arrayLength(&measures) / LANES', `  let first = place * LANES;\n${text.combine}`)}\
${entry('finish', 'arrayLength(&measures)', `${ofLane}\n${text.finish}`)}`;
}

/** A loop over the lane's own Values of a row: `i` is the place in it. */
export const eachValue = (...body: readonly string[]): string =>
  `  for (var i = lane; i < LENGTH; i += LANES) {\n    ${body.join('\n    ')}\n  }`;
