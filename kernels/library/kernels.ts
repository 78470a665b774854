/**
 * `idlewave/kernels`: the catalogue as a library, in any page and in Node with a WebGPU of its own.
 *
 * The functions below run on a device that is asked for when the first is called, and again when it was lost.
 * `openKernels` takes the caller's.
 */
import { kernelId } from '../manifest.ts';
import { DeviceOwner } from '../runtime/deviceOwner.ts';
import { tuningMemory } from '../runtime/tuningMemory.ts';
import { DeviceKernels, type KernelsOptions } from './deviceKernels.ts';
import { kernelFunctions, type KernelFunctions } from './functions.ts';

export { array, GpuArray, type AnyArray, type NdArray, type ResultOf } from './arrays.ts';
export { KernelCallError } from './call.ts';
export { DeviceKernels, type KernelsOptions, type RunOptions } from './deviceKernels.ts';
export type * from './functions.ts';
export { GpuRunError, type GpuFailure } from '../runtime/failure.ts';
export type { TuningMemory } from '../runtime/tuner.ts';
export { tuningMemory };

/** The catalogue on one device, and its functions. */
export type Kernels = DeviceKernels & KernelFunctions;

/** What can be run, with what its manifest says of it. */
export async function listKernels(): Promise<readonly KernelSummary[]> {
  const { CATALOGUE } = await import('../catalog.ts');
  return CATALOGUE.map(({ manifest }) => ({
    id: kernelId(manifest),
    explanation: manifest.explanation,
    source: manifest.source,
    verification: manifest.verification,
  }));
}

export interface KernelSummary {
  /** `matmul@1` */
  readonly id: string;
  readonly explanation: string;
  readonly source: string;
  /** `exact`: equal bit for bit on every device. */
  readonly verification: 'exact' | 'algebraic' | 'sampled';
}

/** On the caller's device, which stays the caller's. Features and limits are what it was asked for with. */
export function openKernels(device: GPUDevice, options: KernelsOptions = {}): Kernels {
  const opened = new DeviceKernels(device, options);
  return Object.assign(opened, kernelFunctions(opened.run.bind(opened)));
}

/** The realm's own device; in Node there is one where `navigator.gpu` was put in place. */
let owner: DeviceOwner | undefined;
let opened: DeviceKernels | undefined;

async function ownKernels(): Promise<DeviceKernels> {
  // Node has no `navigator` before version 21.
  const { gpu } = ((globalThis as Partial<typeof globalThis>).navigator ?? {}) as { gpu?: GPU };
  owner ??= new DeviceOwner({ gpu, powerPreference: 'high-performance' });
  const acquired = await owner.acquire();
  if (!acquired.ok) {
    throw new Error(`expected WebGPU: ${acquired.error.reason}; or pass a device to openKernels`);
  }
  if (opened?.device !== acquired.value.device) {
    opened?.close();
    opened = new DeviceKernels(acquired.value.device);
  }
  return opened;
}

export const {
  matmul,
  matmulInt8,
  linear,
  matvec,
  conv2d,
  softmax,
  layernorm,
  rmsnorm,
  attention,
  transpose,
  sum,
  norm,
  max,
  min,
  scan,
  sort,
  argsort,
  histogram,
  fft,
  fft2,
}: KernelFunctions = kernelFunctions(async (...call) => (await ownKernels()).run(...call));

/** Any kernel of the catalogue on the realm's own device: `DeviceKernels.run`. */
export const run: DeviceKernels['run'] = async (...call) => (await ownKernels()).run(...call);

/** Gives the realm's own device back. The next call asks for another. */
export function close(): void {
  opened?.close();
  owner?.dispose();
  [opened, owner] = [undefined, undefined];
}
