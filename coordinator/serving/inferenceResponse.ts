/** The answer to a request to a model: its outputs as JSON, or as bytes behind it. */
import { jsonNumbers } from '../../shared/jsonTensor.ts';
import { datatypeOf } from '../../shared/protocol/models.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { NamedTensors, Tensor } from '../../shared/tensor.ts';
import type { InferenceCall } from './inferenceRequest.ts';
import type { NamedModel } from './models.ts';

export interface InferenceBody {
  readonly json: string;
  /** Bytes of the outputs that are not in the JSON, one after the other. */
  readonly tail: readonly Uint8Array[];
}

/** `tensors` has every wanted output, `[items, ...itemShape]`. The order of fields is the protocol's. */
export function writeInference(
  { name, version }: Pick<NamedModel, 'name' | 'version'>,
  { id, outputs }: Pick<InferenceCall, 'id' | 'outputs'>,
  tensors: NamedTensors,
): Result<InferenceBody, Problem> {
  const tail: Uint8Array[] = [];
  const parts: string[] = [];
  for (const { name: output, isBinary } of outputs) {
    const tensor = tensors[output]!;
    const { dtype, dims, bytes } = tensor;
    const datatype = datatypeOf(dtype);
    const fields = [
      `"name":${JSON.stringify(output)}`,
      `"shape":[${dims.join(',')}]`,
      `"datatype":"${datatype}"`,
    ];
    if (isBinary) {
      tail.push(bytes);
      fields.push(`"parameters":{"binary_data_size":${bytes.byteLength}}`);
    } else {
      const data = jsonOf(tensor);
      if (data === null) return fail(notFinite(output));
      fields.push(`"data":${data}`);
    }
    parts.push(`{${fields.join(',')}}`);
  }
  const given = [`"model_name":${JSON.stringify(name)}`, `"model_version":"${version.version}"`];
  if (id !== undefined) given.push(`"id":${JSON.stringify(id)}`);
  given.push(`"outputs":[${parts.join(',')}]`);
  return ok({ json: `{${given.join(',')}}`, tail });
}

/** Null where a value is not finite: JSON has no such numbers. Integers are whole, however large. */
function jsonOf(tensor: Tensor): string | null {
  const numbers = jsonNumbers(tensor);
  const isFinite = numbers.every((one) => one !== null && !String(one).endsWith('Infinity'));
  return isFinite ? `[${numbers.map(String).join(',')}]` : null;
}

const notFinite = (output: string): Problem => ({
  code: 'output-not-finite',
  detail: `output "${output}" has values that JSON has no numbers for`,
  expected: 'finite values',
  fix: 'ask for it as bytes: parameters {"binary_data": true}',
});
