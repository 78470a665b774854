/** What an author's files say: which array is which input's, and whether it is the same for all items. */
import { describe, expect, it } from 'vitest';
import { encodeTensorFile } from '../../sdk/inputs/tensorFile.ts';
import { loadDigits } from '../../sdk/demo/digits.ts';
import type { OnnxValue } from '../../shared/onnx/graph.ts';
import { assert } from '../../shared/result.ts';
import { tensorOf } from '../../shared/tensor.ts';
import {
  givenByFile,
  itemCount,
  openInputs,
  readModelFile,
  readTensors,
  shapeText,
  submitOptions,
  type Given,
} from './draft.ts';

const x = tensorOf('F32', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
const scale = tensorOf('F32', [2], Float32Array.of(1, 2));
const value = (name: string, dims: OnnxValue['dims']): OnnxValue => ({
  name,
  dtype: 'F32',
  typeName: 'float',
  dims,
});
const given = (tensor: Given['tensor'], isConstant = false): Given => ({
  tensor,
  isConstant,
  from: 'a file',
});

describe('files', () => {
  it('a model is read with what it takes and gives, and anything else is told', async () => {
    const { model } = await loadDigits();
    const read = await readModelFile(new File([new Uint8Array(model)], 'digits.onnx'));
    assert(read.ok, 'it is a model');
    expect(read.value.inputs.map(shapeText)).toEqual(['F32[N, 1, 28, 28]']);
    expect(openInputs(read.value, {})).toEqual(['image']);
    const text = await readModelFile(new File(['no model'], 'notes.onnx'));
    expect(text).toMatchObject({ ok: false, error: { file: 'notes.onnx' } });
  });

  it('arrays are taken by their name, or where there is only one', async () => {
    const encoded = encodeTensorFile({ x, scale }, 'both.npz');
    assert(encoded.ok, 'it is encoded');
    const read = await readTensors(new File([new Uint8Array(encoded.value)], 'both.npz'));
    assert(read.ok, 'it is read');
    const two = { inputs: [value('x', ['N', 2]), value('scale', [2])] };
    const from = 'both.npz';
    const own = {
      x: { tensor: read.value['x'], isConstant: false, from },
      scale: { tensor: read.value['scale'], isConstant: true, from },
    };
    // Dropped for one input, it gives the other its own too.
    expect(givenByFile(two, 'x', read.value, from)).toEqual({
      ok: true,
      value: { ...own, scale: { ...own.scale, along: true } },
    });
    expect(givenByFile(two, 'scale', read.value, from)).toEqual({
      ok: true,
      value: { ...own, x: { ...own.x, along: true } },
    });
    // One array by another's name is for the input that it was dropped on, and no other.
    expect(givenByFile(two, 'x', { scale }, 'scale.npy')).toEqual({
      ok: true,
      value: { x: { tensor: scale, isConstant: false, from: 'scale.npy' } },
    });
    expect(givenByFile({ inputs: [value('y', ['N', 2])] }, 'y', read.value, from)).toMatchObject({
      error: { expected: 'an array "y"', came: 'x, scale' },
    });
    expect(givenByFile({ inputs: [value('y', ['N', 2])] }, 'y', { x }, 'x.npy')).toMatchObject({
      value: { y: { tensor: { dims: [3, 2] } } },
    });
  });
});

it.each([
  ['an array of an input’s own shape is the same for all items', [2], scale, true, true],
  ['unless it is the only input', [2], scale, false, false],
  ['an axis for items has items', ['N', 2], x, true, false],
  ['an axis of one, and an array of three, too', [1, 2], x, true, false],
  ['a shape that nobody says', null, x, true, false],
] as const)('%s', (_, dims, tensor, hasOther, isConstant) => {
  const inputs = [value('it', dims), ...(hasOther ? [value('other', ['N'])] : [])];
  const found = givenByFile({ inputs }, 'it', { it: tensor }, 'it.npy');
  expect(found).toMatchObject({ value: { it: { isConstant } } });
});

it('a submission holds what is stacked and what is constant apart', () => {
  const model = { name: 'm.onnx', bytes: new Uint8Array(1), inputs: [], outputs: [] };
  const inputs = { x: given(x), scale: given(scale, true) };
  expect(itemCount(inputs)).toBe(3);
  expect(itemCount({ scale: given(scale, true) })).toBeNull();
  expect(submitOptions(model, inputs, { name: 'a job', ratePercent: 100 })).toEqual({
    name: 'a job',
    ratePercent: 100,
    program: { onnx: model.bytes },
    inputs: { stacked: { x }, constant: { scale } },
  });
});
