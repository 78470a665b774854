/**
 * The compute port: what a host asks of whatever computes for it, and the values that come back.
 *
 * Types only. The browser's implementation is a worker behind a supervisor, Node's runs in the process.
 * Every expected failure is a value: comlink drops the fields of an error that crosses a worker's edge.
 */
import type { AssignmentId } from '../../shared/ids.ts';
import type { Engine, Program } from '../../shared/protocol/program.ts';
import type { Result } from '../../shared/result.ts';
import type { NamedTensors, TensorSpec } from '../../shared/tensor.ts';

/** A program with all it needs besides its items. `key` names it: equal keys are the same program. */
export interface ProgramSource {
  readonly key: string;
  readonly program: Program;
  /** The ONNX file, or an author's WGSL; null for kernels of the catalogue. Ownership stays with the caller. */
  readonly model: Uint8Array | null;
  readonly constants: NamedTensors;
  /** Per stacked input, the dims of one run (`onnxRunner`); empty for kernels. */
  readonly feeds: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  readonly flopsPerItem: number;
}

/** The rows of one assignment; every tensor is `[items.length, ...itemShape]`. */
export interface ComputeTask {
  readonly id: AssignmentId;
  readonly programKey: string;
  readonly items: readonly number[];
  readonly stacked: NamedTensors;
  /** The rows that came are committed to as well: of a stage. */
  readonly treeOfInputs?: boolean;
}

export interface EngineChoice {
  readonly engine: Engine;
  /** One sentence for a person: why this engine. */
  readonly reason: string;
}

export interface Computed extends EngineChoice {
  /** Every output, stacked `[items, ...]`. */
  readonly outputs: NamedTensors;
  /** `merkleTree` over `itemChunks(outputs, items)`: what is committed to, and opened, without hashing again. */
  readonly tree: Uint8Array;
  /** The same over the task's stacked inputs, where it was asked for. */
  readonly inputTree?: Uint8Array;
  /** Time in the program itself, without choosing an engine or waiting. */
  readonly computeMs: number;
}

export interface ComputeFailure {
  readonly kind:
    /** The program is not loaded (any more): load it and run again. */
    | 'not-loaded'
    /** The person paused or the lease ended. Nobody is to blame. */
    | 'cancelled'
    /** No engine of this device can run the program. */
    | 'not-capable'
    | 'run-failed'
    /** The graphics driver does not take it: nor will it the next time. */
    | 'program-refused'
    | 'output-shape'
    | 'out-of-memory'
    /** The GPU device or the worker went away: the same task may be run again. */
    | 'device-lost'
    | 'worker-died'
    /** It went away too often: nothing can be computed until the page is loaded again. */
    | 'unavailable';
  readonly message: string;
}

export type ComputeResult<T> = Result<T, ComputeFailure>;

/** What the device can compute with, as the hello tells it. */
export interface ComputeFacts {
  readonly engines: readonly Engine[];
  /** For people: `google swiftshader (software)`. */
  readonly adapter: string;
  readonly memoryBytes: number;
}

export interface BareLoopTiming {
  readonly items: number;
  readonly ms: number;
  readonly engine: Engine;
}

/** How much of the time is work, above 0 and at most 1, by what does it. */
export interface Duty {
  readonly gpu: number;
  readonly cpu: number;
}

/** What came of it, of the engine that works now. */
export interface DutyReport {
  readonly kind: keyof Duty;
  readonly wanted: number;
  /** Share of the last `overMs` that was work. */
  readonly share: number;
  readonly overMs: number;
}

export interface Compute {
  facts(): Promise<ComputeFacts>;
  /** Keeps the program ready for `run`. The least recently used programs are dropped. */
  load(source: ProgramSource): Promise<ComputeResult<null>>;
  /** Tasks are queued and run one at a time. `onProgress` gets the rows done, never falling. */
  run(task: ComputeTask, onProgress: (rowsDone: number) => void): Promise<ComputeResult<Computed>>;
  /** The task ends as `cancelled` within one slice. Unknown ids are ignored. */
  cancel(id: AssignmentId): void;
  /** Rests between slices, or after a run that has none, so that work is this share of the time. 1 at first. */
  setDuty(duty: Duty): void;
  /**
   * The task's rows again and again in a bare loop until `items` items ran: the same program and engine,
   * with no protocol around it. What `npm run bench -- overhead` compares a volunteer with.
   */
  bareLoop(task: ComputeTask, items: number): Promise<ComputeResult<BareLoopTiming>>;
  /** Frees everything; pending calls end as `unavailable`. */
  close(): Promise<void>;
}
