/**
 * A model run whole, and the same model run stage after stage, each fed by name what the one before gave.
 */
import * as ort from 'onnxruntime-web/wasm';
import { modelSession } from '../onnx/ortSession.ts';
import type { NamedTensors } from '../tensor.ts';

ort.env.wasm.numThreads = 1;
ort.env.wasm.simd = 'fixed';
ort.env.logLevel = 'fatal';

export { ort };
export type Optimisation = 'disabled' | 'all';

export async function runModel(
  bytes: Uint8Array,
  feeds: NamedTensors,
  graphOptimizationLevel: Optimisation,
): Promise<NamedTensors> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel,
    logSeverityLevel: 4,
  });
  try {
    return await modelSession(ort, session).run(feeds);
  } finally {
    await session.release();
  }
}

/** Every stage takes exactly what the one before it gave: nothing is kept aside. */
export async function runStages(
  stages: readonly { readonly bytes: Uint8Array }[],
  feeds: NamedTensors,
  level: Optimisation,
): Promise<NamedTensors> {
  let activations = feeds;
  for (const { bytes } of stages) activations = await runModel(bytes, activations, level);
  return activations;
}
