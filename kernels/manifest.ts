/**
 * What a catalogue kernel says of itself. No GPU types: the coordinator prices and verifies from this.
 */
import type * as z from 'zod/mini';
import type { Acceptance } from '../shared/acceptance.ts';
import type { NamedTensors, TensorSpec } from '../shared/tensor.ts';
import type { BatchShape, DispatchPlan } from './plan.ts';
import type { MatrixProduct } from './products.ts';
import { ONLY_VARIANT, type DeviceTraits, type KernelVariant } from './variants.ts';

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
  /**
   * The ways to compute it on such a device, the likeliest best first and at least one, whatever the device; absent where
   * there is one way. Ask by `variantsOf`.
   */
  variants?(params: Params, traits: DeviceTraits): readonly KernelVariant[];
  /** The dispatches of one run. A row's result never depends on how many rows run with it. */
  plan(params: Params, shape: BatchShape, variant: KernelVariant): DispatchPlan;
}

/** Never empty. */
export const variantsOf = <Params>(
  { variants }: Pick<KernelManifest<Params>, 'variants'>,
  params: Params,
  traits: DeviceTraits,
): readonly [KernelVariant, ...KernelVariant[]] => {
  const [first = ONLY_VARIANT, ...others] = variants?.(params, traits) ?? [];
  return [first, ...others];
};

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

/** The WGSL module of a kernel, or what composes it for parameters and a variant. */
export type Shader<Params = unknown> =
  string | ((params: Params, variant: KernelVariant) => string);

/** A kernel with all that a device needs to run it. */
export interface GpuKernel<Params = unknown> extends CatalogueEntry<Params> {
  readonly shader: Shader<Params>;
}

/** Sound as `catalogueEntry` is. */
export const gpuKernel = <Params>(
  manifest: KernelManifest<Params>,
  reference: KernelReference<Params>,
  shader: Shader<Params>,
): GpuKernel => ({ ...catalogueEntry(manifest, reference), shader: shader as Shader });

/** Its WGSL; `params` were parsed by its own schema. */
export const shaderText = (
  { shader }: Pick<GpuKernel, 'shader'>,
  params: unknown,
  variant: KernelVariant,
): string => (typeof shader === 'function' ? shader(params, variant) : shader);

/** `matmul@1` */
export const kernelId = (manifest: Pick<KernelManifest, 'name' | 'version'>): string =>
  `${manifest.name}@${manifest.version}`;
