/**
 * Trains the demo's digit model and writes everything the demo ships: `npx tsx sdk/demo/train.ts`.
 *
 * Every training image is drawn anew and seen once; the test images come from another seed. The same
 * machine and Node version give the same files; another engine's `Math.sin` may move a last bit.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeTensors } from '../../shared/safetensors.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { Adam } from './adam.ts';
import { digitSet, drawDigit, DIGITS, PIXELS, SIDE, type DigitSet } from './digitImages.ts';
import { digitModel } from './digitModel.ts';
import { initialParameters, Network, zeroParameters, type Parameters } from './network.ts';
import { seeded } from './random.ts';

const TRAINING_SEED = 20_261_120;
const TEST_SEED = 7;
const STEPS = 900;
const BATCH = 32;
const RATE = 2e-3;
/** Held-out images for the accuracy; the first ones are shipped. */
const TEST_IMAGES = 4096;
const SHIPPED_IMAGES = 512;

const DATA = fileURLToPath(new URL('./data/', import.meta.url));

function train(): Parameters {
  const random = seeded(TRAINING_SEED);
  const parameters = initialParameters(random);
  const network = new Network(parameters);
  const gradients = zeroParameters();
  const optimiser = new Adam();
  const image = new Float32Array(PIXELS);
  let loss = 0;
  for (let step = 0; step < STEPS; step++) {
    for (let i = 0; i < BATCH; i++) {
      const digit = random.below(DIGITS);
      drawDigit(digit, random, image);
      loss += network.backward(image, digit, gradients);
    }
    // half a cosine, from RATE to nothing
    const rate = (RATE * (1 + Math.cos((Math.PI * step) / STEPS))) / 2;
    optimiser.step(parameters, gradients, BATCH, rate);
    if ((step + 1) % 50 === 0) {
      console.log(`step ${step + 1} of ${STEPS}: mean loss ${(loss / (50 * BATCH)).toFixed(4)}`);
      loss = 0;
    }
  }
  return parameters;
}

function correct(network: Network, set: DigitSet, count: number): number {
  let right = 0;
  for (let i = 0; i < count; i++) {
    const scores = network.forward(set.images.subarray(i * PIXELS, (i + 1) * PIXELS));
    if (scores.indexOf(Math.max(...scores)) === set.labels[i]) right += 1;
  }
  return right;
}

const parameters = train();
const network = new Network(parameters);
const test = digitSet(TEST_IMAGES, seeded(TEST_SEED));
const rightOfAll = correct(network, test, TEST_IMAGES);
const rightOfShipped = correct(network, test, SHIPPED_IMAGES);
const made =
  `trained by sdk/demo/train.ts on ${STEPS * BATCH} drawn images (seed ${TRAINING_SEED}), ` +
  `tested on ${TEST_IMAGES} others (seed ${TEST_SEED})`;

mkdirSync(DATA, { recursive: true });
writeFileSync(`${DATA}digits.onnx`, digitModel(parameters, made));
const image = tensorOf(
  'F32',
  [SHIPPED_IMAGES, 1, SIDE, SIDE],
  test.images.slice(0, SHIPPED_IMAGES * PIXELS),
);
writeFileSync(`${DATA}digits.safetensors`, encodeTensors({ image }));
const labels = {
  made,
  testImages: TEST_IMAGES,
  testCorrect: rightOfAll,
  testAccuracy: rightOfAll / TEST_IMAGES,
  shippedImages: SHIPPED_IMAGES,
  shippedCorrect: rightOfShipped,
  shippedAccuracy: rightOfShipped / SHIPPED_IMAGES,
  labels: [...test.labels.subarray(0, SHIPPED_IMAGES)],
};
writeFileSync(`${DATA}labels.json`, `${JSON.stringify(labels)}\n`);
console.log(`${rightOfAll} of ${TEST_IMAGES} test images right (${rightOfShipped} shipped)`);
