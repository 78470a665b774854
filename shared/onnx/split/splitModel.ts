/**
 * Cutting an ONNX model into stages: plan first, then bytes.
 *
 * Pure and the same every time: same model and options, same plan, same bytes. The whole is the composition of its
 * stages by value name. What may be cut where is in `planCuts.ts`, what a stage holds in `outlineStages.ts`.
 */
import { MAX_MODEL_BYTES, MAX_SPLIT_NODES, MAX_STAGES } from '../../limits.ts';
import { assert, fail, ok, type Result } from '../../result.ts';
import type { OnnxModel } from '../graph.ts';
import { externalPlace, externalTensors } from '../externalData.ts';
import { blockGraph, type BlockGraph } from './blocks.ts';
import { dataflowOf, type Dataflow } from './dataflow.ts';
import { emitStage, type EmitOptions, type StageModel } from './emitStage.ts';
import { fusionGroups } from './fusions.ts';
import { measureModel, whyNotSent, type Facts, type ModelMeasures } from './measures.ts';
import { outlineStages } from './outlineStages.ts';
import {
  fewestStages,
  mostStages,
  planCuts,
  type MemoryCeilings,
  type NoCuts,
} from './planCuts.ts';
import { splitProblem, type SplitProblem } from './splitProblem.ts';
import type { StageOutline, StagePlan } from './stagePlan.ts';

export interface SplitOptions {
  /** Element types and shapes of values in one run, as far as known; absent ones are inferred or left open. */
  readonly facts?: Facts;
  /** Per index in `model.nodes`, in any unit, such as measured milliseconds; FLOPs where absent. */
  readonly costs?: readonly number[];
  /** Weights and live values of a stage together. */
  readonly maxStageBytes?: number;
}

/** The best division into exactly so many stages. */
export function planStages(
  model: OnnxModel,
  options: SplitOptions & { readonly stages: number },
): Result<StagePlan, SplitProblem> {
  const { stages } = options;
  if (!Number.isInteger(stages) || stages < 1 || stages > MAX_STAGES) {
    return splitProblem('bad-option', `from 1 to ${MAX_STAGES} stages`, String(stages));
  }
  const prepared = prepare(model, options);
  return prepared.ok ? planOf(prepared.value, stages) : prepared;
}

/** The fewest stages of which each is within `maxStageBytes`, divided as well as so many can be. */
export function planFewestStages(
  model: OnnxModel,
  options: SplitOptions & { readonly maxStageBytes: number },
): Result<StagePlan, SplitProblem> {
  const prepared = prepare(model, options);
  if (!prepared.ok) return prepared;
  const { kept, torn } = prepared.value;
  const most = Math.min(MAX_STAGES, mostStages(torn));
  const stages = fewestStages([kept, torn], most, memoryOf(prepared.value));
  if (stages !== null) return planOf(prepared.value, stages);
  const refused = planOf(prepared.value, most);
  assert(!refused.ok, 'planFewestStages: cuts that were not there before');
  const expected = `stages of at most ${options.maxStageBytes} bytes each, as many as it takes`;
  return fail({ ...refused.error, expected, fix: 'allow as much for each stage' });
}

/** The stages of a plan as models of their own; `emitStage` gives one at a time, where all are too much at once. */
export const emitStages = (
  model: OnnxModel,
  plan: StagePlan,
  options?: EmitOptions,
): StageModel[] => plan.stages.map((_, stage) => emitStage(model, plan, stage, options));

interface Prepared {
  readonly model: OnnxModel;
  readonly flow: Dataflow;
  readonly measures: ModelMeasures;
  readonly kept: BlockGraph;
  readonly torn: BlockGraph;
  readonly memoryBytes: number;
}

function prepare(model: OnnxModel, options: SplitOptions): Result<Prepared, SplitProblem> {
  const { facts = new Map(), costs, maxStageBytes = Infinity } = options;
  if (!(maxStageBytes > 0)) {
    return splitProblem('bad-option', 'a positive maxStageBytes', String(maxStageBytes));
  }
  const sparse = model.proto.graph!.$unknown?.some(({ no }) => no === SPARSE_INITIALIZER);
  if (sparse === true) {
    return splitProblem(
      'unsupported-model',
      'dense weights',
      'sparse initializers',
      'save the weights as dense tensors',
    );
  }
  for (const tensor of externalTensors(model.proto)) {
    const place = externalPlace(tensor);
    if (!place.ok) return fail({ ...place.error, kind: 'malformed-model' });
  }
  if (model.nodes.length > MAX_SPLIT_NODES) {
    const came = `${model.nodes.length} nodes`;
    return splitProblem('unsupported-model', `at most ${MAX_SPLIT_NODES} nodes`, came);
  }
  const flow = dataflowOf(model);
  if (!flow.ok) return flow;
  const measures = measureModel(model, facts, costs);
  if (!measures.ok) return measures;
  const own = flow.value.nodes.map((_, place) => place);
  return ok({
    model,
    flow: flow.value,
    measures: measures.value,
    kept: blockGraph(flow.value, fusionGroups(flow.value), measures.value),
    torn: blockGraph(flow.value, own, measures.value),
    memoryBytes: maxStageBytes,
  });
}

/** GraphProto.sparse_initializer, which our schema does not read. */
const SPARSE_INITIALIZER = 15;

function planOf(prepared: Prepared, stages: number): Result<StagePlan, SplitProblem> {
  const { model, flow, measures, kept, torn } = prepared;
  const cuts = planCuts(kept, torn, stages, memoryOf(prepared));
  if ('kind' in cuts) return refusal(prepared, stages, cuts);
  const places = cuts.stages.map((run) => run.flatMap((block) => cuts.graph.blocks[block]!.nodes));
  const outlines = outlineStages(model, flow, measures, places);
  return ok({
    stages: outlines,
    bottleneckCost: Math.max(...outlines.map(({ cost }) => cost)),
    totalCost: sumOf(outlines, ({ cost }) => cost),
    boundaryBytes: sumOf(outlines.slice(0, -1), ({ boundaryBytes }) => boundaryBytes),
    estimatedOperators: measures.estimatedOperators,
    unknownSizes: [...flow.values.keys()].filter((name) => measures.knownBytes(name) === null)
      .length,
  });
}

const memoryOf = ({ model, memoryBytes }: Prepared): MemoryCeilings => ({
  memoryBytes,
  storedBytes: MAX_MODEL_BYTES - graphBytes(model),
});

/** The model's file without its weights: what every stage may hold at most besides its own. */
const graphBytes = (model: OnnxModel): number =>
  model.proto.graph!.initializer.reduce(
    (left, tensor) => left - tensor.rawData.byteLength,
    model.bytes.byteLength,
  );

function refusal(
  { flow, measures, memoryBytes }: Prepared,
  stages: number,
  none: NoCuts,
): Result<never, SplitProblem> {
  switch (none.kind) {
    case 'stage-too-large':
      return fail({
        kind: 'stage-too-large',
        expected: `${stages} ${stages === 1 ? 'stage' : 'stages'} of at most ${Math.min(memoryBytes, MAX_MODEL_BYTES)} bytes each`,
        came: `at least ${none.neededBytes} bytes in one of them`,
        fix: 'allow more stages, or more memory for each',
      });
    case 'too-few-cuts': {
      const nodes = flow.nodes.length;
      const came = `${nodes} nodes with ${none.cuts} places to cut`;
      const unsent = [...flow.values.values()].flatMap(
        ({ name, producer, consumers }) =>
          (producer !== null && consumers.length > 0 && whyNotSent(measures.types, name)) || [],
      );
      const why = unsent.length === 0 ? '' : `; ${unsent.slice(0, 3).join(', ')}`;
      return splitProblem(
        'too-few-cuts',
        `a model that can be cut into ${stages} stages`,
        came + why,
        `ask for ${none.cuts + 1} or fewer`,
      );
    }
    default:
      return none satisfies never;
  }
}

const sumOf = (stages: readonly StageOutline[], of: (stage: StageOutline) => number): number =>
  stages.reduce((total, stage) => total + of(stage), 0);
