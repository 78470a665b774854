/**
 * The WGSL of mandelbrot@1 for numbers of so many digits. Text only: named digits in straight code, because arrays
 * spill. What the view is comes in as constants, so pictures of one depth share their module.
 */
import { digitsFor } from './arithmetic.ts';
import type { MandelbrotParams } from './manifest.ts';

export const mandelbrotShader = ({ viewWidth, widthPixels }: MandelbrotParams): string =>
  moduleOf(digitsFor(viewWidth / widthPixels));

const range = (from: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - from) }, (_, i) => from + i);

export function moduleOf(digits: number): string {
  const all = range(0, digits);
  const lines = (write: (i: number) => string, of: readonly number[] = all): string =>
    of.map((i) => `  ${write(i)}`).join('\n');
  return `// mandelbrot@1 in ${digits} digits: one thread per pixel of a tile, z is the row of the batch. \`iterate\` takes some
// steps further from where the pass before it left z; one that has escaped stays where it is. Integers only.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> items: array<u32>;
@group(0) @binding(2) var<storage, read_write> orbits: array<i32>;
@group(0) @binding(3) var<storage, read_write> iterations: array<u32>;

override PIXELS: u32;
override TILE: u32 = 1;
override TILES_ACROSS: u32 = 1;
override TILES: u32 = 1;
override ITERATIONS_PER_PASS: u32 = 0;
override MAX_ITERATIONS: u32 = 0;
// The digits of the first pixel's c, and of the step from one pixel to the next.
${['LEFT', 'TOP', 'STEP'].flatMap((name) => all.map((i) => `override ${name}_${i}: i32 = 0;`)).join('\n')}

// |z|^2 of 4, z seen to 11 binary places.
const ESCAPE = 0x1000000;

@compute @workgroup_size(64)
fn begin(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let pixel = (group.x + base.x) * 64u + thread.x;
  if (pixel >= PIXELS) { return; }
  let row = group.z + base.z;
  for (var i = 0u; i < ${2 * digits}u; i++) {
    orbits[(row * ${2 * digits}u + i) * PIXELS + pixel] = 0;
  }
  iterations[row * PIXELS + pixel] = 0u;
}

@compute @workgroup_size(64)
fn iterate(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let pixel = (group.x + base.x) * 64u + thread.x;
  if (pixel >= PIXELS) { return; }
  let row = group.z + base.z;
  let tile = items[row] % TILES;
  let right = i32((tile % TILES_ACROSS) * TILE + pixel % TILE);
  let below = i32((tile / TILES_ACROSS) * TILE + pixel / TILE);
${lines((i) => `var real${i} = LEFT_${i} + right * STEP_${i};`)}
${lines((i) => `var imaginary${i} = TOP_${i} - below * STEP_${i};`)}
  var carry = 0;
${['real', 'imaginary'].map((name) => normalize(name, digits)).join('\n')}
  let at = row * ${2 * digits}u * PIXELS + pixel;
${lines((i) => `var x${i} = orbits[at + ${i}u * PIXELS];`)}
${lines((i) => `var y${i} = orbits[at + ${digits + i}u * PIXELS];`)}
  var taken = iterations[row * PIXELS + pixel];
  let end = min(taken + ITERATIONS_PER_PASS, MAX_ITERATIONS);
  for (; taken < end; taken++) {
    let seenX = (x0 << 11u) + (x1 >> 3u);
    let seenY = (y0 << 11u) + (y1 >> 3u);
    if (seenX * seenX + seenY * seenY > ESCAPE) { break; }
${columns(digits)}
${lines((i) => `  x${i} = nextX${i};`)}
${lines((i) => `  y${i} = nextY${i};`)}
  }
${lines((i) => `orbits[at + ${i}u * PIXELS] = x${i};`)}
${lines((i) => `orbits[at + ${digits + i}u * PIXELS] = y${i};`)}
  iterations[row * PIXELS + pixel] = taken;
}
`;
}

/** Digits in range again, the last first. */
const normalize = (name: string, digits: number): string =>
  range(1, digits)
    .reverse()
    .map(
      (i) => `  carry = (${name}${i} + 8192) >> 14u;
  ${name}${i} -= carry << 14u;
  ${name}${i - 1} += carry;`,
    )
    .join('\n');

/** z^2 + c, column by column from the guard digit up. */
function columns(digits: number): string {
  const written: string[] = [];
  for (let column = digits; column >= 0; column--) {
    const places = range(Math.max(0, column - digits + 1), Math.min(column, digits - 1) + 1);
    const mixed = (a: string, b: string, of: readonly number[]) =>
      of.map((i) => `${a}${i} * ${b}${column - i}`).join(' + ');
    const pairs = places.filter((i) => i < column - i);
    const middle = places.filter((i) => i === column - i);
    const square = [
      ...(pairs.length > 0
        ? [`2 * (${mixed('x', 'x', pairs)} - (${mixed('y', 'y', pairs)}))`]
        : []),
      ...middle.map((i) => `x${i} * x${i} - y${i} * y${i}`),
    ].join(' + ');
    const isGuard = column === digits;
    const sumX = `${square}${isGuard ? '' : ` + real${column} + carryX${column + 1}`}`;
    const sumY = `2 * (${mixed('x', 'y', places)})${isGuard ? '' : ` + imaginary${column} + carryY${column + 1}`}`;
    if (column === 0) {
      written.push(`let nextX0 = ${sumX};`, `let nextY0 = ${sumY};`);
      continue;
    }
    written.push(
      `let sumX${column} = ${sumX};`,
      `let sumY${column} = ${sumY};`,
      `let carryX${column} = (sumX${column} + 8192) >> 14u;`,
      `let carryY${column} = (sumY${column} + 8192) >> 14u;`,
    );
    if (isGuard) continue;
    written.push(
      `let nextX${column} = sumX${column} - (carryX${column} << 14u);`,
      `let nextY${column} = sumY${column} - (carryY${column} << 14u);`,
    );
  }
  return written.map((line) => `    ${line}`).join('\n');
}
