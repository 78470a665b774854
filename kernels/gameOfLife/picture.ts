/** How the cells of gameOfLife@1 look. */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { MAX_SIDE_PIXELS, mixed, painted, type Colour, type Picture } from '../picture.ts';
import { CELLS_PER_WORD, type GameOfLifeParams } from './manifest.ts';

const DEAD: Colour = [14, 20, 32];
/** Living cells from lonely to crowded, by their number of living neighbours. */
const LONELY: Colour = [94, 214, 190];
const CROWDED: Colour = [252, 206, 116];
const NEIGHBOURS_OF_THE_CROWDED = 5;

/** One pixel per cell, after the last generation; of many cells those in the upper left corner. */
export function pictureOf(
  { width, height }: GameOfLifeParams,
  outputs: NamedTensors,
  _item: number,
): Picture {
  const words = valuesOf(outputs['finalCells']!) as Uint32Array;
  const across = width / CELLS_PER_WORD;
  const lives = (x: number, y: number): number => {
    const [column, row] = [(x + width) % width, (y + height) % height];
    return (words[row * across + (column >> 5)]! >>> (column & 31)) & 1;
  };
  const [shownWidth, shownHeight] = [width, height].map((it) => Math.min(it, MAX_SIDE_PIXELS));
  return painted(shownWidth!, shownHeight!, (x, y) => {
    if (lives(x, y) === 0) return DEAD;
    const share = neighboursOf(lives, x, y) / NEIGHBOURS_OF_THE_CROWDED;
    return mixed(LONELY, CROWDED, Math.min(share, 1));
  });
}

function neighboursOf(lives: (x: number, y: number) => number, x: number, y: number): number {
  let living = -lives(x, y);
  for (const down of [-1, 0, 1])
    for (const right of [-1, 0, 1]) living += lives(x + right, y + down);
  return living;
}
