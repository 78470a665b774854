import { describe, expect, it } from 'vitest';
import { MAX_INFERENCE_WAIT_MS } from '../../shared/limits.ts';
import { valuesOf, type Dtype } from '../../shared/tensor.ts';
import { readInference } from './inferenceRequest.ts';
import { writeInference } from './inferenceResponse.ts';
import type { ModelVersion } from './models.ts';

const spec = (dtype: Dtype, ...dims: number[]) => ({ dtype, dims });
const MODEL = {
  version: 3,
  inputs: { a: spec('F32', 2), b: spec('BOOL') },
  known: { facts: { outputs: { sum: spec('F32', 2), top: spec('I64') } } },
} as unknown as ModelVersion;

const A = { name: 'a', shape: [2, 2], datatype: 'FP32', data: [1, 2, 3, 4.5] };
const B = { name: 'b', shape: [2], datatype: 'BOOL', data: [true, false] };
const JSON_ONLY = { inputs: [A, B] };

const read = (json: unknown, tail: Uint8Array = new Uint8Array(0), length?: string) => {
  const head = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  const said = length ?? (tail.byteLength > 0 ? String(head.byteLength) : null);
  return readInference(Buffer.concat([head, tail]), said, MODEL);
};
const call = (...given: Parameters<typeof read>) => {
  const result = read(...given);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const problem = (...given: Parameters<typeof read>) => {
  const result = read(...given);
  if (result.ok) throw new Error('it was taken');
  return result.error;
};

describe('a request', () => {
  it('has its tensors in the JSON, flat or nested', () => {
    const { items, stacked, outputs, timeoutMs } = call(JSON_ONLY);
    expect({ items, timeoutMs }).toEqual({ items: 2, timeoutMs: MAX_INFERENCE_WAIT_MS });
    expect([...valuesOf(stacked['a']!)]).toEqual([1, 2, 3, 4.5]);
    expect(stacked['b']).toEqual({ dtype: 'BOOL', dims: [2], bytes: new Uint8Array([1, 0]) });
    expect(outputs).toEqual([
      { name: 'sum', isBinary: false },
      { name: 'top', isBinary: false },
    ]);
    const nested = { ...A, data: [[1, 2], [3, 4.5]] }; // prettier-ignore
    expect(call({ inputs: [B, nested] }).stacked).toEqual(stacked);
  });

  it('has them behind it as bytes, in the order of the JSON, beside others', () => {
    const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4.5).buffer);
    const bytesOf = ({ data: _, ...input }: typeof A | typeof B, size: number) => ({
      ...input,
      parameters: { binary_data_size: size },
    });
    const tail = Buffer.concat([new Uint8Array([1, 0]), floats]);
    const both = call({ inputs: [bytesOf(B, 2), bytesOf(A, 16)] }, tail);
    expect(both.stacked).toEqual(call(JSON_ONLY).stacked);
    expect(call({ inputs: [bytesOf(A, 16), B] }, floats).stacked).toEqual(both.stacked);
    // At any place in the body: what is computed with is aligned and its own.
    expect(both.stacked['a']!.bytes.byteOffset % 4).toBe(0);
    expect(problem({ inputs: [bytesOf(A, 12), B] }, floats)).toMatchObject({ expected: '16' });
    expect(problem({ inputs: [bytesOf(A, 16), B] }, floats.subarray(1))).toMatchObject({
      code: 'malformed-frame',
    });
    expect(problem({ inputs: [A, B] }, floats).detail).toMatch(/more bytes/);
    const twice = { ...bytesOf(A, 16), data: A.data };
    expect(problem({ inputs: [twice, B] }, floats).expected).toMatch(/either/);
  });

  it('names outputs, each as bytes or as JSON, and how long it waits', () => {
    const wanted = {
      ...JSON_ONLY,
      id: '42',
      parameters: { binary_data_output: true, timeout: 1_500_000 },
      outputs: [{ name: 'top', parameters: { binary_data: false } }, { name: 'sum' }],
      model_name: 'what clients add',
    };
    expect(call(wanted)).toMatchObject({
      id: '42',
      timeoutMs: 1_500,
      outputs: [
        { name: 'top', isBinary: false },
        { name: 'sum', isBinary: true },
      ],
    });
  });

  const wrong: [what: string, json: unknown, code: string, field: string | undefined][] = [
    ['is not JSON', '{', 'malformed-json', undefined],
    ['has no inputs', {}, 'invalid-field', 'inputs'],
    ['lacks an input', { inputs: [A] }, 'input-missing', 'inputs'],
    ['has one twice', { inputs: [A, A, B] }, 'input-unknown', 'inputs[1].name'],
    ['has one too many', { inputs: [A, B, { ...B, name: 'c' }] }, 'input-unknown', 'inputs[2].name'],
    ['has another datatype', { inputs: [{ ...A, datatype: 'FP64' }, B] }, 'input-dtype', 'inputs[0].datatype'],
    ['has one that is none', { inputs: [{ ...A, datatype: 'BYTES' }, B] }, 'invalid-field', 'inputs.0.datatype'],
    ['has another shape', { inputs: [{ ...A, shape: [4] }, B] }, 'input-shape', 'inputs[0].shape'],
    ['has no items', { inputs: [{ ...A, shape: [0, 2] }, B] }, 'input-shape', 'inputs[0].shape'],
    ['has other numbers of items', { inputs: [A, { ...B, shape: [3] }] }, 'input-count', 'inputs[1].shape'],
    ['has too few values', { inputs: [{ ...A, data: [1] }, B] }, 'input-dtype', 'inputs[0].data'],
    ['has a value of another kind', { inputs: [{ ...A, data: [1, 2, 3, '4'] }, B] }, 'input-dtype', 'inputs[0].data'],
    ['is nested in another way', { inputs: [{ ...A, data: [[1, 2, 3, 4]] }, B] }, 'input-shape', 'inputs[0].data'],
    ['has no data', { inputs: [{ ...A, data: undefined }, B] }, 'input-missing', 'inputs[0].data'],
    ['wants an output that is none', { ...JSON_ONLY, outputs: [{ name: 'x' }] }, 'output-unknown', 'outputs'],
    ['waits for no time', { ...JSON_ONLY, parameters: { timeout: -1 } }, 'invalid-field', 'parameters.timeout'],
  ]; // prettier-ignore
  it.each(wrong)('that %s is refused', (_, json, code, field) => {
    expect(problem(json)).toMatchObject(field === undefined ? { code } : { code, field });
  });

  it('whose JSON is said to be longer than its body is refused', () => {
    for (const length of ['9999', '-1', 'x', '1.5'])
      expect(problem(JSON_ONLY, undefined, length).code).toBe('malformed-frame');
  });
});

describe('an answer', () => {
  const named = { name: 'm', version: MODEL };
  const tensors = {
    sum: { dtype: 'F32', dims: [2, 2], bytes: new Uint8Array(Float32Array.of(0.1, -1, 2, 3).buffer) },
    top: { dtype: 'I64', dims: [2], bytes: new Uint8Array(BigInt64Array.of(2n ** 60n, -1n).buffer) },
  } as const; // prettier-ignore
  const want = (sum: boolean, top: boolean) => [
    { name: 'sum', isBinary: sum },
    { name: 'top', isBinary: top },
  ];

  it('is the protocol’s JSON, with whole integers however large', () => {
    const written = writeInference(named, { id: '42', outputs: want(false, false) }, tensors);
    expect(written).toEqual({
      ok: true,
      value: {
        json:
          '{"model_name":"m","model_version":"3","id":"42","outputs":[' +
          '{"name":"sum","shape":[2,2],"datatype":"FP32","data":[0.1,-1,2,3]},' +
          '{"name":"top","shape":[2],"datatype":"INT64","data":[1152921504606846976,-1]}]}',
        tail: [],
      },
    });
  });

  it('has bytes behind it where they are wanted', () => {
    const written = writeInference(named, { outputs: want(true, false) }, tensors);
    expect(written.ok && written.value.tail).toEqual([tensors.sum.bytes]);
    expect(written.ok && written.value.json).toContain(
      '{"name":"sum","shape":[2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}',
    );
  });

  it('refuses to write as JSON what is not finite', () => {
    const infinite = new Uint8Array(Float32Array.of(1, NaN, 2, 3).buffer);
    const sum = { ...tensors.sum, bytes: infinite };
    const written = writeInference(named, { outputs: want(false, true) }, { ...tensors, sum });
    expect(written).toMatchObject({ ok: false, error: { code: 'output-not-finite' } });
    expect(writeInference(named, { outputs: want(true, true) }, { ...tensors, sum }).ok).toBe(true);
  });
});
