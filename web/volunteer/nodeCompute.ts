/**
 * Computing in a Node process: ONNX Runtime's WASM build and the kernels' CPU references, in this thread.
 *
 * No GPU and no worker. Invariant: between two runs of at most some 100 ms the event loop gets its turn.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { freemem } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { findKernel } from '../../kernels/catalog.ts';
import type { OrtModule } from '../../shared/onnx/ortSession.ts';
import type { Program } from '../../shared/protocol/program.ts';
import type { Compute } from '../compute/api.ts';
import type { Candidates } from '../compute/candidate.ts';
import { ComputeService } from '../compute/computeService.ts';
import { cpuKernelCandidate } from '../compute/cpuKernelCandidate.ts';
import { onnxCandidate } from '../compute/onnxCandidate.ts';

/** Of the memory that is free at start, what one program and its items may take. */
const MEMORY_SHARE = 1 / 4;

export function nodeCompute(): Compute {
  const memoryBytes = Math.floor(freemem() * MEMORY_SHARE);
  return new ComputeService({
    facts: () => Promise.resolve({ engines: ['wasm', 'cpu'], adapter: 'none (Node)', memoryBytes }),
    candidates: ({ program }) => Promise.resolve(candidates(program)),
    nowMs: () => performance.now(),
    rest: (ms) => (ms > 0 ? sleep(ms) : new Promise((resolve) => setImmediate(resolve))),
    failureKind: () => null,
    setPolite: () => undefined,
    setSliceCheck: () => undefined,
    sha256: (message) => createHash('sha256').update(message).digest(),
  });
}

function candidates(program: Program): Candidates {
  if (program.kind === 'onnx') return { list: [wasm], note: 'WASM: Node has no WebGPU.' };
  if (program.kind === 'wgsl') return { list: [], note: 'the author’s own WGSL needs a GPU' };
  const entry = findKernel(program.kernel);
  return entry === undefined
    ? { list: [], note: `this version does not know the kernel ${program.kernel}: update it` }
    : { list: [cpuKernelCandidate(entry)], note: 'Plain JavaScript: Node has no WebGPU.' };
}

const wasm = onnxCandidate('wasm', 'WASM', async () => ({
  ort: await nodeOrt(),
  providers: ['wasm'],
}));

let build: Promise<OrtModule> | undefined;

/** The WASM build with its files from the installed package; one thread, as in a browser tab. */
function nodeOrt(): Promise<OrtModule> {
  build ??= import('onnxruntime-web/wasm').then((ort) => {
    const require = createRequire(import.meta.url);
    const directory = dirname(require.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
    ort.env.wasm.wasmPaths = pathToFileURL(join(directory, sep)).href;
    ort.env.wasm.numThreads = 1;
    return ort;
  });
  return build;
}
