/**
 * matvec@1 on the GPU, composed for a variant: four rows of the matrix times one vector (`ownMatrix`) or a few (`oneMatrix`), in
 * accumulators with names, because an indexed array spills to memory (3 times slower).
 *
 * Rows and vectors past the end are clamped to the last: what they compute is never stored.
 */
import { valueType, widthFor } from '../vectorValues.ts';
import type { KernelVariant } from '../variants.ts';
import { enables, placeOf, placeParameters, workgroupReduction } from '../workgroupReduction.ts';
import type { MatvecParams } from './manifest.ts';
import { REGISTER_THREADS, ROWS_AT_ONCE, SHARING_THREADS } from './variants.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lines = (texts: readonly string[]): string => texts.join('\n');
const rowsAtOnce = upTo(ROWS_AT_ONCE);

export function matvecShader({ k }: MatvecParams, variant: KernelVariant): string {
  const width = widthFor(k);
  const { vectors = 1, parts = 1 } = variant.options;
  return `${enables(variant.family)}// matvec@1, ${variant.name}
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> a: array<Value>;
@group(0) @binding(2) var<storage, read> x: array<Value>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
${parts > 1 ? '@group(0) @binding(4) var<storage, read_write> parts: array<f32>;\n' : ''}
override M: u32;
// In Values from one item to the next; 0 where all items share the input.
override A_STRIDE: u32;
override X_STRIDE: u32;

const LENGTH = ${k / width}u;
${valueType(width)}
${variant.family === 'registers' ? inRegisters(k / width, vectors, parts) : inWorkgroup(variant)}`;
}

function inRegisters(length: number, vectorsAtOnce: number, parts: number): string {
  const perPart = Math.ceil(length / parts);
  const target = parts > 1 ? 'parts' : 'y';
  const entry = (name: string, vectors: number) => `
@compute @workgroup_size(${REGISTER_THREADS})
fn ${name}(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let row = ((group.x + base.x) * ${REGISTER_THREADS}u + thread.x) * ${ROWS_AT_ONCE}u;
  if (row >= M) { return; }
  let part = group.y + base.y;
  let start = part * ${perPart}u;
  let end = min(start + ${perPart}u, LENGTH);
${sums(vectors, 1)}
  let first = ${parts > 1 ? 'part * arrayLength(&y) + ' : ''}vector * M + row;
${store(target, vectors)}
}
`;
  const adding = `
@compute @workgroup_size(${REGISTER_THREADS})
fn addParts(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let place = (group.x + base.x) * ${REGISTER_THREADS}u + thread.x;
  let count = arrayLength(&y);
  if (place >= count) { return; }
  var sum = 0.0;
  for (var part = 0u; part < ${parts}u; part++) {
    sum += parts[part * count + place];
  }
  y[place] = sum;
}
`;
  return `${entry('ownMatrix', 1)}${entry('oneMatrix', vectorsAtOnce)}${parts > 1 ? adding : ''}`;
}

function inWorkgroup({ family, options }: KernelVariant): string {
  const threads = SHARING_THREADS;
  const reduction = workgroupReduction(family, { type: 'vec4f', operation: 'sum', threads });
  const entry = (name: string, vectors: number) => `
@compute @workgroup_size(${threads})
fn ${name}(
  @builtin(workgroup_id) group: vec3u,
  ${placeParameters(family)}
) {
  ${placeOf(family)}
  let row = (group.x + base.x) * ${ROWS_AT_ONCE}u;
  let start = thread.x;
  let end = LENGTH;
${sums(vectors, threads)}
${lines(
  // Four sums at once, of the four rows times one vector.
  upTo(vectors).map((j) => {
    const four = rowsAtOnce.map((r) => `sumOf(s${r}_${j})`).join(', ');
    return `  let all${j} = workgroupSum(vec4f(${four}), at);`;
  }),
)}
  if (thread.x != 0u) { return; }
  let first = vector * M + row;
${store('y', vectors, (r, j) => `all${j}[${r}]`)}
}
`;
  return `${reduction}${entry('ownMatrix', 1)}${entry('oneMatrix', options['vectors']!)}`;
}

/** Sums s0_0 (row 0 of the four, vector 0) and so on, of the Values start, start + step ... before end. */
const sums = (vectors: number, step: number): string => `\
  let vectors = arrayLength(&y) / M;
  let vector = (group.z + base.z) * ${vectors}u;
${lines([
  ...rowsAtOnce.map((r) => `  let a${r} = vector * A_STRIDE + min(row + ${r}u, M - 1u) * LENGTH;`),
  ...upTo(vectors).map((j) => `  let x${j} = min(vector + ${j}u, vectors - 1u) * X_STRIDE;`),
  ...rowsAtOnce.flatMap((r) => upTo(vectors).map((j) => `  var s${r}_${j} = Value();`)),
])}
  for (var i = start; i < end; i += ${step}u) {
${lines([
  ...upTo(vectors).map((j) => `    let v${j} = x[x${j} + i];`),
  ...rowsAtOnce.flatMap((r) => [
    `    let m${r} = a[a${r} + i];`,
    ...upTo(vectors).map((j) => `    s${r}_${j} += m${r} * v${j};`),
  ]),
])}
  }`;

const store = (
  target: string,
  vectors: number,
  sum = (r: number, j: number) => `sumOf(s${r}_${j})`,
): string =>
  lines(
    upTo(vectors).flatMap((j) =>
      rowsAtOnce.map((r) => {
        const inside = [
          ...(r > 0 ? [`row + ${r}u < M`] : []),
          ...(j > 0 ? [`vector + ${j}u < vectors`] : []),
        ].join(' && ');
        const storing = `${target}[first + ${j}u * M + ${r}u] = ${sum(r, j)};`;
        return inside === '' ? `  ${storing}` : `  if (${inside}) { ${storing} }`;
      }),
    ),
  );
