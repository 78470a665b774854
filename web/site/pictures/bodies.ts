/** `nbody@1`: where the bodies of one system came from, and where they are, seen along z; the heavier, the larger. */
import { valuesOf, type Tensor } from '../../../shared/tensor.ts';
import type { Recipe } from './picture.ts';

const KERNEL = 'nbody@1';
const COLUMNS = 4;
/** Of bodies, evenly chosen where there are more: a canvas draws them in a few milliseconds. */
const MOST_DRAWN = 1024;

export const bodies: Recipe = ({ program, inputs, outputs }) => {
  if (program.kind !== 'kernel' || program.kernel !== KERNEL) return null;
  const { steps } = program.params as Record<string, unknown>;
  const { positions } = inputs;
  const { finalPositions } = outputs;
  if (typeof steps !== 'number' || positions === undefined || finalPositions === undefined)
    return null;
  const [from, to] = [tableOf(positions), tableOf(finalPositions)];
  if (from === null || to === null || from.length !== to.length) return null;
  const count = to.length / COLUMNS;
  const scale = scaleOf(from, to);
  if (scale === null) return null;
  const step = Math.ceil(count / MOST_DRAWN);
  return {
    caption: { kind: 'bodies', bodies: count, steps },
    pixels: null,
    aspect: 4 / 3,
    draw(pen, width, height, { accent, soft }) {
      const reach = Math.min(width, height) / 2 - 8;
      const place = (table: Float32Array, i: number): [number, number] => [
        width / 2 + ((table[i * COLUMNS]! - scale.x) / scale.reach) * reach,
        height / 2 - ((table[i * COLUMNS + 1]! - scale.y) / scale.reach) * reach,
      ];
      pen.lineWidth = 1;
      pen.strokeStyle = soft;
      pen.globalAlpha = 0.6;
      pen.beginPath();
      for (let i = 0; i < count; i += step) {
        pen.moveTo(...place(from, i));
        pen.lineTo(...place(to, i));
      }
      pen.stroke();
      pen.globalAlpha = 1;
      pen.fillStyle = accent;
      for (let i = 0; i < count; i += step) {
        const size = 1.5 + 3 * Math.cbrt(Math.max(0, to[i * COLUMNS + 3]!) / scale.heaviest);
        pen.beginPath();
        pen.arc(...place(to, i), size, 0, 2 * Math.PI);
        pen.fill();
      }
    },
  };
};

/** Finite f32 rows of x, y, z and mass; null for anything else. */
function tableOf({ dtype, dims, bytes }: Tensor): Float32Array | null {
  if (dtype !== 'F32' || dims.length !== 2 || dims[1] !== COLUMNS || dims[0] === 0) return null;
  const values = valuesOf({ dtype, dims, bytes }) as Float32Array;
  return values.every((value) => Number.isFinite(value)) ? values : null;
}

/** The middle of all bodies, and how far from it they are: nine tenths of them, so that one that flew off leaves them seen. */
function scaleOf(from: Float32Array, to: Float32Array) {
  const count = to.length / COLUMNS;
  const indices = Array.from({ length: count }, (_, i) => i);
  const mean = (column: number): number =>
    indices.reduce((sum, i) => sum + from[i * COLUMNS + column]!, 0) / count;
  const [x, y] = [mean(0), mean(1)];
  const away = indices
    .flatMap((i) =>
      [from, to].map((it) => Math.hypot(it[i * COLUMNS]! - x, it[i * COLUMNS + 1]! - y)),
    )
    .sort((a, b) => a - b);
  const reach = away[Math.floor((away.length - 1) * 0.9)]! * 1.15;
  const heaviest = indices.reduce((most, i) => Math.max(most, to[i * COLUMNS + 3]!), 0);
  return reach > 0 ? { x, y, reach, heaviest: heaviest > 0 ? heaviest : 1 } : null;
}
