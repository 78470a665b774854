/**
 * The element types of ONNX (`TensorProto.DataType`) and which of them protocol v1 carries.
 *
 * Numbers and names are the specification's (onnx/onnx docs/IR.md). A type we do not carry still has a
 * name, so that a refusal can say it.
 */
import type { Dtype } from '../tensor.ts';

interface DataType {
  readonly name: string;
  /** Of one element in memory; absent where elements differ in size. */
  readonly bits?: number;
  /** Absent where protocol v1 has no such dtype. */
  readonly dtype?: Dtype;
}

const DATA_TYPES: Readonly<Record<number, DataType>> = {
  1: { name: 'float', bits: 32, dtype: 'F32' },
  2: { name: 'uint8', bits: 8, dtype: 'U8' },
  3: { name: 'int8', bits: 8, dtype: 'I8' },
  4: { name: 'uint16', bits: 16 },
  5: { name: 'int16', bits: 16 },
  6: { name: 'int32', bits: 32, dtype: 'I32' },
  7: { name: 'int64', bits: 64, dtype: 'I64' },
  8: { name: 'string' },
  9: { name: 'bool', bits: 8, dtype: 'BOOL' },
  10: { name: 'float16', bits: 16, dtype: 'F16' },
  11: { name: 'double', bits: 64, dtype: 'F64' },
  12: { name: 'uint32', bits: 32, dtype: 'U32' },
  13: { name: 'uint64', bits: 64 },
  14: { name: 'complex64', bits: 64 },
  15: { name: 'complex128', bits: 128 },
  16: { name: 'bfloat16', bits: 16 },
  17: { name: 'float8e4m3fn', bits: 8 },
  18: { name: 'float8e4m3fnuz', bits: 8 },
  19: { name: 'float8e5m2', bits: 8 },
  20: { name: 'float8e5m2fnuz', bits: 8 },
  21: { name: 'uint4', bits: 4 },
  22: { name: 'int4', bits: 4 },
  23: { name: 'float4e2m1', bits: 4 },
};

/** Null where protocol v1 does not carry the type, or the number is unknown. */
export const dtypeOfDataType = (dataType: number): Dtype | null =>
  DATA_TYPES[dataType]?.dtype ?? null;

export const nameOfDataType = (dataType: number): string =>
  DATA_TYPES[dataType]?.name ?? `data type ${dataType}`;

/** Bytes of `elements` packed elements; null where that is not known from the type alone. */
export function bytesOfElements(dataType: number, elements: number): number | null {
  const bits = DATA_TYPES[dataType]?.bits;
  return bits === undefined ? null : Math.ceil((bits * elements) / 8);
}

export function dataTypeOf(dtype: Dtype): number {
  return Number(Object.entries(DATA_TYPES).find(([, type]) => type.dtype === dtype)![0]);
}
