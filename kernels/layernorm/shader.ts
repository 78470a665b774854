/**
 * layernorm@1 and rmsnorm@1 on the GPU, composed for a variant. They differ in three places: rmsnorm has no mean to take
 * off, no mean to join, and no bias.
 */
import { eachValue, rowModule } from '../rows.ts';
import type { KernelVariant } from '../variants.ts';
import type { NormParams } from './manifest.ts';

export const layernormShader = (params: NormParams, variant: KernelVariant): string =>
  normShader('layernorm', params, variant);

export function normShader(
  kernel: 'layernorm' | 'rmsnorm',
  params: NormParams,
  variant: KernelVariant,
): string {
  const { columns } = params;
  const isCentred = kernel === 'layernorm';
  const value = isCentred ? '(x[xAt + i] - shift)' : 'x[xAt + i]';
  const shift = isCentred ? '  let shift = Value(firstOf(x[xAt]));\n' : '';
  const sum = `  var sums = Value();
${eachValue(`sums += ${value};`)}`;
  const squares = (mean: string) => `  var squares = Value();
${
  isCentred
    ? eachValue(`let apart = ${value} - Value(${mean});`, 'squares += apart * apart;')
    : eachValue(`let apart = ${value};`, 'squares += apart * apart;')
}`;
  const finish = `${eachValue(
    isCentred
      ? `y[yAt + i] = (${value} - Value(mean)) * factor * scale[scaleAt + i] + bias[biasAt + i];`
      : `y[yAt + i] = ${value} * factor * scale[scaleAt + i];`,
  )}`;
  return rowModule(params, variant, {
    title: `${kernel}@1`,
    inputs: isCentred ? ['x', 'scale', 'bias'] : ['x', 'scale'],
    declarations: `override EPSILON: f32;
const COLUMNS = ${columns}.0;
${isCentred ? `fn firstOf(v: Value) -> f32 { return ${columns % 4 === 0 ? 'v.x' : 'v'}; }\n` : ''}
// Values of a row that are this lane's.
fn countOf(lane: u32) -> f32 { return f32((LENGTH - lane + LANES - 1u) / LANES * WIDTH); }
`,
    measure: isCentred
      ? `${shift}${sum}
  let mean = sumOf(sums) / countOf(lane);
${squares('mean')}
  measures[place] = vec2f(mean, sumOf(squares));`
      : `${squares('')}
  measures[place] = vec2f(0.0, sumOf(squares));`,
    combine: isCentred
      ? `  var sum = 0.0;
  for (var i = 0u; i < LANES; i++) {
    sum += measures[first + i].x * countOf(i);
  }
  let mean = sum / COLUMNS;
  var squares = 0.0;
  for (var i = 0u; i < LANES; i++) {
    let part = measures[first + i];
    let apart = part.x - mean;
    squares += part.y + apart * apart * countOf(i);
  }
  measures[first] = vec2f(mean, inverseSqrt(squares / COLUMNS + EPSILON));`
      : `  var squares = 0.0;
  for (var i = 0u; i < LANES; i++) {
    squares += measures[first + i].y;
  }
  measures[first] = vec2f(0.0, inverseSqrt(squares / COLUMNS + EPSILON));`,
    finish: `${shift}  let measure = measures[row * LANES];
${isCentred ? '  let mean = measure.x;\n' : ''}  let factor = measure.y;
${finish}`,
    wholeRow: `${shift}${isCentred ? `${sum}\n  let mean = workgroupSum(sumOf(sums), at) / COLUMNS;\n` : ''}\
${squares('mean')}
  let factor = inverseSqrt(workgroupSum(sumOf(squares), at) / COLUMNS + EPSILON);
${finish}`,
  });
}
