/**
 * `montecarlo@1`: what one item says of the volume of a ball, beside the volume itself. The points are not drawn: the
 * tab does not keep them, and others would not be its own.
 */
import { valuesOf } from '../../../shared/tensor.ts';
import type { Recipe } from './picture.ts';

const KERNEL = 'montecarlo@1';
/** Standard deviations shown on either side of the truth. */
const SHOWN_DEVIATIONS = 4;

/** Of the unit ball in `d` dimensions: pi^(d/2) / Gamma(d/2 + 1), by its recurrence. */
export const ballVolume = (d: number): number =>
  d === 0 ? 1 : d === 1 ? 2 : ((2 * Math.PI) / d) * ballVolume(d - 2);

export const volume: Recipe = ({ program, outputs }) => {
  if (program.kind !== 'kernel' || program.kernel !== KERNEL || outputs['hits']?.dtype !== 'U32')
    return null;
  const {
    dimensions,
    samplesPerItem,
    integrand = 'ball',
  } = program.params as Record<string, unknown>;
  if (integrand !== 'ball') return null;
  if (typeof dimensions !== 'number' || typeof samplesPerItem !== 'number') return null;
  const [hits] = valuesOf(outputs['hits']);
  if (hits === undefined) return null;
  const cube = 2 ** dimensions;
  const estimate = (cube * Number(hits)) / samplesPerItem;
  const exact = ballVolume(dimensions);
  const share = exact / cube;
  const deviation = cube * Math.sqrt((share * (1 - share)) / samplesPerItem);
  return {
    caption: { kind: 'volume', dimensions, estimate, exact },
    pixels: null,
    aspect: 3,
    draw(pen, width, height, { accent, ink, soft }) {
      const middle = height / 2;
      const at = (deviations: number): number =>
        width / 2 + (deviations / SHOWN_DEVIATIONS) * (width / 2 - 8);
      pen.lineWidth = 2;
      pen.strokeStyle = soft;
      pen.beginPath();
      pen.moveTo(at(-SHOWN_DEVIATIONS), middle);
      pen.lineTo(at(SHOWN_DEVIATIONS), middle);
      pen.stroke();
      // As far as two thirds of all items come out.
      pen.globalAlpha = 0.18;
      pen.fillStyle = accent;
      pen.fillRect(at(-1), middle - height / 4, at(1) - at(-1), height / 2);
      pen.globalAlpha = 1;
      pen.strokeStyle = ink;
      pen.beginPath();
      pen.moveTo(at(0), middle - height / 3);
      pen.lineTo(at(0), middle + height / 3);
      pen.stroke();
      const off = Math.max(
        -SHOWN_DEVIATIONS,
        Math.min(SHOWN_DEVIATIONS, (estimate - exact) / deviation),
      );
      pen.fillStyle = accent;
      pen.beginPath();
      pen.arc(at(off), middle, Math.max(4, height / 14), 0, 2 * Math.PI);
      pen.fill();
    },
  };
};
