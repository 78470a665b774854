/**
 * gameOfLife@1 on the CPU: the definition of what is right. A row's cells of three are summed once, in two bit
 * planes, and serve the rows above and below it.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { CELLS_PER_WORD, type GameOfLifeParams } from './manifest.ts';

/** `finalCells` U32 [height, width / 32], `population` U32 scalar. */
export function gameOfLifeReference(
  params: GameOfLifeParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const { width, height, generations } = params;
  const across = width / CELLS_PER_WORD;
  let cells = Uint32Array.from(valuesOf(inputs['cells']!) as Uint32Array);
  let next = new Uint32Array(cells.length);
  for (let generation = 0; generation < generations; generation++) {
    live(cells, next, across, params);
    [cells, next] = [next, cells];
  }
  let population = 0;
  for (const word of cells) population += bitsOf(word);
  return {
    finalCells: tensorOf('U32', [height, across], cells),
    population: tensorOf('U32', [], Uint32Array.of(population)),
  };
}

/** One generation. */
function live(
  cells: Uint32Array,
  next: Uint32Array,
  across: number,
  { birthMask, survivalMask }: GameOfLifeParams,
): void {
  const size = cells.length;
  const ones = new Int32Array(size);
  const twos = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const [left, here, right] = [leftOf(cells, i, across), cells[i]!, rightOf(cells, i, across)];
    ones[i] = left ^ here ^ right;
    twos[i] = (left & here) | (right & (left | here));
  }
  for (let i = 0; i < size; i++) {
    const above = i < across ? i + size - across : i - across;
    const below = i + across < size ? i + across : i + across - size;
    const here = cells[i]!;
    const [left, right] = [leftOf(cells, i, across), rightOf(cells, i, across)];
    // The number of neighbours in four bit planes, from three sums of two planes each.
    const [a, b, c] = [ones[above]!, ones[below]!, left ^ right];
    const carry = (a & b) | (c & (a | b));
    const [p, q, r] = [twos[above]!, twos[below]!, left & right];
    const plane1 = a ^ b ^ c;
    const plane2 = p ^ q ^ r ^ carry;
    const [both, other, mixed] = [p & q, r & carry, (p ^ q) & (r ^ carry)];
    const plane4 = both ^ other ^ mixed;
    const plane8 = both & other;
    let alive = 0;
    for (let count = 0; count <= 8; count++) {
      const rule = (((birthMask >> count) & 1) * ~here) | (((survivalMask >> count) & 1) * here);
      if (rule === 0) continue;
      alive |=
        rule &
        (count & 1 ? plane1 : ~plane1) &
        (count & 2 ? plane2 : ~plane2) &
        (count & 4 ? plane4 : ~plane4) &
        (count & 8 ? plane8 : ~plane8);
    }
    next[i] = alive;
  }
}

/** For every cell of a word, the one to its left; rows are rings. */
const leftOf = (cells: Uint32Array, i: number, across: number): number =>
  (cells[i]! << 1) | (cells[i % across === 0 ? i + across - 1 : i - 1]! >>> 31);

const rightOf = (cells: Uint32Array, i: number, across: number): number =>
  (cells[i]! >>> 1) | (cells[(i + 1) % across === 0 ? i + 1 - across : i + 1]! << 31);

function bitsOf(word: number): number {
  let rest = word;
  let bits = 0;
  for (; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}
