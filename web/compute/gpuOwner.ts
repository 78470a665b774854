/**
 * The worker's one GPU device, shared by the kernels and ONNX Runtime, in the words of the compute service.
 *
 * Acquiring and re-acquiring is `DeviceOwner`'s. Invariant: a device that was given up after repeated losses is
 * not tried again in this worker; engines without a GPU take over.
 */
import { authoredManifest } from '../../kernels/authored.ts';
import { boundLoops } from '../../kernels/boundLoops.ts';
import type { GpuKernel } from '../../kernels/manifest.ts';
import type { AdapterDescription } from '../../kernels/runtime/adapterDescription.ts';
import { DeviceOwner } from '../../kernels/runtime/deviceOwner.ts';
import { GpuRunError } from '../../kernels/runtime/failure.ts';
import { gpuKernelRunner, type RunnableKernel } from '../../kernels/runtime/gpuKernelRunner.ts';
import { KernelDevice } from '../../kernels/runtime/kernelDevice.ts';
import { tunedVariant } from '../../kernels/runtime/tuner.ts';
import { tuningMemory } from '../../kernels/runtime/tuningMemory.ts';
import { assert } from '../../shared/result.ts';
import type { ComputeFailure } from './api.ts';
import type { Candidate } from './candidate.ts';

/** `text` is for people: `google swiftshader (software)`, or why there is none. */
export interface AdapterFacts {
  readonly kind: 'none' | 'software' | 'real';
  readonly text: string;
}

/** What happens between two slices: a rest is a promise that resolves later. */
export type SliceCheck = () => void | Promise<void>;

export interface GpuOwner {
  /** Acquires the device where that has not been done; waits while a lost one is being replaced. */
  describe(): Promise<AdapterFacts>;
  /** Throws where there is none. */
  device(): Promise<GPUDevice>;
  kernelCandidate(kernel: GpuKernel): Candidate;
  /** Of an author's own module. */
  readonly authoredCandidate: Candidate;
  /** What a thrown value means where it came from the GPU; null where it did not. */
  failureKind(thrown: unknown): ComputeFailure['kind'] | null;
  /** Polite: slices are short, and one at a time. */
  setPolite(polite: boolean): void;
  /** Awaited before every GPU slice; what it throws ends the run. */
  setSliceCheck(check: SliceCheck): void;
}

/** How ORT and Chromium word a lost device (reference: performance, finding 6). */
const LOSS = /device (was |is )?lost|lost device|valid external Instance reference/i;

export function gpuOwner(): GpuOwner {
  const { gpu } = navigator as { gpu?: GPU };
  // The discrete GPU where there are two: a volunteer gave consent to compute.
  const owner = new DeviceOwner({ gpu, powerPreference: 'high-performance' });
  let everReady = false;
  let givenUp: string | null = null;
  let kernels: KernelDevice | null = null;
  let polite = false;
  let sliceCheck: SliceCheck = () => undefined;

  const acquire = async () => {
    if (givenUp !== null) return null;
    const acquired = await owner.acquire();
    if (acquired.ok) {
      everReady = true;
      return acquired.value;
    }
    if (everReady) givenUp = `the GPU ${acquired.error.reason}`;
    return null;
  };
  const noneReason = (): string => {
    if (givenUp !== null) return givenUp;
    return owner.state.kind === 'unavailable' ? owner.state.reason : 'there is no GPU';
  };
  const kernelDevice = async (): Promise<KernelDevice> => {
    const ready = await acquire();
    if (ready === null) throw new Error(noneReason());
    if (kernels?.device !== ready.device) {
      kernels?.dispose();
      kernels = new KernelDevice(ready.device);
    }
    return kernels;
  };

  const memory = tuningMemory();
  const open = async (kernel: RunnableKernel, params: unknown) => {
    const gpu = await kernelDevice();
    const pacing = {
      pace: () => (polite ? ('polite' as const) : ('normal' as const)),
      betweenSlices: () => sliceCheck(),
    };
    const variant = await tunedVariant(gpu, kernel, params, { ...pacing, memory });
    const runner = gpuKernelRunner(gpu, kernel, params, { ...pacing, variant });
    return { runner, close: () => runner.dispose() };
  };

  return {
    async describe() {
      const ready = await acquire();
      if (ready === null) return { kind: 'none', text: noneReason() };
      const { adapter } = ready;
      return { kind: adapter.isSoftware ? 'software' : 'real', text: nameOf(adapter) };
    },
    device: async () => (await kernelDevice()).device,
    kernelCandidate: (kernel) => ({
      engine: 'webgpu',
      label: 'WebGPU',
      async open({ program }) {
        assert(program.kind === 'kernel', 'kernelCandidate: not a kernel');
        return open(kernel, kernel.manifest.params.parse(program.params));
      },
    }),
    authoredCandidate: {
      engine: 'webgpu',
      label: 'WebGPU',
      async open({ program, model, flopsPerItem }) {
        assert(program.kind === 'wgsl' && model !== null, 'authoredCandidate: no module');
        const manifest = authoredManifest(program, flopsPerItem);
        const shader = boundLoops(new TextDecoder().decode(model));
        return open({ manifest, shader }, null);
      },
    },
    failureKind(thrown) {
      if (thrown instanceof GpuRunError) return kindOf(thrown);
      const lost =
        owner.state.kind === 'lost' || (thrown instanceof Error && LOSS.test(thrown.message));
      return lost ? 'device-lost' : null;
    },
    setPolite(value) {
      polite = value;
    },
    setSliceCheck(check) {
      sliceCheck = check;
    },
  };
}

function kindOf({ failure }: GpuRunError): ComputeFailure['kind'] {
  switch (failure.kind) {
    case 'device-lost':
    case 'out-of-memory':
      return failure.kind;
    case 'too-large':
      return 'not-capable';
    case 'compile':
      return 'program-refused';
    default:
      return failure satisfies never;
  }
}

function nameOf({ vendor, architecture, description, isSoftware }: AdapterDescription): string {
  const name = [vendor, architecture].filter((part) => part !== '').join(' ');
  const shown = (name || description || 'a GPU that does not say its name').slice(0, 120);
  return isSoftware ? `${shown} (software)` : shown;
}
