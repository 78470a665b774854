/**
 * The gradients against finite differences, and the ONNX form against the network itself.
 */
import * as ort from 'onnxruntime-web/wasm';
import { describe, expect, test } from 'vitest';
import { digitSet, PIXELS } from './digitImages.ts';
import { digitModel } from './digitModel.ts';
import {
  initialParameters,
  Network,
  PARAMETER_NAMES,
  zeroParameters,
  type Parameters,
} from './network.ts';
import { seeded } from './random.ts';

// Starting workers and models takes as long as the machine is busy.
ort.env.wasm.numThreads = 1;

const { images, labels } = digitSet(4, seeded(1));
const imageOf = (i: number) => images.subarray(i * PIXELS, (i + 1) * PIXELS);

function lossAt(parameters: Parameters): number {
  return new Network(parameters).backward(imageOf(0), labels[0]!, zeroParameters());
}

/** Central difference over a step that f32 sums can resolve. */
function slope(parameters: Parameters, name: keyof Parameters, index: number): number {
  const step = 1e-3;
  const values = parameters[name];
  const before = values[index]!;
  values[index] = before + step;
  const above = lossAt(parameters);
  values[index] = before - step;
  const below = lossAt(parameters);
  values[index] = before;
  return (above - below) / (2 * step);
}

describe('backward', () => {
  const parameters = initialParameters(seeded(2));
  // With biases of zero, blank paper lies exactly on the edge of ReLU, where there is no slope.
  const bend = seeded(4);
  for (const name of ['bias1', 'bias2', 'bias3'] as const) {
    parameters[name].forEach((_, i) => (parameters[name][i] = bend.between(0.05, 0.3)));
  }
  const gradients = zeroParameters();
  new Network(parameters).backward(imageOf(0), labels[0]!, gradients);

  test.each(PARAMETER_NAMES)('the gradient of %s is the slope of the loss', (name) => {
    const random = seeded(3);
    // The largest ones: there a difference is not lost in rounding. And some at random.
    const order = [...gradients[name].keys()].sort(
      (a, b) => Math.abs(gradients[name][b]!) - Math.abs(gradients[name][a]!),
    );
    const some = Array.from({ length: 4 }, () => random.below(order.length));
    const checked = [...order.slice(0, 6), ...some];
    const scale = Math.abs(gradients[name][order[0]!]!);
    expect(scale).toBeGreaterThan(0);
    for (const index of checked) {
      const difference = Math.abs(gradients[name][index]! - slope(parameters, name, index));
      // A step may carry a max or a ReLU over its edge; a wrong gradient is off by its whole size.
      expect(difference / scale, `${name}[${index}]`).toBeLessThan(0.05);
    }
  });

  test('gradients add up over samples', () => {
    const sum = zeroParameters();
    const network = new Network(parameters);
    network.backward(imageOf(0), labels[0]!, sum);
    network.backward(imageOf(0), labels[0]!, sum);
    expect(sum.dense[100]).toBeCloseTo(2 * gradients.dense[100]!, 5);
  });
});

test('the ONNX model computes the same scores, whatever the batch', async () => {
  const parameters = initialParameters(seeded(5));
  const session = await ort.InferenceSession.create(digitModel(parameters, 'test'));
  const network = new Network(parameters);
  const image = new ort.Tensor('float32', images, [4, 1, 28, 28]);
  const { logits } = await session.run({ image });
  expect(logits!.dims).toEqual([4, 10]);
  const scores = logits!.data as Float32Array;
  for (let i = 0; i < 4; i++) {
    const own = network.forward(imageOf(i));
    for (let c = 0; c < 10; c++) expect(scores[i * 10 + c]).toBeCloseTo(own[c]!, 4);
  }
});

test('the same seed draws the same images, another seed others', () => {
  expect(digitSet(4, seeded(1)).images).toEqual(images);
  expect(digitSet(4, seeded(2)).images).not.toEqual(images);
  expect(Math.min(...images)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...images)).toBeLessThanOrEqual(1);
});
