/**
 * What the coordinator's main thread and the referee's worker say to each other. One request at a time;
 * failures cross as values.
 */
import type { NonFinite } from '../../shared/acceptance.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { BatchFacts } from '../../shared/protocol/job.ts';
import type { Program } from '../../shared/protocol/program.ts';
import type { Result } from '../../shared/result.ts';
import type { NamedTensors, TensorSpec } from '../../shared/tensor.ts';
import type { BatchChoice } from './chooseBatch.ts';

/** What the coordinator learns of a program by running one item of it. */
export interface Analysis {
  /** Shape of one item of each input, stacked or constant. */
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** Shape of one item of each output. */
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /** Per stacked input, the dims of one run; empty for kernels. */
  readonly feeds: Readonly<Record<string, readonly number[]>>;
  readonly flopsPerItem: number;
  /** `estimate`: the graph could not be counted exactly; `estimatedOperators` says where. `run`: counted in a run. */
  readonly flopsFrom: 'manifest' | 'graph' | 'estimate' | 'run';
  readonly estimatedOperators: readonly string[];
  /** Median of a few runs in the referee, session creation excluded. */
  readonly msPerItem: number;
  /** Outputs of the sample, `[1, ...itemShape]`. */
  readonly sampleOutputs: NamedTensors;
  /** How many items a run takes, where that was asked for and its first axis is free. */
  readonly batch?: BatchFacts;
  /** Dims of the outputs of one run. */
  readonly runOutputs: Readonly<Record<string, readonly number[]>>;
}

export interface AnalyseTask {
  readonly kind: 'analyse';
  readonly program: Program;
  /** The bytes of the model, or of the module; null for kernels of the catalogue. */
  readonly model: Uint8Array | null;
  readonly constants: NamedTensors;
  /** One item: every tensor is `[1, ...itemShape]`. */
  readonly sampleStacked: NamedTensors;
  /** `refuse`: an output of the sample that is not finite is a problem. */
  readonly nonFinite: NonFinite;
  /** How many items a run of the model takes is chosen; null where its program says it. */
  readonly batch: BatchChoice | null;
  /** Dims of inputs in one run, where they are known: of a stage, what the one before gives. */
  readonly runDims: Readonly<Record<string, readonly number[]>>;
}

export interface ComputeTask {
  readonly kind: 'compute';
  readonly program: Program;
  /** Null for kernels, and where the worker holds a session of this model. */
  readonly model: Uint8Array | null;
  readonly items: readonly number[];
  readonly stacked: NamedTensors;
  readonly constants: NamedTensors;
  readonly feeds: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
}

export interface RefereeMessage {
  readonly id: number;
  readonly task: AnalyseTask | ComputeTask;
  /** Shared: becomes 1 when nobody waits for the answer; the worker looks between runs. */
  readonly cancelled: Int32Array;
}

export type RefereeReply =
  /** Once, when the worker's modules are loaded and it takes tasks. */
  | { readonly kind: 'ready' }
  /** Sent between runs: the worker is alive. */
  | { readonly kind: 'alive'; readonly id: number }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly result: Result<Analysis | NamedTensors, Problem>;
      /** The worker cannot be trusted with another task. */
      readonly broken: boolean;
      /** Digests of the models whose sessions the worker holds now. */
      readonly models: readonly string[];
    };
