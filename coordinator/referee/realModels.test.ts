/**
 * The referee on public models and on the ONNX project's conformance cases. Skipped, and reported as
 * skipped, where the files are not beside the repository.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareOutputs, type Acceptance } from '../../shared/acceptance.ts';
import { digestOf } from '../../shared/digest.ts';
import { readModel } from '../../shared/onnx/graph.ts';
import type { Program } from '../../shared/protocol/program.ts';
import { tensorOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import { readOnnxCase } from '../../shared/testing/onnxCase.ts';
import type { Referee } from './referee.ts';
import { workerReferee } from './workerReferee.ts';

// Starting workers and models takes as long as the machine is busy.
const MODELS = fileURLToPath(new URL('../../../shared/models/', import.meta.url));
const CASES = `${MODELS}onnx-backend/pytorch-operator/`;
const present = existsSync(CASES);

const onnx = (model: Uint8Array): Program => ({
  kind: 'onnx',
  model: digestOf(model),
  itemsPerRun: 1,
});

/** Scattered values in [0, 1): Knuth's multiplicative hash of the position. */
const scattered = (dims: readonly number[]): Tensor => {
  const length = dims.reduce((product, dim) => product * dim, 1);
  const values = Float32Array.from({ length }, (_, i) => Math.imul(i, 0x9e3779b1) / 2 ** 32 + 0.5);
  return tensorOf('F32', dims, values);
};

const stackedOne = (tensors: NamedTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, t]) => [name, { ...t, dims: [1, ...t.dims] }]),
  );

/** With opset 6: onnxruntime has kernels of these operators from opset 7 on. */
const REFUSED = new Map([
  ['test_operator_add_broadcast', 'Add(6)'],
  ['test_operator_add_size1_broadcast', 'Add(6)'],
  ['test_operator_add_size1_right_broadcast', 'Add(6)'],
  ['test_operator_add_size1_singleton_broadcast', 'Add(6)'],
  ['test_operator_addconstant', 'Add(6)'],
  ['test_operator_addmm', 'Gemm(6)'],
  ['test_operator_basic', 'Add(6)'],
  ['test_operator_mm', 'Gemm(6)'],
  ['test_operator_non_float_params', 'Add(6)'],
  ['test_operator_params', 'Add(6)'],
  ['test_operator_pow', 'Pow(1)'],
]);

/** Convolutions alone, by shapes worked out here from strides, pads and dilations. */
function convolutionFlops(bytes: Uint8Array, fed: Record<string, number[]>): number {
  const model = readModel(bytes);
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  const shapes = new Map(Object.entries(fed));
  let flops = 0;
  for (const { opType, input, output, attribute } of model.value.nodes) {
    const of = (name: string) => attribute.find((a) => a.name === name)?.ints.map(Number);
    const dims = shapes.get(input[0]!);
    if (opType === 'Conv' && dims !== undefined) {
      const [outputs, perGroup, ...kernel] = model.value.initializers.get(input[1]!)!.dims;
      const sides = kernel.map((k, i) => {
        const reach = (of('dilations')?.[i] ?? 1) * (k - 1) + 1;
        const padded = dims[i + 2]! + (of('pads')?.[i] ?? 0) + (of('pads')?.[i + 2] ?? 0);
        return Math.floor((padded - reach) / (of('strides')?.[i] ?? 1)) + 1;
      });
      const positions = sides[0]! * sides[1]!;
      flops += 2 * outputs! * positions * perGroup! * kernel[0]! * kernel[1]!;
      if ((input[2] ?? '') !== '') flops += outputs! * positions;
      shapes.set(output[0]!, [dims[0]!, outputs!, ...sides]);
    } else if (opType === 'Concat') {
      const parts = input.map((name) => shapes.get(name));
      if (parts.some((part) => part?.length !== 4)) continue;
      const channels = parts.reduce((sum, part) => sum + part![1]!, 0);
      shapes.set(output[0]!, [1, channels, ...parts[0]!.slice(2)]);
    } else if (
      dims !== undefined &&
      ['Relu', 'Add', 'Mul', 'BatchNormalization'].includes(opType)
    ) {
      shapes.set(output[0]!, dims);
    }
  }
  return flops;
}

/** A case's outputs were made by another engine: equal up to the rounding of short f32 sums. */
const CLOSE: Acceptance = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-6,
  maxElementError: 1e-5,
  nonFinite: 'data',
};

describe.skipIf(!present)('with public models (../shared/models)', () => {
  let referee: Referee;
  beforeAll(() => {
    referee = workerReferee();
  });
  afterAll(() => referee.close());

  const names = present ? readdirSync(CASES).sort() : [];
  const read = (name: string) => {
    const files = readdirSync(`${CASES}${name}/test_data_set_0`).sort();
    const of = (kind: string) =>
      files
        .filter((file) => file.startsWith(kind))
        .map((file) => readFileSync(`${CASES}${name}/test_data_set_0/${file}`));
    const model = readFileSync(`${CASES}${name}/model.onnx`);
    const found = readOnnxCase(model, of('input'), of('output'));
    if (!found.ok) throw new Error(`${name}: ${JSON.stringify(found.error)}`);
    return { model, ...found.value };
  };

  test('there are 35 conformance cases, of which 11 are refused', () => {
    expect(names).toHaveLength(35);
    expect(names.filter((name) => REFUSED.has(name))).toHaveLength(11);
  });

  test.each(names.filter((name) => !REFUSED.has(name)))(
    '%s gives the expected outputs',
    async (name) => {
      const { model, inputs, outputs } = read(name);
      const program = onnx(model);
      const sampleStacked = stackedOne(inputs);
      const analysis = await referee.analyse({
        program,
        model,
        constants: {},
        sampleStacked,
        nonFinite: 'data',
      });
      if (!analysis.ok) throw new Error(JSON.stringify(analysis.error));
      expect(analysis.value.estimatedOperators).toEqual([]);
      const computed = await referee.compute({
        program,
        model: () => Promise.reject(new Error('the session was not kept')),
        feeds: analysis.value.feeds,
        outputs: analysis.value.outputs,
        batch: { items: [0], stacked: sampleStacked, constants: {} },
      });
      if (!computed.ok) throw new Error(JSON.stringify(computed.error));
      for (const [output, tensor] of Object.entries(outputs)) {
        // One item may have lost a leading axis of 1 to the batch; elements stay in place.
        const expected = { [output]: { ...tensor, dims: [1, tensor.bytes.byteLength] } };
        const came = {
          [output]: { ...computed.value[output]!, dims: [1, tensor.bytes.byteLength] },
        };
        expect(came[output]!.bytes.byteLength).toBe(tensor.bytes.byteLength);
        expect(compareOutputs(came, expected, 1, CLOSE)).toMatchObject({ kind: 'agree' });
      }
    },
  );

  test.each([...REFUSED])('%s is refused: no implementation for %s', async (name, operator) => {
    const { model, inputs } = read(name);
    const refused = await referee.analyse({
      program: onnx(model),
      model,
      constants: {},
      sampleStacked: stackedOne(inputs),
    });
    expect(refused).toMatchObject({ ok: false, error: { code: 'model-refused' } });
    const problem = refused.ok ? undefined : refused.error;
    expect(problem?.came).toContain(`Could not find an implementation for ${operator}`);
    expect(problem?.fix).toContain('opset 6');
  });

  test('the digit model costs what it costs by hand', async () => {
    const model = readFileSync(`${MODELS}mnist.onnx`);
    const sampleStacked = { Input3: scattered([1, 1, 28, 28]) };
    const result = await referee.analyse({
      program: onnx(model),
      model,
      constants: {},
      sampleStacked,
    });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    const firstConv = 8 * 784 * 2 * 25;
    const biasReluPool = 8 * 784 * 2 + 8 * 196 * 4;
    const secondConv = 16 * 196 * 2 * 8 * 25;
    const biasReluPool2 = 16 * 196 * 2 + 16 * 16 * 9;
    const dense = 10 * 2 * 256 + 10;
    const byHand = firstConv + biasReluPool + secondConv + biasReluPool2 + dense;
    expect(result.value.flopsPerItem).toBe(byHand);
    expect(result.value).toMatchObject({
      flopsFrom: 'graph',
      feeds: { Input3: [1, 1, 28, 28] },
      outputs: { Plus214_Output_0: { dtype: 'F32', dims: [10] } },
    });
  });

  test('the face detector: exact count, and two referees agree bit for bit', async () => {
    const model = readFileSync(`${MODELS}ultraface-rfb-320.onnx`);
    const program = onnx(model);
    const stacked = { input: scattered([2, 3, 240, 320]) };
    const sampleStacked = { input: scattered([1, 3, 240, 320]) };
    const found = await referee.analyse({ program, model, constants: {}, sampleStacked });
    if (!found.ok) throw new Error(JSON.stringify(found.error));
    const { feeds, outputs, flopsFrom, flopsPerItem } = found.value;
    expect({ flopsFrom, outputs, feeds }).toEqual({
      flopsFrom: 'graph',
      feeds: { input: [1, 3, 240, 320] },
      outputs: {
        scores: { dtype: 'F32', dims: [4420, 2] },
        boxes: { dtype: 'F32', dims: [4420, 4] },
      },
    });
    // The rest is small: ReLUs, additions, two softmaxes and the boxes' arithmetic.
    const convolutions = convolutionFlops(model, { input: [1, 3, 240, 320] });
    expect(flopsPerItem).toBeGreaterThan(convolutions);
    expect(flopsPerItem).toBeLessThan(1.02 * convolutions);
    const other = workerReferee();
    const batch = { items: [0, 1], stacked, constants: {} };
    const [one, two] = await Promise.all(
      [referee, other].map((r) => r.compute({ program, model, feeds, outputs, batch })),
    );
    await other.close();
    expect(one?.ok).toBe(true);
    expect(two).toEqual(one);
  });
});
