/**
 * Tensors in fewer bits on the wire, where the author of a job allows it, with the error that it costs.
 *
 * `f32` sends everything as it is. `f16` halves f32 tensors; `int8` keeps one byte a value, with a scale and the 16
 * largest values of each row apart: a few channels of a residual stream are a hundred times the others, and one scale
 * for all would leave the others nothing (performance.md 2.5). Other dtypes pass unchanged. Invariant: what `unpack`
 * gives is what `pack` measured the error of.
 */
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import { fromHalfBits, toHalfBits } from '../../shared/float16.ts';
import {
  sameDims,
  tensorOf,
  valuesOf,
  type NamedTensors,
  type Tensor,
} from '../../shared/tensor.ts';

export const WIRE_ENCODINGS = ['f32', 'f16', 'int8'] as const;
export type WireEncoding = (typeof WIRE_ENCODINGS)[number];

/** Values of a row that are sent apart, in f16 with their place. */
export const OUTLIERS_PER_ROW = 16;
/** Places are sixteen bits. */
const MAX_ROW = 65_536;
/** Between a tensor's name and the part of it; no name of ONNX or ours ends so. */
const PARTS = { scales: '/int8.scales', places: '/int8.places', outliers: '/int8.outliers' };

export interface Packed {
  readonly tensors: NamedTensors;
  /** Names that `unpack` must turn back; goes with the message. */
  readonly encoded: Readonly<Record<string, 'f16' | 'int8'>>;
  /** ‖x − unpack(pack(x))‖ ÷ ‖x‖ over all that was encoded; infinite where a finite value became infinite. */
  readonly relativeL2: number;
}

/** Shares memory with `tensors` where nothing is encoded. */
export function packTensors(tensors: NamedTensors, encoding: WireEncoding): Packed {
  const packed: Record<string, Tensor> = {};
  const encoded: Record<string, 'f16' | 'int8'> = {};
  const error = { squares: 0, of: 0 };
  for (const [name, tensor] of Object.entries(tensors)) {
    const how = encodingFor(tensor, encoding);
    if (how === 'f32') {
      packed[name] = tensor;
      continue;
    }
    const values = valuesOf(tensor) as Float32Array;
    const parts = how === 'f16' ? halves(name, tensor, values) : bytes(name, tensor, values);
    Object.assign(packed, parts);
    encoded[name] = how;
    addError(error, values, how === 'f16' ? fromHalves(parts[name]!) : fromBytes(name, parts));
  }
  const relativeL2 = error.squares === 0 ? 0 : Math.sqrt(error.squares / error.of);
  return { tensors: packed, encoded, relativeL2: Number.isNaN(relativeL2) ? Infinity : relativeL2 };
}

function addError(
  error: { squares: number; of: number },
  values: Float32Array,
  back: Float32Array,
): void {
  let squares = 0;
  let of = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const other = back[i]!;
    // Infinity less itself is no number, and no error.
    const difference = value === other ? 0 : value - other;
    squares += difference * difference;
    of += value * value;
  }
  error.squares += squares;
  error.of += of;
}

export interface UnpackError {
  readonly kind: 'malformed-wire';
  readonly expected: string;
  readonly came: string;
}

/** Everything here came from a peer: parts that are absent or do not fit are values. */
export function unpackTensors(
  tensors: NamedTensors,
  encoded: Readonly<Record<string, 'f16' | 'int8'>>,
): Result<NamedTensors, UnpackError> {
  const unpacked: Record<string, Tensor> = { ...tensors };
  for (const [name, how] of Object.entries(encoded)) {
    const fault = how === 'f16' ? halvesFault(name, tensors) : bytesFault(name, tensors);
    if (fault !== null) return fail({ kind: 'malformed-wire', ...fault });
    const { dims } = tensors[name]!;
    const values = how === 'f16' ? fromHalves(tensors[name]!) : fromBytes(name, tensors);
    unpacked[name] = tensorOf('F32', dims, values);
    if (how === 'int8') for (const part of Object.values(PARTS)) delete unpacked[name + part];
  }
  return ok(unpacked);
}

/** Rows that are short gain nothing from a byte a value, and places in long ones do not fit. */
function encodingFor({ dtype, dims }: Tensor, wanted: WireEncoding): WireEncoding {
  if (dtype !== 'F32' || wanted === 'f32') return 'f32';
  const row = dims.at(-1) ?? 1;
  return wanted === 'int8' && row >= 8 * OUTLIERS_PER_ROW && row <= MAX_ROW ? 'int8' : 'f16';
}

const halves = (name: string, { dims }: Tensor, values: Float32Array): Record<string, Tensor> => ({
  [name]: tensorOf('F16', dims, toHalfBits(values)),
});

const fromHalves = (tensor: Tensor): Float32Array<ArrayBuffer> =>
  fromHalfBits(valuesOf(tensor) as Uint16Array);

function bytes(name: string, { dims }: Tensor, values: Float32Array): Record<string, Tensor> {
  const row = dims.at(-1)!;
  const rows = values.length / row;
  const quantised = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  const places = new Uint16Array(rows * OUTLIERS_PER_ROW);
  const outliers = new Float32Array(rows * OUTLIERS_PER_ROW);
  const rest = new Float32Array(row);
  for (let r = 0; r < rows; r++) {
    rest.set(values.subarray(r * row, (r + 1) * row));
    const apart = largestPlaces(rest);
    places.set(apart, r * OUTLIERS_PER_ROW);
    for (let k = 0; k < apart.length; k++) {
      outliers[r * OUTLIERS_PER_ROW + k] = rest[apart[k]!]!;
      rest[apart[k]!] = 0;
    }
    let largest = 0;
    for (let i = 0; i < row; i++) largest = Math.max(largest, Math.abs(rest[i]!));
    const scale = Math.fround(largest / 127);
    scales[r] = scale;
    if (scale === 0) continue;
    for (let i = 0; i < row; i++) quantised[r * row + i] = Math.round(rest[i]! / scale);
  }
  const outlierDims = [rows, OUTLIERS_PER_ROW];
  const u8 = (data: Uint16Array): Uint8Array => new Uint8Array(data.buffer);
  return {
    [name]: tensorOf('I8', dims, quantised),
    [name + PARTS.scales]: tensorOf('F32', [rows], scales),
    [name + PARTS.places]: tensorOf('U8', [rows, 2 * OUTLIERS_PER_ROW], u8(places)),
    [name + PARTS.outliers]: tensorOf('F16', outlierDims, toHalfBits(outliers)),
  };
}

function fromBytes(name: string, tensors: NamedTensors): Float32Array<ArrayBuffer> {
  const quantised = valuesOf(tensors[name]!) as Int8Array;
  const scales = valuesOf(tensors[name + PARTS.scales]!) as Float32Array;
  const outliers = fromHalves(tensors[name + PARTS.outliers]!);
  const placeBytes = new Uint8Array(tensors[name + PARTS.places]!.bytes);
  const places = new Uint16Array(placeBytes.buffer);
  const row = tensors[name]!.dims.at(-1)!;
  const values = new Float32Array(quantised.length);
  for (let r = 0; r < scales.length; r++) {
    const scale = scales[r]!;
    for (let i = r * row; i < (r + 1) * row; i++) values[i] = quantised[i]! * scale;
    for (let k = r * OUTLIERS_PER_ROW; k < (r + 1) * OUTLIERS_PER_ROW; k++) {
      values[r * row + places[k]!] = outliers[k]!;
    }
  }
  return values;
}

/** The places of the largest magnitudes, each once; a NaN counts as the largest. */
function largestPlaces(row: Float32Array): number[] {
  assert(row.length >= OUTLIERS_PER_ROW, 'largestPlaces: the row is too short');
  const places: number[] = [];
  const sizes: number[] = [];
  let least = -1;
  for (let place = 0; place < row.length; place++) {
    let size = Math.abs(row[place]!);
    if (size <= least) continue;
    if (size !== size) size = Infinity;
    let at = places.length;
    while (at > 0 && sizes[at - 1]! < size) at -= 1;
    places.splice(at, 0, place);
    sizes.splice(at, 0, size);
    if (places.length <= OUTLIERS_PER_ROW) continue;
    places.pop();
    sizes.pop();
    least = sizes[OUTLIERS_PER_ROW - 1]!;
  }
  return places;
}

type Fault = Pick<UnpackError, 'expected' | 'came'> | null;

const shownTensor = (tensor: Tensor | undefined): string =>
  tensor === undefined ? 'nothing' : `${tensor.dtype}[${tensor.dims.join(',')}]`;

function halvesFault(name: string, tensors: NamedTensors): Fault {
  const tensor = own(tensors, name);
  return tensor?.dtype === 'F16'
    ? null
    : { expected: `"${name}" in F16`, came: shownTensor(tensor) };
}

function bytesFault(name: string, tensors: NamedTensors): Fault {
  const tensor = own(tensors, name);
  const row = tensor?.dims.at(-1) ?? 0;
  if (tensor?.dtype !== 'I8' || row < OUTLIERS_PER_ROW || row > MAX_ROW) {
    return { expected: `"${name}" in I8, in rows`, came: shownTensor(tensor) };
  }
  const rows = tensor.bytes.byteLength / row;
  const parts = [
    [PARTS.scales, 'F32', [rows]],
    [PARTS.places, 'U8', [rows, 2 * OUTLIERS_PER_ROW]],
    [PARTS.outliers, 'F16', [rows, OUTLIERS_PER_ROW]],
  ] as const;
  for (const [part, dtype, dims] of parts) {
    const given = own(tensors, name + part);
    if (given?.dtype !== dtype || !sameDims(given.dims, dims)) {
      return { expected: `"${name + part}" as ${dtype}[${dims}]`, came: shownTensor(given) };
    }
  }
  const places = new Uint8Array(tensors[name + PARTS.places]!.bytes);
  const beyond = new Uint16Array(places.buffer).findIndex((place) => place >= row);
  return beyond < 0 ? null : { expected: `places within rows of ${row}`, came: 'one beyond' };
}

const own = (tensors: NamedTensors, name: string): Tensor | undefined =>
  Object.hasOwn(tensors, name) ? tensors[name] : undefined;
