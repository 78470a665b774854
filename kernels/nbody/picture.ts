/** How the bodies of nbody@1 lie after the last step: seen along z, from as far as holds all but a few; the more, the brighter. */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { mixed, painted, type Colour, type Picture } from '../picture.ts';
import type { NbodyParams } from './manifest.ts';

const SIDE = 192;
const NIGHT: Colour = [14, 20, 32];
const STARS: Colour = [255, 236, 196];
/** Of the bodies, by their distance from the middle: one that flew off leaves the others seen. */
const HELD = 0.97;
/** A body lights the pixels around it as well. */
const GLOW = 0.35;

export function pictureOf({ bodies }: NbodyParams, outputs: NamedTensors, _item: number): Picture {
  const positions = valuesOf(outputs['finalPositions']!) as Float32Array;
  const places = Array.from(
    { length: bodies },
    (_, i) => [positions[4 * i]!, positions[4 * i + 1]!] as const,
  );
  const mean = (axis: 0 | 1): number => places.reduce((sum, at) => sum + at[axis], 0) / bodies;
  const [middleX, middleY] = [mean(0), mean(1)];
  const away = places.map(([x, y]) => Math.hypot(x - middleX, y - middleY)).sort((a, b) => a - b);
  const scale = SIDE / (2.2 * (away[Math.floor((bodies - 1) * HELD)]! || 1));
  const light = new Float32Array(SIDE * SIDE);
  for (const [x, y] of places) {
    const across = Math.round(SIDE / 2 + (x - middleX) * scale);
    const down = Math.round(SIDE / 2 - (y - middleY) * scale);
    for (const right of [-1, 0, 1])
      for (const lower of [-1, 0, 1]) {
        const [column, row] = [across + right, down + lower];
        if (column < 0 || row < 0 || column >= SIDE || row >= SIDE) continue;
        light[row * SIDE + column]! += GLOW ** (Math.abs(right) + Math.abs(lower));
      }
  }
  return painted(SIDE, SIDE, (x, y) => mixed(NIGHT, STARS, Math.min(1, light[y * SIDE + x]!)));
}
