/**
 * The roofline of a device, and where a kernel stands under it. Pure; no drawing.
 *
 * What a kernel can do is the lower of two roofs: the arithmetic of the device, and its memory times the kernel's operations a
 * byte. Source: S. Williams, A. Waterman, D. Patterson, CACM 52 (2009).
 */
import type { DeviceRoof } from '../../kernels/roofline/deviceRoof.ts';

export type { DeviceRoof } from '../../kernels/roofline/deviceRoof.ts';

/** What one item costs, by its manifest, and how long it took. */
export interface KernelPoint {
  readonly flopsPerItem: number;
  readonly bytesPerItem: number;
  readonly msPerItem: number;
}

export interface Standing {
  /** Operations a byte. */
  readonly intensity: number;
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
  /** The roof above the kernel. */
  readonly boundBy: 'memory' | 'arithmetic';
  readonly roofFlopsPerSecond: number;
  /** Of that roof; above 1 where its data stays in caches that the copy is too large for. */
  readonly share: number;
}

/** Operations a byte at which both roofs are equal. */
export const ridgeOf = ({ flopsPerSecond, bytesPerSecond }: DeviceRoof): number =>
  flopsPerSecond / bytesPerSecond;

export const roofAt = (roof: DeviceRoof, intensity: number): number =>
  Math.min(roof.flopsPerSecond, roof.bytesPerSecond * intensity);

/** `bytesPerItem` is positive. */
export function standingOf(
  { flopsPerItem, bytesPerItem, msPerItem }: KernelPoint,
  roof: DeviceRoof,
): Standing {
  const intensity = flopsPerItem / bytesPerItem;
  const flopsPerSecond = (flopsPerItem / msPerItem) * 1000;
  const roofFlopsPerSecond = roofAt(roof, intensity);
  return {
    intensity,
    flopsPerSecond,
    bytesPerSecond: (bytesPerItem / msPerItem) * 1000,
    boundBy: intensity < ridgeOf(roof) ? 'memory' : 'arithmetic',
    roofFlopsPerSecond,
    share: roofFlopsPerSecond === 0 ? 0 : flopsPerSecond / roofFlopsPerSecond,
  };
}

/** One axis: whole powers of ten that hold all values, two at least, and where a value lies between 0 and 1. */
export interface LogAxis {
  /** Exponents of ten. */
  readonly decades: readonly number[];
  place(value: number): number;
}

/** At least one of `values` is positive and finite; those that are not have no place. */
export function logAxis(values: readonly number[]): LogAxis {
  const logs = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const low = Math.floor(Math.min(...logs));
  const high = Math.max(Math.ceil(Math.max(...logs)), low + 1);
  return {
    decades: Array.from({ length: high - low + 1 }, (_, i) => low + i),
    place: (value) => (Math.log10(value) - low) / (high - low),
  };
}

export interface RooflineDrawing {
  readonly x: LogAxis;
  readonly y: LogAxis;
  /** From the left edge over the ridge to the right edge. */
  readonly roof: readonly (readonly [intensity: number, flopsPerSecond: number])[];
}

/** With room on both sides of the ridge. */
export function drawingOf(
  roof: DeviceRoof,
  { intensity, flopsPerSecond }: Standing,
): RooflineDrawing {
  const ridge = ridgeOf(roof);
  // A kernel without arithmetic stands at the left edge.
  const at = intensity > 0 ? intensity : ridge / 100;
  const x = logAxis([at, ridge / 4, ridge * 4]);
  const [left, right] = [10 ** x.decades[0]!, 10 ** x.decades.at(-1)!];
  const roofLeft = roofAt(roof, left);
  const y = logAxis([roof.flopsPerSecond * 1.5, flopsPerSecond, roofLeft]);
  return {
    x,
    y,
    roof: [
      [left, roofLeft],
      [ridge, roof.flopsPerSecond],
      [right, roof.flopsPerSecond],
    ],
  };
}
