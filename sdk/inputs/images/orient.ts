/**
 * Turning pixels as a camera's EXIF orientation says, so that up is up.
 *
 * The eight values of tag 0x0112 (EXIF 2.32, 4.6.4): rows and columns of the file are those of the picture, mirrored,
 * or exchanged.
 */
import type { Rgba } from './codecs.ts';

/** Where the pixel at (x, y) of the turned picture lies in the file's, of extents w and h; and whether they exchange. */
interface Turn {
  readonly exchanges: boolean;
  readonly from: (x: number, y: number, w: number, h: number) => readonly [x: number, y: number];
}

const TURNS: Readonly<Record<number, Turn>> = {
  2: { exchanges: false, from: (x, y, w) => [w - 1 - x, y] },
  3: { exchanges: false, from: (x, y, w, h) => [w - 1 - x, h - 1 - y] },
  4: { exchanges: false, from: (x, y, _, h) => [x, h - 1 - y] },
  5: { exchanges: true, from: (x, y) => [y, x] },
  6: { exchanges: true, from: (x, y, _, h) => [y, h - 1 - x] },
  7: { exchanges: true, from: (x, y, w, h) => [w - 1 - y, h - 1 - x] },
  8: { exchanges: true, from: (x, y, w) => [w - 1 - y, x] },
};

/** The picture as it is to be seen. Orientation 1, and any number that is none, leave it as it is. */
export function orient(pixels: Rgba, orientation: number): Rgba {
  const turn = TURNS[orientation];
  if (turn === undefined) return pixels;
  const { width: w, height: h } = pixels;
  const [width, height] = turn.exchanges ? [h, w] : [w, h];
  const source = new Uint32Array(pixels.data.buffer, pixels.data.byteOffset, w * h);
  const turned = new Uint32Array(w * h);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = turn.from(x, y, w, h);
      turned[at++] = source[fromY * w + fromX]!;
    }
  }
  return { width, height, data: new Uint8ClampedArray(turned.buffer) };
}
