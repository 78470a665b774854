/**
 * Real models with inputs that are not constant: the project's own digit model, and the public ones where they are
 * beside the repository.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { noise } from '../../kernels/noise.ts';
import { withRandomWeights } from '../../shared/testing/reducedModel.ts';
import type { Tensor } from '../../shared/tensor.ts';
import { loadDigits, pickDigits } from '../../sdk/demo/digits.ts';
import { colourTensor, cropsOf, greyTensor, MODELS } from '../fixtures/pictures.ts';

export interface ModelCase {
  readonly name: string;
  readonly input: string;
  /** Of one run, which is one item. */
  readonly dims: readonly number[];
  /** Null where the file is absent. */
  readonly file: string | null;
  model(): Promise<Uint8Array>;
  /** `[items, ...]`; pictures are decoded in the page, which must have no other origin open. */
  items(page: Page, count: number): Promise<Tensor>;
}

const publicModel = (file: string): Promise<Uint8Array> => readFile(join(MODELS, file));

export const MODEL_CASES: readonly ModelCase[] = [
  {
    name: 'digits (the demo’s)',
    input: 'image',
    dims: [1, 1, 28, 28],
    file: null,
    model: async () => (await loadDigits()).model,
    items: async (_page, count) => pickDigits(await loadDigits(), count, 1).images,
  },
  {
    name: 'mnist',
    input: 'Input3',
    dims: [1, 1, 28, 28],
    file: 'mnist.onnx',
    model: () => publicModel('mnist.onnx'),
    items: async (page, count) => greyTensor(await cropsOf(page, count, 28, 28), 28, 28),
  },
  {
    name: 'ultraface-rfb-320',
    input: 'input',
    dims: [1, 3, 240, 320],
    file: 'ultraface-rfb-320.onnx',
    model: () => publicModel('ultraface-rfb-320.onnx'),
    items: async (page, count) => colourTensor(await cropsOf(page, count, 320, 240), 320, 240),
  },
  {
    // Published with all weights equal, which eight bits hold exactly: it gets weights of its own here.
    name: 'squeezenet, seeded weights',
    input: 'data_0',
    dims: [1, 3, 224, 224],
    file: 'light_squeezenet.onnx',
    model: async () => withRandomWeights(await publicModel('light_squeezenet.onnx'), noise(1)),
    items: async (page, count) => colourTensor(await cropsOf(page, count, 224, 224), 224, 224),
  },
];

/** Why a case cannot run here; null where it can. */
export const absence = ({ file }: ModelCase): string | null =>
  file === null || existsSync(join(MODELS, file)) ? null : `../shared/models/${file} is absent`;
