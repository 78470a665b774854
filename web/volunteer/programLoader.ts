/**
 * Brings a program to the compute port: its model and constants by digest, decoded, loaded once.
 *
 * Does not decide what a failure means for an assignment. Invariant: one program is fetched at most once at
 * a time, however many assignments wait for it.
 */
import type { BlobDigest } from '../../shared/ids.ts';
import type { AssignMessage } from '../../shared/protocol/link.ts';
import { blobOf, type Program } from '../../shared/protocol/program.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { decodeTensors } from '../../shared/safetensors.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { Compute, ComputeFailure } from '../compute/api.ts';
import type { BlobFailure, BlobSource } from './ports.ts';

export type LoadFailure = BlobFailure | ComputeFailure;

/** What the engine has to be told of a program. */
export type Loadable = Pick<
  AssignMessage,
  'program' | 'constants' | 'feeds' | 'outputs' | 'flopsPerItem'
>;

/** Two assignments with the same key run the same program with the same constants. */
export const programKeyOf = ({ program, constants, feeds, outputs }: Loadable): string =>
  JSON.stringify([program, constants, feeds, outputs]);

/** For a person: the kernel's id, or the start of the model's digest. */
export function describeProgram(program: Program): string {
  switch (program.kind) {
    case 'onnx':
      return `ONNX model ${program.model.slice(0, 8)}`;
    case 'kernel':
      return `kernel ${program.kernel}`;
    case 'wgsl':
      return `the author’s WGSL ${program.module.slice(0, 8)}`;
    default:
      return program satisfies never;
  }
}

export class ProgramLoader {
  readonly #compute: Compute;
  readonly #blobs: BlobSource;
  readonly #loaded = new Set<string>();
  readonly #loading = new Map<string, Promise<Result<null, LoadFailure>>>();

  constructor(compute: Compute, blobs: BlobSource) {
    this.#compute = compute;
    this.#blobs = blobs;
  }

  /** A belief: the engine may have dropped it since, and then answers `not-loaded`. */
  isLoaded(key: string): boolean {
    return this.#loaded.has(key);
  }

  /** After the device or the worker was lost. */
  forgetAll(): void {
    this.#loaded.clear();
  }

  load(assign: Loadable): Promise<Result<null, LoadFailure>> {
    const key = programKeyOf(assign);
    const under = this.#loading.get(key);
    if (under !== undefined) return under;
    const loading = this.#load(key, assign).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  async #load(key: string, assign: Loadable): Promise<Result<null, LoadFailure>> {
    const { program, feeds, outputs, flopsPerItem } = assign;
    const digest = blobOf(program);
    const model = digest === null ? ok(null) : await this.#blob(digest);
    if (!model.ok) return model;
    const constants = await this.#constants(assign.constants);
    if (!constants.ok) return constants;
    const loaded = await this.#compute.load({
      key,
      program,
      model: model.value,
      constants: constants.value,
      feeds,
      outputs,
      flopsPerItem,
    });
    if (loaded.ok) this.#loaded.add(key);
    return loaded;
  }

  async #constants(digest: BlobDigest | null): Promise<Result<NamedTensors, LoadFailure>> {
    if (digest === null) return ok({});
    const blob = await this.#blob(digest);
    if (!blob.ok) return blob;
    const tensors = decodeTensors(blob.value);
    if (tensors.ok) return tensors;
    const { expected, came } = tensors.error;
    return fail({
      kind: 'blob-wrong',
      message: `constants ${digest.slice(0, 8)}: expected ${expected}, came ${came}`,
    });
  }

  #blob(digest: BlobDigest): Promise<Result<Uint8Array, BlobFailure>> {
    // The deadline is the blob source's own; a program that is no longer wanted still fills the cache.
    return this.#blobs.get(digest, new AbortController().signal);
  }
}
