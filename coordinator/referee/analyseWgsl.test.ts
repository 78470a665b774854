/** An author's module before any volunteer sees it: what is wrong is said with its line, what is right is understood. */
import { describe, expect, it } from 'vitest';
import type { WgslProgram } from '../../shared/protocol/program.ts';
import { assert } from '../../shared/result.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { digestOf } from '../digest.ts';
import { analyseWgsl } from './analyseWgsl.ts';

/** y[i] = the sum of x[0] to x[i], times a factor of all items. */
const RIGHT = `// Sums of what came before.
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> factor: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const N = 64u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.z * N;
  var sum = 0.0;
  for (var i = 0u; i <= id.x; i++) {
    sum += x[row + i];
  }
  y[row + id.x] = sum * factor[0];
}
`;
const N = 64;
const PROGRAM: Omit<WgslProgram, 'module'> = {
  kind: 'wgsl',
  entryPoint: 'main',
  workgroupsPerItem: 1,
  inputs: {
    x: { binding: 1, dtype: 'F32', dims: [N] },
    factor: { binding: 2, dtype: 'F32', dims: [1] },
  },
  outputs: { y: { binding: 3, dtype: 'F32', dims: [N] } },
};
const X = Float32Array.from({ length: N }, (_, i) => Math.sin(i));
const STACKED: NamedTensors = { x: tensorOf('F32', [1, N], X) };
const CONSTANTS: NamedTensors = { factor: tensorOf('F32', [1], Float32Array.of(3)) };

async function analysed(text: string, changes: Partial<WgslProgram> = {}) {
  const model = new TextEncoder().encode(text);
  const program = { ...PROGRAM, module: digestOf(model), ...changes };
  const constants = 'factor' in program.inputs ? CONSTANTS : {};
  return analyseWgsl(
    {
      kind: 'analyse',
      program,
      model,
      constants,
      sampleStacked: STACKED,
      nonFinite: 'refuse',
      runDims: {},
      batch: null,
    },
    program,
    () => undefined,
    () => void (lost += 1),
  );
}

let lost = 0;

async function refusal(text: string, changes: Partial<WgslProgram> = {}) {
  const found = await analysed(text, changes);
  assert(!found.ok, 'it was taken');
  return found.error;
}

const replaced = (from: string, to: string): string => {
  assert(RIGHT.includes(from), `there is no ${from}`);
  return RIGHT.replace(from, to);
};

it('a right one is computed, and its work counted', async () => {
  const found = await analysed(RIGHT);
  assert(found.ok, JSON.stringify(found));
  const { outputs, flopsPerItem, flopsFrom, sampleOutputs } = found.value;
  expect([outputs, flopsFrom]).toEqual([{ y: { dtype: 'F32', dims: [N] } }, 'run']);
  let sum = 0;
  const expected = X.map((value) => 3 * (sum += value));
  const y = valuesOf(sampleOutputs['y']!) as Float32Array;
  for (const [i, value] of y.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
  // 2,080 additions of floats at least, and what finds the places.
  expect(flopsPerItem).toBeGreaterThan(2_080);
  expect(flopsPerItem).toBeLessThan(20_000);
});

describe('what is wrong is refused with its line', () => {
  const cases: [
    what: string,
    text: string,
    code: string,
    said: RegExp,
    changes?: Partial<WgslProgram>,
  ][] = [
    ['a text that is none', replaced('fn main(', 'fn main'), 'wgsl-refused', /^line 9: /],
    ['a type', replaced('var sum = 0.0;', 'var sum = 0u;'), 'wgsl-refused', /^line 13: /],
    [
      'a binding of another type',
      replaced('var<storage, read> x: array<f32>', 'var<storage, read> x: array<u32>').replace(
        '+= x[row + i]',
        '+= f32(x[row + i])',
      ),
      'wgsl-refused',
      /^line 2: "x" holds u32, and "x" is said to be F32/,
    ],
    [
      'an output that can only be read',
      replaced('read_write> y', 'read> y').replace('y[row + id.x] = sum * factor[0];', '_ = y[0];'),
      'wgsl-refused',
      /^line 4: output "y" is bound to "y", which can only be read/,
    ],
    [
      'an access out of bounds',
      replaced('i <= id.x', 'i <= id.x + 1u'),
      'wgsl-trapped',
      /^line 13: element 64 of "x", which has 64/,
    ],
    [
      'a write out of bounds',
      replaced('y[row + id.x]', 'y[row + id.x * 2u]'),
      'wgsl-trapped',
      /^line 15: element 64 of "y"/,
    ],
    [
      'an endless loop',
      replaced('i++', 'i += 0u'),
      'wgsl-endless',
      /^line 12: a loop that does not end/,
    ],
    [
      'shared memory that no device has',
      replaced('const N', 'var<workgroup> tile: array<f32, 8192>;\nconst N').replace(
        'var sum = 0.0;',
        'var sum = tile[id.x];',
      ),
      'wgsl-refused',
      /^line 6: a workgroup shares 32768 bytes: devices offer 16384/,
    ],
    [
      'memory of its own that no device has',
      replaced('const N', 'var<private> own: array<f32, 100000000>;\nconst N').replace(
        'var sum = 0.0;',
        'var sum = own[id.x];',
      ),
      'wgsl-refused',
      /a (variable|value) of 100000000 numbers/,
    ],
    [
      'functions that call one another again and again',
      Array.from(
        { length: 40 },
        (_, i) =>
          `fn twice${i}() -> f32 { return ${i === 0 ? '1.0' : `twice${i - 1}() + twice${i - 1}()`}; }`,
      ).join('\n') + RIGHT.replace('var sum = 0.0;', 'var sum = twice39();'),
      'wgsl-endless',
      /a loop that does not end/,
    ],
    [
      'a buffer that is too large',
      RIGHT,
      'wgsl-refused',
      /^line 4: the buffers of one item are larger than 8388608 bytes with "y"/,
      { outputs: { y: { binding: 3, dtype: 'F32', dims: [4096, 1024] } } },
    ],
    [
      'a workgroup that no device has',
      replaced('@workgroup_size(64)', '@workgroup_size(512)'),
      'wgsl-refused',
      /^line 9: a workgroup of 512/,
    ],
    [
      'a buffer of one row',
      replaced('read> x: array<f32>', 'read> x: array<f32, 64>'),
      'wgsl-refused',
      /^line 2: "x" holds one row/,
    ],
    [
      'elements that are further apart',
      replaced('read_write> y: array<f32>', 'read_write> y: array<vec3f>').replace(
        'y[row + id.x]',
        'y[row + id.x].x',
      ),
      'wgsl-refused',
      /^line 4: elements of "y" are 16 bytes apart/,
      { outputs: { y: { binding: 3, dtype: 'F32', dims: [62] } } },
    ],
    [
      'an entry point that is not there',
      RIGHT,
      'wgsl-refused',
      /no compute entry point "other": the module has "main"/,
      { entryPoint: 'other' },
    ],
    [
      'a row that depends on its place',
      replaced('let row = id.z * N;', 'let row = id.z * N; let place = f32(id.z);').replace(
        'sum * factor[0]',
        'sum * factor[0] + place',
      ),
      'wgsl-refused',
      /output "y" of an item depends on its place in the run/,
    ],
    [
      'a barrier that only some reach',
      replaced('const N', 'var<workgroup> tile: array<f32, 64>;\nconst N').replace(
        'var sum = 0.0;',
        'var sum = 0.0;\n  if id.x < 32u { workgroupBarrier(); }\n  tile[id.x] = 1;',
      ),
      'wgsl-trapped',
      /^line 13: a barrier that some invocations of the workgroup do not reach/,
    ],
    [
      'a row that reads another item',
      replaced('x[row + i]', 'x[(row + i + N) % arrayLength(&x)]'),
      'wgsl-refused',
      /output "y" of an item depends on its place in the run, or on other items/,
    ],
    [
      'a parameter that is too large',
      `fn f(a: array<f32, 200000000>) -> f32 { return a[0]; }\n${RIGHT}`,
      'wgsl-refused',
      /a value of 200000000 numbers/,
    ],
    [
      'private variables that are too large together',
      Array.from({ length: 20 }, (_, i) => `var<private> p${i}: array<f32, 2000>;\n`).join('') +
        RIGHT.replace(
          'var sum = 0.0;',
          `var sum = ${Array.from({ length: 20 }, (_, i) => `p${i}[id.x]`).join('+')};`,
        ),
      'wgsl-refused',
      /variables of 40000 numbers: at most 2048/,
    ],
    [
      'shared vectors that take more than their numbers',
      replaced('const N', 'var<workgroup> tile: array<vec3f, 1200>;\nconst N').replace(
        'var sum = 0.0;',
        'var sum = tile[id.x].x;',
      ),
      'wgsl-refused',
      /^line 6: a workgroup shares 19200 bytes/,
    ],
    [
      'an index into a vector that is not there',
      replaced('sum * factor[0]', 'vec3f(sum)[id.x]'),
      'wgsl-trapped',
      /^line 15: element 3 of an array, which has 3/,
    ],
    [
      'a constant of another size',
      replaced('factor: array<f32>', 'factor: array<f32, 4>'),
      'wgsl-refused',
      /^line 3: "factor" has 16 bytes, and "factor" F32\[1\] has 4/,
    ],
    [
      'a binding that is declared twice',
      replaced('const N', '@group(0) @binding(1) var<storage, read> again: array<f32>;\nconst N'),
      'wgsl-refused',
      /^line 2: binding 1 is declared twice, the second time for "again"/,
    ],
    [
      'names of the network’s own',
      replaced('var sum = 0.0;', 'var idlewave_left_0 = 4294967295u; var sum = 0.0;'),
      'wgsl-refused',
      /^line 11: names that begin with "idlewave_"/,
    ],
    [
      'a binding that nobody named',
      RIGHT,
      'wgsl-refused',
      /^line 3: binding 2 \("factor"\) is neither an input nor an output/,
      { inputs: { x: PROGRAM.inputs['x']! } },
    ],
  ];
  it.each(cases)('%s', async (_, text, code, said, changes) => {
    const problem = await refusal(text, changes);
    expect(problem.code).toBe(code);
    expect(problem.detail).toMatch(said);
    expect(lost).toBe(0);
  });

  // It breaks the reader: the last of this file.
  it('what is nested too deeply, and its reader is not asked again', async () => {
    const deep = replaced('var sum = 0.0;', `var sum = 0.0${'+1.0'.repeat(20_000)};`);
    const problem = await refusal(deep);
    expect([problem.code, lost]).toEqual(['wgsl-refused', 1]);
    expect(problem.detail).toMatch(/nested too deeply/);
  });
});
