/**
 * A WebGPU implementation for tests and benchmarks in Node: Dawn, on a real GPU where there is one, else on
 * the SwiftShader that Chromium ships. Says why where there is none, so that a skipped test has a reason.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../../shared/result.ts';
import { DeviceOwner } from '../runtime/deviceOwner.ts';

export type NodeGpu =
  | { readonly kind: 'found'; readonly gpu: GPU }
  | { readonly kind: 'none'; readonly reason: string };

/** Where Linux packages of Chromium and Chrome put their software Vulkan driver. */
const SWIFTSHADER_DRIVERS = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/usr/lib64/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
];

const VULKAN_LOADER = 'libvulkan.so.1';
/** RTLD_NOW, RTLD_GLOBAL and RTLD_NODELETE of glibc; Node names only the first two. */
const KEEP_LOADED = 0x2 | 0x100 | 0x1000;

let found: Promise<NodeGpu> | undefined;

/** Finds a GPU once per process. The result must stay referenced while its devices are in use. */
export const nodeGpu = (): Promise<NodeGpu> => (found ??= findGpu());

/** Lets Node exit: an instance that is still referenced keeps the process alive. */
export function dropNodeGpu(): void {
  found = undefined;
}

async function findGpu(): Promise<NodeGpu> {
  let dawn: typeof import('webgpu');
  try {
    dawn = await import('webgpu');
  } catch (thrown) {
    return { kind: 'none', reason: `the package "webgpu" does not load: ${messageOf(thrown)}` };
  }
  Object.assign(globalThis, dawn.globals);
  const driver = process.env['VK_ICD_FILENAMES'] ?? SWIFTSHADER_DRIVERS.find(existsSync);
  if (process.platform === 'linux') loadVulkan(driver);
  if (hasOwnDriver()) {
    const own = dawn.create([]);
    if ((await own.requestAdapter()) !== null) return { kind: 'found', gpu: own };
  }
  if (driver === undefined || process.platform !== 'linux') {
    return { kind: 'none', reason: 'no GPU adapter, and no Chromium with a software driver' };
  }
  process.env['VK_ICD_FILENAMES'] = driver;
  const software = dawn.create(['backend=vulkan']);
  if ((await software.requestAdapter()) !== null) return { kind: 'found', gpu: software };
  return { kind: 'none', reason: `no GPU adapter, not even from ${driver}` };
}

/** Where a Linux system lists its Vulkan drivers; Dawn prints errors when it looks and finds none. */
const DRIVER_LISTS = [
  '/usr/share/vulkan/icd.d',
  '/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
];

const hasOwnDriver = (): boolean =>
  process.platform !== 'linux' ||
  process.env['VK_ICD_FILENAMES'] !== undefined ||
  DRIVER_LISTS.some((list) => existsSync(list) && readdirSync(list).length > 0);

/**
 * Dawn opens the Vulkan loader by name, and complains where the system has none. Chromium's own, beside its
 * driver, then serves: opening a library as an add-on fails, but KEEP_LOADED leaves it in the process.
 */
function loadVulkan(driver: string | undefined): void {
  const candidates = [VULKAN_LOADER];
  if (driver !== undefined) candidates.push(join(dirname(driver), VULKAN_LOADER));
  for (const path of candidates) {
    try {
      process.dlopen({ exports: {} }, path, KEEP_LOADED);
    } catch (thrown) {
      if (messageOf(thrown).includes('did not self-register')) return;
    }
  }
}

/** A device with all that its adapter has: what a volunteer's tab asks for. */
export async function wholeDevice(gpu: GPU): Promise<GPUDevice> {
  const owner = new DeviceOwner({ gpu });
  const ready = await owner.acquire();
  if (!ready.ok) throw new Error(ready.error.reason);
  return ready.value.device;
}
