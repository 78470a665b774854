/** `idlewave submit --stages`: a model file becomes stages that compute what it does, or a usage error says why not. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildModel, node, value } from '../../shared/onnx/modelBuilder.ts';
import { assert } from '../../shared/result.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { runModel, runStages } from '../../shared/testing/composedStages.ts';
import { submissionOf as submittableOf, type SubmissionFlags } from './submissionFlags.ts';
import { Terminal } from './terminal.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'stages-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const WIDTH = 8;
const square = (seed: number) =>
  tensorOf(
    'F32',
    [WIDTH, WIDTH],
    Float32Array.from({ length: WIDTH * WIDTH }, (_, i) => Math.sin(i + seed)),
  );
const MODEL = buildModel({
  name: 'chain',
  opset: 17,
  irVersion: 8,
  producer: 'idlewave',
  inputs: [value('x', 'F32', ['N', WIDTH])],
  outputs: [value('y', 'F32', ['N', WIDTH])],
  nodes: [
    node('MatMul', ['x', 'a'], ['p']),
    node('MatMul', ['p', 'b'], ['q']),
    node('MatMul', ['q', 'c'], ['y']),
  ],
  initializers: { a: square(1), b: square(2), c: square(3) },
});
const X = { x: tensorOf('F32', [4, WIDTH], new Float32Array(4 * WIDTH).fill(0.5)) };

const { signal } = new AbortController();
const silent = { write: () => undefined };
const terminal = new Terminal({ stdout: silent, stderr: silent, env: {}, signal }, true);
const submissionOf = async (flags: SubmissionFlags) =>
  (await submittableOf(flags, terminal, signal)).submission;

async function flagsOf(more: SubmissionFlags): Promise<SubmissionFlags> {
  await writeFile(join(folder, 'm.onnx'), MODEL);
  await writeFile(join(folder, 'x.safetensors'), encodeTensors(X));
  return { model: join(folder, 'm.onnx'), input: [join(folder, 'x.safetensors')], ...more };
}

describe('--stages', () => {
  it.each([2, 3])('cuts the model into %i that compute what it does', async (stages) => {
    const { program, inputs } = await submissionOf(await flagsOf({ stages: `${stages}` }));
    assert('stages' in program, 'it is staged');
    expect(program.stages).toHaveLength(stages);
    expect(inputs?.stacked).toMatchObject({ x: { dims: [4, WIDTH] } });
    const cut = program.stages.map((bytes) => ({ bytes: bytes as Uint8Array }));
    expect(await runStages(cut, X, 'disabled')).toEqual(await runModel(MODEL, X, 'disabled'));
  });

  it.each<[string, SubmissionFlags]>([
    ['fewer than two', { stages: '1' }],
    ['more than there may be', { stages: '17' }],
    ['what is no number', { stages: 'two' }],
    ['outputs of its own choice', { stages: '2', outputs: 'y' }],
  ])('is refused with %s', async (_, more) => {
    await expect(submissionOf(await flagsOf(more))).rejects.toThrow(/--(stages|outputs)/);
  });

  it('is refused beside a kernel, and where the model has fewer places to cut', async () => {
    const kernel = { kernel: 'montecarlo@1', items: '1', stages: '2' };
    await expect(submissionOf(kernel)).rejects.toThrow(/--stages has no meaning/);
    await expect(submissionOf(await flagsOf({ stages: '9' }))).rejects.toThrow(/m\.onnx: expected/);
  });
});
