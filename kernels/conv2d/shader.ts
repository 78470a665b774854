/**
 * conv2d@1 on the GPU, composed for the channels and a variant: one thread keeps a few pixels times four or eight output
 * channels in accumulators with names, because an indexed array spills to memory (3 times slower).
 *
 * Pixels past the end are clamped to the last: what they compute is never stored. Padding is read as a value that lies
 * inside, and taken for zero.
 */
import type { KernelVariant } from '../variants.ts';
import type { Conv2dParams } from './manifest.ts';
import { outSize, tilingOf } from './variants.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lines = (texts: readonly string[]): string => texts.join('\n');

const ACTIVATIONS: Readonly<Record<Conv2dParams['activation'], string>> = {
  none: 'sum',
  relu: 'max(sum, Out())',
  relu6: 'clamp(sum, Out(), Out(6))',
  silu: 'sum / (Out(1) + exp(-sum))',
};

/** What one thread sums, by names that its module has. */
interface Sums {
  readonly params: Conv2dParams;
  readonly pixels: readonly number[];
  /** Values of output channels, of one or four. */
  readonly values: readonly number[];
  /** Lanes of one loaded value, as `.x`; one without a name where it is taken as it is. */
  readonly inLanes: readonly string[];
  /** Loads along the channels of one tap. */
  readonly loads: number;
}

export function conv2dShader(params: Conv2dParams, { name, options }: KernelVariant): string {
  const { pixels: pixelCount = 1, threads = 64, inRow = 0 } = options;
  const { inWidth, outWidth, fours, isDepthwise } = tilingOf(params);
  const { height, width, inChannels, outChannels, groups, padding } = params;
  const size = outSize(params);
  const pixels = upTo(pixelCount);
  const values = upTo(fours);
  const typeOf = (lanes: 1 | 4) => (lanes === 4 ? 'vec4f' : 'f32');
  // Depthwise, every load is four channels of the one sum: nothing to step through.
  const loads = isDepthwise ? 1 : inChannels / groups / inWidth;
  const inLanes = isDepthwise || inWidth === 1 ? [''] : ['.x', '.y', '.z', '.w'];
  const sums: Sums = { params, pixels, values, inLanes, loads };
  return `// conv2d@1, ${name}
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> x: array<In>;
@group(0) @binding(2) var<storage, read> weights: array<Out>;
@group(0) @binding(3) var<storage, read> bias: array<Out>;
@group(0) @binding(4) var<storage, read_write> y: array<Out>;

// In Ins and Outs from one item to the next; 0 where all items share the input.
override X_STRIDE: u32;
override WEIGHTS_STRIDE: u32;
override BIAS_STRIDE: u32;

alias In = ${typeOf(inWidth)};
alias Out = ${typeOf(outWidth)};
const HEIGHT = ${height}u;
const WIDTH = ${width}u;
const IN = ${inChannels / inWidth}u;
const OUT = ${outChannels / outWidth}u;
const OUT_WIDTH = ${size.outWidth}u;
const PIXELS = ${size.outHeight * size.outWidth}u;
const STRIDE = ${params.stride}u;
const PADDING = ${padding}u;
const DILATION = ${params.dilation}u;
const TILES = ${outChannels / outWidth / fours}u;

fn activate(sum: Out) -> Out { return ${ACTIVATIONS[params.activation]}; }

@compute @workgroup_size(${threads})
fn convolve(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let place = (group.x + base.x) * ${threads}u + thread.x;
  let pixel = place / TILES * ${pixelCount}u;
  if (pixel >= PIXELS) { return; }
  let item = group.z + base.z;
  let out = place % TILES * ${fours}u;
  let channel = ${isDepthwise ? 'out' : `out / ${outChannels / groups / outWidth}u * ${loads}u`};
${lines(pixels.flatMap((p) => values.map((v) => `  var s${p}_${v} = Out();`)))}
${inRow === 1 ? sumsInRow(sums) : sumsAnywhere(sums)}
  let b = item * BIAS_STRIDE + out;
${lines([
  ...values.map((v) => `  let b${v} = bias[b + ${v}u];`),
  '  let first = (item * PIXELS + pixel) * OUT + out;',
  ...pixels.flatMap((p) =>
    values.map((v) => {
      const storing = `y[first + ${p}u * OUT + ${v}u] = activate(s${p}_${v} + b${v});`;
      return p === 0 ? `  ${storing}` : `  if (pixel + ${p}u < PIXELS) { ${storing} }`;
    }),
  ),
])}
}
`;
}

/** Of pixels anywhere in the image: each of them reads for each tap. */
function sumsAnywhere({ params, pixels, values, inLanes, loads }: Sums): string {
  const isPadded = params.padding > 0;
  return `${lines(
    pixels.flatMap((p) => [
      `  let p${p} = min(pixel + ${p}u, PIXELS - 1u);`,
      // Above and left of the input these wrap, and are no smaller than its sides.
      `  let top${p} = p${p} / OUT_WIDTH * STRIDE - PADDING;`,
      `  let left${p} = p${p} % OUT_WIDTH * STRIDE - PADDING;`,
    ]),
  )}
  var w = item * WEIGHTS_STRIDE + out;
  for (var row = 0u; row < ${params.kernelHeight}u; row++) {
    for (var column = 0u; column < ${params.kernelWidth}u; column++) {
${lines(
  pixels.flatMap((p) => [
    `      let row${p} = top${p} + row * DILATION;`,
    `      let column${p} = left${p} + column * DILATION;`,
    ...(isPadded ? [`      let inside${p} = row${p} < HEIGHT && column${p} < WIDTH;`] : []),
    `      let at${p} = ${placeOf(`row${p}`, `column${p}`, isPadded ? `inside${p}` : null)};`,
  ]),
)}
      for (var i = 0u; i < ${loads}u; i++) {
${lines([
  ...pixels.map((p) => `        let x${p} = ${loadOf(p, isPadded)};`),
  ...inLanes.flatMap((_, l) =>
    values.map((v) => `        let w${l}_${v} = weights[w + ${l}u * OUT + ${v}u];`),
  ),
  ...pixels.flatMap((p) =>
    values.map(
      (v) => `        ${added(p, v, inLanes, (lane, l) => [`x${p}${lane}`, `w${l}_${v}`])}`,
    ),
  ),
])}
        w += ${inLanes.length}u * OUT;
      }
    }
  }`;
}

/** Of pixels side by side in one row of the image, one step apart: what one of them reads, its neighbours have, too. */
function sumsInRow({ params, pixels, values, inLanes, loads }: Sums): string {
  const isPadded = params.padding > 0;
  const taps = upTo(params.kernelWidth);
  const columns = upTo(pixels.length + params.kernelWidth - 1);
  const perTap = loads * inLanes.length;
  return `  let top = pixel / OUT_WIDTH - PADDING;
  let left = pixel % OUT_WIDTH - PADDING;
  for (var row = 0u; row < ${params.kernelHeight}u; row++) {
    let inputRow = top + row;
${lines(
  columns.flatMap((c) => [
    `    let column${c} = left + ${c}u;`,
    ...(isPadded ? [`    let inside${c} = inputRow < HEIGHT && column${c} < WIDTH;`] : []),
    `    let at${c} = ${placeOf('inputRow', `column${c}`, isPadded ? `inside${c}` : null)};`,
  ]),
)}
    var w = item * WEIGHTS_STRIDE + out + row * ${taps.length * perTap}u * OUT;
    for (var i = 0u; i < ${loads}u; i++) {
${lines([
  ...columns.map((c) => `      let x${c} = ${loadOf(c, isPadded)};`),
  ...taps.flatMap((t) => [
    ...inLanes.flatMap((_, l) =>
      values.map(
        (v) => `      let w${t}_${l}_${v} = weights[w + ${t * perTap + l}u * OUT + ${v}u];`,
      ),
    ),
    ...pixels.flatMap((p) =>
      values.map(
        (v) =>
          `      ${added(p, v, inLanes, (lane, l) => [`x${p + t}${lane}`, `w${t}_${l}_${v}`])}`,
      ),
    ),
  ]),
])}
      w += ${inLanes.length}u * OUT;
    }
  }`;
}

/** Of the first channel of a pixel of the input; anywhere inside where it lies outside. */
const placeOf = (row: string, column: string, inside: string | null): string => {
  const place = `(${row} * WIDTH + ${column}) * IN`;
  return `item * X_STRIDE + ${inside === null ? place : `select(0u, ${place}, ${inside})`} + channel`;
};

const loadOf = (at: number, isPadded: boolean): string =>
  isPadded ? `select(In(), x[at${at} + i], inside${at})` : `x[at${at} + i]`;

/** All lanes are one assignment: a software adapter keeps every `var` in memory. */
function added(
  pixel: number,
  value: number,
  inLanes: readonly string[],
  factors: (lane: string, l: number) => readonly [input: string, weight: string],
): string {
  const sum = inLanes.reduce((so, lane, l) => {
    const [input, weight] = factors(lane, l);
    return `fma(Out(${input}), ${weight}, ${so})`;
  }, `s${pixel}_${value}`);
  return `s${pixel}_${value} = ${sum};`;
}
