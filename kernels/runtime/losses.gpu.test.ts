/**
 * Ten thousand dispatches of random kernels on devices that are lost at random moments: before a run, while it is compiled,
 * uploaded, computed or read, and between its slices. Every run ends; what it gives is right; nothing is left behind.
 */
import { describe, expect, it, vi } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { runBatch, type ItemBatch } from '../../shared/program.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { CATALOGUE } from '../catalog.ts';
import { loadKernel } from '../loadKernel.ts';
import { kernelId, type GpuKernel } from '../manifest.ts';
import { noise } from '../noise.ts';
import { referenceRunner } from '../referenceRunner.ts';
import { CASES } from '../testing/cases.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { BadValuePool, openCase } from '../testing/kernelCase.ts';
import { DeviceOwner } from './deviceOwner.ts';
import { GpuRunError } from './failure.ts';
import { gpuKernelRunner, type GpuKernelRunner } from './gpuKernelRunner.ts';
import { KernelDevice } from './kernelDevice.ts';

vi.setConfig({ testTimeout: 300_000 });

const SEED = Number(process.env['IDLEWAVE_SEED'] ?? 1);
const DISPATCHES = 10_000;
const LOSSES = 40;
/** Kernels that a device computes before it is lost: all of them would be compiled anew for each. */
const KERNELS_PER_DEVICE = 4;
const MOST_AT_ONCE = 4;
/** A run that has not ended by then hangs. */
const DEADLINE_MS = 30_000;

interface Prepared {
  readonly id: string;
  readonly kernel: GpuKernel;
  readonly params: unknown;
  readonly batch: ItemBatch;
  readonly expected: NamedTensors;
}

async function prepare(): Promise<Prepared[]> {
  return Promise.all(
    CATALOGUE.map(async (entry) => {
      const id = kernelId(entry.manifest);
      const kernel = (await loadKernel(id))!;
      const { params, batch } = openCase(entry, CASES[entry.manifest.name]![0]);
      const outputs = entry.manifest.outputs(params);
      const expected = await runBatch(referenceRunner(entry, params), batch, outputs);
      return { id, kernel, params, batch, expected };
    }),
  );
}

/** Counts what is there: buffers that were created and not destroyed. */
function watch(device: GPUDevice, alive: Set<GPUBuffer>): void {
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    alive.add(buffer);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      alive.delete(buffer);
      return destroy();
    };
    return buffer;
  };
}

const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`a device that is lost${skipped}`, () => {
  it(`${DISPATCHES} runs, ${LOSSES} losses, seed ${SEED}: no hang, no leak, nothing wrong`, async () => {
    if (found.kind === 'none') return;
    const { gpu } = found;
    const random = noise(SEED);
    const below = (count: number): number => Math.floor(((random() + 1) / 2) * count);
    const prepared = await prepare();
    const owner = new DeviceOwner({ gpu, delay: () => Promise.resolve() });
    const alive = new Set<GPUBuffer>();
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const counts = { right: 0, lost: 0 };
    const perDevice = Math.ceil(DISPATCHES / LOSSES);

    for (let devices = 0; devices < LOSSES; devices++) {
      const acquired = await owner.acquire();
      if (!acquired.ok) throw new Error(acquired.error.reason);
      const { device } = acquired.value;
      watch(device, alive);
      const kernels = new KernelDevice(device, new BadValuePool(device));
      const chosen = Array.from(
        { length: KERNELS_PER_DEVICE },
        () => prepared[below(prepared.length)]!,
      );
      let slices = 0;
      let loseAtSlice = Infinity;
      const betweenSlices = (): void => {
        if (++slices >= loseAtSlice) device.destroy();
      };
      const runners = chosen.map((one) =>
        gpuKernelRunner(kernels, one.kernel, one.params, { betweenSlices }),
      );
      let started = 0;
      const tryOne = async (): Promise<void> => {
        const at = below(runners.length);
        started += 1;
        const ended = await endOf(runners[at]!, chosen[at]!);
        counts[ended] += 1;
      };
      // The last runs of a device see it go: the first ones of a new device are compiled, so that losses fall there, too.
      const isEarly = below(4) === 0;
      const before = isEarly ? below(8) : perDevice - 2 * MOST_AT_ONCE;
      while (started < before) {
        await Promise.all(Array.from({ length: 1 + below(MOST_AT_ONCE) }, tryOne));
      }
      if (below(3) === 0) loseAtSlice = slices + 1 + below(4);
      const pending = Array.from({ length: MOST_AT_ONCE }, tryOne);
      // Now, or when what is asked for is compiled, uploaded, computed or read.
      const pauseMs = below(3) === 0 ? 0 : below(12);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      device.destroy();
      await Promise.all(pending);
      // Nothing works on it any more, and everything says so.
      const after = counts.lost;
      while (started < (isEarly ? 2 * MOST_AT_ONCE : perDevice)) await tryOne();
      await tryOne();
      expect(counts.lost).toBeGreaterThan(after);
      for (const runner of runners) await runner.dispose();
      kernels.dispose();
      expect(alive.size).toBe(0);
    }

    // What early losses left of the ten thousand, on one more device.
    const last = await owner.acquire();
    if (!last.ok) throw new Error(last.error.reason);
    watch(last.value.device, alive);
    const kernels = new KernelDevice(last.value.device, new BadValuePool(last.value.device));
    const runners = prepared.map(({ kernel, params }) => gpuKernelRunner(kernels, kernel, params));
    while (counts.right + counts.lost < DISPATCHES) {
      const at = below(runners.length);
      expect(await endOf(runners[at]!, prepared[at]!)).toBe('right');
      counts.right += 1;
    }
    for (const runner of runners) await runner.dispose();
    kernels.dispose();
    expect(alive.size).toBe(0);
    owner.dispose();
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    expect(counts.right + counts.lost).toBeGreaterThanOrEqual(DISPATCHES);
    expect(counts.right).toBeGreaterThan(DISPATCHES / 2);
  });
});

/** `right`, or `lost` where it says so; throws where it is wrong, fails otherwise, or does not end. */
async function endOf(runner: GpuKernelRunner, one: Prepared): Promise<'right' | 'lost'> {
  const { manifest } = one.kernel;
  const run = runBatch(runner, one.batch, manifest.outputs(one.params)).then(
    (outputs) => {
      const { length } = one.batch.items;
      const { kind } = compareOutputs(outputs, one.expected, length, manifest.acceptance);
      expect(kind, `${one.id} gave something wrong`).toBe('agree');
      return 'right' as const;
    },
    (thrown: unknown) => {
      if (thrown instanceof GpuRunError && thrown.failure.kind === 'device-lost') {
        return 'lost' as const;
      }
      throw thrown;
    },
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${one.id} hangs`)), DEADLINE_MS);
  });
  return Promise.race([run, late]).finally(() => clearTimeout(timer));
}
