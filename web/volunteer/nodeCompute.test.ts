import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../shared/digest.ts';
import type { AssignmentId } from '../../shared/ids.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { nodeCompute } from './nodeCompute.ts';

const MNIST = fileURLToPath(new URL('../../../shared/models/mnist.onnx', import.meta.url));
const id = 'a' as AssignmentId;

describe('nodeCompute', () => {
  test('runs a kernel on its CPU reference', async () => {
    const compute = nodeCompute();
    await compute.load({
      key: 'kernel',
      program: {
        kind: 'kernel',
        kernel: 'montecarlo@1',
        params: { dimensions: 2, seed: 1, samplesPerItem: 10_000 },
      },
      model: null,
      constants: {},
      feeds: {},
      outputs: { hits: { dtype: 'U32', dims: [] } },
      flopsPerItem: 1,
    });
    const task = { id, programKey: 'kernel', items: [4, 9], stacked: {} };
    const result = await compute.run(task, () => undefined);
    if (!result.ok) throw new Error(result.error.message);
    for (const hits of valuesOf(result.value.outputs['hits']!)) {
      expect((4 * Number(hits)) / 10_000).toBeCloseTo(Math.PI, 1);
    }
    expect(result.value.engine).toBe('cpu');
    await compute.close();
  });

  test('a kernel it does not know is not a crash', async () => {
    const compute = nodeCompute();
    await compute.load({
      key: 'unknown',
      program: { kind: 'kernel', kernel: 'nonesuch@1', params: {} },
      model: null,
      constants: {},
      feeds: {},
      outputs: {},
      flopsPerItem: 1,
    });
    const task = { id, programKey: 'unknown', items: [0], stacked: {} };
    expect(await compute.run(task, () => undefined)).toMatchObject({
      ok: false,
      error: { kind: 'not-capable' },
    });
  });

  test.skipIf(!existsSync(MNIST))(
    'runs an ONNX model on WASM (skipped where ../shared/models is absent)',
    async () => {
      const compute = nodeCompute();
      const model = new Uint8Array(await readFile(MNIST));
      await compute.load({
        key: 'mnist',
        program: { kind: 'onnx', model: digestOf(model), itemsPerRun: 1 },
        model,
        constants: {},
        feeds: { Input3: [1, 1, 28, 28] },
        outputs: { Plus214_Output_0: { dtype: 'F32', dims: [10] } },
        flopsPerItem: 1,
      });
      const blank = tensorOf('F32', [3, 1, 28, 28], new Float32Array(3 * 784));
      const task = { id, programKey: 'mnist', items: [0, 1, 2], stacked: { Input3: blank } };
      const result = await compute.run(task, () => undefined);
      if (!result.ok) throw new Error(result.error.message);
      const scores = [...(valuesOf(result.value.outputs['Plus214_Output_0']!) as Float32Array)];
      expect(scores).toHaveLength(30);
      expect(scores.slice(0, 10)).toEqual(scores.slice(20));
      expect(new Set(scores).size).toBe(10);
      expect(result.value.engine).toBe('wasm');
      await compute.close();
    },
  );
});
