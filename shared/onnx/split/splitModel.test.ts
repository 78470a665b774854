/**
 * The whole is the composition of its stages, on onnxruntime's WASM build: generated graphs, the project's own model,
 * and public ones where they lie beside the repository.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../digest.ts';
import { assert } from '../../result.ts';
import type { NamedTensors } from '../../tensor.ts';
import { ort, runModel, runStages } from '../../testing/composedStages.ts';
import { generatedModels } from '../../testing/generatedModels.ts';
import { scattered } from '../../testing/netBuilder.ts';
import { withRandomWeights } from '../../testing/reducedModel.ts';
import { relativeL2 } from '../../testing/relativeL2.ts';
import { dataTypeOf } from '../dataType.ts';
import { readModel, type OnnxModel } from '../graph.ts';
import { elementTypes } from './elementTypes.ts';
import { factsOfRun } from './factsOfRun.ts';
import { emitStages, planStages } from './splitModel.ts';

const STAGES = [2, 3, 4, 5, 6] as const;

const read = (bytes: Uint8Array): OnnxModel => {
  const model = readModel(bytes);
  assert(model.ok, 'a model of the tests is one');
  return model.value;
};

/** Splits by what a run tells, and holds every composition against the whole. */
async function composesTo(bytes: Uint8Array, feeds: NamedTensors): Promise<void> {
  const model = read(bytes);
  const exact = await runModel(bytes, feeds, 'disabled');
  const optimised = await runModel(bytes, feeds, 'all');
  const facts = await factsOfRun(ort, model, feeds);
  for (const stages of STAGES) {
    const plan = planStages(model, { stages, facts });
    if (!plan.ok) throw new Error(JSON.stringify(plan.error));
    const emitted = emitStages(model, plan.value);
    expect(emitted).toHaveLength(stages);
    expect(emitted[0]!.inputs.map(({ name }) => name)).toEqual(model.inputs.map((v) => v.name));
    expect(emitted.at(-1)!.outputs.map(({ name }) => name)).toEqual(
      model.outputs.map((v) => v.name),
    );
    for (const stage of emitted) {
      expect(stage.nodes.length).toBeGreaterThan(0);
      expect(stage.digest).toBe(digestOf(stage.bytes));
      const alone = read(stage.bytes);
      expect(alone.inputs.map((v) => v.name)).toEqual(stage.inputs.map((v) => v.name));
      expect(alone.irVersion).toBe(model.irVersion);
      expect([...alone.opsets]).toEqual([...model.opsets]);
    }
    expect(await runStages(emitted, feeds, 'disabled')).toEqual(exact);
    const composed = await runStages(emitted, feeds, 'all');
    for (const [name, tensor] of Object.entries(optimised)) {
      expect(relativeL2(composed[name]!, tensor)).toBeLessThanOrEqual(1e-6);
    }
  }
}

/** Rules alone against what onnxruntime says of a run. */
async function infersTypes(bytes: Uint8Array, feeds: NamedTensors): Promise<void> {
  const model = read(bytes);
  const types = elementTypes(model);
  // What comes out of a sequence, and a mask that changed its type, no rule tells.
  const hasUntold = model.nodes.some(({ opType }) => opType === 'ConcatFromSequence');
  const masks = model.nodes.flatMap(({ opType, output }) =>
    opType === 'Dropout' ? output.slice(1) : [],
  );
  for (const [name, { dtype }] of await factsOfRun(ort, model, feeds)) {
    const type = types.get(name);
    if (type === undefined && (hasUntold || masks.includes(name))) continue;
    expect([name, type]).toEqual([name, dataTypeOf(dtype!)]);
  }
}

describe('generated models in 2 to 6 stages', () => {
  test.each(generatedModels().map((model) => [model.name, model] as const))(
    '%s',
    async (_name, { bytes, feeds }) => {
      await infersTypes(bytes, feeds);
      await composesTo(bytes, feeds);
    },
  );
});

const DIGITS = fileURLToPath(new URL('../../../sdk/demo/data/digits.onnx', import.meta.url));
const MODELS = fileURLToPath(new URL('../../../../shared/models/', import.meta.url));

describe('real models in 2 to 6 stages', () => {
  test('the digit model', async () => {
    await composesTo(readFileSync(DIGITS), { image: scattered([2, 1, 28, 28]) });
  });

  test.skipIf(!existsSync(MODELS)).each([
    ['mnist.onnx', 'Input3', [1, 1, 28, 28]],
    ['ultraface-rfb-320.onnx', 'input', [1, 3, 240, 320]],
    ['light_squeezenet.onnx', 'data_0', [1, 3, 224, 224]],
    ['light_shufflenet.onnx', 'gpu_0/data_0', [1, 3, 224, 224]],
  ] as const)('%s (../shared/models)', async (file, input, dims) => {
    const feeds = { [input]: scattered(dims) };
    const bytes = readFileSync(`${MODELS}${file}`);
    await infersTypes(bytes, feeds);
    await composesTo(bytes, feeds);
    // Published without their weights: constants that are made by nodes, and the same with real ones.
    if (!file.startsWith('light_')) return;
    let draws = 0;
    const noise = (): number => Math.imul(++draws, 0x9e3779b1) / 2 ** 31;
    await composesTo(withRandomWeights(bytes, noise), feeds);
  });
});
