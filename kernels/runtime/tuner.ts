/**
 * Which variant of a kernel is the fastest on this device: the planner's offers are timed once, and the answer remembered.
 * A software adapter takes the first: to compile the others there takes longer than the best of them wins.
 *
 * Knows no store of its own: where answers are kept, the caller says. Invariant: a variant is only taken if its outputs are
 * accepted beside those of the planner's first, so that a driver that miscompiles one costs speed and nothing else.
 */
import { compareOutputs } from '../../shared/acceptance.ts';
import { toHalfBits } from '../../shared/float16.ts';
import { runBatch, type ItemBatch } from '../../shared/program.ts';
import { BugError } from '../../shared/result.ts';
import {
  BYTES_PER_ELEMENT,
  elementCount,
  tensorOf,
  valuesOf,
  type Dtype,
  type NamedTensors,
  type TypedArray,
} from '../../shared/tensor.ts';
import { kernelId, variantsOf, type KernelManifest } from '../manifest.ts';
import type { DeviceTraits, KernelVariant } from '../variants.ts';
import { GpuRunError } from './failure.ts';
import {
  gpuKernelRunner,
  type GpuKernelRunner,
  type GpuRunnerOptions,
  type RunnableKernel,
} from './gpuKernelRunner.ts';
import type { KernelDevice } from './kernelDevice.ts';

/** Answers by device, kernel and parameters. A store that fails is as good as one that knows nothing. */
export interface TuningMemory {
  get(key: string): Promise<string | undefined>;
  set(key: string, variantName: string): Promise<void>;
}

/** First runs, which compile, begin within this long, and timed ones end after that: a job's first piece is seconds of work. */
const FIRST_RUNS_MS = 1500;
const BUDGET_MS = 400;
/** Items beyond this are not timed at all: their making and comparing alone would hold a page's thread for long. */
const MOST_FLOPS = 2e10;
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_ROUNDS = 8;
/** A variant whose first warm run took this many times the best one's is not timed again. */
const HOPELESS = 3;
/** The planner's order decides between times that are this near: a clock is not that good. */
const NOISE = 1.03;
/** A timed run has several rows, as a job's runs have, where they are small. */
const MOST_ROWS = 256;
const ROW_FLOPS = 5e7;
const ROW_BYTES = 16 * 1024 * 1024;

export interface TuneOptions extends Pick<GpuRunnerOptions, 'pace' | 'signal' | 'betweenSlices'> {
  readonly memory?: TuningMemory;
  readonly nowMs?: () => number;
}

/**
 * `params` must have been parsed by the kernel's own schema. Rejects with `GpuRunError` where the first variant fails or the
 * device is lost, and with what `signal` or `betweenSlices` say where it is called off.
 */
export async function tunedVariant(
  gpu: KernelDevice,
  kernel: RunnableKernel,
  params: unknown,
  { memory, nowMs = () => performance.now(), ...pacing }: TuneOptions = {},
): Promise<KernelVariant> {
  const offered = variantsOf(kernel.manifest, params, gpu.traits);
  const [first] = offered;
  if (offered.length === 1 || gpu.traits.isSoftware) return first;
  const { flopsPerItem, bytesPerItem } = kernel.manifest;
  if (flopsPerItem(params) > MOST_FLOPS || bytesPerItem(params) > MOST_BYTES) return first;
  const key = tuningKey(gpu.traits, kernel, params);
  const known = (await memory?.get(key).catch(() => undefined)) ?? UNDECIDED;
  const remembered = offered.find(({ name }) => name === known);
  if (remembered !== undefined) return remembered;
  // Where the device, or the tab, dies of a variant again and again, none is tried any more.
  if (known === ATTEMPT.repeat(MOST_ATTEMPTS)) return first;
  const remember = (answer: string) => memory?.set(key, answer).catch(() => undefined);
  await remember(known.startsWith(ATTEMPT) ? known + ATTEMPT : ATTEMPT);
  try {
    const { fastest, isDecided } = await timeVariants(gpu, kernel, params, offered, pacing, nowMs);
    await remember(isDecided ? fastest.name : UNDECIDED);
    return fastest;
  } catch (thrown) {
    if (!isLoss(thrown)) await remember(UNDECIDED);
    throw thrown;
  }
}

/** In a memory, where no variant's name is: nothing is known; or one that has not ended, as often as it was made. */
const UNDECIDED = '';
const ATTEMPT = '?';
const MOST_ATTEMPTS = 2;

/** Names the device as far as it shows itself; a driver's update may change an answer, and costs some speed until asked anew. */
export const tuningKey = (
  { vendor, architecture, features, subgroupLanes }: DeviceTraits,
  { manifest }: Pick<RunnableKernel, 'manifest'>,
  params: unknown,
): string =>
  JSON.stringify([vendor, architecture, features, subgroupLanes, kernelId(manifest), params]);

interface Timed {
  readonly variant: KernelVariant;
  readonly runner: GpuKernelRunner;
  bestMs: number;
}

async function timeVariants(
  gpu: KernelDevice,
  kernel: RunnableKernel,
  params: unknown,
  offered: readonly [KernelVariant, ...KernelVariant[]],
  pacing: GpuRunnerOptions,
  nowMs: () => number,
): Promise<{ readonly fastest: KernelVariant; readonly isDecided: boolean }> {
  const { manifest } = kernel;
  const outputs = manifest.outputs(params);
  const batch = tuningBatch(manifest, params);
  const opened: Timed[] = [];
  const sound = new Set<Timed>();
  let expected: NamedTensors | undefined;
  /** Another than the first may be refused: it is not taken then. */
  const refused = async (variant: KernelVariant, thrown: unknown): Promise<void> => {
    pacing.signal?.throwIfAborted();
    await pacing.betweenSlices?.();
    const isOurs = thrown instanceof BugError || isLoss(thrown);
    if (variant === offered[0] || isOurs) throw thrown;
  };
  try {
    const firstRunsEndMs = nowMs() + FIRST_RUNS_MS;
    for (const variant of offered) {
      if (opened.length > 0 && nowMs() >= firstRunsEndMs) break;
      const runner = gpuKernelRunner(gpu, kernel, params, { ...pacing, variant });
      const one = { variant, runner, bestMs: Infinity };
      opened.push(one);
      try {
        // The first run compiles, and learns how much a slice may hold.
        const made = await runBatch(runner, batch, outputs);
        expected ??= made;
        const { kind } = compareOutputs(made, expected, batch.items.length, manifest.acceptance);
        if (kind === 'agree') sound.add(one);
      } catch (thrown) {
        await refused(variant, thrown);
      }
    }
    const deadlineMs = nowMs() + BUDGET_MS;
    const mostRounds = sound.size > 1 ? MOST_ROUNDS : 0;
    for (let round = 0; round < mostRounds && (round === 0 || nowMs() < deadlineMs); round++) {
      const hopelessMs = HOPELESS * bestOf(sound);
      for (const one of sound) {
        if (round > 0 && one.bestMs > hopelessMs) continue;
        try {
          const startMs = nowMs();
          await runBatch(one.runner, batch, outputs);
          one.bestMs = Math.min(one.bestMs, nowMs() - startMs);
        } catch (thrown) {
          sound.delete(one);
          await refused(one.variant, thrown);
        }
      }
    }
  } finally {
    for (const { runner } of opened) await runner.dispose();
  }
  const nearMs = NOISE * bestOf(sound);
  const fastest = [...sound].find(({ bestMs }) => bestMs <= nearMs)?.variant ?? offered[0];
  return { fastest, isDecided: opened.length === offered.length };
}

const isLoss = (thrown: unknown): boolean =>
  thrown instanceof GpuRunError && thrown.failure.kind === 'device-lost';

const bestOf = (timed: ReadonlySet<Timed>): number =>
  Math.min(...Array.from(timed, ({ bestMs }) => bestMs));

/** Rows of values that no compiler can foresee. */
function tuningBatch(
  { inputs, flopsPerItem, bytesPerItem }: KernelManifest,
  params: unknown,
): ItemBatch {
  const affordable = Math.min(ROW_FLOPS / flopsPerItem(params), ROW_BYTES / bytesPerItem(params));
  const rows = Math.min(Math.max(Math.floor(affordable), 1), MOST_ROWS);
  let state = 1;
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  const stacked = Object.entries(inputs(params)).map(([name, { dtype, dims }]) => {
    const length = rows * elementCount(dims);
    return [name, tensorOf(dtype, [rows, ...dims], randomValues(dtype, length, next))] as const;
  });
  const items = Array.from({ length: rows }, (_, i) => i);
  return { items, stacked: Object.fromEntries(stacked), constants: {} };
}

/** Floats in [-1, 1), integers of any bits. */
function randomValues(dtype: Dtype, length: number, next: () => number): TypedArray {
  const floats = () => Float32Array.from({ length }, () => next() / 2 ** 31 - 1);
  if (dtype === 'F32') return floats();
  if (dtype === 'F16') return toHalfBits(floats());
  const bytes = Uint8Array.from({ length: length * BYTES_PER_ELEMENT[dtype] }, () => next() >>> 24);
  return valuesOf({ dtype, dims: [length], bytes });
}
