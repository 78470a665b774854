/**
 * One run of the gallery: a kernel on the device and by its reference, held against each other by the rule that accepts
 * volunteers' reports, and the device's own roofs.
 *
 * Knows no worker. Invariant: it ends by itself after some seconds, gives back what it took of the device, and says each
 * thing as soon as it is known.
 */
import { exampleBatch, type KernelExample } from '../../kernels/example.ts';
import { loadKernel } from '../../kernels/loadKernel.ts';
import { shaderText, variantsOf, type GpuKernel } from '../../kernels/manifest.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import { measureRoof } from '../../kernels/roofline/deviceRoof.ts';
import { GpuRunError, type GpuFailure } from '../../kernels/runtime/failure.ts';
import { KernelDevice } from '../../kernels/runtime/kernelDevice.ts';
import { compareOutputs } from '../../shared/acceptance.ts';
import { runBatch, type ItemBatch } from '../../shared/program.ts';
import { assert, messageOf } from '../../shared/result.ts';
import { itemOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import { presetsOf } from './examples.ts';
import { largerBatch, timed, type TimedVariant } from './timing.ts';
import type { GalleryEvent, GalleryRequest, VariantTiming } from './messages.ts';
import { picturesOf } from './pictures.ts';

/** So long the reference computes items, and one at least. */
const REFERENCE_MS = 400;

export interface GalleryPorts {
  /** The device, or why there is none. */
  device(): Promise<
    | { readonly device: GPUDevice; readonly name: string; readonly isSoftware: boolean }
    | { readonly device: null; readonly reason: string }
  >;
  readonly now: () => number;
  readonly emit: (event: GalleryEvent) => void;
}

/** Never rejects: what fails is the last event. */
export async function runGallery(request: GalleryRequest, ports: GalleryPorts): Promise<void> {
  try {
    await run(request, ports);
    ports.emit({ kind: 'done' });
  } catch (thrown) {
    const isGpu = thrown instanceof GpuRunError;
    const reason = isGpu ? reasonOf(thrown.failure) : 'broken';
    ports.emit({ kind: 'failed', reason, message: messageOf(thrown) });
  }
}

async function run(request: GalleryRequest, { device, now, emit }: GalleryPorts): Promise<void> {
  const kernel = await loadKernel(request.kernel);
  assert(kernel !== undefined, `the catalogue has no ${request.kernel}`);
  const { manifest } = kernel;
  const params = manifest.params.parse(request.params);
  const { [request.preset]: example } = await presetsOf(manifest.name);
  const batch = batchOf(kernel, params, request.items, example);

  const found = await device();
  if (found.device === null) {
    emit({ kind: 'no-gpu', reason: found.reason });
    const { outputs, items } = await reference(kernel, params, batch, now, emit);
    await paint(kernel, params, outputs, items, batch, emit);
    return;
  }
  emit({ kind: 'device', name: found.name, isSoftware: found.isSoftware });
  const gpu = new KernelDevice(found.device);
  try {
    const { outputs, timedBatch } = await onDevice(gpu, kernel, params, batch, now, emit);
    await paint(kernel, params, outputs, timedBatch.items.length, timedBatch, emit);
    const expected = await reference(kernel, params, timedBatch, now, emit);
    const made = firstItems(outputs, expected.items);
    const comparison = compareOutputs(made, expected.outputs, expected.items, manifest.acceptance);
    emit({ kind: 'check', items: expected.items, comparison });
    const roof = await measureRoof(gpu, { now });
    if (!roof.ok) throw new GpuRunError(roof.error);
    emit({ kind: 'roof', roof: roof.value });
  } finally {
    gpu.dispose();
  }
}

function batchOf(
  kernel: GpuKernel,
  params: unknown,
  items: number,
  { constant, value }: KernelExample,
): ItemBatch {
  const values =
    value === undefined ? undefined : (index: number, input: string) => value(input, index, params);
  return exampleBatch(kernel, params, items, { constant, values });
}

/** Every variant in turn; only the fastest one's outputs are kept. */
async function onDevice(
  gpu: KernelDevice,
  kernel: GpuKernel,
  params: unknown,
  batch: ItemBatch,
  now: () => number,
  emit: (event: GalleryEvent) => void,
): Promise<{ readonly outputs: NamedTensors; readonly timedBatch: ItemBatch }> {
  const [first, ...others] = variantsOf(kernel.manifest, params, gpu.traits);
  const timedBatch = await largerBatch(gpu, kernel, params, batch, first, now);
  const timings: VariantTiming[] = [];
  let fastest: TimedVariant | null = null;
  const ways = 1 + others.length;
  for (const variant of [first, ...others]) {
    emit({ kind: 'trying', begun: timings.length + 1, ways });
    const tried = await timed(gpu, kernel, params, timedBatch, variant, 1 / ways, now);
    timings.push({ name: variant.name, family: variant.family, msPerItem: tried.msPerItem });
    if (fastest === null || tried.msPerItem < fastest.msPerItem) fastest = tried;
  }
  assert(fastest !== null, 'a kernel has one way at least');
  emit({
    kind: 'timed',
    items: timedBatch.items.length,
    runMs: fastest.runMs,
    variants: timings.sort((a, b) => a.msPerItem - b.msPerItem),
    wgsl: shaderText(kernel, params, fastest.variant),
  });
  return { outputs: fastest.outputs, timedBatch };
}

/** As many of the first items as there is time for. */
async function reference(
  kernel: GpuKernel,
  params: unknown,
  batch: ItemBatch,
  now: () => number,
  emit: (event: GalleryEvent) => void,
): Promise<{ readonly outputs: NamedTensors; readonly items: number }> {
  const runner = referenceRunner(kernel, params);
  const parts: NamedTensors[] = [];
  const startMs = now();
  do {
    parts.push(await runner.run(batch, parts.length, parts.length + 1));
  } while (parts.length < batch.items.length && now() - startMs < REFERENCE_MS);
  const items = parts.length;
  emit({ kind: 'reference', items, msPerItem: (now() - startMs) / items });
  const outputs = await runBatch(
    { itemsPerRun: 1, run: (_, row) => Promise.resolve(parts[row]!) },
    { ...batch, items: batch.items.slice(0, items) },
    kernel.manifest.outputs(params),
  );
  return { outputs, items };
}

const firstItems = (outputs: NamedTensors, items: number): NamedTensors =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { dtype, dims, bytes }]): [string, Tensor] => {
      const itemBytes = bytes.byteLength / dims[0]!;
      return [
        name,
        { dtype, dims: [items, ...dims.slice(1)], bytes: bytes.subarray(0, items * itemBytes) },
      ];
    }),
  );

/** Of as many of the first items as were `computed`. */
async function paint(
  kernel: GpuKernel,
  params: unknown,
  outputs: NamedTensors,
  computed: number,
  batch: ItemBatch,
  emit: (event: GalleryEvent) => void,
): Promise<void> {
  const items = batch.items.slice(0, computed).map((item, row) => {
    const own = Object.entries(outputs).map(([name, all]) => [name, itemOf(all, row)] as const);
    return { item, outputs: Object.fromEntries(own) };
  });
  const pictures = await picturesOf(kernel.manifest.name, params, items);
  if (pictures.length > 0) emit({ kind: 'pictures', pictures });
}

function reasonOf({ kind }: GpuFailure): Extract<GalleryEvent, { kind: 'failed' }>['reason'] {
  switch (kind) {
    case 'device-lost':
    case 'out-of-memory':
      return kind;
    case 'too-large':
    case 'compile':
      return 'refused';
    default:
      return kind satisfies never;
  }
}
