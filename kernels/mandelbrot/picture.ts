/** How a tile of mandelbrot@1 looks, and the picture that tiles make. */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import {
  MAX_WHOLE_PIXELS,
  clear,
  mixed,
  placed,
  type Colour,
  type ItemOutputs,
  type Picture,
} from '../picture.ts';
import { tilesOf, type MandelbrotParams } from './manifest.ts';

/** One turn of the palette, as red, green, blue: night, sea, foam, sand, ember, and night again. */
const PALETTE: readonly Colour[] = [
  [9, 12, 40],
  [22, 72, 132],
  [128, 196, 214],
  [250, 240, 212],
  [236, 158, 74],
  [134, 44, 54],
];
const INSIDE: Colour = [4, 5, 14];
/** Turns that the palette makes each time the count of iterations doubles: bands stay wide at any depth. */
const TURNS_PER_DOUBLING = 0.45;

/** The set itself in near-black, what escapes by the logarithm of how long it took. */
export function pictureOf(
  { tilePixels, maxIterations }: MandelbrotParams,
  outputs: NamedTensors,
  _item: number,
): Picture {
  const iterations = valuesOf(outputs['iterations']!) as Uint32Array;
  const rgba = new Uint8ClampedArray(4 * iterations.length);
  iterations.forEach((taken, i) => {
    const [red, green, blue] = taken >= maxIterations ? INSIDE : colourAt(taken);
    rgba.set([red, green, blue, 255], 4 * i);
  });
  return { width: tilePixels, height: tilePixels, rgba };
}

/** Tiles where they belong; where none is, the picture is clear. */
export function wholePicture(
  params: MandelbrotParams,
  items: readonly ItemOutputs[],
): Picture | null {
  const { widthPixels, heightPixels, tilePixels } = params;
  if (widthPixels * heightPixels > MAX_WHOLE_PIXELS) return null;
  const { across, down } = tilesOf(params);
  const whole = clear(widthPixels, heightPixels);
  for (const { item, outputs } of items) {
    const tile = item % (across * down);
    const [left, top] = [(tile % across) * tilePixels, Math.floor(tile / across) * tilePixels];
    placed(whole, pictureOf(params, outputs, item), left, top);
  }
  return whole;
}

function colourAt(taken: number): Colour {
  const place = (Math.log2(taken + 1) * TURNS_PER_DOUBLING * PALETTE.length) % PALETTE.length;
  const next = PALETTE[Math.ceil(place) % PALETTE.length]!;
  return mixed(PALETTE[Math.floor(place)]!, next, place % 1);
}
