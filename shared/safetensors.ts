/**
 * The safetensors layout: u64 header length, JSON header, raw data (github.com/huggingface/safetensors).
 *
 * Encoding pads the header to 8 bytes and lays wide dtypes first, so that every tensor of a decoded
 * buffer is aligned and decoding copies nothing. Decoding trusts nothing: overlapping, absent or
 * surplus bytes, unknown dtypes and oversized headers are values of `TensorFileError`.
 */
import {
  MAX_TENSOR_HEADER_BYTES,
  MAX_TENSOR_NAME_CHARS,
  MAX_TENSOR_RANK,
  MAX_TENSORS_PER_FILE,
} from './limits.ts';
import { assert, fail, ok, type Result } from './result.ts';
import {
  BYTES_PER_ELEMENT,
  DTYPES,
  byteLengthOf,
  type Dtype,
  type NamedTensors,
  type Tensor,
} from './tensor.ts';

export interface TensorFileError {
  readonly kind: 'malformed-tensors';
  readonly expected: string;
  readonly came: string;
}

const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
/** The layout's own word in the header: no tensor can be called so. */
export const METADATA_KEY = '__metadata__';

/** Bytes of a safetensors file holding the tensors. The order of names does not change the bytes. */
export function encodeTensors(tensors: NamedTensors): Uint8Array<ArrayBuffer> {
  const parts = tensorFileParts(tensors);
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.byteLength;
  }
  return file;
}

/** The same file in pieces, one after another: its head, then the tensors' own bytes, uncopied. */
export function tensorFileParts(tensors: NamedTensors): Uint8Array[] {
  const names = Object.keys(tensors).sort(
    (a, b) =>
      BYTES_PER_ELEMENT[tensors[b]!.dtype] - BYTES_PER_ELEMENT[tensors[a]!.dtype] ||
      (a < b ? -1 : 1),
  );
  assert(!Object.hasOwn(tensors, METADATA_KEY), `encodeTensors: no name is ${METADATA_KEY}`);
  // Without a prototype: a tensor may be called `__proto__`.
  const header = Object.create(null) as Record<string, unknown>;
  let offset = 0;
  for (const name of names) {
    const { dtype, dims, bytes } = tensors[name]!;
    header[name] = { dtype, shape: dims, data_offsets: [offset, offset + bytes.byteLength] };
    offset += bytes.byteLength;
  }
  let json = JSON.stringify(header);
  const headerBytes = new TextEncoder().encode(json).byteLength;
  json += ' '.repeat((ALIGNMENT - (headerBytes % ALIGNMENT)) % ALIGNMENT);
  const encoded = new TextEncoder().encode(json);
  const head = new Uint8Array(LENGTH_BYTES + encoded.byteLength);
  new DataView(head.buffer).setBigUint64(0, BigInt(encoded.byteLength), true);
  head.set(encoded, LENGTH_BYTES);
  return [head, ...names.map((name) => tensors[name]!.bytes)];
}

/** Tensors as views of `file`. The header must describe every byte of the data exactly once. */
export function decodeTensors(file: Uint8Array): Result<NamedTensors, TensorFileError> {
  const layout = tensorLayout(file, file.byteLength);
  if (!layout.ok) return layout;
  const tensors = Object.create(null) as Record<string, Tensor>;
  for (const { name, dtype, dims, start, end } of layout.value) {
    tensors[name] = { dtype, dims, bytes: file.subarray(start, end) };
  }
  return ok(tensors);
}

/** Where one tensor lies in a file: bytes `[start, end)` from the file's beginning. */
export interface TensorPlace {
  readonly name: string;
  readonly dtype: Dtype;
  readonly dims: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** First bytes of a file that certainly hold its whole header. */
export const TENSOR_HEAD_BYTES = LENGTH_BYTES + MAX_TENSOR_HEADER_BYTES;

/** The layout of a file of `fileBytes` bytes that begins with `head`, for reading parts of it. */
export function tensorLayout(
  head: Uint8Array,
  fileBytes: number,
): Result<TensorPlace[], TensorFileError> {
  if (head.byteLength < LENGTH_BYTES) {
    return malformed(`at least ${LENGTH_BYTES} bytes`, `${head.byteLength} bytes`);
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > BigInt(MAX_TENSOR_HEADER_BYTES)) {
    return malformed(`a header of at most ${MAX_TENSOR_HEADER_BYTES} bytes`, `${headerBytes}`);
  }
  const dataStart = LENGTH_BYTES + Number(headerBytes);
  if (dataStart > head.byteLength) {
    return malformed(`${headerBytes} header bytes`, `a file of ${fileBytes} bytes`);
  }
  const header = parseHeader(head.subarray(LENGTH_BYTES, dataStart));
  if (!header.ok) return header;

  const places: TensorPlace[] = [];
  const dataBytes = fileBytes - dataStart;
  let next = 0;
  for (const entry of [...header.value].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const { name, dtype, dims, begin, end } = entry;
    if (begin !== next) {
      return malformed(`"${name}" to begin at byte ${next}, with no hole or overlap`, `${begin}`);
    }
    const length = byteLengthOf({ dtype, dims });
    if (end - begin !== length) {
      return malformed(`${length} bytes for "${name}" ${dtype}[${dims}]`, `${end - begin}`);
    }
    if (end > dataBytes) {
      return malformed(`${end} bytes of data`, `${dataBytes} (the file is truncated)`);
    }
    places.push({ name, dtype, dims, start: dataStart + begin, end: dataStart + end });
    next = end;
  }
  return next === dataBytes
    ? ok(places)
    : malformed(`${next} bytes of data, as the header says`, `${dataBytes}`);
}

/** One header line of a safetensors file, checked. */
interface HeaderEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly dims: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function parseHeader(bytes: Uint8Array): Result<HeaderEntry[], TensorFileError> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return malformed('a JSON header', 'bytes that are not JSON');
  }
  if (!isRecord(parsed)) return malformed('a JSON object as header', typeof parsed);
  const names = Object.keys(parsed).filter((name) => name !== METADATA_KEY);
  if (names.length > MAX_TENSORS_PER_FILE) {
    return malformed(`at most ${MAX_TENSORS_PER_FILE} tensors`, `${names.length}`);
  }
  const entries: HeaderEntry[] = [];
  for (const name of names) {
    if (name.length === 0 || name.length > MAX_TENSOR_NAME_CHARS) {
      return malformed(`names of 1 to ${MAX_TENSOR_NAME_CHARS} characters`, `${name.length}`);
    }
    const entry = parsed[name];
    if (!isRecord(entry)) return malformed(`an object for "${name}"`, typeof entry);
    const dtype = DTYPES.find((known) => known === entry['dtype']);
    if (dtype === undefined) {
      return malformed(`a dtype of ${DTYPES.join(', ')} for "${name}"`, shown(entry['dtype']));
    }
    const dims = entry['shape'];
    if (!isSizes(dims) || dims.length > MAX_TENSOR_RANK) {
      return malformed(`a shape of at most ${MAX_TENSOR_RANK} sizes for "${name}"`, shown(dims));
    }
    const offsets = entry['data_offsets'];
    if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
      return malformed(`data_offsets [begin, end] for "${name}"`, shown(offsets));
    }
    entries.push({ name, dtype, dims, begin: offsets[0]!, end: offsets[1]! });
  }
  return ok(entries);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 100);

const malformed = (expected: string, came: string): Result<never, TensorFileError> =>
  fail({ kind: 'malformed-tensors', expected, came });
