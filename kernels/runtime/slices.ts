/**
 * Cuts the passes of a plan into slices: what one submit carries. Pure; the runner executes them.
 *
 * Invariant: the boxes of all slices cover every workgroup of every pass exactly once, pass after pass,
 * and no box is wider than the device's limit.
 */
import type { KernelPass, Workgroups } from '../plan.ts';
import type { Calibration, Work } from './calibration.ts';

/** The longest submit: longer ones make pages stutter, and drivers reset a GPU after some 2 s. */
export const SLICE_MS = 50;
/** The longest submit in polite mode: one frame at 60 Hz. */
export const POLITE_SLICE_MS = 16;
/** Dispatches of one submit: recording them stays under a frame. */
const MAX_DISPATCHES_PER_SLICE = 512;
/** Distinct bases of one submit: as many 256-byte slots of the uniform buffer. */
export const MAX_BASES_PER_SLICE = 256;

export interface Dispatch {
  readonly pass: KernelPass;
  /** First workgroup, and how many along each axis. */
  readonly base: Workgroups;
  readonly count: Workgroups;
}

export interface Slice {
  readonly dispatches: readonly Dispatch[];
  readonly work: readonly Work[];
}

/** `budgetMs` is asked at the start of every slice, and `calibration` read, so both may change meanwhile. */
export function* slicesOf(
  passes: readonly KernelPass[],
  calibration: Calibration,
  budgetMs: () => number,
  maxWorkgroupsPerDimension: number,
): Generator<Slice, void, void> {
  let dispatches: Dispatch[] = [];
  let work: Work[] = [];
  let bases = new Set<string>();
  let leftMs = budgetMs();
  for (const pass of passes) {
    const { entryPoint, workgroups, flopsPerWorkgroup } = pass;
    const end = workgroups[0] * workgroups[1] * workgroups[2];
    for (let next = 0; next < end;) {
      const eachMs = calibration.estimateMs({ entryPoint, flops: flopsPerWorkgroup });
      const affordable = Math.floor(leftMs / Math.max(eachMs, Number.MIN_VALUE));
      const full =
        dispatches.length === MAX_DISPATCHES_PER_SLICE || bases.size === MAX_BASES_PER_SLICE;
      if (dispatches.length > 0 && (affordable < 1 || full)) {
        yield { dispatches, work };
        dispatches = [];
        work = [];
        bases = new Set();
        leftMs = budgetMs();
        continue;
      }
      const box: Pick<Dispatch, 'base' | 'count'> =
        pass.isWhole === true
          ? { base: [0, 0, 0], count: workgroups }
          : boxAt(workgroups, next, Math.max(affordable, 1), maxWorkgroupsPerDimension);
      const size = box.count[0] * box.count[1] * box.count[2];
      dispatches.push({ pass, ...box });
      work.push({ entryPoint, flops: size * flopsPerWorkgroup });
      bases.add(box.base.join());
      leftMs -= size * eachMs;
      next += size;
    }
  }
  if (dispatches.length > 0) yield { dispatches, work };
}

/** The largest box of at most `max` workgroups that starts at linear index `at` (x fastest) and follows on. */
function boxAt(
  [width, height, depth]: Workgroups,
  at: number,
  max: number,
  maxPerDimension: number,
): Pick<Dispatch, 'base' | 'count'> {
  const x = at % width;
  const y = Math.floor(at / width) % height;
  const z = Math.floor(at / (width * height));
  const base = [x, y, z] as const;
  if (x > 0 || max < width || width > maxPerDimension) {
    return { base, count: [Math.min(max, width - x, maxPerDimension), 1, 1] };
  }
  if (y > 0 || max < width * height || height > maxPerDimension) {
    const rows = Math.min(Math.floor(max / width), height - y, maxPerDimension);
    return { base, count: [width, rows, 1] };
  }
  const layers = Math.min(Math.floor(max / (width * height)), depth - z, maxPerDimension);
  return { base, count: [width, height, layers] };
}
