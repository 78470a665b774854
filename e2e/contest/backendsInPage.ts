/**
 * Every way in which a program can be computed here, timed in turns, and the one that volunteers' code chooses. In a page,
 * bundled by `contestPage.ts`.
 *
 * The choice is the product's own (`chooseEngine` over the browser's candidates), made first, on a page that has computed
 * nothing of the program. Invariant: runners of one program only are open at a time.
 */
import { loadKernel } from '../../kernels/loadKernel.ts';
import { variantsOf, type GpuKernel } from '../../kernels/manifest.ts';
import { describeAdapter } from '../../kernels/runtime/adapterDescription.ts';
import { DeviceOwner } from '../../kernels/runtime/deviceOwner.ts';
import { gpuKernelRunner } from '../../kernels/runtime/gpuKernelRunner.ts';
import { KernelDevice } from '../../kernels/runtime/kernelDevice.ts';
import { noise } from '../../kernels/noise.ts';
import type { BlobDigest } from '../../shared/ids.ts';
import { modelSession } from '../../shared/onnx/ortSession.ts';
import { runBatch, type ItemBatch } from '../../shared/program.ts';
import type { Engine } from '../../shared/protocol/program.ts';
import { assert, messageOf } from '../../shared/result.ts';
import { decodeTensors } from '../../shared/safetensors.ts';
import {
  elementCount,
  itemOf,
  tensorOf,
  type NamedTensors,
  type Tensor,
} from '../../shared/tensor.ts';
import { medianOf } from '../../shared/testing/bench.ts';
import type { ProgramSource } from '../../web/compute/api.ts';
import { browserEnvironment } from '../../web/compute/browserEnvironment.ts';
import { chooseEngine, type OpenRunner } from '../../web/compute/candidate.ts';
import { cpuKernelCandidate } from '../../web/compute/cpuKernelCandidate.ts';
import { onnxCandidate } from '../../web/compute/onnxCandidate.ts';
import { wasmOrt, webGpuOrt } from '../../web/compute/ortModules.ts';

const BLOCKS = 7;
/** Runs of one block end after this long. */
const BLOCK_MS = 60;
/** A way that takes so many times the best one's first warm run is timed once: it cannot be the best. */
const HOPELESS = 4;

/** What is computed, as the bench names it. */
export type AskedProgram =
  | {
      readonly kind: 'kernel';
      readonly kernel: string;
      readonly params: Readonly<Record<string, number | string>>;
      readonly items: number;
      /** Inputs that all items share. */
      readonly constant?: readonly string[];
    }
  | {
      readonly kind: 'onnx';
      /** Paths in this origin: the model, and its stacked input as a safetensors file. */
      readonly model: string;
      readonly inputs: string;
      readonly input: string;
      /** Of one run, which is one item. */
      readonly dims: readonly number[];
    };

/** One way to compute the program; block by block, milliseconds an item. */
export interface TimedWay {
  readonly name: string;
  readonly engine: Engine;
  readonly blocksMs: readonly number[];
  /** Why it could not be timed. */
  readonly failure?: string;
}

export interface BackendsOutcome {
  readonly ways: readonly TimedWay[];
  readonly chosen: {
    readonly engine: Engine;
    readonly reason: string;
    readonly tookMs: number;
    readonly blocksMs: readonly number[];
  };
}

const environment = browserEnvironment();

/** The page's adapter in words. */
export async function describeGpu(): Promise<string> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) return 'none';
  const { vendor, architecture, isSoftware } = describeAdapter(adapter);
  return `${vendor} ${architecture}${isSoftware ? ' (software)' : ''}`;
}

/** A sentence where the catalogue has no such kernel. */
export async function compareBackends(asked: AskedProgram): Promise<BackendsOutcome | string> {
  const opened = asked.kind === 'kernel' ? await kernelProgram(asked) : await modelProgram(asked);
  if (typeof opened === 'string') return opened;
  const { source, batch, ways } = opened;
  const nowMs = () => performance.now();
  const startMs = nowMs();
  const candidates = await environment.candidates(source);
  const chosen = await chooseEngine(candidates, source, batch, { nowMs });
  const tookMs = nowMs() - startMs;
  const { engine, reason } = chosen;
  const entered: Entered[] = [];
  const failed: TimedWay[] = [];
  for (const way of ways) {
    try {
      entered.push({ ...way, open: await way.open(), blocksMs: [] });
    } catch (thrown) {
      const { name, engine } = way;
      failed.push({ name, engine, blocksMs: [], failure: messageOf(thrown, 200) });
    }
  }
  // Where its engine has one way, that is the chosen one; of several we are not told which.
  const same = entered.filter((way) => way.engine === engine);
  const own: Entered = { name: 'chosen', engine, open: chosen.open, blocksMs: [] };
  const ofChosen = same.length === 1 ? same[0]! : own;
  const timed = new Set([...entered, ofChosen]);
  try {
    const perItem = async ({ open }: Entered, atLeastMs: number) => {
      const ms = await blockOf(() => runBatch(open.runner, batch, source.outputs), atLeastMs);
      return ms / batch.items.length;
    };
    // The first run compiles.
    for (const way of timed) {
      await perItem(way, 0);
      way.blocksMs.push(await perItem(way, 0));
    }
    const bestMs = Math.min(...[...timed].map(({ blocksMs }) => blocksMs[0]!));
    for (const way of [...timed]) {
      if (way.blocksMs[0]! > HOPELESS * bestMs && way !== ofChosen) timed.delete(way);
      else way.blocksMs.length = 0;
    }
    for (let block = 0; block < BLOCKS; block++) {
      for (const way of timed) way.blocksMs.push(await perItem(way, BLOCK_MS));
    }
  } finally {
    for (const { open } of [...entered, own]) await open.close();
  }
  return {
    ways: [...entered.map(({ name, engine, blocksMs }) => ({ name, engine, blocksMs })), ...failed],
    chosen: { engine, reason, tookMs, blocksMs: ofChosen.blocksMs },
  };
}

interface BackendWay {
  readonly name: string;
  readonly engine: Engine;
  open(): Promise<OpenRunner>;
}

interface Entered {
  readonly name: string;
  readonly engine: Engine;
  readonly open: OpenRunner;
  readonly blocksMs: number[];
}

interface OpenProgram {
  readonly source: ProgramSource;
  readonly batch: ItemBatch;
  readonly ways: readonly BackendWay[];
}

let kernelDevice: Promise<KernelDevice> | undefined;

async function newKernelDevice(): Promise<KernelDevice> {
  const made = await new DeviceOwner({ gpu: navigator.gpu }).acquire();
  assert(made.ok, 'the page has no GPU device');
  return new KernelDevice(made.value.device);
}

async function kernelProgram(
  asked: Extract<AskedProgram, { kind: 'kernel' }>,
): Promise<OpenProgram | string> {
  const kernel = await loadKernel(asked.kernel);
  if (kernel === undefined) return `the catalogue has no ${asked.kernel}: not measured`;
  const { manifest } = kernel;
  const params = manifest.params.parse(asked.params);
  const batch = kernelBatch(kernel, params, asked);
  const source: ProgramSource = {
    key: JSON.stringify(asked),
    program: { kind: 'kernel', kernel: asked.kernel, params: { ...asked.params } },
    model: null,
    constants: batch.constants,
    feeds: {},
    outputs: manifest.outputs(params),
    flopsPerItem: manifest.flopsPerItem(params),
  };
  kernelDevice ??= newKernelDevice();
  const gpu = await kernelDevice;
  const onGpu = variantsOf(manifest, params, gpu.traits).map((variant): BackendWay => {
    const open = () => {
      const runner = gpuKernelRunner(gpu, kernel, params, { variant });
      return Promise.resolve({ runner, close: () => runner.dispose() });
    };
    return { name: `WebGPU ${variant.name}`, engine: 'webgpu', open };
  });
  const inJavaScript = cpuKernelCandidate(kernel);
  const cpu = { name: 'JavaScript', engine: 'cpu', open: () => inJavaScript.open(source) } as const;
  return { source, batch, ways: [...onGpu, cpu] };
}

function kernelBatch(
  { manifest }: GpuKernel,
  params: unknown,
  { items, constant = [] }: Extract<AskedProgram, { kind: 'kernel' }>,
): ItemBatch {
  const random = noise(5);
  const stacked: Record<string, Tensor> = {};
  const constants: Record<string, Tensor> = {};
  for (const [name, { dims }] of Object.entries(manifest.inputs(params))) {
    const isConstant = constant.includes(name);
    const shape = isConstant ? dims : [items, ...dims];
    const values = Float32Array.from({ length: elementCount(shape) }, random);
    (isConstant ? constants : stacked)[name] = tensorOf('F32', shape, values);
  }
  return { items: Array.from({ length: items }, (_, i) => i), stacked, constants };
}

async function modelProgram(asked: Extract<AskedProgram, { kind: 'onnx' }>): Promise<OpenProgram> {
  const load = async (path: string) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const model = await load(asked.model);
  const inputs = decodeTensors(await load(asked.inputs));
  assert(inputs.ok, 'modelProgram: the inputs cannot be read');
  const stacked = inputs.value;
  const count = stacked[asked.input]!.dims[0]!;
  const source: ProgramSource = {
    key: asked.model,
    program: { kind: 'onnx', model: asked.model as BlobDigest, itemsPerRun: 1 },
    model,
    constants: {},
    feeds: { [asked.input]: asked.dims },
    outputs: await outputsOf(model, {
      [asked.input]: { ...itemOf(stacked[asked.input]!, 0), dims: asked.dims },
    }),
    flopsPerItem: 0,
  };
  const wasm = onnxCandidate('wasm', 'WASM', async () => ({
    ort: await wasmOrt(),
    providers: ['wasm'],
  }));
  const webGpu = onnxCandidate('webgpu', 'WebGPU', async () => ({
    ort: await webGpuOrt(),
    providers: [{ name: 'webgpu' }],
  }));
  const items = Array.from({ length: count }, (_, i) => i);
  return {
    source,
    batch: { items, stacked, constants: {} },
    ways: [wasm, webGpu].map((candidate) => ({
      name: `ONNX Runtime ${candidate.label}`,
      engine: candidate.engine,
      open: () => candidate.open(source),
    })),
  };
}

/** What one run puts out. */
async function outputsOf(model: Uint8Array, feed: NamedTensors): Promise<ProgramSource['outputs']> {
  const ort = await wasmOrt();
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  const outputs = await modelSession(ort, session).run(feed);
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dtype, dims }]) => [name, { dtype, dims }]),
  );
}

/** Milliseconds of a run, over as many as take `atLeastMs` together. */
async function blockOf(run: () => Promise<unknown>, atLeastMs: number): Promise<number> {
  const startMs = performance.now();
  const times: number[] = [];
  do {
    const beganMs = performance.now();
    await run();
    times.push(performance.now() - beganMs);
  } while (performance.now() - startMs < atLeastMs);
  return medianOf(times);
}
