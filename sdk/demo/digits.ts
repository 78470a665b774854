/**
 * The demo's data, and the truth about it: what the model says when it is run directly, by nobody but us.
 */
import { readFile } from 'node:fs/promises';
import { onnxRunner, runBatch } from '../../shared/program.ts';
import { modelSession } from '../../shared/onnx/ortSession.ts';
import { assert } from '../../shared/result.ts';
import { decodeTensors } from '../../shared/safetensors.ts';
import { gatherItems, valuesOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';

export interface Digits {
  readonly model: Uint8Array;
  /** `[N,1,28,28]` f32. */
  readonly images: Tensor;
  /** What each image was drawn as. */
  readonly labels: readonly number[];
  /** Of the model on its own test images, as measured by the script that trained it. */
  readonly testAccuracy: number;
}

export const DIGIT_CLASSES = 10;
const OUTPUTS = { logits: { dtype: 'F32', dims: [DIGIT_CLASSES] } } as const;

export async function loadDigits(): Promise<Digits> {
  const read = (name: string) => readFile(new URL(`./data/${name}`, import.meta.url));
  const files = ['digits.onnx', 'digits.safetensors', 'labels.json'] as const;
  const [model, images, labels] = await Promise.all(files.map(read));
  const tensors = decodeTensors(images!);
  assert(tensors.ok && tensors.value['image'] !== undefined, 'the demo’s images cannot be read');
  const facts = JSON.parse(labels!.toString()) as { labels: number[]; testAccuracy: number };
  return { model: model!, images: tensors.value['image'], ...facts };
}

/** `count` of the images with their labels, in an order of the seed; they repeat beyond those there are. */
export function pickDigits(digits: Digits, count: number, seed: number) {
  const available = digits.labels.length;
  const order = Array.from({ length: available }, (_, i) => i);
  let state = seed >>> 0;
  for (let i = available - 1; i > 0; i--) {
    // Numerical Recipes' LCG: good enough to shuffle pictures.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const picked = Array.from({ length: count }, (_, i) => order[i % available]!);
  return {
    images: gatherItems(digits.images, picked),
    labels: picked.map((i) => digits.labels[i]!),
  };
}

/** `logits` `[N,10]` of a direct run on one thread of WASM, one image at a time. */
export async function runDirectly(model: Uint8Array, images: Tensor): Promise<NamedTensors> {
  const ort = await import('onnxruntime-web/wasm');
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  const items = Array.from({ length: images.dims[0]! }, (_, i) => i);
  const feeds = { image: [1, ...images.dims.slice(1)] };
  const runner = onnxRunner(modelSession(ort, session), 1, feeds, OUTPUTS);
  const outputs = await runBatch(
    runner,
    { items, stacked: { image: images }, constants: {} },
    OUTPUTS,
  );
  await session.release();
  return outputs;
}

export interface Reading {
  readonly digit: number;
  /** Softmax probability of that digit. */
  readonly confidence: number;
}

/** The digit that each row of logits says. */
export function readings(logits: Tensor): Reading[] {
  const values = valuesOf(logits) as Float32Array;
  return Array.from({ length: logits.dims[0]! }, (_, i) => {
    const row = values.subarray(i * DIGIT_CLASSES, (i + 1) * DIGIT_CLASSES);
    const best = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - best), 0);
    return { digit: row.indexOf(best), confidence: 1 / sum };
  });
}
