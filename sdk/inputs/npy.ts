/**
 * NumPy's `.npy` layout, versions 1.0 to 3.0 (numpy/lib/format.py), to and from tensors.
 *
 * Bytes in, values out: no file system here. Big-endian and Fortran-ordered arrays become row-major
 * little-endian ones; what a tensor cannot hold exactly is refused, never rounded.
 */
import { MAX_TENSOR_RANK } from '../../shared/limits.ts';
import { assert, ok, type Result } from '../../shared/result.ts';
import { BYTES_PER_ELEMENT, byteLengthOf, type Dtype, type Tensor } from '../../shared/tensor.ts';
import { fileProblem, type FileProblem } from './fileProblem.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** NumPy pads the header so that the data starts at a multiple of 64: a file can be memory-mapped. */
const DATA_ALIGNMENT = 64;
/** NumPy itself refuses longer headers (numpy/lib/format.py `_MAX_HEADER_SIZE`). */
const MAX_HEADER_BYTES = 10_000;

/** NumPy's type code, without byte order, for each dtype. */
const CODE_OF: Readonly<Record<Dtype, string>> = {
  F32: 'f4',
  F16: 'f2',
  F64: 'f8',
  I8: 'i1',
  U8: 'u1',
  I32: 'i4',
  U32: 'u4',
  I64: 'i8',
  BOOL: 'b1',
};
const DTYPE_OF = new Map(Object.entries(CODE_OF).map(([dtype, code]) => [code, dtype as Dtype]));

/** What to convert a NumPy type to that has no tensor dtype. */
const CONVERSIONS: Readonly<Record<string, string>> = {
  i2: 'np.int32',
  u2: 'np.uint32',
  u8: 'np.int64',
};

/** The array in a `.npy` file's bytes; a view of them where no conversion was needed. */
export function decodeNpy(bytes: Uint8Array, file: string): Result<Tensor, FileProblem> {
  if (bytes.byteLength < 12 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    const fix = 'write the file with numpy.save, or name it by what it is (.npz, .safetensors)';
    return fileProblem(file, 'a .npy file (it begins with \\x93NUMPY)', 'other bytes', fix);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6]!;
  if (major < 1 || major > 3) {
    const fix = 'save it again with numpy.save of NumPy 1.9 or later';
    return fileProblem(file, '.npy version 1, 2 or 3', `version ${major}`, fix);
  }
  const prefix = major === 1 ? 10 : 12;
  const headerBytes = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerBytes > MAX_HEADER_BYTES || prefix + headerBytes > bytes.byteLength) {
    const expected = `a header of at most ${Math.min(MAX_HEADER_BYTES, bytes.byteLength)} bytes`;
    return fileProblem(file, expected, `${headerBytes} bytes`, TRUNCATED_FIX);
  }
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(
    bytes.subarray(prefix, prefix + headerBytes),
  );
  const header = parseHeader(text, file);
  if (!header.ok) return header;
  const { dtype, swap, fortran, dims } = header.value;
  const data = bytes.subarray(prefix + headerBytes);
  const expectedBytes = byteLengthOf({ dtype, dims });
  if (data.byteLength !== expectedBytes) {
    const expected = `${expectedBytes} bytes of data for ${dtype}[${dims}]`;
    return fileProblem(file, expected, `${data.byteLength}`, TRUNCATED_FIX);
  }
  const ordered = swap ? swapBytes(data, BYTES_PER_ELEMENT[dtype]) : data;
  const rows = fortran && dims.length > 1 ? toRowMajor(ordered, dims, dtype) : ordered;
  return ok({ dtype, dims, bytes: rows });
}

/** A version 1.0 `.npy` file, as `numpy.save` writes it. */
export function encodeNpy(tensor: Tensor): Uint8Array<ArrayBuffer> {
  const code = CODE_OF[tensor.dtype];
  const order = BYTES_PER_ELEMENT[tensor.dtype] === 1 ? '|' : '<';
  const shape = tensor.dims.length === 1 ? `(${tensor.dims[0]},)` : `(${tensor.dims.join(', ')})`;
  const dict = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': ${shape}, }`;
  const prefix = 10;
  const padded = Math.ceil((prefix + dict.length + 1) / DATA_ALIGNMENT) * DATA_ALIGNMENT - prefix;
  assert(padded <= 0xffff, 'encodeNpy: a header of at most 16 tensor axes fits version 1.0');
  const file = new Uint8Array(prefix + padded + tensor.bytes.byteLength);
  file.set([...MAGIC, 1, 0, padded & 0xff, padded >> 8]);
  file.set(new TextEncoder().encode(`${dict.padEnd(padded - 1)}\n`), prefix);
  file.set(tensor.bytes, prefix + padded);
  return file;
}

interface NpyHeader {
  readonly dtype: Dtype;
  /** The data is big-endian. */
  readonly swap: boolean;
  readonly fortran: boolean;
  readonly dims: readonly number[];
}

const TRUNCATED_FIX = 'the file is damaged or was cut short: save or copy it again';

/** The header is a Python dict literal; its three keys are looked for, in any order. */
function parseHeader(text: string, file: string): Result<NpyHeader, FileProblem> {
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(text)?.[1];
  const fortran = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /['"]shape['"]\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (fortran === undefined || shape === undefined || !/['"]descr['"]/.test(text)) {
    const expected = "a header with 'descr', 'fortran_order' and 'shape'";
    return fileProblem(file, expected, text.trim().slice(0, 100), TRUNCATED_FIX);
  }
  if (descr === undefined) {
    const fix = 'save each field of the structured array as an array of its own';
    return fileProblem(file, 'an array of one plain type', 'a structured array', fix);
  }
  const code = descr.replace(/^[<>|=]/, '').replace(/^\?$/, 'b1');
  const dtype = DTYPE_OF.get(code);
  if (dtype === undefined) {
    const fix = `convert it first: numpy.save(file, array.astype(${CONVERSIONS[code] ?? 'np.float32'}))`;
    const expected = `one of the types ${[...DTYPE_OF.keys()].join(', ')}`;
    return fileProblem(file, expected, `'${descr}'`, fix);
  }
  const dims = shape
    .split(',')
    .map((size) => size.trim().replace(/L$/, '')) // Python 2 wrote long integers as 3L
    .filter((size) => size !== '')
    .map((size) => (/^\d{1,15}$/.test(size) ? Number(size) : NaN));
  if (dims.length > MAX_TENSOR_RANK || dims.some((size) => !Number.isSafeInteger(size))) {
    const expected = `a shape of at most ${MAX_TENSOR_RANK} sizes`;
    return fileProblem(file, expected, `(${shape})`, 'reshape the array before saving it');
  }
  const swap = descr.startsWith('>') && BYTES_PER_ELEMENT[dtype] > 1;
  return ok({ dtype, swap, fortran: fortran === 'True', dims });
}

function swapBytes(data: Uint8Array, elementBytes: number): Uint8Array {
  const swapped = new Uint8Array(data.byteLength);
  for (let start = 0; start < data.byteLength; start += elementBytes) {
    for (let i = 0; i < elementBytes; i++) {
      swapped[start + i] = data[start + elementBytes - 1 - i]!;
    }
  }
  return swapped;
}

/** Column-major data of shape `dims` to row-major data of the same shape. */
function toRowMajor(data: Uint8Array, dims: readonly number[], dtype: Dtype): Uint8Array {
  const size = BYTES_PER_ELEMENT[dtype];
  const rows = new Uint8Array(data.byteLength);
  const strides = dims.map((_, axis) => dims.slice(0, axis).reduce((p, dim) => p * dim, size));
  const index = dims.map(() => 0);
  for (let at = 0; at < rows.byteLength; at += size) {
    let from = 0;
    for (let axis = 0; axis < dims.length; axis++) from += index[axis]! * strides[axis]!;
    for (let i = 0; i < size; i++) rows[at + i] = data[from + i]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      if (index[axis]! < dims[axis]!) break;
      index[axis] = 0;
    }
  }
  return rows;
}
