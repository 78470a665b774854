/** How far a tensor is from what was expected: the norm of the difference over the norm of what was expected. */
import { assert } from '../result.ts';
import { sameDims, valuesOf, type Tensor } from '../tensor.ts';

export function relativeL2(came: Tensor, expected: Tensor): number {
  assert(came.dtype === expected.dtype, `relativeL2: ${came.dtype} for ${expected.dtype}`);
  assert(sameDims(came.dims, expected.dims), `relativeL2: [${came.dims}] for [${expected.dims}]`);
  const values = valuesOf(came);
  let difference = 0;
  let norm = 0;
  valuesOf(expected).forEach((x: number | bigint, i: number) => {
    difference += (Number(values[i]) - Number(x)) ** 2;
    norm += Number(x) ** 2;
  });
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}
