/**
 * WGSL by which the threads of one workgroup reduce a value each to one value that all of them get. Text only: composed
 * into the modules of the `tiled` and `subgroups` families.
 *
 * Invariant: the order of the operations depends on the device alone, so equal inputs give equal bits there.
 */
import type { KernelFamily } from './variants.ts';

interface Reduction {
  readonly type: 'f32' | 'vec4f';
  readonly operation: 'sum' | 'max';
  /** Of the workgroup, along x alone. Squares, because it is reduced in two steps: each barrier costs software dearly. */
  readonly threads: 16 | 64 | 256;
}

/** Fewest lanes of a subgroup in WebGPU: a workgroup has at most `threads` over this of them. */
const FEWEST_LANES = 4;

const KINDS = {
  sum: {
    join: (a: string, b: string) => `${a} + ${b}`,
    ofLanes: 'subgroupAdd',
    name: 'workgroupSum',
  },
  max: {
    join: (a: string, b: string) => `max(${a}, ${b})`,
    ofLanes: 'subgroupMax',
    name: 'workgroupMax',
  },
} as const;

/** Begins a module: what a family must enable. */
export const enables = (family: KernelFamily): string =>
  family === 'subgroups' ? 'enable subgroups;\n' : '';

/** Parameters of an entry point that reduces, and `at`, which it hands to the reduction. */
export const placeParameters = (family: KernelFamily): string =>
  family === 'subgroups'
    ? `@builtin(local_invocation_id) thread: vec3u,
  @builtin(subgroup_invocation_id) inSubgroup: u32,
  @builtin(subgroup_size) ofSubgroup: u32,`
    : `@builtin(local_invocation_id) thread: vec3u,`;

export const placeOf = (family: KernelFamily): string =>
  family === 'subgroups'
    ? 'let at = vec3u(thread.x, inSubgroup, ofSubgroup);'
    : 'let at = vec3u(thread.x, 0u, 1u);';

/**
 * `workgroupSum(value, at)` or `workgroupMax(value, at)`: to be called by all threads, in uniform control flow. Bytes of
 * workgroup memory: `threads` times the type's.
 */
export function workgroupReduction(
  family: KernelFamily,
  { type, operation, threads }: Reduction,
): string {
  const { join, ofLanes, name } = KINDS[operation];
  const memory = `${operation}Memory`;
  if (family !== 'subgroups') {
    const reach = Math.sqrt(threads);
    return `var<workgroup> ${memory}: array<${type}, ${threads}>;

fn ${name}(value: ${type}, at: vec3u) -> ${type} {
  ${memory}[at.x] = value;
  workgroupBarrier();
  if (at.x < ${reach}u) {
    var some = value;
    for (var i = at.x + ${reach}u; i < ${threads}u; i += ${reach}u) {
      some = ${join('some', `${memory}[i]`)};
    }
    ${memory}[at.x] = some;
  }
  workgroupBarrier();
  var all = ${memory}[0];
  for (var i = 1u; i < ${reach}u; i++) {
    all = ${join('all', `${memory}[i]`)};
  }
  workgroupBarrier();
  return all;
}
`;
  }
  // Subgroups are runs of threads along x, as every implementation has them.
  return `var<workgroup> ${memory}: array<${type}, ${threads / FEWEST_LANES}>;

fn ${name}(value: ${type}, at: vec3u) -> ${type} {
  let ofLanes = ${ofLanes}(value);
  if (at.y == 0u) { ${memory}[at.x / at.z] = ofLanes; }
  workgroupBarrier();
  var all = ${memory}[0];
  for (var i = 1u; i < ${threads}u / at.z; i++) {
    all = ${join('all', `${memory}[i]`)};
  }
  workgroupBarrier();
  return all;
}
`;
}
