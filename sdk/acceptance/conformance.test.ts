/**
 * The ONNX project's conformance cases through the whole network: posted with the SDK, computed by two
 * volunteers, compared with the outputs that the project gives. Skipped, and reported so, without the files.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareOutputs, firstNonFinite, type Acceptance } from '../../shared/acceptance.ts';
import { assert } from '../../shared/result.ts';
import { itemOf, tensorOf, valuesOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import { readOnnxCase } from '../../shared/testing/onnxCase.ts';
import {
  collectResults,
  IdlewaveError,
  type IdlewaveClient,
  type SubmitOptions,
} from '../client.ts';
import { directRun, stack } from './testing/directRun.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

const CASES = fileURLToPath(
  new URL('../../../shared/models/onnx-backend/pytorch-operator/', import.meta.url),
);
const present = existsSync(CASES);
const names = present ? readdirSync(CASES).sort() : [];

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

/** The project's outputs were made by another engine: equal up to the rounding of short f32 sums. */
const CLOSE: Acceptance = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-6,
  maxElementError: 1e-5,
  nonFinite: 'data',
};
const NON_FINITE_IS_DATA: SubmitOptions['acceptance'] = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-6,
  maxElementError: 1e-5,
  nonFinite: 'data',
};
const ITEMS = 3;

interface Case {
  readonly model: Uint8Array;
  readonly inputs: NamedTensors;
  readonly outputs: NamedTensors;
}

function read(name: string): Case {
  const folder = `${CASES}${name}/test_data_set_0/`;
  const files = readdirSync(folder).sort();
  const of = (kind: string) =>
    files.filter((file) => file.startsWith(kind)).map((file) => readFileSync(folder + file));
  const model = readFileSync(`${CASES}${name}/model.onnx`);
  const found = readOnnxCase(model, of('input'), of('output'));
  assert(found.ok, `${name}: ${JSON.stringify(found)}`);
  return { model, ...found.value };
}

/** The given values, then copies of which every float is moved a little, each copy in its own way. */
function variations(tensor: Tensor): Tensor {
  return stack(
    Array.from({ length: ITEMS }, (_, copy) => {
      if (tensor.dtype !== 'F32' || copy === 0) return tensor;
      const moved = Float32Array.from(valuesOf(tensor) as Float32Array, (value, i) => {
        return value + 0.125 * Math.sin(copy * (i + 1));
      });
      return tensorOf('F32', tensor.dims, moved);
    }),
  );
}

/** Outputs of one item beside each other; an axis of 1 may have become the batch, elements stay in place. */
const flat = (outputs: NamedTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { dtype, bytes }]) => [
      name,
      {
        dtype,
        dims: [1, bytes.byteLength / (dtype === 'F32' ? 4 : dtype === 'I64' ? 8 : 1)],
        bytes,
      },
    ]),
  );
const rowOf = (outputs: NamedTensors, item: number): NamedTensors =>
  flat(Object.fromEntries(Object.entries(outputs).map(([name, all]) => [name, itemOf(all, item)])));

describe.skipIf(!present)('ONNX conformance cases (needs ../shared/models)', () => {
  let coordinator: CoordinatorProcess;
  let client: IdlewaveClient;
  let hosts: TestHost[];
  beforeAll(async () => {
    coordinator = await CoordinatorProcess.start();
    client = coordinator.client();
    hosts = await Promise.all([startTestHost(coordinator.url), startTestHost(coordinator.url)]);
  });
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    await coordinator.stop();
  });

  const workSeen = (): number =>
    hosts.flatMap((host) => [...host.eventsOf('fetching'), ...host.eventsOf('computing')]).length;

  test('there are 35, of which 11 are refused', () => {
    expect(names).toHaveLength(35);
    expect(names.filter((name) => REFUSED.has(name))).toHaveLength(11);
  });

  test.each([...REFUSED])('%s is refused before any volunteer sees it', async (name, operator) => {
    const { model, inputs } = read(name);
    const seen = workSeen();
    const stacked = Object.fromEntries(
      Object.entries(inputs).map(([input, tensor]) => [input, variations(tensor)]),
    );
    const refused = await submitted({ name, program: { onnx: model }, inputs: { stacked } });
    expect(refused).toMatchObject({ kind: 'refused', problem: { code: 'model-refused' } });
    expect(refused?.problem.came).toContain(`Could not find an implementation for ${operator}`);
    expect(refused?.problem.fix).toContain('opset 6');
    expect(workSeen()).toBe(seen);
    expect((await client.jobs()).rows.filter((job) => job.name === name)).toEqual([]);
  });

  test.each(names.filter((name) => !REFUSED.has(name)))('%s', async (name) => {
    const { model, inputs, outputs } = read(name);
    const entries = Object.entries(inputs);
    // Where there are several inputs, the last is the same for all items.
    const constant = Object.fromEntries(entries.length > 1 ? entries.slice(-1) : []);
    const stacked = Object.fromEntries(
      entries
        .filter(([input]) => !Object.hasOwn(constant, input))
        .map(([input, tensor]) => [input, variations(tensor)]),
    );
    const options: SubmitOptions = {
      name,
      program: { onnx: model },
      inputs: { stacked, constant },
      itemsPerShard: 2,
    };
    const hasNonFinite = Object.values(outputs).some((tensor) => firstNonFinite(tensor) >= 0);
    if (hasNonFinite) {
      const refused = await submitted(options);
      expect(refused).toMatchObject({ kind: 'refused', problem: { code: 'output-not-finite' } });
    }
    const acceptance = hasNonFinite ? NON_FINITE_IS_DATA : undefined;
    const job = await client.submit({ ...options, acceptance });
    expect(await job.done()).toMatchObject({
      state: 'done',
      items: { total: ITEMS, settled: ITEMS },
      executions: { byHosts: 2 * ITEMS, byReferee: 0, disagreed: 0 },
    });
    const results = await collectResults(job);
    expect(compareOutputs(rowOf(results.outputs, 0), flat(outputs), 1, CLOSE)).toMatchObject({
      kind: 'agree',
    });
    const feeds = Object.fromEntries(entries.map(([input, { dims }]) => [input, dims]));
    const truth = await directRun(model, stacked, feeds, constant);
    for (let item = 0; item < ITEMS; item++) {
      expect(
        compareOutputs(rowOf(results.outputs, item), rowOf(truth, item), 1, CLOSE),
      ).toMatchObject({ kind: 'agree' });
    }
  });

  test('one case has a NaN among its outputs, and several have more than one input', () => {
    const accepted = names.filter((name) => !REFUSED.has(name)).map(read);
    const nonFinite = accepted.filter(({ outputs }) =>
      Object.values(outputs).some((tensor) => firstNonFinite(tensor) >= 0),
    );
    expect(nonFinite).toHaveLength(1);
    expect(accepted.filter(({ inputs }) => Object.keys(inputs).length > 1)).not.toHaveLength(0);
  });

  /** The refusal, or null where the job was posted. */
  async function submitted(options: SubmitOptions): Promise<IdlewaveError | null> {
    try {
      await client.submit(options);
      return null;
    } catch (thrown) {
      if (thrown instanceof IdlewaveError) return thrown;
      throw thrown;
    }
  }
});
