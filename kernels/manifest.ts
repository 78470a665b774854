/**
 * What a catalogue kernel says of itself. No GPU types: the coordinator prices and verifies from this.
 */
import type * as z from 'zod/mini';
import type { Acceptance } from '../shared/acceptance.ts';
import type { NamedTensors, TensorSpec } from '../shared/tensor.ts';
import type { BatchShape, DispatchPlan } from './plan.ts';
import type { MatrixProduct } from './products.ts';

export interface KernelManifest<Params = unknown> {
  readonly name: string;
  /** Raised whenever outputs may change for the same parameters and inputs. */
  readonly version: number;
  /** One paragraph: what it computes, for whom, and where the method comes from. */
  readonly explanation: string;
  readonly source: string;
  /**
   * Parameters with their limits; units end their names. Of `zod/mini`: it is all that the compute worker carries
   * of zod, and the whole of it would add 15 kB (gzip) to the worker's 26.
   */
  readonly params: z.ZodMiniType<Params>;
  /** Shape of one item of each input. An author may give any of them stacked or constant. */
  inputs(params: Params): Readonly<Record<string, TensorSpec>>;
  /** Shape of one item of each output. */
  outputs(params: Params): Readonly<Record<string, TensorSpec>>;
  /** Arithmetic operations of one item; integer operations count as one each. */
  flopsPerItem(params: Params): number;
  /** Bytes that one item reads and writes at least once. */
  bytesPerItem(params: Params): number;
  /** `exact`: bit-identical on every adapter; `algebraic`: has a full check; `sampled`: neither. */
  readonly verification: 'exact' | 'algebraic' | 'sampled';
  /** The matrix products that one item's outputs are, all of them: where `verification` is `algebraic`. */
  products?(params: Params): readonly MatrixProduct[];
  readonly acceptance: Acceptance;
  /** The dispatches of one run. A row's result never depends on how many rows run with it. */
  plan(params: Params, shape: BatchShape): DispatchPlan;
}

/** The kernel on the CPU: the definition of what is right. `item` is the block index. */
export type KernelReference<Params = unknown> = (
  params: Params,
  item: number,
  inputs: NamedTensors,
) => NamedTensors;

export interface CatalogueEntry<Params = unknown> {
  readonly manifest: KernelManifest<Params>;
  readonly reference: KernelReference<Params>;
}

/**
 * A kernel among others of other parameters. Sound where `params` were parsed by this entry's own schema,
 * which is what every caller does with parameters from outside.
 */
export const catalogueEntry = <Params>(
  manifest: KernelManifest<Params>,
  reference: KernelReference<Params>,
): CatalogueEntry => ({
  manifest,
  reference: reference as KernelReference,
});

/** `matmul@1` */
export const kernelId = (manifest: Pick<KernelManifest, 'name' | 'version'>): string =>
  `${manifest.name}@${manifest.version}`;
