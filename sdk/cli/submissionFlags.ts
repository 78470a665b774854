/**
 * The flags of `idlewave submit`, and the files they name, as a job to submit.
 *
 * Every mistake is a usage error that says what was expected, what came, and what to do.
 */
import { basename, extname } from 'node:path';
import {
  MAX_ITEMS_PER_JOB,
  MAX_ITEMS_PER_SHARD,
  MAX_JOB_LIFETIME_MS,
  MAX_MODEL_BYTES,
  MAX_STAGES,
  MIN_JOB_LIFETIME_MS,
} from '../../shared/limits.ts';
import type { OnnxModel } from '../../shared/onnx/graph.ts';
import { emitStage } from '../../shared/onnx/split/emitStage.ts';
import type { NamedTensors, Tensor } from '../../shared/tensor.ts';
import { ROW_FORMATS, type RowInput } from '../inputs/rows.ts';
import { tensorFileKind } from '../inputs/tensorFile.ts';
import { readTensorFile, readWholeFile } from '../inputs/wholeFile.ts';
import type { ProgramOptions, SubmitOptions } from '../submission.ts';
import { fileOrThrow, usageError } from './exitCode.ts';
import { imagesOf, type ImageFlags } from './imageFlags.ts';
import { optionalCount, parseCredits, parseDuration, parseInteger, parseRate } from './numbers.ts';
import { rowInputsOf, rowsOfFile, type RowFlags } from './rowInputs.ts';
import { paramsOf } from './paramsFlag.ts';
import { planModelFile } from './plannedModel.ts';
import { policyOf, type PolicyFlags } from './policyFlags.ts';
import type { Terminal } from './terminal.ts';
import { wgslOf, type WgslFlags } from './wgslFlags.ts';

export interface SubmissionFlags extends PolicyFlags, ImageFlags, RowFlags, WgslFlags {
  readonly model?: string;
  readonly stages?: string;
  readonly outputs?: string;
  readonly itemsPerRun?: string;
  readonly kernel?: string;
  readonly params?: string;
  readonly input?: readonly string[];
  readonly constant?: readonly string[];
  readonly items?: string;
  readonly itemsPerShard?: string;
  readonly budget?: string;
  readonly expiresAfter?: string;
  readonly open?: true;
  readonly rate?: string;
  readonly name?: string;
  readonly idempotencyKey?: string;
}

export interface Submittable {
  readonly submission: SubmitOptions;
  /** The files that the items were made of, in their order; null where they are of none. */
  readonly itemNames: readonly string[] | null;
}

/** `terminal` is told what was chosen, and how far the images are. */
export async function submissionOf(
  flags: SubmissionFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Submittable> {
  // Cheap mistakes first: nothing large is read for a command line that is wrong.
  const terms = termsOf(flags);
  const items = optionalCount('--items', flags.items, MAX_ITEMS_PER_JOB);
  const constant = await tensorsOf('--constant', flags.constant ?? []);
  const arrays = await tensorsOf('--input', flags.input ?? [], (name) =>
    rowInputsOf(flags, name === null ? Object.keys(constant) : { only: name }),
  );
  const images = await imagesOf(flags, [arrays, constant], terminal, signal);
  const stacked = images === null ? arrays : { ...arrays, ...images.stacked };
  const program = await programOf(flags, stacked);
  if (items === undefined && Object.keys(stacked).length === 0) {
    throw usageError(
      'expected --input name=file, --images, or --items N for a program without stacked inputs\n' +
        '  to do: give the data that the items are rows of',
    );
  }
  const { idempotencyKey } = flags;
  const inputs = { stacked, constant };
  const submission = { program, inputs, items, idempotencyKey, ...terms };
  return { submission, itemNames: images?.files ?? null };
}

/** What flags say of a job besides its program and data. */
export function termsOf(flags: SubmissionFlags): Omit<SubmitOptions, 'program' | 'inputs'> {
  const itemsPerShard = optionalCount(
    '--items-per-shard',
    flags.itemsPerShard,
    MAX_ITEMS_PER_SHARD,
  );
  const budget = flags.budget === undefined ? undefined : parseCredits('--budget', flags.budget);
  const ratePercent = flags.rate === undefined ? undefined : parseRate('--rate', flags.rate);
  const file = flags.wgsl ?? flags.model ?? '';
  const name = flags.name ?? flags.kernel ?? basename(file, extname(file));
  const expiresAfterMs =
    flags.expiresAfter === undefined
      ? undefined
      : parseDuration(
          '--expires-after',
          flags.expiresAfter,
          MIN_JOB_LIFETIME_MS,
          MAX_JOB_LIFETIME_MS,
        );
  const { open } = flags;
  return { name, itemsPerShard, budget, ratePercent, expiresAfterMs, open, ...policyOf(flags) };
}

export async function programOf(
  flags: SubmissionFlags,
  stacked: NamedTensors,
): Promise<ProgramOptions> {
  const { model, kernel, wgsl } = flags;
  const given = [model, kernel, wgsl].filter((it) => it !== undefined).length;
  if (given !== 1) {
    const came = given === 0 ? 'neither' : given === 2 ? 'both' : 'all of them';
    throw usageError(
      `expected one of --model file.onnx, --kernel name@version and --wgsl file.wgsl\n  came: ${came}`,
    );
  }
  const ofModels = {
    '--outputs': flags.outputs,
    '--items-per-run': flags.itemsPerRun,
    '--stages': flags.stages,
  };
  if (wgsl !== undefined) {
    refuseFlags('--wgsl', { ...ofModels, '--params': flags.params });
    return wgslOf(wgsl, flags.spec);
  }
  refuseFlags(model === undefined ? '--kernel' : '--model', { '--spec': flags.spec });
  if (kernel !== undefined) {
    refuseFlags('--kernel', ofModels);
    return { kernel, params: await paramsOf(flags.params) };
  }
  refuseFlags('--model', { '--params': flags.params });
  const itemsPerRun = optionalCount('--items-per-run', flags.itemsPerRun, MAX_ITEMS_PER_SHARD);
  const stages =
    flags.stages === undefined ? undefined : parseInteger('--stages', flags.stages, 2, MAX_STAGES);
  if (stages !== undefined) {
    refuseFlags('--stages', { '--outputs': flags.outputs });
    return { stages: await stagesOf(model!, stages, stacked, itemsPerRun ?? 1), itemsPerRun };
  }
  const outputs = flags.outputs?.split(',').map((name) => name.trim());
  const onnx = fileOrThrow(await readWholeFile(model!, MAX_MODEL_BYTES));
  return { onnx, outputs, itemsPerRun };
}

/** The model cut into stages that take about as long as each other, on one run of the given inputs' shapes. */
async function stagesOf(
  path: string,
  stages: number,
  stacked: NamedTensors,
  itemsPerRun: number,
): Promise<Uint8Array[]> {
  // A model without a batch axis takes an item as it is, and says so itself.
  const shapesFor = ({ inputs }: OnnxModel): string[] =>
    inputs.flatMap(({ name, dims }) => {
      const run = [itemsPerRun, ...(stacked[name]?.dims.slice(1) ?? [])];
      const isBatched =
        stacked[name] !== undefined && (dims === null || dims.length === run.length);
      return isBatched ? [`${name}=${run.join(',')}`] : [];
    });
  const { model, plan, emit } = await planModelFile(path, { stages, shapesFor, run: true });
  return plan.stages.map((_, index) => emitStage(model, plan, index, emit).bytes);
}

function refuseFlags(with_: string, flags: Readonly<Record<string, string | undefined>>): void {
  for (const [flag, value] of Object.entries(flags)) {
    if (value !== undefined) throw usageError(`${flag} has no meaning with ${with_}: leave it out`);
  }
}

/** Tensors of all files of one flag, under the names that the program gives its inputs. */
export async function tensorsOf(
  flag: string,
  given: readonly string[],
  rowInputs?: (name: string | null) => Promise<readonly RowInput[]>,
): Promise<NamedTensors> {
  const all = Object.create(null) as Record<string, Tensor>;
  for (const text of given) {
    const { name, path } = splitName(text);
    const format = ROW_FORMATS.find((one) => path.toLowerCase().endsWith(`.${one}`));
    const tensors =
      format === undefined || rowInputs === undefined
        ? named(flag, name, path, fileOrThrow(await readTensorFile(path)))
        : await rowsOfFile(path, await rowInputs(name), format);
    for (const [key, tensor] of Object.entries(tensors)) {
      if (key in all) {
        throw usageError(
          `${flag} ${text}: "${key}" was given before\n  to do: give each name once`,
        );
      }
      all[key] = tensor;
    }
  }
  return all;
}

/** `name=path`; a path that itself has an equals sign needs its name before it. */
function splitName(text: string): { name: string | null; path: string } {
  const at = text.indexOf('=');
  return at < 0
    ? { name: null, path: text }
    : { name: text.slice(0, at), path: text.slice(at + 1) };
}

function named(
  flag: string,
  name: string | null,
  path: string,
  tensors: NamedTensors,
): NamedTensors {
  const [only, ...others] = Object.values(tensors);
  if (name === null && tensorFileKind(path) !== '.npy') return tensors;
  if (name === null || name === '') {
    const example = `${flag} NAME=${path}`;
    throw usageError(`${flag} ${path}: a ${extname(path)} file has no name\n  to do: ${example}`);
  }
  if (only !== undefined && others.length === 0) return { [name]: only };
  throw usageError(
    `${flag} ${name}=${path}: expected one tensor\n  came: ${Object.keys(tensors).join(', ')}\n` +
      `  to do: ${flag} ${path} takes them all by their own names`,
  );
}
