/**
 * How fast a device is at one kernel that every engine of it can run: for its person to see, and for nothing else. What
 * work it is given goes by what it really computed.
 */
import { kernelId } from '../../kernels/manifest.ts';
import { montecarloManifest } from '../../kernels/montecarlo/manifest.ts';
import type { AssignmentId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import type { Compute, ComputeResult, EngineChoice } from '../compute/api.ts';

export interface Measured extends EngineChoice {
  /** Operations a second, as the kernel's manifest counts them. */
  readonly flopsPerSecond: number;
  readonly overMs: number;
}

const KERNEL = kernelId(montecarloManifest);
const PARAMS = {
  integrand: 'ball',
  dimensions: 3,
  samplesPerItem: 2 ** 18,
  seed: 1,
  stream: 0,
} as const;
const KEY = 'measure-device';
/** Long enough that starting and reading back hardly count. */
const ENOUGH_MS = 400;
const MOST_ITEMS = 1024;

/** Takes a few seconds of the device, as a click allowed. */
export async function measureDevice(compute: Compute): Promise<ComputeResult<Measured>> {
  const flopsPerItem = montecarloManifest.flopsPerItem(PARAMS);
  const loaded = await compute.load({
    key: KEY,
    program: { kind: 'kernel', kernel: KERNEL, params: PARAMS },
    model: null,
    constants: {},
    feeds: {},
    outputs: montecarloManifest.outputs(PARAMS),
    flopsPerItem,
  });
  if (!loaded.ok) return loaded;
  for (let count = 4; ; count *= 4) {
    const run = await compute.run(
      {
        id: `measure-${count}` as AssignmentId,
        programKey: KEY,
        items: Array.from({ length: count }, (_, i) => i),
        stacked: {},
      },
      () => undefined,
    );
    if (!run.ok) return run;
    const { engine, reason, computeMs } = run.value;
    if (computeMs < ENOUGH_MS && count < MOST_ITEMS) continue;
    const flopsPerSecond = (count * flopsPerItem) / (Math.max(computeMs, 0.1) / 1_000);
    return ok({ engine, reason, flopsPerSecond, overMs: computeMs });
  }
}
