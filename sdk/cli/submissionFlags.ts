/**
 * The flags of `idlewave submit`, and the files they name, as a job to submit.
 *
 * Every mistake is a usage error that says what was expected, what came, and what to do.
 */
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import {
  MAX_ITEMS_PER_JOB,
  MAX_ITEMS_PER_SHARD,
  MAX_MODEL_BYTES,
  MAX_STAGES,
} from '../../shared/limits.ts';
import type { OnnxModel } from '../../shared/onnx/graph.ts';
import { emitStage } from '../../shared/onnx/split/emitStage.ts';
import { messageOf } from '../../shared/result.ts';
import type { NamedTensors, Tensor } from '../../shared/tensor.ts';
import { readTensorFile, readWholeFile, tensorFileKind } from '../inputs/tensorFile.ts';
import type { ProgramOptions, SubmitOptions } from '../submission.ts';
import { fileOrThrow, usageError } from './exitCode.ts';
import { parseCredits, parseInteger } from './numbers.ts';
import { planModelFile } from './plannedModel.ts';
import { policyOf, type PolicyFlags } from './policyFlags.ts';

export interface SubmissionFlags extends PolicyFlags {
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
  readonly name?: string;
  readonly idempotencyKey?: string;
}

export async function submissionOf(flags: SubmissionFlags): Promise<SubmitOptions> {
  // Cheap mistakes first: nothing large is read for a command line that is wrong.
  const items = optionalCount('--items', flags.items, MAX_ITEMS_PER_JOB);
  const itemsPerShard = optionalCount(
    '--items-per-shard',
    flags.itemsPerShard,
    MAX_ITEMS_PER_SHARD,
  );
  const budget = flags.budget === undefined ? undefined : parseCredits('--budget', flags.budget);
  const policy = policyOf(flags);
  const stacked = await tensorsOf('--input', flags.input ?? []);
  const program = await programOf(flags, stacked);
  const constant = await tensorsOf('--constant', flags.constant ?? []);
  if (items === undefined && Object.keys(stacked).length === 0) {
    throw usageError(
      'expected --input name=file, or --items N for a program without stacked inputs\n' +
        '  to do: give the data that the items are rows of',
    );
  }
  const name = flags.name ?? flags.kernel ?? basename(flags.model ?? '', '.onnx');
  const { idempotencyKey } = flags;
  const inputs = { stacked, constant };
  return { name, program, inputs, items, itemsPerShard, budget, idempotencyKey, ...policy };
}

async function programOf(flags: SubmissionFlags, stacked: NamedTensors): Promise<ProgramOptions> {
  const { model, kernel } = flags;
  if ((model === undefined) === (kernel === undefined)) {
    const came = model === undefined ? 'neither' : 'both';
    throw usageError(`expected either --model file.onnx or --kernel name@version\n  came: ${came}`);
  }
  if (kernel !== undefined) {
    refuseFlags('--kernel', {
      '--outputs': flags.outputs,
      '--items-per-run': flags.itemsPerRun,
      '--stages': flags.stages,
    });
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

/** JSON text, or `@file` that holds it. */
async function paramsOf(text: string | undefined): Promise<Record<string, unknown>> {
  if (text === undefined) return {};
  let json = text;
  try {
    if (text.startsWith('@')) json = await readFile(text.slice(1), 'utf8');
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (thrown) {
    throw usageError(
      `--params: expected JSON or @file with JSON\n  came: ${messageOf(thrown, 200)}`,
    );
  }
  throw usageError(
    `--params: expected a JSON object, such as {"m":64}\n  came: ${json.slice(0, 80)}`,
  );
}

/** Tensors of all files of one flag, under the names that the program gives its inputs. */
async function tensorsOf(flag: string, given: readonly string[]): Promise<NamedTensors> {
  const all = Object.create(null) as Record<string, Tensor>;
  for (const text of given) {
    const { name, path } = splitName(text);
    const tensors = fileOrThrow(await readTensorFile(path));
    for (const [key, tensor] of Object.entries(named(flag, name, path, tensors))) {
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

const optionalCount = (flag: string, text: string | undefined, max: number): number | undefined =>
  text === undefined ? undefined : parseInteger(flag, text, 1, max);
