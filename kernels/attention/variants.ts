/**
 * The ways to compute attention@1: how many queries a thread keeps, how the keys are split, and who loads them.
 */
import { prefersRegisters, type DeviceTraits, type KernelVariant } from '../variants.ts';

export interface AttentionShape {
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly dimension: number;
}

/** Products of one workgroup's keys and dimensions: 16 threads with two queries then take some 30 ms of a core. */
const MOST_PER_CHUNK = 2 ** 17;
/** Fewer keys cost more to merge than they save. */
const LEAST_KEYS = 128;
/** Threads that keep a GPU busy while they wait for memory. */
const BUSY_THREADS = 4096;
/** Above this, the sums of two queries would leave a GPU's registers. */
const NARROW_DIMENSION = 32;
/** A tile of keys and values in workgroup memory: the least that any device has. */
const TILE_BYTES = 16_384;
const TILED_THREADS = 64;
const MOST_TILE_KEYS = 32;

/** `together`: queries of one thread, for all of which it loads a key once. `chunks`: pieces of the keys, merged later. */
const registers = (threads: number, together: number, chunks: number): KernelVariant => ({
  name: `registers-${threads}x${together}x${chunks}`,
  family: 'registers',
  options: { threads, together, chunks },
});

export function attentionVariants(
  shape: AttentionShape,
  traits: DeviceTraits,
): readonly KernelVariant[] {
  const { heads, queries, keys, dimension } = shape;
  const fewest = Math.ceil((keys * dimension) / MOST_PER_CHUNK);
  const onSoftware = registers(16, Math.min(queries, 2), fewest);
  if (traits.isSoftware) return [onSoftware];
  const busy = Math.ceil(BUSY_THREADS / (heads * queries));
  const chunks = Math.max(Math.min(busy, Math.floor(keys / LEAST_KEYS)), fewest);
  const together = dimension <= NARROW_DIMENSION ? Math.min(queries, 2) : 1;
  const onGpu = registers(64, together, chunks);
  // Sixteen or more queries to each key that a workgroup loads.
  const canShare =
    queries >= 16 &&
    TILED_THREADS <= traits.maxWorkgroupThreads &&
    TILE_BYTES <= traits.maxWorkgroupBytes;
  if (!canShare) return [onGpu];
  // A multiple of the keys that a thread takes at a time, 2 or 4.
  const tileKeys = Math.min(MOST_TILE_KEYS, 4 * Math.floor(TILE_BYTES / (32 * dimension)));
  const tiled: KernelVariant = {
    name: `tiled-${tileKeys}x${chunks}`,
    family: 'tiled',
    options: { threads: TILED_THREADS, together: 1, chunks, tileKeys },
  };
  return prefersRegisters(traits) ? [onGpu, tiled] : [tiled, onGpu];
}
