/** Known patterns, the rule beside one counted cell by cell, limits, the plan, and pictures. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { ONLY_VARIANT } from '../variants.ts';
import {
  MAX_GENERATIONS,
  MAX_SIDE,
  gameOfLifeManifest,
  gameOfLifeParams,
  type GameOfLifeParams,
} from './manifest.ts';
import { pictureOf } from './picture.ts';
import { gameOfLifeReference } from './reference.ts';

const cellsOf = (words: Uint32Array, { width, height }: GameOfLifeParams): number[][] =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (words[(y * width) / 32 + (x >> 5)]! >>> (x & 31)) & 1),
  );

const wordsOf = (cells: readonly (readonly number[])[]): Uint32Array => {
  const across = cells[0]!.length / 32;
  const words = new Uint32Array(across * cells.length);
  cells.forEach((row, y) =>
    row.forEach((cell, x) => (words[y * across + (x >> 5)]! |= cell << (x & 31))),
  );
  return words;
};

function lived(change: object, words: Uint32Array) {
  const params = gameOfLifeParams.parse({ width: 32, height: 32, generations: 1, ...change });
  const dims = [params.height, params.width / 32];
  const made = gameOfLifeReference(params, 0, { cells: tensorOf('U32', dims, words) });
  const finalCells = valuesOf(made['finalCells']!) as Uint32Array;
  const [population] = valuesOf(made['population']!) as Uint32Array;
  return { params, finalCells, population: population! };
}

/** Living cells of a drawing, in a torus of 32 x 32, its upper left corner at (x, y). */
function drawn(rows: readonly string[], x: number, y: number): Uint32Array {
  const cells = Array.from({ length: 32 }, () => new Array<number>(32).fill(0));
  rows.forEach((row, down) =>
    [...row].forEach((mark, right) => {
      cells[(y + down) % 32]![(x + right) % 32] = mark === 'o' ? 1 : 0;
    }),
  );
  return wordsOf(cells);
}

describe('gameOfLifeReference', () => {
  it('moves a glider one cell down and right in four generations, and around the torus', () => {
    const glider = ['.o.', '..o', 'ooo'];
    expect(lived({ generations: 4 }, drawn(glider, 5, 6)).finalCells).toEqual(drawn(glider, 6, 7));
    const { finalCells, population } = lived({ generations: 128 }, drawn(glider, 30, 31));
    expect(finalCells).toEqual(drawn(glider, 30, 31));
    expect(population).toBe(5);
  });

  it('turns a blinker, keeps a block, and moves a lightweight spaceship by two', () => {
    expect(lived({}, drawn(['ooo'], 31, 4)).finalCells).toEqual(drawn(['o', 'o', 'o'], 0, 3));
    expect(lived({}, drawn(['oo', 'oo'], 31, 31)).finalCells).toEqual(drawn(['oo', 'oo'], 31, 31));
    const ship = ['.o..o', 'o....', 'o...o', 'oooo.'];
    expect(lived({ generations: 4 }, drawn(ship, 9, 9)).finalCells).toEqual(drawn(ship, 7, 9));
  });

  it('lets the R-pentomino end with 116 cells after 1103 generations', () => {
    const cells = Array.from({ length: 640 }, () => new Array<number>(640).fill(0));
    for (const [x, y] of [
      [1, 0],
      [2, 0],
      [0, 1],
      [1, 1],
      [1, 2],
    ] as const)
      cells[320 + y]![320 + x] = 1;
    const shape = { width: 640, height: 640 };
    expect(lived({ ...shape, generations: 1103 }, wordsOf(cells)).population).toBe(116);
  });

  it('is what counting neighbours cell by cell gives, by any rule', () => {
    const rule = fc.nat(0x1ff);
    fc.assert(
      fc.property(
        fc.constantFrom(32, 64, 96),
        fc.integer({ min: 1, max: 6 }),
        rule,
        rule,
        fc.array(fc.nat(0xffffffff), { minLength: 18, maxLength: 18 }),
        (width, height, birthMask, survivalMask, noise) => {
          const words = Uint32Array.from(noise.slice(0, (width / 32) * height));
          const { params, finalCells, population } = lived(
            { width, height, birthMask, survivalMask },
            words,
          );
          const before = cellsOf(words, params);
          const after = before.map((row, y) =>
            row.map((alive, x) => {
              let count = -alive;
              for (const down of [-1, 0, 1])
                for (const right of [-1, 0, 1])
                  count += before[(y + down + height) % height]![(x + right + width) % width]!;
              return ((alive === 1 ? survivalMask : birthMask) >> count) & 1;
            }),
          );
          expect(cellsOf(finalCells, params)).toEqual(after);
          expect(population).toBe(after.flat().filter((cell) => cell === 1).length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('gameOfLifeManifest', () => {
  it('takes parameters up to each limit and refuses them beyond', () => {
    const least = { width: 32, height: 1, generations: 1 };
    const accepts = (change: object) => gameOfLifeParams.safeParse({ ...least, ...change }).success;
    expect(accepts({})).toBe(true);
    for (const width of [0, 31, 33, MAX_SIDE + 32]) expect(accepts({ width })).toBe(false);
    expect(accepts({ width: MAX_SIDE })).toBe(true);
    expect(accepts({ height: 0 })).toBe(false);
    expect(accepts({ height: MAX_SIDE })).toBe(true);
    expect(accepts({ height: MAX_SIDE + 1 })).toBe(false);
    expect(accepts({ generations: MAX_GENERATIONS })).toBe(true);
    expect(accepts({ generations: MAX_GENERATIONS + 1 })).toBe(false);
    expect(accepts({ generations: 0 })).toBe(false);
    expect(accepts({ birthMask: 512 })).toBe(false);
    expect(accepts({ survivalMask: -1 })).toBe(false);
    expect(accepts({ width: 4096, height: MAX_SIDE })).toBe(true);
    expect(accepts({ width: 4128, height: MAX_SIDE })).toBe(false);
    expect(accepts({ width: 1024, height: 1024, generations: 1024 })).toBe(true);
    expect(accepts({ width: 1024, height: 1024, generations: 1025 })).toBe(false);
  });

  it.each([1, 2, 3, 4])('plans %i generations that end in the output', (generations) => {
    const params = gameOfLifeParams.parse({ width: 64, height: 20, generations });
    const shape = { rows: 2, strides: { cells: 40 } };
    const { passes } = gameOfLifeManifest.plan(params, shape, ONLY_VARIANT);
    const steps = passes.filter(({ entryPoint }) => entryPoint === 'advance');
    expect(steps).toHaveLength(generations);
    expect(steps.map(({ constants }) => constants['FROM_INPUT'])).toEqual(
      steps.map((_, i) => Number(i === 0)),
    );
    expect(steps.map(({ constants }) => constants['TO_OUTPUT']).reverse()).toEqual(
      steps.map((_, i) => Number(i % 2 === 0)),
    );
  });
});

describe('pictureOf', () => {
  it('draws the living in another colour than the dead', () => {
    const { params, finalCells } = lived({}, drawn(['oo', 'oo'], 31, 31));
    const outputs = { finalCells: tensorOf('U32', [32, 1], finalCells) };
    const { width, height, rgba } = pictureOf(params, outputs, 0);
    expect([width, height, rgba.length]).toEqual([32, 32, 4096]);
    const colourAt = (x: number, y: number) => [...rgba.subarray(4 * (32 * y + x)).slice(0, 3)];
    expect(colourAt(0, 0)).toEqual(colourAt(31, 31));
    expect(colourAt(0, 0)).not.toEqual(colourAt(1, 1));
    expect(colourAt(1, 1)).toEqual([14, 20, 32]);
    const wide = gameOfLifeParams.parse({ width: 16_384, height: 600, generations: 1 });
    const many = { finalCells: tensorOf('U32', [600, 512], new Uint32Array(600 * 512)) };
    expect(pictureOf(wide, many, 0)).toMatchObject({ width: 512, height: 512 });
  });
});
