/**
 * What a plan says of each stage, without its bytes: which nodes, what goes in and out, what it costs.
 *
 * Composing is by name: stage k+1 is fed what stage k gives, the first what the model takes, and the last gives
 * exactly what the model gives. A value that a stage only hands on is among both its inputs and its outputs.
 */
import type { Dtype } from '../../tensor.ts';
import type { DeclaredDim } from '../graph.ts';

/** A value at the edge of a stage, named as in the whole model. */
export interface StageValue {
  readonly name: string;
  /** Null only for what the whole model takes or gives itself. */
  readonly dtype: Dtype | null;
  /** As the model declares them; null: left open. */
  readonly dims: readonly DeclaredDim[] | null;
  /** Of one run; null where its shape is not known. */
  readonly bytes: number | null;
}

export interface StageOutline {
  /** Indices in `model.nodes`, in the order in which they run; constants among them. */
  readonly nodes: readonly number[];
  readonly initializers: readonly string[];
  readonly inputs: readonly StageValue[];
  readonly outputs: readonly StageValue[];
  /** Names among both: the stage hands them on as they are. */
  readonly carried: readonly string[];
  /** In the unit of the costs that were given; FLOPs where none were. */
  readonly cost: number;
  readonly flops: number;
  /** Initializers and the tensors inside of nodes, in the stage's file. */
  readonly weightBytes: number;
  /** Weights, constants made of them, and the values alive at once while its worst node runs; an engine needs more, not less. */
  readonly memoryBytes: number;
  /** What it sends to the next stage in one run; for the last, what the model gives. */
  readonly boundaryBytes: number;
}

export interface StagePlan {
  readonly stages: readonly StageOutline[];
  /** Of the dearest stage: a full route gives one run in the time this takes. */
  readonly bottleneckCost: number;
  readonly totalCost: number;
  /** Sent from stage to stage in one run, all boundaries together. */
  readonly boundaryBytes: number;
  /** Operators whose FLOPs are estimated, each once; empty where the counts are exact, or not used. */
  readonly estimatedOperators: readonly string[];
  /** How many values have no known size; their bytes are missing in every sum above. */
  readonly unknownSizes: number;
}
