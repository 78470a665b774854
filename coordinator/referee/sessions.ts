/**
 * The worker's onnxruntime sessions: the WASM build, one thread, a bounded number of them.
 *
 * One build, one thread and no relaxed SIMD make a run a pure function of model and inputs, bit for bit,
 * on every machine: that is what a referee is for. Not re-entrant: one run at a time.
 */
import './heapLimit.ts';
import * as ort from 'onnxruntime-web/wasm';
import { modelSession, toOrt } from '../../shared/onnx/ortSession.ts';
import type { ModelSession } from '../../shared/program.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { leavesModuleBroken } from './problems.ts';

ort.env.wasm.numThreads = 1;
// The build with fixed-width SIMD; the relaxed one rounds differently from engine to engine.
ort.env.wasm.simd = 'fixed';
ort.env.wasm.proxy = false;
// What ORT has to say comes back as an error value; an author's model must not write the coordinator's log.
ort.env.logLevel = 'fatal';

/** A session holds its weights in the wasm heap; two jobs in turn must not recreate theirs each time. */
const MAX_SESSIONS = 4;

const FATAL_ONLY = 4; // ORT logging severity

export class Sessions {
  readonly #byDigest = new Map<string, ort.InferenceSession>();

  #broken = false;

  /** The WASM module failed in a way it does not recover from: the worker must be replaced. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Something else that this worker computes with broke. */
  readonly giveUp = (): void => {
    this.#broken = true;
  };

  /** To be told of everything thrown by a session. */
  noteFailure(thrown: unknown): void {
    this.#broken ||= leavesModuleBroken(thrown);
  }

  /** Digests, least recently used first. */
  get digests(): string[] {
    return [...this.#byDigest.keys()];
  }

  /** The cached session of a model, made from `bytes` where it is not cached. Throws what ORT throws. */
  async get(
    digest: string,
    bytes: Uint8Array | null,
    outputs: readonly string[],
  ): Promise<ModelSession | null> {
    let session = this.#byDigest.get(digest);
    this.#byDigest.delete(digest);
    if (session === undefined) {
      if (bytes === null) return null;
      while (this.#byDigest.size >= MAX_SESSIONS) await this.#dropOldest();
      session = await createSession(bytes, 'all');
    }
    this.#byDigest.set(digest, session);
    return modelSession(ort, session, outputs);
  }

  async #dropOldest(): Promise<void> {
    const [digest, session] = this.#byDigest.entries().next().value!;
    this.#byDigest.delete(digest);
    await session.release();
  }
}

/**
 * The shapes of all outputs of one run of a model that is not kept, unoptimised, so that every value
 * of the graph exists. Throws what ORT throws.
 */
export async function shapesOfRun(
  bytes: Uint8Array,
  feeds: NamedTensors,
): Promise<Map<string, readonly number[]>> {
  const session = await createSession(bytes, 'disabled');
  try {
    const results = await session.run(toOrt(ort, feeds));
    return new Map(Object.entries(results).map(([name, { dims }]) => [name, dims]));
  } finally {
    await session.release();
  }
}

function createSession(
  bytes: Uint8Array,
  graphOptimizationLevel: 'all' | 'disabled',
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel,
    logSeverityLevel: FATAL_ONLY,
  });
}
