/**
 * The ways in which one kernel can be computed, as data: what the planner offers for a device, and the tuner times.
 *
 * No GPU types: which variants a device is offered is tested without one. Invariant: all variants of a kernel are accepted
 * beside its reference by the kernel's own rule, and those of an `exact` kernel are equal bit for bit.
 */

/**
 * `registers`: threads that know nothing of one another, without barriers, which cost a software adapter 10 to 100 times the
 * arithmetic. `tiled`: workgroups that share memory. `subgroups`: lanes that exchange values.
 */
export type KernelFamily = 'registers' | 'tiled' | 'subgroups';

export interface KernelVariant {
  /** Unique within its kernel, as `registers-8x8`: pipelines and the tuner's memory are named by it. */
  readonly name: string;
  readonly family: KernelFamily;
  /** What its module is composed from and its dispatches are planned by, as `{ tile: 8 }`. */
  readonly options: Readonly<Record<string, number>>;
}

/** What a kernel has that names no variants: one module for every device. */
export const ONLY_VARIANT: KernelVariant = { name: 'only', family: 'registers', options: {} };

/** A device, as far as it decides how a kernel runs there best. */
export interface DeviceTraits {
  /** It computes on the CPU. */
  readonly isSoftware: boolean;
  readonly vendor: string;
  readonly architecture: string;
  /** Features of WebGPU that are switched on, as `shader-f16` and `subgroups`. */
  readonly features: readonly string[];
  /** Fewest and most lanes of a subgroup; both 0 where that is unknown. */
  readonly subgroupLanes: readonly [min: number, max: number];
  readonly maxWorkgroupBytes: number;
  readonly maxWorkgroupThreads: number;
  readonly maxWorkgroupsPerDimension: number;
}

/** What every device of WebGPU has at least (the specification's default limits). */
export const LEAST_TRAITS: DeviceTraits = {
  isSoftware: false,
  vendor: '',
  architecture: '',
  features: [],
  subgroupLanes: [0, 0],
  maxWorkgroupBytes: 16_384,
  maxWorkgroupThreads: 256,
  maxWorkgroupsPerDimension: 65_535,
};

/** Where a thread per result is the faster: on software, and on GPUs whose caches do what shared memory would. */
export const prefersRegisters = ({ isSoftware, vendor }: DeviceTraits): boolean =>
  isSoftware || vendor === 'apple';
