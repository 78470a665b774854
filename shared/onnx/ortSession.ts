/**
 * Our tensors to and from onnxruntime's, for whichever onnxruntime-web build the caller loaded.
 *
 * The build is an argument: the browser worker takes the WebGPU or the WASM one, the coordinator's referee and
 * Node contributors the WASM one. ORT 1.30 is not re-entrant: the caller runs one session at a time.
 */
import type * as Ort from 'onnxruntime-common';
import type { ModelSession } from '../program.ts';
import {
  BYTES_PER_ELEMENT,
  type Dtype,
  type NamedTensors,
  type Tensor,
  valuesOf,
} from '../tensor.ts';

/** The part of an onnxruntime-web module that is used here. */
export type OrtModule = Pick<typeof Ort, 'InferenceSession' | 'Tensor'>;

const ORT_TYPE: Readonly<Record<Dtype, Ort.Tensor.Type>> = {
  F32: 'float32',
  F16: 'float16',
  F64: 'float64',
  I8: 'int8',
  U8: 'uint8',
  I32: 'int32',
  U32: 'uint32',
  I64: 'int64',
  BOOL: 'bool',
};
const DTYPE_OF: ReadonlyMap<string, Dtype> = new Map(
  Object.entries(ORT_TYPE).map(([dtype, type]) => [type, dtype as Dtype]),
);

/** Undefined where we do not carry onnxruntime's element type. */
export const dtypeOfOrt = (type: string): Dtype | undefined => DTYPE_OF.get(type);

/** Fetches only `outputs` where given. Throws what ORT throws; an output of a dtype we do not carry throws. */
export function modelSession(
  ort: OrtModule,
  session: Ort.InferenceSession,
  outputs: readonly string[] = session.outputNames,
): ModelSession {
  return {
    async run(feeds) {
      const results = await session.run(toOrt(ort, feeds), [...outputs]);
      const taken: Record<string, Tensor> = {};
      for (const name of outputs) taken[name] = fromOrt(name, results[name]!);
      return taken;
    },
  };
}

/** Feeds for a session of `ort`; misaligned tensors are copied. */
export function toOrt(ort: OrtModule, feeds: NamedTensors): Record<string, Ort.Tensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [
      name,
      new ort.Tensor(ORT_TYPE[tensor.dtype], valuesOf(tensor) as never, tensor.dims),
    ]),
  );
}

function fromOrt(name: string, tensor: Ort.Tensor): Tensor {
  const dtype = DTYPE_OF.get(tensor.type);
  if (dtype === undefined) throw new Error(`output "${name}" has the dtype ${tensor.type}`);
  const data = tensor.data as Uint8Array;
  const length = tensor.size * BYTES_PER_ELEMENT[dtype];
  return { dtype, dims: tensor.dims, bytes: new Uint8Array(data.buffer, data.byteOffset, length) };
}
