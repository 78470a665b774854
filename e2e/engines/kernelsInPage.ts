/**
 * Catalogue kernels on a page's WebGPU: bundled by `kernelPage.ts` and loaded into a page of its own.
 */
import { loadKernel } from '../../kernels/loadKernel.ts';
import { gpuKernelRunner } from '../../kernels/runtime/gpuKernelRunner.ts';
import { KernelDevice } from '../../kernels/runtime/kernelDevice.ts';
import { runBatch } from '../../shared/program.ts';
import { assert } from '../../shared/result.ts';
import { decodeTensors, encodeTensors } from '../../shared/safetensors.ts';

export interface AskedKernel {
  /** `name@version` */
  readonly kernel: string;
  readonly params: unknown;
  readonly items: number;
  /** Stacked inputs as a safetensors file, in base64. */
  readonly inputs: string;
}

/** The outputs of items 0 to `items` as a safetensors file, in base64. */
export async function runKernel(asked: AskedKernel): Promise<string> {
  const entry = await loadKernel(asked.kernel);
  const adapter = await navigator.gpu.requestAdapter();
  const stacked = decodeTensors(Uint8Array.from(atob(asked.inputs), (c) => c.charCodeAt(0)));
  assert(entry !== undefined && adapter !== null && stacked.ok, 'runKernel: cannot run');
  const kernels = new KernelDevice(await adapter.requestDevice());
  const params: unknown = entry.manifest.params.parse(asked.params);
  const items = Array.from({ length: asked.items }, (_, i) => i);
  const batch = { items, stacked: stacked.value, constants: {} };
  const runner = gpuKernelRunner(kernels, entry, params);
  const bytes = encodeTensors(await runBatch(runner, batch, entry.manifest.outputs(params)));
  kernels.dispose();
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
