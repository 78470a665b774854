/** What a stage shows of what it committed to: taken as it is, and refused with anything changed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryRoot, boundaryTree, isOpenedBy, shownRows, stageOpening } from './stage.ts';
import { tensorOf, type NamedTensors } from './tensor.ts';

const column = (name: string, rows: number, width: number, seed: number): NamedTensors => ({
  [name]: tensorOf(
    'F32',
    [rows, width],
    Float32Array.from({ length: rows * width }, (_, i) => seed + i),
  ),
});

function sides(count: number) {
  // An input and an output of one name, and a second output of another row length.
  const inputs = column('h', count, 3, 0.5);
  const outputs = { ...column('h', count, 2, 100), ...column('y', count, 1, 900) };
  const side = (tensors: NamedTensors) => ({ tensors, tree: boundaryTree(tensors, count) });
  const boundary = {
    inputs: boundaryRoot(boundaryTree(inputs, count)),
    outputs: boundaryRoot(boundaryTree(outputs, count)),
  };
  return { inputs: side(inputs), outputs: side(outputs), boundary };
}

const anyStage = fc.integer({ min: 2, max: 20 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    rows: fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { minLength: 1, maxLength: 6 }),
    pick: fc.nat(10_000),
  }),
);

const flipped = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);

describe('an opening', () => {
  it('is of the rows that were asked for, whatever the sides are called', () => {
    fc.assert(
      fc.property(anyStage, ({ count, rows }) => {
        const { inputs, outputs, boundary } = sides(count);
        const { tensors, paths } = stageOpening(inputs, outputs, rows);
        const shown = shownRows(tensors);
        expect(Object.keys(shown.inputs)).toEqual(['h']);
        expect(Object.keys(shown.outputs).sort()).toEqual(['h', 'y']);
        expect(isOpenedBy(shown, rows, count, boundary, paths)).toBe(true);
      }),
    );
  });

  it('of nothing is empty, and nothing else is taken for it', () => {
    const { inputs, outputs, boundary } = sides(4);
    const { tensors, paths } = stageOpening(inputs, outputs, []);
    expect({ tensors, paths }).toEqual({ tensors: {}, paths: [] });
    expect(isOpenedBy(shownRows({}), [], 4, boundary, [])).toBe(true);
    expect(isOpenedBy(shownRows({}), [], 4, boundary, [[]])).toBe(false);
    expect(isOpenedBy(shownRows({}), [1], 4, boundary, [])).toBe(false);
  });

  it('with one byte, path, root or row changed is refused', () => {
    fc.assert(
      fc.property(anyStage, ({ count, rows, pick }) => {
        const { inputs, outputs, boundary } = sides(count);
        const { tensors, paths } = stageOpening(inputs, outputs, rows);
        const takes = (
          changedTensors = tensors,
          changedPaths: readonly (readonly string[])[] = paths,
          root = boundary,
          at = rows,
        ) => isOpenedBy(shownRows(changedTensors), at, count, root, changedPaths);

        for (const [name, tensor] of Object.entries(tensors)) {
          const bytes = new Uint8Array(tensor.bytes);
          bytes[pick % bytes.length]! ^= 1;
          expect(takes({ ...tensors, [name]: { ...tensor, bytes } }), name).toBe(false);
        }
        const which = pick % paths.length;
        const step = pick % paths[which]!.length;
        const change = (text: string) => [
          flipped(text, pick % 64),
          text.toUpperCase().replace(/^./, 'G'),
          text.slice(1),
          '',
        ];
        for (const text of change(paths[which]![step]!)) {
          const changed = paths.map((path, i) =>
            i === which ? path.map((it, j) => (j === step ? text : it)) : path,
          );
          expect(takes(tensors, changed)).toBe(false);
        }
        expect(takes(tensors, paths.slice(1))).toBe(false);
        expect(takes(tensors, [...paths, paths[0]!])).toBe(false);
        expect(takes(tensors, paths.with(which, paths[which]!.slice(1)))).toBe(false);
        expect(takes(tensors, paths, { ...boundary, inputs: boundary.outputs })).toBe(false);
        expect(takes(tensors, paths, { ...boundary, outputs: boundary.inputs })).toBe(false);
        const elsewhere = rows.with(0, (rows[0]! + 1) % count);
        expect(takes(tensors, paths, boundary, elsewhere)).toBe(false);
      }),
    );
  });
});
