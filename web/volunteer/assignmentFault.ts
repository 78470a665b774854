/**
 * What a host checks of an assignment before it computes, and of outputs before it commits to them: the tab
 * enforces its own limits, whatever the coordinator believes. Pure.
 */
import { firstNonFinite } from '../../shared/acceptance.ts';
import { MAX_ASSIGNMENT_BYTES } from '../../shared/limits.ts';
import type { AssignMessage } from '../../shared/protocol/link.ts';
import {
  byteLengthOf,
  describeSpec,
  sameDims,
  type NamedTensors,
  type TensorSpec,
} from '../../shared/tensor.ts';

/** Why the assignment cannot be right, as one sentence; null where nothing speaks against it. */
export function faultOf(assign: AssignMessage, stacked: NamedTensors): string | null {
  const count = assign.items.length;
  for (const [name, tensor] of Object.entries(stacked)) {
    if (tensor.dims[0] !== count) {
      return `input "${name}": expected ${count} rows, came [${tensor.dims.join(',')}]`;
    }
  }
  const outputBytes = Object.values(assign.outputs).reduce(
    (sum, spec) => sum + byteLengthOf(spec) * count,
    0,
  );
  return outputBytes > MAX_ASSIGNMENT_BYTES
    ? `outputs: expected at most ${MAX_ASSIGNMENT_BYTES} bytes, the assignment asks for ${outputBytes}`
    : null;
}

/** Why the coordinator would refuse the outputs: after a commitment that would count against the host. */
export function faultOfOutputs(assign: AssignMessage, outputs: NamedTensors): string | null {
  if (assign.nonFinite === 'data') return null;
  for (const [name, tensor] of Object.entries(outputs)) {
    const at = firstNonFinite(tensor);
    if (at >= 0) return `output "${name}" has a NaN or infinity at element ${at}`;
  }
  return null;
}

/** Why what the stage before sent cannot be computed from; null where it can. */
export function faultOfActivation(
  inputs: Readonly<Record<string, TensorSpec>>,
  items: number,
  tensors: NamedTensors,
): string | null {
  const names = Object.keys(tensors).filter((name) => !Object.hasOwn(inputs, name));
  if (names.length > 0) return `nobody asked for "${names[0]}"`;
  for (const [name, { dtype, dims }] of Object.entries(inputs)) {
    const tensor = tensors[name];
    const expected = describeSpec({ dtype, dims: [items, ...dims] });
    const isRight = tensor?.dtype === dtype && sameDims(tensor.dims, [items, ...dims]);
    if (isRight) continue;
    const came = tensor === undefined ? 'nothing' : describeSpec(tensor);
    return `activation "${name}": expected ${expected}, came ${came}`;
  }
  return null;
}
