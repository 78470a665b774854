/**
 * What a host checks of an assignment before it computes, and of outputs before it commits to them: the tab
 * enforces its own limits, whatever the coordinator believes. Pure.
 */
import { firstNonFinite } from '../../shared/acceptance.ts';
import { MAX_ASSIGNMENT_BYTES } from '../../shared/limits.ts';
import type { AssignMessage } from '../../shared/protocol/link.ts';
import { byteLengthOf, type NamedTensors } from '../../shared/tensor.ts';

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
