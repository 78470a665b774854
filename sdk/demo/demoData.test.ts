/**
 * The shipped files against each other: the stated accuracy is computed again, with onnxruntime.
 */
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web/wasm';
import { expect, test } from 'vitest';
import { readModel } from '../../shared/onnx/graph.ts';
import { decodeTensors } from '../../shared/safetensors.ts';
import { valuesOf } from '../../shared/tensor.ts';

// Starting workers and models takes as long as the machine is busy.
ort.env.wasm.numThreads = 1;

const read = (name: string) => readFileSync(new URL(`./data/${name}`, import.meta.url));

interface Labels {
  readonly testImages: number;
  readonly testAccuracy: number;
  readonly shippedImages: number;
  readonly shippedCorrect: number;
  readonly labels: readonly number[];
}

const stated = JSON.parse(read('labels.json').toString()) as Labels;

test('the model takes image [N,1,28,28] and gives logits [N,10], in under 200 kB', () => {
  const bytes = read('digits.onnx');
  expect(bytes.byteLength).toBeLessThan(200_000);
  const model = readModel(bytes);
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  expect(model.value.inputs).toEqual([
    { name: 'image', dtype: 'F32', typeName: 'float', dims: ['N', 1, 28, 28] },
  ]);
  expect(model.value.outputs).toEqual([
    { name: 'logits', dtype: 'F32', typeName: 'float', dims: ['N', 10] },
  ]);
});

test('the shipped images are recognised exactly as often as stated', async () => {
  const tensors = decodeTensors(read('digits.safetensors'));
  if (!tensors.ok) throw new Error(JSON.stringify(tensors.error));
  const { dims } = tensors.value['image']!;
  expect(dims).toEqual([stated.shippedImages, 1, 28, 28]);
  expect(stated.labels).toHaveLength(stated.shippedImages);
  const session = await ort.InferenceSession.create(read('digits.onnx'));
  const image = new ort.Tensor('float32', valuesOf(tensors.value['image']!) as Float32Array, dims);
  const { logits } = await session.run({ image });
  const scores = logits!.data as Float32Array;
  const right = stated.labels.filter((label, i) => {
    const row = scores.subarray(i * 10, (i + 1) * 10);
    return row.indexOf(Math.max(...row)) === label;
  });
  expect(right.length).toBe(stated.shippedCorrect);
  // Ten digits: 10 % is chance. The README says what is right; here only that it is a real model.
  expect(stated.testAccuracy).toBeGreaterThan(0.95);
  expect(stated.testImages).toBeGreaterThanOrEqual(2048);
});
