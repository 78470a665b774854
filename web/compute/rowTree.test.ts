import { describe, expect, it } from 'vitest';
import { merkleTree } from '../../shared/merkle.ts';
import { itemChunks } from '../../shared/program.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { rowTree } from './rowTree.ts';

const rows = (count: number, length: number) => ({
  b: tensorOf(
    'F32',
    [count, length],
    new Float32Array(count * length).map((_, i) => i % 251),
  ),
  a: tensorOf('F32', [count], new Float32Array(count).fill(count)),
});

describe('the tree of rows', () => {
  it.each([
    [1, 1],
    [7, 1],
    [1, 4096],
    [16, 4096],
    [37, 4096],
  ])('%i rows of %i numbers have the same tree, whoever hashes them', async (count, length) => {
    const tensors = rows(count, length);
    const expected = merkleTree(itemChunks(tensors, count));
    let asked = 0;
    const digest = async (message: Uint8Array<ArrayBuffer>): Promise<Uint8Array> => {
      asked += 1;
      return new Uint8Array(await crypto.subtle.digest('SHA-256', message));
    };
    expect(await rowTree(tensors, count, {})).toEqual(expected);
    expect(await rowTree(tensors, count, { digest })).toEqual(expected);
    expect(asked).toBe(length > 1 ? count : 0);
  });
});
