/**
 * The element types of ONNX (`TensorProto.DataType`) and which of them protocol v1 carries.
 *
 * Numbers and names are the specification's (onnx/onnx docs/IR.md). A type we do not carry still has a
 * name, so that a refusal can say it.
 */
import type { Dtype } from '../tensor.ts';

interface DataType {
  readonly name: string;
  /** Absent where protocol v1 has no such dtype. */
  readonly dtype?: Dtype;
}

const DATA_TYPES: Readonly<Record<number, DataType>> = {
  1: { name: 'float', dtype: 'F32' },
  2: { name: 'uint8', dtype: 'U8' },
  3: { name: 'int8', dtype: 'I8' },
  4: { name: 'uint16' },
  5: { name: 'int16' },
  6: { name: 'int32', dtype: 'I32' },
  7: { name: 'int64', dtype: 'I64' },
  8: { name: 'string' },
  9: { name: 'bool', dtype: 'BOOL' },
  10: { name: 'float16', dtype: 'F16' },
  11: { name: 'double', dtype: 'F64' },
  12: { name: 'uint32', dtype: 'U32' },
  13: { name: 'uint64' },
  14: { name: 'complex64' },
  15: { name: 'complex128' },
  16: { name: 'bfloat16' },
  17: { name: 'float8e4m3fn' },
  18: { name: 'float8e4m3fnuz' },
  19: { name: 'float8e5m2' },
  20: { name: 'float8e5m2fnuz' },
  21: { name: 'uint4' },
  22: { name: 'int4' },
  23: { name: 'float4e2m1' },
};

/** Null where protocol v1 does not carry the type, or the number is unknown. */
export const dtypeOfDataType = (dataType: number): Dtype | null =>
  DATA_TYPES[dataType]?.dtype ?? null;

export const nameOfDataType = (dataType: number): string =>
  DATA_TYPES[dataType]?.name ?? `data type ${dataType}`;

export function dataTypeOf(dtype: Dtype): number {
  return Number(Object.entries(DATA_TYPES).find(([, type]) => type.dtype === dtype)![0]);
}
