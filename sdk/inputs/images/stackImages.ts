/**
 * Files of pictures as one stacked input: found by patterns, decoded one after the other, in the order of their
 * names.
 *
 * The same files give the same bytes on every machine. A file that cannot be used stops it, or is left out and named.
 */
import { stat } from 'node:fs/promises';
import { isAbsolute, sep } from 'node:path';
import { escapePath, glob } from 'tinyglobby';
import { MAX_BLOB_BYTES, MAX_IMAGES, MAX_IMAGE_FILE_BYTES } from '../../../shared/limits.ts';
import { ok, type Result } from '../../../shared/result.ts';
import type { Tensor } from '../../../shared/tensor.ts';
import { formatBytes } from '../../../shared/units.ts';
import { fileProblem, type FileProblem } from '../fileProblem.ts';
import { readWholeFile } from '../wholeFile.ts';
import { decodeImage } from './decodeImage.ts';
import './nodeCodecs.ts';
import { fitImage } from './fitImage.ts';
import { pixelValues, rowBytesOf } from './imageTensor.ts';
import type { Preprocessing } from './preprocessing.ts';

export interface StackOptions {
  readonly preprocessing: Preprocessing;
  readonly itemShape: readonly number[];
  /** Leaves out what cannot be used, and says so; else the first such file ends it. */
  readonly onBad: 'stop' | ((problem: FileProblem) => void);
  readonly onImage?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface StackedImages {
  readonly tensor: Tensor;
  /** Row i is this file, as the pattern found it. */
  readonly files: readonly string[];
}

/** Paths in code unit order, each once. A path that exists is itself, whatever signs it has; a folder is its images. */
export async function findImages(
  patterns: readonly string[],
): Promise<Result<readonly string[], FileProblem>> {
  const found = new Set<string>();
  for (const given of patterns) {
    const there = await stat(given).catch(() => null);
    const matches = there?.isFile() === true ? [given] : await matching(given, there !== null);
    if (matches.length === 0) {
      const fix = "check the folder, and put the pattern in quotes: 'photos/*.{png,jpg,webp}'";
      return fileProblem(given, 'at least one image', 'no file', fix);
    }
    for (const path of matches) found.add(path);
    if (found.size > MAX_IMAGES) {
      const fix = 'post them as several jobs';
      return fileProblem(given, `at most ${MAX_IMAGES} images`, `${found.size}`, fix);
    }
  }
  return ok([...found].sort());
}

function matching(given: string, isFolder: boolean): Promise<string[]> {
  const posix = sep === '\\' ? given.replaceAll('\\', '/') : given;
  const options = { onlyFiles: true, caseSensitiveMatch: false, absolute: isAbsolute(given) };
  if (!isFolder) return glob(posix, options);
  const inside = `${escapePath(posix).replace(/\/+$/, '')}/**/*.{png,jpg,jpeg,webp}`;
  return glob(inside, options);
}

export async function stackImages(
  files: readonly string[],
  { preprocessing, itemShape, onBad, onImage, signal }: StackOptions,
): Promise<Result<StackedImages, FileProblem>> {
  const rowBytes = rowBytesOf(preprocessing);
  if (files.length * rowBytes > MAX_BLOB_BYTES) {
    const most = Math.floor(MAX_BLOB_BYTES / rowBytes);
    const came = `${files.length}, ${formatBytes(files.length * rowBytes)} as the model takes them`;
    return fileProblem(files[0]!, `at most ${most} images`, came, 'post them as several jobs');
  }
  const bytes = new Uint8Array(files.length * rowBytes);
  const used: string[] = [];
  for (const [index, path] of files.entries()) {
    signal?.throwIfAborted();
    const row = await rowOf(path, preprocessing);
    if (row.ok) {
      bytes.set(row.value, used.length * rowBytes);
      used.push(path);
    } else if (onBad === 'stop') return row;
    else onBad(row.error);
    onImage?.(index + 1);
  }
  if (used.length === 0) {
    const fix = 'give PNG, JPEG or WebP images';
    return fileProblem(files[0]!, 'at least one image that can be used', 'none', fix);
  }
  const { dtype } = preprocessing;
  const whole = bytes.subarray(0, used.length * rowBytes);
  return ok({ tensor: { dtype, dims: [used.length, ...itemShape], bytes: whole }, files: used });
}

async function rowOf(path: string, how: Preprocessing): Promise<Result<Uint8Array, FileProblem>> {
  const file = await readWholeFile(path, MAX_IMAGE_FILE_BYTES);
  if (!file.ok) return file;
  const picture = await decodeImage(file.value, path);
  return picture.ok ? ok(pixelValues(await fitImage(picture.value, how), how)) : picture;
}
