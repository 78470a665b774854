/**
 * softmax@1 on the GPU, composed for a variant. A lane keeps exp(x - its own largest) in y, so that every value is raised
 * once; `finish` brings it to the row's scale. Logarithms need no such thing.
 */
import { eachValue, rowModule } from '../rows.ts';
import type { KernelVariant } from '../variants.ts';
import type { SoftmaxParams } from './manifest.ts';

/** From the lane's first value on: no infinity to begin with, and none is needed. */
const LARGEST = `  var most = x[xAt + min(lane, LENGTH - 1u)];
${eachValue('most = max(most, x[xAt + i]);')}`;

export function softmaxShader(params: SoftmaxParams, variant: KernelVariant): string {
  const isLog = params.output === 'logarithms';
  const raised = (largest: string) => `  var sums = Value();
${eachValue(
  `let raised = exp(x[xAt + i] - Value(${largest}));`,
  ...(isLog ? [] : ['y[yAt + i] = raised;']),
  'sums += raised;',
)}`;
  const logOf = (measure: string) =>
    eachValue(`y[yAt + i] = (x[xAt + i] - Value(${measure}.x)) - Value(${measure}.y);`);
  return rowModule(params, variant, {
    title: 'softmax@1',
    inputs: ['x'],
    declarations: '',
    measure: `${LARGEST}
  let largest = largestOf(most);
${raised('largest')}
  measures[place] = vec2f(largest, sumOf(sums));`,
    combine: `  var largest = measures[first].x;
  for (var i = 1u; i < LANES; i++) {
    largest = max(largest, measures[first + i].x);
  }
  var sum = 0.0;
  for (var i = 0u; i < LANES; i++) {
    let part = measures[first + i];
    sum += part.y * exp(part.x - largest);
  }
${
  isLog
    ? '  measures[first] = vec2f(largest, log(sum));'
    : `  for (var i = 0u; i < LANES; i++) {
    measures[first + i].x = exp(measures[first + i].x - largest) / sum;
  }`
}`,
    finish: isLog
      ? `  let measure = measures[row * LANES];
${logOf('measure')}`
      : `  let scale = measures[place].x;
${eachValue('y[yAt + i] *= scale;')}`,
    wholeRow: `${LARGEST}
  let largest = workgroupMax(largestOf(most), at);
${raised('largest')}
  let sum = workgroupSum(sumOf(sums), at);
${isLog ? `  let measure = vec2f(largest, log(sum));\n${logOf('measure')}` : eachValue('y[yAt + i] /= sum;')}`,
  });
}
