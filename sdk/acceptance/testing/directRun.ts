/**
 * The truth about a model: what it says when it is run here, item by item, by nobody but the test.
 */
import { modelSession } from '../../../shared/onnx/ortSession.ts';
import { assert } from '../../../shared/result.ts';
import { itemOf, type NamedTensors, type Tensor } from '../../../shared/tensor.ts';

/**
 * Every output stacked `[N, ...dims of one run]`. `feeds` gives the dims of one run of each stacked input;
 * inputs of `constants` are fed as they are.
 */
export async function directRun(
  model: Uint8Array,
  stacked: NamedTensors,
  feeds: Readonly<Record<string, readonly number[]>>,
  constants: NamedTensors = {},
): Promise<NamedTensors> {
  const ort = await import('onnxruntime-web/wasm');
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  try {
    const running = modelSession(ort, session);
    const count = Object.values(stacked)[0]?.dims[0];
    assert(count !== undefined, 'directRun: at least one input is stacked');
    const runs: NamedTensors[] = [];
    for (let item = 0; item < count; item++) {
      const fed: Record<string, Tensor> = { ...constants };
      for (const [name, tensor] of Object.entries(stacked)) {
        fed[name] = { ...itemOf(tensor, item), dims: feeds[name]! };
      }
      const outputs = await running.run(fed);
      runs.push(
        Object.fromEntries(
          // Copies: ORT may use the memory again for the next run.
          Object.entries(outputs).map(([name, t]) => [name, { ...t, bytes: t.bytes.slice() }]),
        ),
      );
    }
    return Object.fromEntries(
      Object.keys(runs[0]!).map((name) => [name, stack(runs.map((run) => run[name]!))]),
    );
  } finally {
    await session.release();
  }
}

/** Tensors of one shape, `[tensors.length, ...dims]`. */
export function stack(tensors: readonly Tensor[]): Tensor {
  const { dtype, dims, bytes } = tensors[0]!;
  const whole = new Uint8Array(tensors.length * bytes.byteLength);
  tensors.forEach((tensor, i) => {
    assert(tensor.bytes.byteLength === bytes.byteLength, 'stack: the tensors differ in size');
    whole.set(tensor.bytes, i * bytes.byteLength);
  });
  return { dtype, dims: [tensors.length, ...dims], bytes: whole };
}
