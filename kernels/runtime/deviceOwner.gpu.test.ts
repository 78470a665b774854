/** The owner of a real device, and of devices that a script takes away. */
import { describe, expect, it } from 'vitest';
import { montecarlo as entry } from '../montecarlo/gpu.ts';
import { EXAMPLE_PARAMS } from '../testing/examples.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch } from '../testing/kernelCase.ts';
import { DeviceOwner, REACQUIRE_DELAYS_MS, type DeviceState } from './deviceOwner.ts';
import { gpuKernelRunner } from './gpuKernelRunner.ts';
import { KernelDevice } from './kernelDevice.ts';

const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

/** Resolves with the first state of this kind, the present one included. */
const stateOf = <Kind extends DeviceState['kind']>(owner: DeviceOwner, kind: Kind) =>
  new Promise<Extract<DeviceState, { kind: Kind }>>((resolve) => {
    const check = (state: DeviceState) => {
      if (state.kind === kind) resolve(state as Extract<DeviceState, { kind: Kind }>);
    };
    owner.subscribe(check);
    check(owner.state);
  });

describe.skipIf(found.kind === 'none')(`DeviceOwner on a real GPU${skipped}`, () => {
  const gpu = found.kind === 'found' ? found.gpu : undefined;

  it('becomes ready, says what the adapter is, and destroys the device at the end', async () => {
    const owner = new DeviceOwner({ gpu });
    expect(owner.state.kind).toBe('idle');
    const [first, second] = await Promise.all([owner.acquire(), owner.acquire()]);
    if (!first.ok || !second.ok) throw new Error('no device');
    expect(second.value.device).toBe(first.value.device);
    expect(first.value.adapter.vendor).not.toBe('');
    expect(first.value.adapter.limits.maxBufferSize).toBeGreaterThan(0);
    owner.dispose();
    expect((await first.value.device.lost).reason).toBe('destroyed');
    expect(owner.state.kind).toBe('disposed');
    expect(await owner.acquire()).toMatchObject({ ok: false });
  });

  it('is lost during a run, gets another device, and the same kernel runs on it', async () => {
    const delays: number[] = [];
    const owner = new DeviceOwner({
      gpu,
      delay: (durationMs) => {
        delays.push(durationMs);
        return Promise.resolve();
      },
    });
    const seen: string[] = [];
    owner.subscribe((state) => seen.push(state.kind));
    const first = await owner.acquire();
    if (!first.ok) throw new Error(first.error.reason);
    const params = entry.manifest.params.parse(EXAMPLE_PARAMS['montecarlo']);
    const batch = caseBatch(entry, params, 3);

    const kernels = new KernelDevice(first.value.device);
    const betweenSlices = () => first.value.device.destroy();
    const failing = gpuKernelRunner(kernels, entry, params, { betweenSlices }).run(batch, 0, 3);
    await expect(failing).rejects.toMatchObject({ failure: { kind: 'device-lost' } });
    kernels.dispose();

    await stateOf(owner, 'ready');
    const second = await owner.acquire();
    if (!second.ok) throw new Error(second.error.reason);
    expect(second.value.device).not.toBe(first.value.device);
    const again = new KernelDevice(second.value.device);
    const outputs = await gpuKernelRunner(again, entry, params).run(batch, 0, 3);
    expect(outputs['hits']!.dims).toEqual([3]);
    again.dispose();
    expect(seen).toEqual(['acquiring', 'ready', 'lost', 'acquiring', 'ready']);
    expect(delays).toEqual(REACQUIRE_DELAYS_MS.slice(0, 1));
    owner.dispose();
  });
});
