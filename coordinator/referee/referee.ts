/**
 * The trusted recomputation, as the coordinator asks for it: what a program is, and what its outputs
 * are. It decides nothing about reports; it only computes.
 *
 * Answers are a pure function of program and inputs, bit for bit: one pinned onnxruntime WASM build on
 * one thread, or a kernel's CPU reference. Every failure comes back as a value.
 */
import type { NonFinite } from '../../shared/acceptance.ts';
import type { ItemBatch } from '../../shared/program.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { Program } from '../../shared/protocol/program.ts';
import type { Result } from '../../shared/result.ts';
import type { NamedTensors, TensorSpec } from '../../shared/tensor.ts';
import type { BatchChoice } from './chooseBatch.ts';
import type { Analysis } from './messages.ts';

/** The model's bytes (whose digest is `program.model`), or how to get them if they are needed; null for kernels. */
export type ModelSource = Uint8Array | (() => Promise<Uint8Array>) | null;

export interface AnalyseRequest {
  readonly program: Program;
  readonly model: ModelSource;
  readonly constants: NamedTensors;
  /** One item: every tensor is `[1, ...itemShape]`. */
  readonly sampleStacked: NamedTensors;
  /** Default `refuse`: outputs of the sample must be finite. */
  readonly nonFinite?: NonFinite | undefined;
  /** Given where the author leaves open how many items a run takes: `program` says one. */
  readonly batch?: BatchChoice | null;
  /** Dims of inputs in one run, where they are known: of a stage, what the one before gives (`runOutputs`). */
  readonly runDims?: Analysis['runOutputs'];
}

export interface ComputeRequest {
  readonly program: Program;
  /** Asked for only where no session of the model is ready. */
  readonly model: ModelSource;
  /** From the analysis. */
  readonly feeds: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  readonly batch: ItemBatch;
}

export interface Referee {
  /**
   * Problems: `model-refused` (onnxruntime's own reason in `came`), `model-too-large`, `model-too-slow`,
   * `kernel-*`, `input-*`, `output-*`, `item-too-large`; `cancelled`; `referee-failed` (worth repeating).
   */
  analyse(request: AnalyseRequest, signal?: AbortSignal): Promise<Result<Analysis, Problem>>;
  /** Outputs stacked in the order of the batch's items. Tasks are done one at a time, in order. */
  compute(request: ComputeRequest, signal?: AbortSignal): Promise<Result<NamedTensors, Problem>>;
  /** Items waiting or being computed; an analysis counts as one. */
  readonly queuedItems: number;
  /** What is pending ends as `cancelled`. */
  close(): Promise<void>;
}
