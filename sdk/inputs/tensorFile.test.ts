/**
 * Files of tensors on a real disk: round trips, atomic writing, and problems that say what to do.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tensorOf, type NamedTensors } from '../../shared/tensor.ts';
import { describeFileProblem } from './fileProblem.ts';
import { tensorFileKind } from './tensorFile.ts';
import { readTensorFile, writeTensorFile } from './wholeFile.ts';

let folder = '';
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tensor-file-'))));
afterEach(async () => rm(folder, { recursive: true, force: true }));

const two: NamedTensors = {
  a: tensorOf('F32', [2, 2], Float32Array.of(1, 2, 3, 4)),
  b: tensorOf('I64', [2], BigInt64Array.of(5n, -6n)),
};
const plain = (tensors: NamedTensors) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, t]) => [name, [t.dtype, t.dims, [...t.bytes]]]),
  );
async function problemOf(path: string): Promise<string> {
  const read = await readTensorFile(path);
  return read.ok ? 'accepted' : describeFileProblem(read.error);
}

describe('tensor files', () => {
  it('takes the kind from the ending, in any case', () => {
    expect(['a.NPY', 'b.npz', 'c.d/e.safetensors', 'f', 'g.png'].map(tensorFileKind)).toEqual([
      '.npy',
      '.npz',
      '.safetensors',
      null,
      null,
    ]);
  });

  it.each(['out.npz', 'out.safetensors'])('keeps several tensors through %s', async (file) => {
    const path = join(folder, file);
    expect((await writeTensorFile(path, two)).ok).toBe(true);
    const read = await readTensorFile(path);
    if (!read.ok) throw new Error(describeFileProblem(read.error));
    expect(plain(read.value)).toEqual(plain(two));
  });

  it('keeps one tensor through .npy, under the name of the file', async () => {
    const path = join(folder, 'out.npy');
    expect((await writeTensorFile(path, { a: two['a']! })).ok).toBe(true);
    const read = await readTensorFile(path);
    if (!read.ok) throw new Error(describeFileProblem(read.error));
    expect(plain(read.value)).toEqual(plain({ out: two['a']! }));
  });

  it('replaces a file whole, and leaves nothing else behind', async () => {
    const path = join(folder, 'out.npz');
    await writeFile(path, 'old');
    expect((await writeTensorFile(path, two)).ok).toBe(true);
    expect(await readdir(folder)).toEqual(['out.npz']);
    expect((await readFile(path)).subarray(0, 2).toString()).toBe('PK');
  });

  it('leaves the old file and no part of the new one where writing fails', async () => {
    const path = join(folder, 'out.npy');
    await writeFile(path, 'old');
    const refused = await writeTensorFile(path, two);
    expect(refused.ok ? 'written' : refused.error.fix).toContain('.npz');
    const absent = await writeTensorFile(join(folder, 'none', 'out.npz'), two);
    expect(absent.ok ? 'written' : absent.error.fix).toContain('folder exists');
    expect(await readdir(folder)).toEqual(['out.npy']);
    expect(await readFile(path, 'utf8')).toBe('old');
  });

  it('says what is wrong with a file, and what to do', async () => {
    expect(await problemOf(join(folder, 'none.npy'))).toContain('check the path');
    expect(await problemOf(join(folder, 'none.png'))).toContain('readable file');
    await writeFile(join(folder, 'a.png'), 'x');
    expect(await problemOf(join(folder, 'a.png'))).toContain('numpy.save');
    await writeFile(join(folder, 'a.npy'), 'not an array');
    expect(await problemOf(join(folder, 'a.npy'))).toContain('numpy.save');
    await writeFile(join(folder, 'a.npz'), 'not an archive');
    expect(await problemOf(join(folder, 'a.npz'))).toContain('end record');
    await writeFile(join(folder, 'a.safetensors'), Buffer.alloc(16));
    expect(await problemOf(join(folder, 'a.safetensors'))).toContain('safetensors');
  });
});
