/**
 * An ONNX file, with the weights that lie beside it, planned into stages.
 *
 * Reads and plans; writes and posts nothing. Every mistake is a usage error that names the file.
 */
import { createHash } from 'node:crypto';
import type { BlobDigest } from '../../shared/ids.ts';
import { MAX_MODEL_BYTES } from '../../shared/limits.ts';
import { readModel, type OnnxModel } from '../../shared/onnx/graph.ts';
import { emitStage, type EmitOptions } from '../../shared/onnx/split/emitStage.ts';
import { planFewestStages, planStages } from '../../shared/onnx/split/splitModel.ts';
import type { StagePlan } from '../../shared/onnx/split/stagePlan.ts';
import { assert, type Result } from '../../shared/result.ts';
import { externalWeights } from '../inputs/externalWeights.ts';
import { readWholeFile } from '../inputs/wholeFile.ts';
import { fileOrThrow, usageError } from './exitCode.ts';
import { modelFacts, runShapes, type RunShapes } from './modelFacts.ts';
import { printable } from './table.ts';

/** Node's own SHA-256 is native, and stages are large. */
const digestOf = (bytes: Uint8Array): BlobDigest =>
  createHash('sha256').update(bytes).digest('hex') as BlobDigest;

export interface PlanOptions {
  /** The fewest that `maxStageBytes` allows where absent; one of the two is given. */
  readonly stages?: number | undefined;
  readonly maxStageBytes?: number | undefined;
  /** `name=1,3,240,320`, for the inputs whose extents the model leaves open. */
  readonly shapesFor: (model: OnnxModel) => readonly string[];
  /** Once on zeros, to learn what the values are. */
  readonly run: boolean;
}

export interface PlannedModel {
  readonly model: OnnxModel;
  readonly plan: StagePlan;
  /** For its stages (`emitStage`). */
  readonly emit: EmitOptions;
  readonly shapes: RunShapes;
  /** Of the file. */
  readonly digest: string;
  /** Why it was planned by what the model declares; null after a run. */
  readonly notRun: string | null;
}

export async function planModelFile(
  path: string,
  { stages, maxStageBytes, shapesFor, run }: PlanOptions,
): Promise<PlannedModel> {
  const bytes = fileOrThrow(await readWholeFile(path, MAX_MODEL_BYTES));
  const model = modelOrThrow(path, readModel(bytes, { externalData: 'allow' }));
  const weights = fileOrThrow(await externalWeights(path, model));
  const emit: EmitOptions = { readExternal: (place) => weights.read(place), digestOf };
  const shapes = runShapes(model, shapesFor(model));
  const wholeBytes = bytes.byteLength + weights.totalBytes;
  const { facts, notRun } = run
    ? await modelFacts(model, shapes, wholeBytes, () => withWeights(path, model, emit))
    : { facts: new Map([...shapes].map(([name, dims]) => [name, { dims }])), notRun: null };
  const plan = modelOrThrow(
    path,
    stages === undefined
      ? planFewestStages(model, { facts, maxStageBytes: maxStageBytes! })
      : planStages(model, { facts, stages, ...(maxStageBytes && { maxStageBytes }) }),
  );
  return { model, plan, emit, shapes, digest: digestOf(bytes), notRun };
}

/** The model with all of its weights inside, to be run. */
function withWeights(path: string, model: OnnxModel, emit: EmitOptions): OnnxModel {
  const whole = modelOrThrow(path, planStages(model, { stages: 1 }));
  const again = readModel(emitStage(model, whole, 0, emit).bytes);
  assert(again.ok, 'split: a model that we wrote cannot be read');
  return again.value;
}

function modelOrThrow<T>(
  path: string,
  result: Result<T, { expected: string; came: string; fix?: string }>,
): T {
  if (result.ok) return result.value;
  const { expected, came, fix } = result.error;
  const toDo = fix === undefined ? '' : `\n  to do: ${fix}`;
  throw usageError(`${path}: expected ${expected}\n  came: ${printable(came)}${toDo}`);
}
