/**
 * The engines of a browser, as the compute service sees them: which are worth trying for a program, and why.
 *
 * Measures nothing itself. Invariant: on a software adapter ONNX Runtime's GPU build is never tried, because it is
 * 10 to 200 times slower there than WASM (reference: performance, finding 3).
 */
import { loadKernel } from '../../kernels/loadKernel.ts';
import type { Candidates } from './candidate.ts';
import type { ProgramSource } from './api.ts';
import type { ComputeEnvironment } from './computeService.ts';
import { cpuKernelCandidate } from './cpuKernelCandidate.ts';
import { gpuOwner, type GpuOwner } from './gpuOwner.ts';
import { onnxCandidate } from './onnxCandidate.ts';
import { wasmOrt, webGpuOrt } from './ortModules.ts';
import { rest } from './rest.ts';
import type { Hashing } from './rowTree.ts';

/** Plain JavaScript does about 0.3 GFLOP/s: an item above this would hold it for more than 3 s. */
const MAX_FLOPS_PER_REFERENCE_ITEM = 1e9;
/** What a browser tells of the machine's memory is capped at 8 GiB; where it tells nothing, a phone's. */
const ASSUMED_MEMORY_GIB = 2;
const MEMORY_SHARE = 1 / 4;
const GIB = 1024 ** 3;

export function browserEnvironment(): ComputeEnvironment {
  const gpu = gpuOwner();
  return {
    async facts() {
      const adapter = await gpu.describe();
      const { deviceMemory } = navigator as { deviceMemory?: number };
      return {
        engines: adapter.kind === 'none' ? ['wasm', 'cpu'] : ['webgpu', 'wasm', 'cpu'],
        adapter: adapter.text,
        memoryBytes: Math.floor((deviceMemory ?? ASSUMED_MEMORY_GIB) * GIB * MEMORY_SHARE),
      };
    },
    candidates: (source) => {
      switch (source.program.kind) {
        case 'onnx':
          return onnxCandidates(gpu);
        case 'kernel':
          return kernelCandidates(gpu, source);
        case 'wgsl':
          return authoredCandidates(gpu);
        default:
          return source.program satisfies never;
      }
    },
    nowMs: () => performance.now(),
    rest,
    failureKind: (thrown) => gpu.failureKind(thrown),
    setPolite: (polite) => {
      gpu.setPolite(polite);
    },
    setSliceCheck: (check) => {
      gpu.setSliceCheck(check);
    },
    ...hashing(),
  };
}

/** Without a secure context there is no WebCrypto. */
function hashing(): Hashing {
  const { subtle } = crypto as { subtle?: SubtleCrypto };
  if (subtle === undefined) return {};
  return { digest: async (message) => new Uint8Array(await subtle.digest('SHA-256', message)) };
}

const wasm = onnxCandidate('wasm', 'WASM', async () => ({
  ort: await wasmOrt(),
  providers: ['wasm'],
}));

async function onnxCandidates(gpu: GpuOwner): Promise<Candidates> {
  const adapter = await gpu.describe();
  switch (adapter.kind) {
    case 'none':
      return { list: [wasm], note: `WASM: ${adapter.text}.` };
    case 'software':
      return {
        list: [wasm],
        note: 'WASM: this device’s WebGPU is software, where WASM is 10 to 200 times faster.',
      };
    case 'real': {
      const webGpu = onnxCandidate('webgpu', 'WebGPU', async () => ({
        ort: await webGpuOrt(),
        providers: [{ name: 'webgpu', device: await gpu.device() }],
      }));
      // The WASM provider of the same build: a second build would cost 14 MB to be measured.
      const wasmBeside = onnxCandidate('wasm', 'WASM', async () => ({
        ort: await webGpuOrt(),
        providers: ['wasm'],
      }));
      return { list: [webGpu, wasmBeside], note: '' };
    }
    default:
      return adapter.kind satisfies never;
  }
}

async function authoredCandidates(gpu: GpuOwner): Promise<Candidates> {
  const { kind, text } = await gpu.describe();
  return kind === 'none'
    ? { list: [], note: `the author’s own WGSL needs a GPU: ${text}` }
    : { list: [gpu.authoredCandidate], note: '' };
}

async function kernelCandidates(gpu: GpuOwner, source: ProgramSource): Promise<Candidates> {
  const { program, flopsPerItem } = source;
  const id = program.kind === 'kernel' ? program.kernel : '';
  const kernel = await loadKernel(id).catch(() => null);
  if (kernel === null) {
    // A page older than what the coordinator has, or the network is away: not the device's failure.
    return { list: [], note: 'a part of this page could not be fetched: load it again' };
  }
  if (kernel === undefined) {
    return { list: [], note: 'this page does not know the kernel: load it again for a newer one' };
  }
  const cpu = cpuKernelCandidate(kernel);
  const adapter = await gpu.describe();
  if (adapter.kind === 'none') {
    return { list: [cpu], note: `Plain JavaScript: ${adapter.text}.` };
  }
  const onGpu = gpu.kernelCandidate(kernel);
  if (flopsPerItem > MAX_FLOPS_PER_REFERENCE_ITEM) {
    const gflop = (flopsPerItem / 1e9).toFixed(1);
    return {
      list: [onGpu],
      note: `WebGPU: one item is ${gflop} GFLOP, seconds of work for plain JavaScript.`,
    };
  }
  return { list: [onGpu, cpu], note: '' };
}
