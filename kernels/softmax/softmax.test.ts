/** softmax@1 by hand, its limits, and the text that it is composed of; its variants and plan are those of `rows.ts`. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import {
  MAX_SOFTMAX_COLUMNS,
  MAX_SOFTMAX_ELEMENTS,
  softmaxManifest,
  softmaxParams,
} from './manifest.ts';
import { softmaxReference } from './reference.ts';
import { softmaxShader } from './shader.ts';

const REGISTERS = { name: 'registers-4', family: 'registers', options: { lanes: 4 } } as const;
const valuesFor = (values: readonly number[], params: object = {}) => {
  const parsed = softmaxParams.parse({ rows: 1, columns: values.length, ...params });
  const x = tensorOf('F32', [1, values.length], Float32Array.from(values));
  return [...(valuesOf(softmaxReference(parsed, 0, { x })['y']!) as Float32Array)];
};

describe('softmaxReference', () => {
  it('gives shares by hand, and their logarithms', () => {
    const logs = [1, 2, 5].map(Math.log);
    valuesFor(logs).forEach((share, i) => expect(share).toBeCloseTo([1, 2, 5][i]! / 8, 6));
    valuesFor(logs, { output: 'logarithms' }).forEach((value, i) =>
      expect(value).toBeCloseTo(Math.log([1, 2, 5][i]! / 8), 6),
    );
  });

  it('neither overflows nor loses what is far below', () => {
    expect(valuesFor([1000, 1000])).toEqual([0.5, 0.5]);
    expect(valuesFor([0, -1000])).toEqual([1, 0]);
    expect(valuesFor([0, -1000], { output: 'logarithms' })).toEqual([0, -1000]);
  });

  it('treats every row by itself', () => {
    const x = tensorOf('F32', [2, 2], Float32Array.of(0, 0, 5, 5));
    const { y } = softmaxReference(softmaxParams.parse({ rows: 2, columns: 2 }), 0, { x });
    expect([...(valuesOf(y!) as Float32Array)]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });
});

describe('softmaxManifest', () => {
  it('takes sizes up to each limit and refuses them beyond', () => {
    const accepts = (rows: number, columns: number, output = 'probabilities') =>
      softmaxParams.safeParse({ rows, columns, output }).success;
    const rows = MAX_SOFTMAX_ELEMENTS / MAX_SOFTMAX_COLUMNS;
    expect(accepts(1, 2)).toBe(true);
    expect(accepts(1, 1)).toBe(false);
    expect(accepts(0, 2)).toBe(false);
    expect(accepts(rows, MAX_SOFTMAX_COLUMNS)).toBe(true);
    expect(accepts(rows + 1, MAX_SOFTMAX_COLUMNS)).toBe(false);
    expect(accepts(1, MAX_SOFTMAX_COLUMNS + 1)).toBe(false);
    expect(accepts(MAX_SOFTMAX_ELEMENTS / 2, 2)).toBe(true);
    expect(accepts(1, 2, 'odds')).toBe(false);
  });

  it('prices eight operations a value, each read and written once', () => {
    const params = softmaxParams.parse({ rows: 3, columns: 5 });
    expect(softmaxManifest.flopsPerItem(params)).toBe(8 * 15);
    expect(softmaxManifest.bytesPerItem(params)).toBe(8 * 15);
  });
});

describe('softmaxShader', () => {
  it('raises every value once, and not into the output where that holds logarithms', () => {
    const textOf = (params: object) =>
      softmaxShader(softmaxParams.parse({ rows: 2, columns: 8, ...params }), REGISTERS);
    expect(textOf({}).match(/exp\(x\[/g)).toHaveLength(1);
    expect(textOf({})).toContain('y[yAt + i] = raised;');
    expect(textOf({ output: 'logarithms' })).not.toContain('y[yAt + i] = raised;');
    expect(textOf({ columns: 9 })).toContain('alias Value = f32;');
  });

  it('composes the text of a lane', () => {
    const params = softmaxParams.parse({ rows: 2, columns: 8 });
    const text = softmaxShader(params, REGISTERS);
    const lane = text.slice(text.indexOf('  let row ='));
    expect(lane.slice(0, lane.indexOf('}\n\n'))).toMatchInlineSnapshot(`
      "  let row = place / LANES;
        let lane = place % LANES;
        let xAt = row / ROWS * X_STRIDE + row % ROWS * LENGTH;
        let yAt = row * LENGTH;
        var most = x[xAt + min(lane, LENGTH - 1u)];
        for (var i = lane; i < LENGTH; i += LANES) {
          most = max(most, x[xAt + i]);
        }
        let largest = largestOf(most);
        var sums = Value();
        for (var i = lane; i < LENGTH; i += LANES) {
          let raised = exp(x[xAt + i] - Value(largest));
          y[yAt + i] = raised;
          sums += raised;
        }
        measures[place] = vec2f(largest, sumOf(sums));
      "
    `);
  });
});
