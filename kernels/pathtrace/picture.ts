/**
 * A tile of pathtrace@1 as pixels, and the picture that tiles and passes make. Pure; knows no canvas.
 */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { MAX_WHOLE_PIXELS, clear, placed, type ItemOutputs, type Picture } from '../picture.ts';
import { tilesOf, type PathtraceParams } from './manifest.ts';

/** Light 1, in the outputs' units. */
const LIGHT = 2 ** 12;
/** The inverse of a screen's exponent. */
const GAMMA = 1 / 2.2;

/**
 * One item's tile, or sums of several passes of it. Light x is shown as x (1 + x/16) / (1 + x) (E. Reinhard et al.,
 * "Photographic tone reproduction", SIGGRAPH 2002): the brightest that there is becomes white. Pixels without a path are clear.
 */
export const pictureOf = (
  { tile }: Pick<PathtraceParams, 'tile'>,
  outputs: NamedTensors,
  _item: number,
): Picture => tonedOf(tile, valuesOf(outputs['radiance']!) as Uint32Array);

function tonedOf(side: number, sums: ArrayLike<number>): Picture {
  const tile = clear(side, side);
  for (let at = 0; at < tile.rgba.length; at += 4) {
    const paths = sums[at + 3]!;
    if (paths === 0) continue;
    for (let channel = at; channel < at + 3; channel++) {
      const light = sums[channel]! / (paths * LIGHT);
      tile.rgba[channel] = 255 * ((light * (1 + light / 16)) / (1 + light)) ** GAMMA;
    }
    tile.rgba[at + 3] = 255;
  }
  return tile;
}

/** Tiles where they belong, the sums of all passes of each added up; where none is, the picture is clear. */
export function wholePicture(
  params: PathtraceParams,
  items: readonly ItemOutputs[],
): Picture | null {
  const { width, height, tile: side } = params;
  if (width * height > MAX_WHOLE_PIXELS) return null;
  const { across, tiles } = tilesOf(params);
  const sums = new Map<number, Float64Array>();
  for (const { item, outputs } of items) {
    const radiance = valuesOf(outputs['radiance']!) as Uint32Array;
    const sum = sums.get(item % tiles) ?? new Float64Array(radiance.length);
    radiance.forEach((value, i) => (sum[i]! += value));
    sums.set(item % tiles, sum);
  }
  const whole = clear(width, height);
  for (const [tile, sum] of sums) {
    const [left, top] = [(tile % across) * side, Math.floor(tile / across) * side];
    placed(whole, tonedOf(side, sum), left, top);
  }
  return whole;
}
