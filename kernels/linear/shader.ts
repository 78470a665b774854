/** linear@1 in WGSL: a product whose values get a bias and an activation before they are stored. */
import { productText } from '../matrixProduct/plan.ts';
import type { KernelVariant } from '../variants.ts';
import type { LinearParams } from './manifest.ts';

/** Of `it`, a value or four. gelu by exp: tanh is far less accurate on some drivers. */
const ACTIVATIONS: Readonly<Record<LinearParams['activation'], string>> = {
  none: 'it',
  relu: 'max(it, Value())',
  gelu: 'it / (Value(1) + exp(-1.5957691216057308 * (it + 0.044715 * it * it * it)))',
  silu: 'it / (Value(1) + exp(-it))',
};

export const linearShader = (
  { transposeWeights, activation }: LinearParams,
  variant: KernelVariant,
): string => {
  const inVectors = variant.options['vectors'] === 1;
  return productText(
    {
      title: 'linear@1: y = activation(x w + bias); z is the row of the batch.',
      element: 'f32',
      transposeA: false,
      transposeB: transposeWeights,
      names: { a: 'x', b: 'weights', c: 'y' },
      more: `alias Value = ${inVectors ? 'vec4f' : 'f32'};
@group(0) @binding(4) var<storage, read> bias: array<Value>;
// Values from one item's bias to the next; 0 where all items share it.
override BIAS_STRIDE: u32;

fn activate(it: Value) -> Value { return ${ACTIVATIONS[activation]}; }
`,
      epilogue: (value, column) =>
        `activate(${value} + bias[item * (BIAS_STRIDE${inVectors ? ' / 4u' : ''}) + ${column}])`,
    },
    variant,
  );
};
