/**
 * What the coordinator learns of a job's program before anybody runs it: the referee runs the first item, of a
 * staged program stage by stage, each on what the one before gave.
 */
import type { NonFinite } from '../../shared/acceptance.ts';
import type { BlobDigest } from '../../shared/ids.ts';
import { MAX_MODEL_BYTES } from '../../shared/limits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import {
  programOfStage,
  type JobProgram,
  type StagedProgram,
} from '../../shared/protocol/program.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { ProgramFacts } from '../core/state.ts';
import type { BatchChoice } from '../referee/chooseBatch.ts';
import type { Analysis } from '../referee/messages.ts';
import type { Referee } from '../referee/referee.ts';
import type { BlobStore } from '../store/blobs.ts';
import { absentBlob } from './neededBlobs.ts';

export interface AnalysisDeps {
  readonly blobs: Pick<BlobStore, 'has' | 'get'>;
  readonly referee: Pick<Referee, 'analyse'>;
}

export interface Analysed {
  /** Of a model that is run whole; null for kernels and for stages. */
  readonly model: Uint8Array | null;
  readonly constants: NamedTensors;
  readonly constantBytes: number;
  /** The first item: every stacked tensor as `[1, ...itemShape]`. */
  readonly sample: NamedTensors;
  readonly nonFinite: NonFinite;
  /** Where the author leaves open how many items a run takes. */
  readonly batch: BatchChoice | null;
}

export async function analyseProgram(
  deps: AnalysisDeps,
  program: JobProgram,
  analysed: Analysed,
): Promise<Result<ProgramFacts, Problem>> {
  if (program.kind === 'staged') return analyseStages(deps, program, analysed);
  const { model, constants, constantBytes, sample, nonFinite, batch } = analysed;
  const found = await deps.referee.analyse({
    program,
    model,
    constants,
    sampleStacked: sample,
    nonFinite,
    batch,
  });
  if (!found.ok) return found;
  const facts = factsOf(found.value, (model?.byteLength ?? 0) + constantBytes);
  const shared = Object.keys(constants);
  return ok(shared.length === 0 ? facts : { ...facts, constants: shared });
}

async function analyseStages(
  { blobs, referee }: AnalysisDeps,
  program: StagedProgram,
  { constants, sample, nonFinite }: Analysed,
): Promise<Result<ProgramFacts, Problem>> {
  if (Object.keys(constants).length > 0) {
    return fail({
      code: 'input-unknown',
      detail: 'a model that is cut into stages takes no constant inputs',
      field: 'inputs.constant',
      fix: 'make them initializers of the model before it is split, or stack them',
    });
  }
  const stages: ProgramFacts[] = [];
  let sampleStacked = sample;
  let runDims: Analysis['runOutputs'] = {};
  for (const [stage, digest] of program.stages.entries()) {
    const field = `program.stages[${stage}]`;
    const model = await modelBytes(blobs, digest, field);
    if (!model.ok) return model;
    const found = await referee.analyse({
      program: programOfStage(program, stage),
      model: model.value,
      constants: {},
      sampleStacked,
      nonFinite,
      runDims,
    });
    if (!found.ok) return fail({ ...found.error, field });
    stages.push(factsOf(found.value, model.value.byteLength));
    sampleStacked = found.value.sampleOutputs;
    runDims = found.value.runOutputs;
  }
  return ok(factsOfWhole(stages));
}

/** Of the model that its stages make up. */
function factsOfWhole(stages: readonly ProgramFacts[]): ProgramFacts {
  const sum = (of: (facts: ProgramFacts) => number) =>
    stages.reduce((total, facts) => total + of(facts), 0);
  const { inputs, feeds } = stages[0]!;
  return {
    inputs,
    feeds,
    outputs: stages.at(-1)!.outputs,
    flopsPerItem: sum(({ flopsPerItem }) => flopsPerItem),
    flopsFrom: stages.every(({ flopsFrom }) => flopsFrom === 'graph') ? 'graph' : 'estimate',
    refereeMsPerItem: sum(({ refereeMsPerItem }) => refereeMsPerItem),
    programBytes: sum(({ programBytes }) => programBytes),
    stages,
  };
}

function factsOf(
  { inputs, outputs, feeds, flopsPerItem, flopsFrom, msPerItem, batch }: Analysis,
  programBytes: number,
): ProgramFacts {
  const known = { inputs, outputs, feeds, flopsPerItem, flopsFrom };
  const chosen = batch === undefined ? {} : { batch };
  return { ...known, refereeMsPerItem: msPerItem, programBytes, ...chosen };
}

/** A model among the blobs; `field` is where the specification names it. */
export async function modelBytes(
  blobs: Pick<BlobStore, 'has' | 'get'>,
  digest: BlobDigest,
  field: string,
): Promise<Result<Uint8Array, Problem>> {
  const bytes = await blobs.has(digest);
  if (bytes !== null && bytes > MAX_MODEL_BYTES) {
    const expected = `at most ${MAX_MODEL_BYTES} bytes`;
    const detail = 'the model is too large for a tab';
    const fix = 'cut it into stages: idlewave split';
    return fail({ code: 'model-too-large', detail, field, expected, came: `${bytes}`, fix });
  }
  const model = bytes === null ? null : await blobs.get(digest);
  return model === null ? fail(absentBlob(digest, field)) : ok(model);
}
