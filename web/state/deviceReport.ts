/**
 * What this browser and device offer, as far as a page can tell, and how fast they are when a person asks.
 *
 * Computes nothing until `measure`. Whatever a browser does not tell is null, and never guessed.
 */
import { spawnComputeWorker } from '../compute/browserWorker.ts';
import type { ComputeFacts, ComputeResult } from '../compute/api.ts';
import { ComputeSupervisor } from '../compute/supervisor.ts';
import { measureDevice, type Measured } from '../volunteer/measureDevice.ts';

/** Limits of an adapter that decide how large a program may be. */
export const SHOWN_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
] as const;

export interface GpuReport {
  readonly features: readonly string[];
  readonly limits: readonly { readonly name: string; readonly value: number }[];
}

export interface DeviceReport {
  /** What a tab says of itself when it joins: the coordinator goes by this. */
  readonly facts: ComputeFacts;
  /** Null where there is no adapter. */
  readonly gpu: GpuReport | null;
  readonly wasmSimd: boolean;
  /** Shared memory, which WASM threads need: a page must be isolated from others for it. */
  readonly wasmThreads: boolean;
  readonly cores: number | null;
  readonly storage: { readonly usedBytes: number; readonly quotaBytes: number } | null;
  readonly webRtc: boolean;
}

/** `v128.const` and `i8x16.popcnt`: a module that only compiles where SIMD does. */
const SIMD_MODULE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  10,
  1,
  8,
  0,
  65,
  0,
  253,
  15,
  253,
  98,
  11,
);

export class DeviceProbe {
  readonly #compute: ComputeSupervisor;

  constructor(memoryCapBytes: () => number | null) {
    this.#compute = new ComputeSupervisor({
      spawn: spawnComputeWorker,
      nowMs: () => performance.now(),
      memoryCapBytes,
      after(delayMs, fire) {
        const timer = setTimeout(fire, delayMs);
        return () => {
          clearTimeout(timer);
        };
      },
    });
  }

  /** Rejects where no worker can be started. */
  async report(): Promise<DeviceReport> {
    const facts = await this.#compute.facts();
    const { hardwareConcurrency } = navigator as { hardwareConcurrency?: number };
    return {
      facts,
      gpu: await gpuReport(),
      wasmSimd: WebAssembly.validate(SIMD_MODULE),
      wasmThreads: crossOriginIsolated && typeof SharedArrayBuffer === 'function',
      cores: hardwareConcurrency ?? null,
      storage: await storageReport(),
      webRtc: typeof RTCPeerConnection === 'function',
    };
  }

  /** A few seconds of work, for a click. */
  measure(): Promise<ComputeResult<Measured>> {
    return measureDevice(this.#compute);
  }

  close(): void {
    void this.#compute.close();
  }
}

async function gpuReport(): Promise<GpuReport | null> {
  const { gpu } = navigator as { gpu?: GPU };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (adapter === null || adapter === undefined) return null;
  return {
    features: [...adapter.features].sort(),
    limits: SHOWN_LIMITS.map((name) => ({ name, value: adapter.limits[name] })),
  };
}

async function storageReport(): Promise<DeviceReport['storage']> {
  const { storage } = navigator as { storage?: StorageManager };
  try {
    const { usage, quota } = (await storage?.estimate()) ?? {};
    return quota === undefined ? null : { usedBytes: usage ?? 0, quotaBytes: quota };
  } catch {
    return null;
  }
}
