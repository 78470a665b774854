/**
 * The ways to compute matvec@1: how many rows of the matrix a thread (or workgroup) takes, and how the inner axis is split.
 */
import { widthFor } from '../vectorValues.ts';
import { prefersRegisters, type DeviceTraits, type KernelVariant } from '../variants.ts';

/** Threads of a workgroup in the registers family. */
export const REGISTER_THREADS = 64;
/** Threads of a workgroup that sums a row together. */
export const SHARING_THREADS = 64;
/** Rows of the matrix that one thread, or one workgroup that shares memory, takes at once. */
export const ROWS_AT_ONCE = 4;
/**
 * Vectors that it takes at once where all items share the matrix: every value of it is then read for so many items. One
 * item alone pays for all of them in arithmetic, which a GPU has to spare while it waits for memory; a software adapter has
 * not (1024 x 1024 alone: 8 ms for four, 5 ms for two; among others: 1.4 and 1.6).
 */
const VECTORS_ON_GPU = 4;
const VECTORS_ON_SOFTWARE = 2;

/**
 * Values, or fours of them, that one thread sums: the rounding of equal terms, which all err to one side, then stays at
 * 1e-6 of the result (1.4e-5 for 1024), and the work of one workgroup at a few ms on a software adapter.
 */
const MOST_PER_PART = 256;
/** A part shorter than this costs more to add up than it saves. */
const LEAST_PER_PART = 128;
/** Threads that keep a GPU busy while they wait for memory. */
const BUSY_THREADS = 4096;

/** `parts`: pieces of the inner axis, each summed by another thread; a second pass adds them up. */
const registers = (vectors: number, parts: number): KernelVariant => ({
  name: `registers-${vectors}x${parts}`,
  family: 'registers',
  options: { vectors, parts },
});

const sharing = (family: 'tiled' | 'subgroups'): KernelVariant => ({
  name: family,
  family,
  options: { vectors: VECTORS_ON_GPU },
});

export function matvecVariants(
  { m, k }: { readonly m: number; readonly k: number },
  traits: DeviceTraits,
): readonly KernelVariant[] {
  const fewest = Math.ceil(k / widthFor(k) / MOST_PER_PART);
  const busy = Math.ceil((BUSY_THREADS * ROWS_AT_ONCE) / m);
  const most = Math.max(Math.min(busy, Math.floor(k / LEAST_PER_PART)), fewest);
  const vectors = traits.isSoftware ? VECTORS_ON_SOFTWARE : VECTORS_ON_GPU;
  // A software adapter has as many threads as cores: it is busy with one part.
  const parts = traits.isSoftware ? [fewest, most] : [most, fewest];
  const inRegisters = [...new Set(parts)].map((it) => registers(vectors, it));
  // Sixteen bytes a thread, and each has some four values to sum.
  const fits =
    k >= 4 * SHARING_THREADS &&
    SHARING_THREADS <= traits.maxWorkgroupThreads &&
    SHARING_THREADS * 16 <= traits.maxWorkgroupBytes;
  const inWorkgroups = [
    ...(fits && traits.features.includes('subgroups') ? [sharing('subgroups')] : []),
    ...(fits ? [sharing('tiled')] : []),
  ];
  return prefersRegisters(traits)
    ? [...inRegisters, ...inWorkgroups]
    : [...inWorkgroups, ...inRegisters];
}
