/**
 * What one run tells of every value of a model: its element type and its exact shape.
 *
 * The onnxruntime build is the caller's, and so are its threads and its memory: all values of the run are alive
 * together at its end. Throws what onnxruntime throws.
 */
import type { NamedTensors } from '../../tensor.ts';
import { withAllOutputs, type OnnxModel } from '../graph.ts';
import { dtypeOfOrt, toOrt, type OrtModule } from '../ortSession.ts';
import { elementTypes } from './elementTypes.ts';
import type { Facts, ValueFacts } from './measures.ts';

const FATAL_ONLY = 4; // ORT logging severity

export async function factsOfRun(
  ort: OrtModule,
  model: OnnxModel,
  feeds: NamedTensors,
): Promise<Facts> {
  const noTensors = [...elementTypes(model)].flatMap(([name, type]) => (type === null ? name : []));
  const session = await ort.InferenceSession.create(withAllOutputs(model, noTensors), {
    executionProviders: ['wasm'],
    // Unoptimised, every value of the graph exists.
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: FATAL_ONLY,
  });
  try {
    const facts = new Map<string, ValueFacts>();
    for (const [name, { dtype, dims }] of Object.entries(feeds)) facts.set(name, { dtype, dims });
    for (const [name, { type, dims }] of Object.entries(await session.run(toOrt(ort, feeds)))) {
      const dtype = dtypeOfOrt(type);
      facts.set(name, dtype === undefined ? { dims } : { dtype, dims });
    }
    return facts;
  } finally {
    await session.release();
  }
}
