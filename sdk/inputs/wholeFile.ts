/**
 * Whole files on the disk, and the tensors in them.
 *
 * Writing is atomic: a reader sees the old file or the whole new one, never a part.
 */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MAX_BLOB_BYTES } from '../../shared/limits.ts';
import { messageOf, ok, type Result } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { formatBytes } from '../../shared/units.ts';
import { fileProblem, type FileProblem } from './fileProblem.ts';
import { decodeTensorFile, encodeTensorFile } from './tensorFile.ts';

export async function readTensorFile(path: string): Promise<Result<NamedTensors, FileProblem>> {
  const bytes = await readWholeFile(path, MAX_BLOB_BYTES);
  return bytes.ok ? decodeTensorFile(bytes.value, path) : bytes;
}

/** A file's bytes, at most `maxBytes`. */
export async function readWholeFile(
  path: string,
  maxBytes: number,
): Promise<Result<Uint8Array, FileProblem>> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) {
      const fix = 'split the data over several jobs';
      return fileProblem(path, `at most ${formatBytes(maxBytes)}`, formatBytes(size), fix);
    }
    return ok(await readFile(path));
  } catch (thrown) {
    const fix = 'check the path and its permissions';
    return fileProblem(path, 'a readable file', messageOf(thrown), fix);
  }
}

/** Writes the whole file or nothing. */
export async function writeTensorFile(
  path: string,
  tensors: NamedTensors,
): Promise<Result<{ bytes: number }, FileProblem>> {
  const encoded = encodeTensorFile(tensors, path);
  return encoded.ok ? writeWholeFile(path, encoded.value) : encoded;
}

/** Writes the whole file or nothing: a temporary file beside it, flushed, then renamed. */
export async function writeWholeFile(
  path: string,
  bytes: Uint8Array | string,
): Promise<Result<{ bytes: number }, FileProblem>> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    const fix = 'check that the folder exists, is writable and has room';
    return fileProblem(path, 'to write the file', messageOf(thrown), fix);
  }
  return ok({ bytes: Buffer.byteLength(bytes) });
}
