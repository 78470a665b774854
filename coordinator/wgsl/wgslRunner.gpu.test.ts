/** An author's module computed on the processor gives what a GPU gives: the referee may decide by it. */
import { afterAll, describe, expect, it } from 'vitest';
import { authoredManifest } from '../../kernels/authored.ts';
import { boundLoops } from '../../kernels/boundLoops.ts';
import { gpuKernelRunner } from '../../kernels/runtime/gpuKernelRunner.ts';
import { KernelDevice } from '../../kernels/runtime/kernelDevice.ts';
import { nodeGpu } from '../../kernels/testing/gpu.ts';
import { compareOutputs, type Acceptance } from '../../shared/acceptance.ts';
import { runBatch, type ItemBatch } from '../../shared/program.ts';
import type { WgslProgram } from '../../shared/protocol/program.ts';
import { assert } from '../../shared/result.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { digestOf } from '../digest.ts';
import { moduleOf } from './modules.ts';
import { wgslRunner } from './wgslRunner.ts';

const N = 64;
const EXACT: Acceptance = { kind: 'exact', nonFinite: 'refuse' };
const NEAR: Acceptance = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-5,
  maxElementError: 1e-4,
  nonFinite: 'refuse',
};

const bindings = (out: string, type: string): string => `
@group(0) @binding(1) var<storage, read> x: array<${type}>;
@group(0) @binding(2) var<storage, read_write> y: array<${out}>;
const N = ${N}u;
`;
const MAIN = `@compute @workgroup_size(${N})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32,
        @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u)`;

interface Case {
  readonly what: string;
  readonly text: string;
  readonly dtype: 'F32' | 'I32' | 'U32';
  readonly acceptance: Acceptance;
}

const CASES: readonly Case[] = [
  {
    what: 'shared memory, barriers, a reduction',
    dtype: 'F32',
    acceptance: NEAR,
    text: `${bindings('f32', 'f32')}
var<workgroup> sums: array<f32, N>;
${MAIN} {
  let at = id.z * N + lane;
  sums[lane] = x[at];
  for (var half = N / 2; half > 0u; half /= 2) {
    workgroupBarrier();
    if lane < half { sums[lane] += sums[lane + half]; }
  }
  workgroupBarrier();
  y[at] = sums[0] / (1 + x[at] * x[at]);
}`,
  },
  {
    what: 'integers: shifts, products that wrap, divisions, bits',
    dtype: 'U32',
    acceptance: EXACT,
    text: `${bindings('u32', 'u32')}
fn mix(a: u32, b: u32) -> u32 {
  var h = a * 2654435761u + b;
  h ^= h >> 15u;
  h = (h << 7u) | (h >> 25u);
  return h * 0x85ebca6bu;
}
${MAIN} {
  let at = id.z * N + lane;
  var h = x[at];
  for (var i = 0u; i < 10; i++) {
    switch (h % 5u) {
      case 0, 1: { h = mix(h, i); }
      case 2: { h = h / 3u + countOneBits(h); continue; }
      default: { h = reverseBits(h) ^ extractBits(h, 3u, 9u) ^ firstLeadingBit(h); }
    }
    if h == 7u { break; }
  }
  y[at] = select(h, ~h, (h & 1u) == 1u) % (x[at] | 1u) + clamp(h, 5u, 1000u) + (h / (x[at] & 0u));
}`,
  },
  {
    what: 'signed integers',
    dtype: 'I32',
    acceptance: EXACT,
    text: `${bindings('i32', 'i32')}
${MAIN} {
  let at = id.z * N + lane;
  let a = x[at] - 40;
  let v = vec3i(a, a * a, -a) / vec3i(7, -3, 2) + vec3i(a % 5, abs(a), sign(a));
  y[at] = dot(v, vec3i(1, 10, 100)) + (a >> 2u) + i32(f32(a) * 0.75) + max(a, -3) * min(a, 9)
    + i32(all(v > vec3i(-1000))) + bitcast<i32>(bitcast<u32>(a) >> 3u);
}`,
  },
  {
    what: 'vectors, matrices, structs, pointers, functions of the library',
    dtype: 'F32',
    acceptance: NEAR,
    text: `
struct Row { place: vec3f, mass: f32 }
@group(0) @binding(1) var<storage, read> x: array<Row>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
const TURN = mat3x3f(0.36, 0.48, -0.8, -0.8, 0.6, 0, 0.48, 0.64, 0.6);
var<private> calls: u32 = 3u;
fn push(total: ptr<function, vec3f>, by: vec3f) { *total += by; calls += 1u; }
${MAIN} {
  if lane >= 16u { return; }
  let at = id.z * 16u + lane;
  let row = x[at];
  var total = TURN * row.place + row.place * transpose(TURN);
  push(&total, cross(row.place, vec3f(1, 2, 3)));
  push(&total, normalize(row.place + 2) * length(total.xy));
  var weights = array<f32, 4>(0.1, 0.2, 0.3, 0.4);
  for (var i = 0; i < 4; i++) { weights[i] *= mix(1.0, row.mass, weights[3 - i]); }
  total[lane % 3u] += weights[lane % 4u];
  let round_ = vec2f(floor(total.x * 3), fract(total.y)) + smoothstep(vec2f(0), vec2f(1), total.xy);
  y[at] = vec4f(sqrt(abs(total)) + exp(-abs(total)), f32(calls) + pow(1.5, round_.y) + reflect(total, vec3f(0, 0, 1)).z + atan2(total.x, total.y) + round_.x);
}`,
  },
  {
    what: 'atomics of a workgroup',
    dtype: 'U32',
    acceptance: EXACT,
    text: `${bindings('u32', 'u32')}
var<workgroup> tally: array<atomic<u32>, 8>;
${MAIN} {
  let at = id.z * N + lane;
  atomicAdd(&tally[x[at] % 7u], 1u);
  atomicMax(&tally[7], x[at] % 100u);
  workgroupBarrier();
  y[at] = atomicLoad(&tally[lane % 8u]) + group.x * 1000u + groups.x;
}`,
  },
  {
    what: 'bits of zero',
    dtype: 'U32',
    acceptance: EXACT,
    text: `${bindings('u32', 'u32')}
${MAIN} {
  let at = id.z * N + lane;
  let zero = x[at] & 0u;
  let bits = x[at] & (lane % 4u);
  y[at] = countTrailingZeros(zero) + 100u * u32(countTrailingZeros(i32(zero)))
    + 10000u * u32(firstLeadingBit(zero) == 0xffffffffu) + 20000u * u32(firstTrailingBit(zero) > 100u)
    + 100000u * min(firstLeadingBit(bits), 99u) + countLeadingZeros(bits) + u32(firstLeadingBit(i32(bits) - 2) + 1);
}`,
  },
  {
    what: 'a scan, whose steps a loop has counted',
    dtype: 'F32',
    acceptance: NEAR,
    text: `${bindings('f32', 'f32')}
var<workgroup> sums: array<f32, N>;
${MAIN} {
  let at = id.z * N + lane;
  var steps = 0u;
  for (var k = N; k > 1u; k /= 2u) { steps += 1u; }
  sums[lane] = x[at];
  for (var s = 0u; s < steps; s++) {
    workgroupBarrier();
    let before = select(0f, sums[max(lane, 1u << s) - (1u << s)], lane >= (1u << s));
    workgroupBarrier();
    sums[lane] += before;
  }
  y[at] = sums[lane];
}`,
  },
  {
    what: 'loops with a test at their end, and in one another',
    dtype: 'F32',
    acceptance: NEAR,
    text: `${bindings('f32', 'f32')}
${MAIN} {
  let at = id.z * N + lane;
  var sum = 0f;
  var i = 0u;
  loop {
    var j = 0u;
    while true {
      if j > lane / 8u { break; }
      j++;
      if (j & 1u) == 0u { continue; }
      sum = fma(x[id.z * N + (i * 7u + j) % N], 0.5, sum);
    }
    continuing {
      i++;
      break if i >= 5u || sum > 20;
    }
  }
  y[at] = sum;
}`,
  },
];

const unexpected = (): never => {
  throw new Error('the reader broke');
};
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`an author's module${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it.each(CASES)('$what', async ({ text, dtype, acceptance }) => {
    const rows = 5;
    const spec = { dtype, dims: [N] };
    const program: WgslProgram = {
      kind: 'wgsl',
      module: digestOf(new TextEncoder().encode(text)),
      entryPoint: 'main',
      workgroupsPerItem: 1,
      inputs: { x: { binding: 1, ...spec } },
      outputs: { y: { binding: 2, ...spec } },
    };
    const numbers = Array.from({ length: rows * N }, (_, i) =>
      dtype === 'F32' ? Math.sin(i * 1.7) * 3 : ((i + 1) * 2654435761) % 97_000,
    );
    const values = { F32: Float32Array, I32: Int32Array, U32: Uint32Array }[dtype].from(numbers);
    const batch: ItemBatch = {
      items: Array.from({ length: rows }, (_, i) => i),
      stacked: { x: tensorOf(dtype, [rows, N], values) },
      constants: {},
    };
    const module = await moduleOf(program, new TextEncoder().encode(text), [], unexpected);
    assert(module.ok, module.ok ? '' : module.error.detail);
    const onCpu = await runBatch(wgslRunner(module.value, program), batch, program.outputs);
    const manifest = authoredManifest(program, 1_000);
    const runner = gpuKernelRunner(
      new KernelDevice(device),
      { manifest, shader: boundLoops(text) },
      null,
      {},
    );
    const onGpu = await runBatch(runner, batch, program.outputs);
    await runner.dispose();
    expect(compareOutputs(onGpu, onCpu, rows, acceptance)).toMatchObject({ kind: 'agree' });
  });
});
