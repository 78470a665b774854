/** conv2d@1 by hand, its limits, its variants, its dispatches and the text that it is composed of. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { LEAST_TRAITS } from '../variants.ts';
import { MAX_CONV_DEPTH, conv2dManifest, conv2dParams } from './manifest.ts';
import { conv2dReference } from './reference.ts';
import { conv2dShader } from './shader.ts';
import { conv2dVariants, outSize, tilingOf } from './variants.ts';

const least = {
  height: 3,
  width: 3,
  inChannels: 1,
  outChannels: 1,
  kernelHeight: 2,
  kernelWidth: 2,
};
const tensor = (dims: readonly number[], values: readonly number[]) =>
  tensorOf('F32', dims, Float32Array.from(values));
const convolved = (
  change: object,
  x: readonly number[],
  weights: readonly number[],
  bias = [0],
) => {
  const params = conv2dParams.parse({ ...least, ...change });
  const specs = conv2dManifest.inputs(params);
  const inputs = {
    x: tensor(specs['x']!.dims, x),
    weights: tensor(specs['weights']!.dims, weights),
    bias: tensor(specs['bias']!.dims, bias),
  };
  return [...(valuesOf(conv2dReference(params, 0, inputs)['y']!) as Float32Array)];
};
const NINE = [1, 2, 3, 4, 5, 6, 7, 8, 9];

describe('conv2dReference', () => {
  it('correlates by hand', () => {
    expect(convolved({}, NINE, [1, 0, 0, 10])).toEqual([51, 62, 84, 95]);
    expect(convolved({ stride: 2, padding: 1 }, NINE, [1, 2, 3, 4], [100])).toEqual([
      104, 118, 136, 177,
    ]);
    expect(convolved({ dilation: 2 }, NINE, [1, 1, 1, 1])).toEqual([20]);
  });

  it('gives each group its own channels', () => {
    const one = { height: 1, width: 1, kernelHeight: 1, kernelWidth: 1, inChannels: 4 };
    const change = { ...one, outChannels: 2, groups: 2 };
    // Weights are [in a group][out]: 1 and 3 for the first output, 2 and 4 for the second.
    expect(convolved(change, [1, 10, 100, 1000], [1, 2, 3, 4], [0, 0])).toEqual([31, 4200]);
  });

  it('activates', () => {
    const one = { height: 1, width: 1, kernelHeight: 1, kernelWidth: 1 };
    const of = (activation: string, sum: number) =>
      convolved({ ...one, activation }, [sum], [1])[0];
    expect([of('relu', -2), of('relu', 7), of('relu6', 7)]).toEqual([0, 7, 6]);
    expect(of('silu', 1)).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
  });
});

describe('conv2dManifest', () => {
  it('takes what fits and refuses what does not', () => {
    const accepts = (change: object) => conv2dParams.safeParse({ ...least, ...change }).success;
    expect(accepts({})).toBe(true);
    expect(accepts({ kernelHeight: 4 })).toBe(false);
    expect(accepts({ kernelHeight: 4, padding: 1 })).toBe(true);
    expect(accepts({ dilation: 3 })).toBe(false);
    expect(accepts({ kernelWidth: 16, padding: 64 })).toBe(false);
    expect(accepts({ groups: 2 })).toBe(false);
    expect(accepts({ groups: 2, inChannels: 4, outChannels: 6 })).toBe(true);
    expect(accepts({ inChannels: MAX_CONV_DEPTH / 4 })).toBe(true);
    expect(accepts({ inChannels: MAX_CONV_DEPTH / 4 + 1 })).toBe(false);
    const large = { height: 256, width: 256, inChannels: 32, outChannels: 32 };
    expect(accepts(large)).toBe(true);
    expect(accepts({ ...large, padding: 1 })).toBe(false);
    expect(accepts({ ...large, height: 128, inChannels: 64, kernelHeight: 15 })).toBe(false);
  });

  it('prices two operations per product and one per bias', () => {
    const params = conv2dParams.parse({ ...least, outChannels: 3 });
    expect(outSize(params)).toEqual({ outHeight: 2, outWidth: 2 });
    expect(conv2dManifest.flopsPerItem(params)).toBe(12 * 9);
    expect(conv2dManifest.bytesPerItem(params)).toBe(4 * (9 + 12 + 12 + 3));
  });

  it('takes channels four by four where they allow it', () => {
    const of = (inChannels: number, outChannels: number, groups = 1) => {
      const { inWidth, outWidth, fours, isDepthwise } = tilingOf({
        inChannels,
        outChannels,
        groups,
      });
      return [inWidth, outWidth, fours, isDepthwise];
    };
    expect(of(16, 16)).toEqual([4, 4, 2, false]);
    expect(of(3, 12)).toEqual([1, 4, 1, false]);
    expect(of(8, 5)).toEqual([4, 1, 1, false]);
    expect(of(12, 12, 12)).toEqual([4, 4, 1, true]);
    expect(of(5, 5, 5)).toEqual([1, 1, 1, false]);
    expect(of(6, 12, 6)).toEqual([1, 1, 1, false]);
    expect(of(8, 16, 2)).toEqual([4, 4, 2, false]);
  });

  it('offers small workgroups on software, and whole ones on GPUs', () => {
    const namesOf = (traits: object, change = {}) => {
      const params = conv2dParams.parse({ ...least, ...change });
      return conv2dVariants(params, { ...LEAST_TRAITS, ...traits }).map(({ name }) => name);
    };
    const large = { height: 33, width: 33 };
    const strided = { ...large, stride: 2 };
    expect(namesOf({ isSoftware: true }, strided)).toEqual(['registers-8x16']);
    expect(namesOf({ isSoftware: true }, large)[0]).toMatch(/^row-\dx16$/);
    expect(namesOf({ vendor: 'apple' }, large)).toEqual([
      'registers-4x64',
      'registers-8x64',
      expect.stringMatching(/^row-\dx64$/),
    ]);
    expect(namesOf({ vendor: 'apple' }, { height: 32 })).toEqual(['registers-4x64']);
    expect(namesOf({ features: ['subgroups'] })[0]).toBe('registers-4x64');
  });

  it('takes pixels side by side where they fill a row, one step apart', () => {
    const nameOf = (change: object) => {
      const params = conv2dParams.parse({ ...least, kernelWidth: 3, ...change });
      return conv2dVariants(params, { ...LEAST_TRAITS, isSoftware: true })[0]!.name;
    };
    const rows = { 10: 'row-8x16', 9: 'row-7x16', 8: 'row-6x16', 7: 'row-5x16', 14: 'row-6x16' };
    for (const [width, name] of Object.entries(rows)) {
      expect(nameOf({ width: Number(width) })).toBe(name);
    }
    const wide = { width: 10 };
    const others = [
      { width: 13 },
      { width: 5 },
      { ...wide, stride: 2 },
      { width: 12, dilation: 2 },
    ];
    for (const other of others) expect(nameOf(other)).toBe('registers-8x16');
    // The taps of a row are written out.
    expect(nameOf({ width: 12, kernelWidth: 5 })).toBe('registers-8x16');
    const depthwise = { inChannels: 4, outChannels: 4, groups: 4 };
    expect(nameOf({ width: 12, kernelWidth: 5, ...depthwise })).toBe('row-8x16');
  });

  it('covers pixels and channels with threads, one layer per row', () => {
    const params = conv2dParams.parse({ ...least, height: 6, inChannels: 4, outChannels: 16 });
    const [variant] = conv2dVariants(params, { ...LEAST_TRAITS, isSoftware: true });
    const shape = { rows: 7, strides: { x: 72, weights: 0, bias: 16 } };
    const [pass] = conv2dManifest.plan(params, shape, variant!).passes;
    // 10 pixels are 3 fours, 16 channels 2 eights.
    expect(pass!.workgroups).toEqual([1, 1, 7]);
    expect(pass!.constants).toEqual({ X_STRIDE: 18, WEIGHTS_STRIDE: 0, BIAS_STRIDE: 4 });
  });
});

describe('conv2dShader', () => {
  const variant = {
    name: 'any',
    family: 'registers',
    options: { pixels: 2, threads: 16 },
  } as const;
  const textOf = (change: object) =>
    conv2dShader(conv2dParams.parse({ ...least, ...change }), variant);

  it('reads padding as zero, and asks for nothing where there is none', () => {
    expect(textOf({ padding: 1 })).toContain('select(In(), x[at1 + i], inside1)');
    expect(textOf({})).not.toContain('select');
  });

  it('names every sum', () => {
    const text = textOf({ inChannels: 4, outChannels: 8 });
    expect(text.match(/var s\d_\d = Out\(\);/g)).toHaveLength(4);
    expect(text.match(/s1_1 = fma\(.*, s1_1\)+;/g)).toHaveLength(1);
    expect(text.match(/fma\(Out\(x1\.[xyzw]\), w\d_1,/g)).toHaveLength(4);
  });

  it('composes the text of one tap', () => {
    const text = textOf({ inChannels: 3, outChannels: 4 });
    const tap = text.slice(text.indexOf('      let row0'), text.indexOf('  let b ='));
    expect(tap).toMatchInlineSnapshot(`
      "      let row0 = top0 + row * DILATION;
            let column0 = left0 + column * DILATION;
            let at0 = item * X_STRIDE + (row0 * WIDTH + column0) * IN + channel;
            let row1 = top1 + row * DILATION;
            let column1 = left1 + column * DILATION;
            let at1 = item * X_STRIDE + (row1 * WIDTH + column1) * IN + channel;
            for (var i = 0u; i < 3u; i++) {
              let x0 = x[at0 + i];
              let x1 = x[at1 + i];
              let w0_0 = weights[w + 0u * OUT + 0u];
              s0_0 = fma(Out(x0), w0_0, s0_0);
              s1_0 = fma(Out(x1), w0_0, s1_0);
              w += 1u * OUT;
            }
          }
        }
      "
    `);
  });
});
