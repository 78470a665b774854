/** nbody@1 on the GPU, against its f64 reference, by the rule that accepts reports. */
import { afterAll, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import type { ItemBatch } from '../../shared/program.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { catalogueEntry } from '../manifest.ts';
import { referenceRunner } from '../referenceRunner.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { compareOnGpu, runWhole } from '../testing/kernelCase.ts';
import { cluster } from '../testing/cluster.ts';
import { MAX_STEPS, nbodyManifest, nbodyParams, type NbodyParams } from './manifest.ts';
import { nbodyReference } from './reference.ts';

const entry = catalogueEntry(nbodyManifest, nbodyReference);
const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

/** Items are clusters in equilibrium; the given inputs are one cluster shared by all. */
function clusters(bodies: number, count: number, constant: readonly string[] = []): ItemBatch {
  const systems = Array.from({ length: count }, (_, i) => cluster(bodies, i + 1));
  const stacked: Record<string, ReturnType<typeof tensorOf>> = {};
  const constants: Record<string, ReturnType<typeof tensorOf>> = {};
  for (const name of ['positions', 'velocities'] as const) {
    if (constant.includes(name)) {
      constants[name] = tensorOf('F32', [bodies, 4], systems[0]![name]);
    } else {
      const all = Float32Array.from(systems.flatMap((system) => [...system[name]]));
      stacked[name] = tensorOf('F32', [count, bodies, 4], all);
    }
  }
  return { items: systems.map((_, i) => i), stacked, constants };
}

const params = (change: object): NbodyParams =>
  nbodyParams.parse({ dtSeconds: 0.01, softeningMetres: 0.05, ...change });

describe.skipIf(found.kind === 'none')(`nbody@1 on the GPU${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());

  it.each([
    { bodies: 2, steps: 1, items: 5 },
    { bodies: 63, steps: 2, items: 3 },
    { bodies: 64, steps: 10, items: 2 },
    { bodies: 65, steps: 10, items: 2 },
    { bodies: 257, steps: 3, items: 1 },
  ])('agrees for $bodies bodies and $steps steps', async ({ items, ...change }) => {
    const batch = clusters(change.bodies, items);
    const { comparison } = await compareOnGpu(device, entry, params(change), batch);
    expect(comparison.kind).toBe('agree');
  });

  it.each([['positions'], ['velocities'], ['positions', 'velocities']])(
    'takes constant inputs: %s %s',
    async (...constant) => {
      const some = params({ bodies: 17, steps: 4 });
      const batch = clusters(17, 3, constant);
      const { comparison } = await compareOnGpu(device, entry, some, batch);
      expect(comparison.kind).toBe('agree');
    },
  );

  it('agrees with room to spare after the most steps', async () => {
    const most = params({ bodies: 48, steps: MAX_STEPS });
    const { comparison } = await compareOnGpu(device, entry, most, clusters(48, 2));
    expect(comparison.kind).toBe('agree');
    const rule = nbodyManifest.acceptance as { maxRelativeL2: number };
    expect(comparison.worst.relativeL2).toBeLessThan(rule.maxRelativeL2 / 5);
  });

  it('refuses half the steps at twice their length', async () => {
    const honest = params({ bodies: 48, steps: MAX_STEPS });
    const cheap = params({ bodies: 48, steps: MAX_STEPS / 2, dtSeconds: 2 * honest.dtSeconds });
    const batch = clusters(48, 1);
    const { gpu } = await compareOnGpu(device, entry, honest, batch);
    const outputs = entry.manifest.outputs(cheap);
    const forged = await runWhole(referenceRunner(entry, cheap), batch, outputs);
    expect(compareOutputs(gpu, forged, 1, nbodyManifest.acceptance).kind).toBe('disagree');
  });
});
