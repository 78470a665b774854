/**
 * The files in which a model keeps its weights, when they lie beside it.
 *
 * A model names its files itself, so every name is checked: inside the model's own folder, links followed, and long
 * enough for what is said to be in it. Nothing is read before it is asked for.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { MAX_EXTERNAL_BYTES } from '../../shared/limits.ts';
import {
  externalPlace,
  externalTensors,
  type ExternalPlace,
} from '../../shared/onnx/externalData.ts';
import type { OnnxModel } from '../../shared/onnx/graph.ts';
import { assert, fail, messageOf, ok, type Result } from '../../shared/result.ts';
import { formatBytes } from '../../shared/units.ts';
import { fileProblem, type FileProblem } from './fileProblem.ts';

export interface ExternalWeights {
  /** All weights in other files together; 0 where there are none. */
  readonly totalBytes: number;
  /** A new array with the bytes at a place of this model. Throws what reading throws. */
  read(place: ExternalPlace): Uint8Array;
}

export async function externalWeights(
  modelPath: string,
  model: OnnxModel,
): Promise<Result<ExternalWeights, FileProblem>> {
  const paths = new Map<string, string>();
  const sizes = new Map<string, number>();
  let totalBytes = 0;
  for (const tensor of externalTensors(model.proto)) {
    const place = externalPlace(tensor);
    if (!place.ok) {
      const { expected, came } = place.error;
      return fileProblem(modelPath, expected, came, 'save the model anew');
    }
    const { location, offset, length } = place.value;
    if (!paths.has(location)) {
      const found = await insideFolder(modelPath, location);
      if (!found.ok) return found;
      paths.set(location, found.value.path);
      sizes.set(location, found.value.bytes);
    }
    if (offset + length > sizes.get(location)!) {
      const expected = `${offset + length} bytes at least, for "${tensor.name}"`;
      const fix = 'get the file again: it is cut short, or of another model';
      return fileProblem(paths.get(location)!, expected, `${sizes.get(location)}`, fix);
    }
    totalBytes += length;
  }
  if (totalBytes > MAX_EXTERNAL_BYTES) {
    const expected = `weights of at most ${formatBytes(MAX_EXTERNAL_BYTES)}`;
    return fileProblem(modelPath, expected, formatBytes(totalBytes), 'use a smaller model');
  }
  return ok({ totalBytes, read: (place) => readPlace(paths.get(place.location), place) });
}

async function insideFolder(
  modelPath: string,
  location: string,
): Promise<Result<{ path: string; bytes: number }, FileProblem>> {
  try {
    const folder = await realpath(dirname(modelPath));
    const path = await realpath(join(folder, location));
    if (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      const expected = "weights inside of the model's own folder";
      return fileProblem(modelPath, expected, location, 'put the file beside the model');
    }
    const found = await stat(path);
    if (found.isFile()) return ok({ path, bytes: found.size });
    return fileProblem(path, 'a file of weights', 'something else', 'put the file there');
  } catch (thrown) {
    const expected = `the file "${location}" beside it, which holds weights`;
    return fail({
      kind: 'file-problem',
      file: modelPath,
      expected,
      came: messageOf(thrown, 200),
      fix: 'put the file beside the model',
    });
  }
}

function readPlace(path: string | undefined, { offset, length }: ExternalPlace): Uint8Array {
  assert(path !== undefined, 'externalWeights: a place of another model');
  const bytes = new Uint8Array(length);
  const file = openSync(path, 'r');
  try {
    for (let at = 0; at < length;) {
      const count = readSync(file, bytes, at, length - at, offset + at);
      if (count === 0) throw new Error(`${path} became shorter while it was read`);
      at += count;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
