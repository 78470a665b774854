/**
 * The contest, in a page: all contenders on the page's one adapter, in turns (ABCD ABCD ...), every run with its output read
 * back. Bundled by `bundledPage.ts`.
 *
 * Invariant: what a contender made is held against the CPU reference before it is timed; its first run is not timed.
 */
import { DeviceKernels } from '../../kernels/library/deviceKernels.ts';
import { describeAdapter } from '../../kernels/runtime/adapterDescription.ts';
import { DeviceOwner } from '../../kernels/runtime/deviceOwner.ts';
import { compareOutputs, type Comparison } from '../../shared/acceptance.ts';
import { assert, messageOf } from '../../shared/result.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { medianOf } from '../../shared/testing/bench.ts';
import { jaxJs } from './jaxJs.ts';
import { onnxRuntime } from './onnxRuntime.ts';
import {
  inputsOf,
  type Contender,
  type Operation,
  type Prepared,
  type Residence,
  type Way,
} from './operations.ts';
import { judge, ourKernels, type Verdict } from './ourKernels.ts';
import { tensorflow } from './tensorflow.ts';

/** Blocks that count. */
const BLOCKS = 5;
/** Runs of one block end after this long: clocks tick in steps of 0.1 ms. */
const BLOCK_MS = 50;

export interface TimedWay {
  readonly form: string;
  /** ||output - reference|| / ||reference||, by the CPU reference of the kernel. */
  readonly relativeL2: number;
  /** By the kernel's own rule. */
  readonly isRight: boolean;
  /** Milliseconds of a run, block by block. */
  readonly blocksMs: readonly number[];
}

export interface Measured {
  readonly name: string;
  /** The call that one finds first. */
  readonly usual: TimedWay;
  /** Another one, where it was right and faster in a trial. */
  readonly tuned: TimedWay | null;
}

/** A contender that was not measured, with the reason. */
export interface Absent {
  readonly name: string;
  readonly why: string;
}

export interface ContestOutcome {
  /** In the order of the contenders, ours first. */
  readonly contenders: readonly (Measured | Absent)[];
  readonly referenceMs: number;
  readonly flops: number;
}

let contenders: readonly Contender[] = [];

/** Readies every library; the adapter in words. */
export async function openContest(): Promise<{ adapter: string; software: boolean }> {
  const { ort } = globalThis as unknown as { ort: typeof import('onnxruntime-web') };
  ort.env.wasm.wasmPaths = new URL('/ort/', location.href).href;
  ort.env.wasm.numThreads = 1;
  contenders = [
    ourKernels(new DeviceKernels((await newDevice()).device)),
    onnxRuntime(ort, (await newDevice()).device),
    await tensorflow(),
    await jaxJs(),
  ];
  const adapter = await navigator.gpu.requestAdapter();
  assert(adapter !== null, 'the page has no GPU adapter');
  const { vendor, architecture, description, isSoftware } = describeAdapter(adapter);
  return {
    adapter: [vendor, architecture, description].filter((word) => word !== '').join(' '),
    software: isSoftware,
  };
}

/** As volunteers' pages make theirs; ORT would ask for the same limits. */
async function newDevice() {
  const made = await new DeviceOwner({ gpu: navigator.gpu }).acquire();
  assert(made.ok, 'the page has no GPU device');
  return made.value;
}

/** One case; a sentence where the catalogue has no kernel for it. */
export async function runContest(
  operation: Operation,
  residence: Residence,
): Promise<ContestOutcome | string> {
  const inputs = inputsOf(operation);
  const verdict = await judge(operation, inputs);
  if (typeof verdict === 'string') return verdict;
  const entered: Entered[] = [];
  const absent: Absent[] = [];
  try {
    for (const contender of contenders) {
      const { name } = contender;
      try {
        const prepared = await contender.prepare(operation, inputs, residence);
        if (typeof prepared === 'string') absent.push({ name, why: prepared });
        else entered.push({ name, prepared, ...(await trial(prepared, verdict)) });
      } catch (thrown) {
        absent.push({ name, why: messageOf(thrown, 200) });
      }
    }
    for (let block = 0; block < BLOCKS; block++) {
      for (const { usual, tuned } of entered) {
        for (const timed of tuned === null ? [usual] : [usual, tuned]) {
          timed.blocksMs.push(await blockOf(timed.way, BLOCK_MS));
        }
      }
    }
  } finally {
    for (const { prepared } of entered) await prepared.close();
  }
  const byName = new Map<string, Measured | Absent>(absent.map((one) => [one.name, one]));
  for (const { name, usual, tuned } of entered) {
    byName.set(name, { name, usual: told(usual), tuned: tuned === null ? null : told(tuned) });
  }
  return {
    contenders: contenders.map(({ name }) => byName.get(name)!),
    referenceMs: verdict.referenceMs,
    flops: verdict.flops,
  };
}

interface Tried {
  readonly way: Way;
  readonly relativeL2: number;
  readonly isRight: boolean;
  readonly blocksMs: number[];
}

interface Trial {
  readonly usual: Tried;
  readonly tuned: Tried | null;
}

interface Entered extends Trial {
  readonly name: string;
  readonly prepared: Prepared;
}

const told = ({ way, relativeL2, isRight, blocksMs }: Tried): TimedWay => ({
  form: way.form,
  relativeL2,
  isRight,
  blocksMs,
});

/** Runs every way once and checks it; finds the fastest of those that are right, where there are several. */
async function trial({ ways }: Prepared, verdict: Verdict): Promise<Trial> {
  const tried: (Tried & { readonly ms: number })[] = [];
  for (const way of ways) {
    const output = await way.run();
    const { kind, worst } = compare(way.canonical?.(output) ?? output, verdict);
    const times: number[] = [];
    for (let i = 0; i < 3 && ways.length > 1; i++) times.push(await blockOf(way, 0));
    const checked = { relativeL2: worst.relativeL2, isRight: kind === 'agree' };
    tried.push({ way, ...checked, blocksMs: [], ms: medianOf(times) });
  }
  const usual = tried[0]!;
  const right = tried.filter(({ isRight }) => isRight).sort((a, b) => a.ms - b.ms);
  const fastest = right[0] ?? usual;
  return { usual, tuned: fastest === usual ? null : fastest };
}

function compare(output: Float32Array, { expected, rule }: Verdict): Comparison {
  assert(output.length === expected.length, `the output has ${output.length} values`);
  const of = (values: Float32Array) => ({ output: tensorOf('F32', [1, values.length], values) });
  return compareOutputs(of(output), of(expected), 1, rule);
}

/** Milliseconds of a run, over as many as take `atLeastMs` together. */
async function blockOf(way: Way, atLeastMs: number): Promise<number> {
  const startMs = performance.now();
  let runs = 0;
  let ms: number;
  do {
    await way.run();
    runs += 1;
    ms = performance.now() - startMs;
  } while (ms < atLeastMs);
  return ms / runs;
}
