/**
 * Files of tensors: `.npy` (one array), `.npz` and `.safetensors` (several), chosen by the file's ending.
 *
 * Bytes in, bytes out: the disk is `wholeFile.ts`.
 */
import { MAX_TENSORS_PER_FILE, MAX_TENSOR_NAME_CHARS } from '../../shared/limits.ts';
import { ok, type Result } from '../../shared/result.ts';
import { decodeTensors, encodeTensors } from '../../shared/safetensors.ts';
import type { NamedTensors, Tensor } from '../../shared/tensor.ts';
import { fileProblem, type FileProblem } from './fileProblem.ts';
import { decodeNpy, encodeNpy } from './npy.ts';
import { readZip, writeZip } from './zip.ts';

export const TENSOR_FILE_KINDS = ['.npy', '.npz', '.safetensors'] as const;
export type TensorFileKind = (typeof TENSOR_FILE_KINDS)[number];

/** By the ending, in any case; null where it is none of ours. */
export function tensorFileKind(path: string): TensorFileKind | null {
  const ending = endingOf(path);
  return TENSOR_FILE_KINDS.find((kind) => kind === ending) ?? null;
}

/** The name under which `decodeTensorFile` gives a `.npy` file's array: the file has none itself. */
export const npyArrayName = (path: string): string =>
  path.replace(/^.*[/\\]/, '').replace(/\.npy$/i, '');

const endingOf = (path: string): string =>
  /[^/\\](\.[^./\\]*)$/.exec(path)?.[1]?.toLowerCase() ?? '';

/** `path` decides the layout and names the file in problems; nothing is read from disk. */
export function decodeTensorFile(
  bytes: Uint8Array,
  path: string,
): Result<NamedTensors, FileProblem> {
  const kind = tensorFileKind(path);
  switch (kind) {
    case '.npy': {
      const tensor = decodeNpy(bytes, path);
      return tensor.ok ? ok({ [npyArrayName(path)]: tensor.value }) : tensor;
    }
    case '.npz':
      return decodeNpz(bytes, path);
    case '.safetensors': {
      const tensors = decodeTensors(bytes);
      if (tensors.ok) return tensors;
      const { expected, came } = tensors.error;
      return fileProblem(path, expected, came, 'write the file again with a safetensors library');
    }
    case null:
      return unknownEnding(path);
    default:
      return kind satisfies never;
  }
}

/** The bytes of a file at `path`. A `.npy` file takes exactly one tensor. */
export function encodeTensorFile(
  tensors: NamedTensors,
  path: string,
): Result<Uint8Array, FileProblem> {
  const kind = tensorFileKind(path);
  const names = Object.keys(tensors);
  switch (kind) {
    case '.npy': {
      const only = tensors[names[0] ?? ''];
      if (names.length === 1 && only !== undefined) return ok(encodeNpy(only));
      const came = `${names.length}: ${names.join(', ')}`;
      return fileProblem(path, 'one tensor for a .npy file', came, 'name the file .npz');
    }
    case '.npz':
      return ok(
        writeZip(names.map((name) => ({ name: `${name}.npy`, bytes: encodeNpy(tensors[name]!) }))),
      );
    case '.safetensors':
      return ok(encodeTensors(tensors));
    case null:
      return unknownEnding(path);
    default:
      return kind satisfies never;
  }
}

function decodeNpz(bytes: Uint8Array, path: string): Result<NamedTensors, FileProblem> {
  const members = readZip(bytes, path);
  if (!members.ok) return members;
  const tensors = Object.create(null) as Record<string, Tensor>;
  for (const { name, bytes: member } of members.value) {
    const where = `${path} (${name})`;
    if (!name.endsWith('.npy')) {
      const fix = 'write the archive with numpy.savez';
      return fileProblem(where, 'members that end in .npy', name, fix);
    }
    const key = name.slice(0, -'.npy'.length);
    if (key.length === 0 || key.length > MAX_TENSOR_NAME_CHARS || key in tensors) {
      const expected = `distinct names of 1 to ${MAX_TENSOR_NAME_CHARS} characters`;
      return fileProblem(where, expected, `"${key.slice(0, 80)}"`, 'rename the array');
    }
    const tensor = decodeNpy(member, where);
    if (!tensor.ok) return tensor;
    tensors[key] = tensor.value;
  }
  if (Object.keys(tensors).length === 0) {
    const expected = `1 to ${MAX_TENSORS_PER_FILE} arrays`;
    return fileProblem(path, expected, 'an empty archive', 'save at least one array');
  }
  return ok(tensors);
}

const unknownEnding = (path: string): Result<never, FileProblem> =>
  fileProblem(
    path,
    `a file that ends in ${TENSOR_FILE_KINDS.join(', ')}`,
    endingOf(path) === '' ? 'no ending' : `"${endingOf(path)}"`,
    'convert the data with NumPy (numpy.save, numpy.savez) or safetensors',
  );
