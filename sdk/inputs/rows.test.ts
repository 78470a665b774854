/** Rows of numbers from JSONL and CSV, cut anywhere, and each way in which a line may not fit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../shared/tensor.ts';
import { readRows, stackRows, type Row, type RowFormat, type RowInput } from './rows.ts';

const X: RowInput = { name: 'x', dtype: 'F32', dims: [2, 2] };
const N: RowInput = { name: 'n', dtype: 'I64', dims: [] };

async function read(text: string, inputs: readonly RowInput[], format?: RowFormat, cut = 7) {
  const pieces = (async function* () {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += cut) yield bytes.subarray(at, at + cut);
  })();
  const rows: Row[] = [];
  for await (const row of readRows(pieces, inputs, format)) {
    if (!row.ok) return { rows: rows.length, problem: row.error };
    rows.push(row.value);
  }
  const stacked = stackRows(rows, inputs);
  return Object.fromEntries(inputs.map(({ name }) => [name, [...valuesOf(stacked[name]!)]]));
}

describe('rows', () => {
  it.each<[string, string, readonly RowInput[], unknown]>([
    ['nested arrays', '[[1,2],[3,4]]\n[[5,6],[7,8]]', [X], { x: [1, 2, 3, 4, 5, 6, 7, 8] }],
    ['flat arrays, empty lines, Windows ends', '\r\n[1,2,3,4]\r\n\r\n', [X], { x: [1, 2, 3, 4] }],
    [
      'objects',
      '{"n":"9007199254740993","x":[1,2,3,4],"id":"a"}\n',
      [X, N],
      { x: [1, 2, 3, 4], n: [9007199254740993n] },
    ],
    ['scalars', '[7]\n[-8]\n', [N], { n: [7n, -8n] }],
    ['CSV', '1,2,3,4\n5,6,7,8\n', [X], { x: [1, 2, 3, 4, 5, 6, 7, 8] }],
    ['CSV with names of its own', 'a,b,c,d\n1,2,3,4e0\n', [X], { x: [1, 2, 3, 4] }],
    [
      'CSV with names of inputs, in any order, beside others',
      'id,n,x[0][0],x[0][1],x[1][0],x[1][1]\nq,5,1,2,3,4\n',
      [X, N],
      { x: [1, 2, 3, 4], n: [5n] },
    ],
    ['CSV of several inputs in their order', '1,2,3,4,5\n', [X, N], { x: [1, 2, 3, 4], n: [5n] }],
    ['CSV with a mark of its encoding', '\ufeff1,2,3,4\n', [X], { x: [1, 2, 3, 4] }],
    ['nothing', '', [X], { x: [] }],
  ])('%s', async (_, text, inputs, expected) => {
    for (const cut of [1, 5, 1000])
      expect(await read(text, inputs, undefined, cut)).toEqual(expected);
  });

  it.each<[string, string, readonly RowInput[], number, RegExp]>([
    ['too few', '[1,2,3]', [X], 1, /4 numbers/],
    ['too many', '[1,2,3,4]\n[1,2,3,4,5]', [X], 2, /4 numbers/],
    ['no numbers', '[1,2,3,null]', [X], 1, /numbers for "x"/],
    ['text', '[1,2,3,"4"]', [X], 1, /numbers for "x"/],
    ['no JSON', '[1,2,3,4]\n[1,', [X], 2, /JSON/],
    ['too deep', `${'['.repeat(99)}`, [X], 1, /JSON/],
    ['an absent input', '{"x":[1,2,3,4]}', [X, N], 1, /"n"/],
    ['a prototype of one', '{"x":[1,2,3,4]}', [X, { ...N, name: 'constructor' }], 1, /constructor/],
    ['one array for two inputs', '[1,2,3,4]', [X, N], 1, /an object of "x", "n"/],
    ['a fraction for an integer', '[1.5]', [N], 1, /whole numbers/],
    ['an integer beyond its bits', '["9223372036854775808"]', [N], 1, /64 bits/],
    ['too short a line of CSV', '1,2,3,4\n1,2\n', [X], 2, /4 columns/],
    ['a word in CSV', '1,2,3,4\n1,2,x,4\n', [X], 2, /numbers for "x"/],
    ['an empty cell', '1,2,,4\n', [X], 1, /numbers for "x"/],
    ['names of too few columns', 'a,b\n1,2\n', [X], 1, /4 columns of x/],
    [
      'a byte out of its range',
      '256\n',
      [{ name: 'b', dtype: 'U8', dims: [] }],
      1,
      /from 0 to 255/,
    ],
  ])('%s is said with its line', async (_, text, inputs, line, expected) => {
    expect(await read(text, inputs)).toMatchObject({
      problem: { line, expected: expect.stringMatching(expected) as string },
    });
  });

  it('are the same however the text is cut', async () => {
    const row = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 4, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        async (rows, cut) => {
          const json = rows.map((one) => JSON.stringify(one)).join('\n');
          const csv = rows.map((one) => one.join(',')).join('\n');
          const expected = { x: rows.flat() };
          expect(await read(json, [X], undefined, cut)).toEqual(expected);
          expect(await read(csv, [X], 'csv', cut)).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });
});
