/** The library on the GPU: every kernel beside its reference, functions by hand values, what stays on the device, and leaks. */
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { runBatch } from '../../shared/program.ts';
import { tensorOf, valuesOf, type NamedTensors, type TypedArray } from '../../shared/tensor.ts';
import { CATALOGUE } from '../catalog.ts';
import { kernelId } from '../manifest.ts';
import { noise } from '../noise.ts';
import { referenceRunner } from '../referenceRunner.ts';
import { CASES } from '../testing/cases.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { openCase } from '../testing/kernelCase.ts';
import { array, dtypeOf, GpuArray, type AnyArray, type NdArray } from './arrays.ts';
import { GpuRunError, KernelCallError, openKernels } from './kernels.ts';

const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

const random = noise(3);
/** To four digits; zero has no sign. */
const rounded = ({ data }: NdArray<Float32Array>) =>
  Array.from(data, (value) => Math.round(value * 1e4) / 1e4 + 0);
const floats = (...shape: number[]) =>
  array(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random), shape);

describe.skipIf(found.kind === 'none')(`idlewave/kernels${skipped}`, async () => {
  const newDevice = async () =>
    found.kind === 'found' ? (await found.gpu.requestAdapter())!.requestDevice() : null!;
  const device = await newDevice();
  const kernels = openKernels(device);
  afterAll(() => {
    kernels.close();
    device.destroy();
  });

  it.each(CATALOGUE.map((entry) => [kernelId(entry.manifest), entry] as const))(
    '%s agrees with its reference, from JavaScript and from the device',
    async (id, entry) => {
      const { manifest } = entry;
      const example = CASES[manifest.name]![0];
      const { params, batch } = openCase(entry, example);
      const inputs = Object.fromEntries(
        Object.entries({ ...batch.stacked, ...batch.constants }).map(([name, tensor]) => [
          name,
          { data: valuesOf(tensor), shape: tensor.dims },
        ]),
      );
      const expected = await runBatch(
        referenceRunner(entry, params),
        batch,
        manifest.outputs(params),
      );
      const agree = (outputs: Readonly<Record<string, AnyArray>>) => {
        const came = Object.fromEntries(
          Object.entries(outputs).map(([name, it]) => {
            const { data, shape } = it as NdArray;
            return [name, tensorOf(dtypeOf(it), shape, data)];
          }),
        ) as NamedTensors;
        const { length } = batch.items;
        expect(compareOutputs(came, expected, length, manifest.acceptance).kind).toBe('agree');
      };
      agree(await kernels.run(id, example.params, inputs, { items: batch.items }));

      const uploaded = await Promise.all(
        Object.entries(inputs).map(async ([name, it]) => [name, await kernels.upload(it)] as const),
      );
      const options = { items: batch.items, onDevice: true };
      const resident = await kernels.run(id, example.params, Object.fromEntries(uploaded), options);
      const read: Record<string, NdArray> = {};
      for (const [name, it] of Object.entries(resident)) {
        expect(it).toBeInstanceOf(GpuArray);
        read[name] = await kernels.download(it as GpuArray);
        (it as GpuArray).destroy();
      }
      for (const [, it] of uploaded) it.destroy();
      agree(read);
    },
  );

  it('computes what its functions say', async () => {
    const a = array(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    const c = await kernels.matmul(a, array(Float32Array.of(1, 0, 0, 1, 1, 1), [3, 2]));
    expect(c).toEqual({ data: Float32Array.of(4, 5, 10, 11), shape: [2, 2] });
    expect(rounded(await kernels.matmul(a, a, { transposeB: true }))).toEqual([14, 32, 32, 77]);
    const bytes = array(Int8Array.of(1, -2, 3, -128), [1, 4]);
    const product = await kernels.matmulInt8(bytes, array(new Int8Array(16).fill(-128), [4, 4]));
    expect([...product.data]).toEqual([16_128, 16_128, 16_128, 16_128]);
    const ones3 = array(Float32Array.of(1, 1, 1), [1, 3]);
    const layer = { transposeWeights: true, activation: 'relu' } as const;
    expect(rounded(await kernels.linear(ones3, a, array(Float32Array.of(-7, 1)), layer))).toEqual([
      0, 16,
    ]);
    expect(rounded(await kernels.matvec(a, array(Float32Array.of(1, 1, 1))))).toEqual([6, 15]);
    expect(rounded(await kernels.transpose(a))).toEqual([1, 4, 2, 5, 3, 6]);
    expect(rounded(await kernels.sum(a))).toEqual([6, 6, 15, 15]);
    expect(rounded(await kernels.norm(array(Float32Array.of(3, -4))))).toEqual([5]);
    const softmax = await kernels.softmax(array(Float32Array.of(0, 0, 0, Math.log(3)), [2, 2]));
    expect(rounded(softmax)).toEqual([0.5, 0.5, 0.25, 0.75]);
    const { value, place } = await kernels.max(array(Float32Array.of(1, 7, 7, -2)));
    expect([...value.data, ...place.data]).toEqual([7, 1]);
    const least = await kernels.min(array(Float32Array.of(1, 7, 7, -2)));
    expect([...least.value.data, ...least.place.data]).toEqual([-2, 3]);
    const keys = array(Uint32Array.of(30, 10, 20));
    expect([...(await kernels.sort(keys)).data]).toEqual([10, 20, 30]);
    expect([...(await kernels.sort(keys, { descending: true })).data]).toEqual([30, 20, 10]);
    expect([...(await kernels.argsort(keys)).data]).toEqual([1, 2, 0]);
    expect([...(await kernels.scan(array(Int32Array.of(1, -2, 5)))).data]).toEqual([1, -1, 4]);
    const counts = await kernels.histogram(keys, { bins: 3, low: 10, binWidth: 10 });
    expect([...counts.data]).toEqual([1, 1, 1]);
    const image = array(Float32Array.of(1, 2, 3, 4), [2, 2, 1]);
    const box = array(new Float32Array(4).fill(1), [2, 2, 1, 1]);
    const convolved = await kernels.conv2d(image, box, array(Float32Array.of(-11)), {
      padding: 0,
      activation: 'relu',
    });
    expect(convolved).toEqual({ data: Float32Array.of(0), shape: [1, 1, 1] });
    const signal = array(Float32Array.of(1, 0, 0, 0, 0, 0), [3, 2]);
    const spectrum = await kernels.fft(signal);
    expect(rounded(spectrum)).toEqual([1, 0, 1, 0, 1, 0]);
    expect(rounded(await kernels.fft(spectrum, { direction: 'inverse' }))).toEqual([
      1, 0, 0, 0, 0, 0,
    ]);
    const ones = array(Float32Array.of(1, 1));
    const x = array(Float32Array.of(3, 5), [1, 2]);
    expect(rounded(await kernels.layernorm(x, ones, ones))).toEqual([0, 2]);
    expect((await kernels.rmsnorm(x, ones)).shape).toEqual([1, 2]);
    const q = floats(2, 3, 4);
    expect((await kernels.attention(q, q, q, { causal: true })).shape).toEqual([2, 3, 4]);
    expect((await kernels.fft2(floats(3, 4, 2))).shape).toEqual([3, 4, 2]);
  });

  it('chains on the device: what one call leaves there is the next one’s input', async () => {
    const [a, b] = [floats(16, 32), floats(32, 8)];
    const left = await kernels.upload(a);
    const c = await kernels.matmul(left, b);
    const d = await kernels.softmax(c);
    const read = await kernels.download(d);
    expect(read).toEqual(await kernels.softmax(await kernels.matmul(a, b)));
    const flat = d.reshape([8, 16]);
    expect((await kernels.download(await kernels.transpose(flat))).shape).toEqual([16, 8]);
    expect(() => d.reshape([5])).toThrow('expected 128 values');
    d.destroy();
    expect(flat.isDestroyed).toBe(true);
    await expect(kernels.transpose(flat)).rejects.toThrow('"x" [8,16] was destroyed');
    expect(() => flat.reshape([128])).toThrow('was not destroyed');
    for (const it of [left, c]) it.destroy();
    await expect(kernels.softmax(c)).rejects.toThrow('"x" [16,8] was destroyed');
  });

  it('keeps what is destroyed until the calls that were made with it are done', async () => {
    const x = floats(64, 64);
    const expected = await kernels.softmax(x);
    const left = await kernels.upload(x);
    const results = [kernels.softmax(left), kernels.softmax(left)];
    left.destroy();
    // Of the same size: were its memory given back by now, these would write over it.
    const others = await Promise.all(
      Array.from({ length: 4 }, () => kernels.upload(floats(64, 64))),
    );
    for (const result of await Promise.all(results)) {
      expect(await kernels.download(result)).toEqual(expected);
      result.destroy();
    }
    for (const other of others) other.destroy();
  });

  it('rejects what is under way when it is closed, and nothing else', async () => {
    const own = openKernels(await newDevice());
    const left = await own.upload(floats(64, 64));
    const calls = [
      own.matmul(left, floats(64, 64)),
      own.softmax(floats(8, 8)),
      own.download(left),
      own.upload(floats(4)),
    ];
    own.close();
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: { name: 'KernelCallError' } });
      expect(String((call as PromiseRejectedResult).reason)).toContain('were closed');
    }
    await expect(own.upload(floats(4))).rejects.toThrow('were closed');
    own.device.destroy();
  });

  it('says that an array is larger than the device binds', async () => {
    const own = await newDevice();
    const limits = new Proxy(own.limits, {
      get: (all, name): unknown =>
        name === 'maxStorageBufferBindingSize' ? 2 ** 16 : Reflect.get(all, name),
    });
    Object.defineProperty(own, 'limits', { value: limits });
    const small = openKernels(own);
    const call = small.softmax(floats(32, 1024));
    await expect(call).rejects.toMatchObject({
      failure: {
        kind: 'too-large',
        limit: 'maxStorageBufferBindingSize',
        max: 2 ** 16,
        came: 2 ** 17,
      },
    });
    expect((await small.softmax(floats(16, 8))).shape).toEqual([16, 8]);
    small.close();
    own.destroy();
  });

  it('has a type for what comes of arrays of either kind', async () => {
    const here = floats(4, 4);
    const there = await kernels.upload(here);
    const either = here as AnyArray;
    const [byHere, byThere, byEither] = [
      await kernels.matmul(here, here),
      await kernels.matmul(here, there),
      await kernels.matmul(either, there),
    ];
    expectTypeOf(byHere).toEqualTypeOf<NdArray<Float32Array>>();
    expectTypeOf(byThere).toEqualTypeOf<GpuArray>();
    expectTypeOf(byEither).toEqualTypeOf<GpuArray>();
    for (const made of [byThere, byEither]) made.destroy();
    const open = await kernels.matmul(either, here);
    expectTypeOf(open).toEqualTypeOf<NdArray<Float32Array> | GpuArray>();
    expect(open).not.toBeInstanceOf(GpuArray);
    there.destroy();
  });

  it('answers calls that were made at once, each with its own', async () => {
    const inputs = Array.from({ length: 12 }, (_, i) => array(new Float32Array(1000 + i).fill(i)));
    const sums = await Promise.all(inputs.map((it) => kernels.sum(it)));
    expect(sums.map(({ data }) => data[0])).toEqual(inputs.map(({ data }, i) => i * data.length));
    const same = await Promise.all(
      inputs.map((_, i) => kernels.sum(array(new Float32Array(4096).fill(i)))),
    );
    expect(same.map(({ data }) => data[0])).toEqual(inputs.map((_, i) => 4096 * i));
  });

  it('takes buffers of the caller’s, and leaves them alone', async () => {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = device.createBuffer({ size: 16, usage });
    device.queue.writeBuffer(buffer, 0, Float32Array.of(1, 2, 3, 4));
    const mine = kernels.wrap(buffer, 'F32', [2, 2]);
    const turned = await kernels.transpose(mine);
    expect([...(await kernels.download(turned)).data]).toEqual([1, 3, 2, 4]);
    mine.destroy();
    device.queue.writeBuffer(buffer, 0, Float32Array.of(5));
    expect(() => kernels.wrap(buffer, 'F32', [5])).toThrow('expected 20 bytes for F32[5], came 16');
    turned.destroy();
    await expect(kernels.download(turned)).rejects.toThrow('an array [2,2] was destroyed');
    buffer.destroy();
    const narrow = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
    expect(() => kernels.wrap(narrow, 'F32', [4])).toThrow('STORAGE and COPY_SRC for F32[4]');
    narrow.destroy();
  });

  it('gives back what it took: nothing is left but what was not destroyed', async () => {
    const own = openKernels(await newDevice());
    const made = new Set<GPUBuffer>();
    const { createBuffer } = own.device;
    own.device.createBuffer = (descriptor) => {
      const buffer = createBuffer.call(own.device, descriptor);
      made.add(buffer);
      const { destroy } = buffer;
      buffer.destroy = () => {
        made.delete(buffer);
        return destroy.call(buffer);
      };
      return buffer;
    };
    const [a, b] = [floats(8, 8), floats(8, 8)];
    for (let i = 0; i < 3; i++) await own.matmul(a, b);
    await expect(own.matmul(a, floats(3, 3))).rejects.toThrow(KernelCallError);
    // More kernels than are kept, each with scratch of its own.
    const round = async () => {
      for (let length = 1; length < 50; length++) await own.sum(floats(length));
    };
    await round();
    const after = made.size;
    for (let i = 0; i < 20; i++) await own.matmul(a, b);
    await round();
    expect(made.size).toBe(after);
    own.close();
    expect(made.size).toBe(0);
    await expect(own.matmul(a, b)).rejects.toThrow('were closed');
    own.device.destroy();
  });

  it('says that the device was lost', async () => {
    const lost = openKernels(await newDevice());
    const elsewhere = await lost.upload(floats(4));
    await expect(kernels.sum(elsewhere)).rejects.toThrow('"x" [4] lies on another device');
    const pending = lost.matmul(floats(64, 64), floats(64, 64));
    lost.device.destroy();
    await expect(pending).rejects.toThrow(GpuRunError);
    await expect(lost.sum(floats(4))).rejects.toThrow(GpuRunError);
    expect(lost.isLost).toBe(true);
  });

  it('refuses what has no such kernel or values, and says so', async () => {
    await expect(kernels.run('matmul@9', {})).rejects.toThrow(
      'the catalogue has no kernel "matmul@9"',
    );
    await expect(kernels.matmul(floats(4), floats(4))).rejects.toThrow(
      '"a" of 2 axes or more, came [4]',
    );
    const short = { data: new Float32Array(3), shape: [4] };
    await expect(kernels.sum(short)).rejects.toThrow('"x" [4] has 3 values');
    await expect(kernels.upload(short)).rejects.toThrow('upload: [4] has 3 values');
    const odd = { data: new Float32Array(3), shape: [-1, -3] };
    await expect(kernels.upload(odd)).rejects.toThrow('a shape of whole numbers, came [-1,-3]');
    const shot = { dimensions: 2, samplesPerItem: 4, seed: 1 };
    await expect(kernels.run('montecarlo@1', shot, {}, { items: [1.5] })).rejects.toThrow(
      'indices of items from 0 to 4294967295, came 1.5',
    );
    expect(() => array(new Float32Array(3) as TypedArray, [2, 2])).toThrow('expected 4 values');
  });
});
