/** Results on their way to a file: places of rows, crashes in between, rows as text, and what is made of scores. */
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assert } from '../../shared/result.ts';
import { tensorOf, valuesOf, type NamedTensors, type TensorSpec } from '../../shared/tensor.ts';
import { readTensorFile } from '../inputs/wholeFile.ts';
import type { ResultsPage } from '../job.ts';
import { makeOutput, outputKind, place, placeable, type OutputKind } from './outputFile.ts';
import { OutputFolder } from './outputState.ts';
import { postprocess, scoresOf, tensorsOfRow, type Postprocessing } from './postprocess.ts';
import { csvCells, csvHeader, jsonLine } from './rowText.ts';
import { Spool } from './spool.ts';

let folder = '';
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'outputs-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const SPECS: Readonly<Record<string, TensorSpec>> = {
  y: { dtype: 'F32', dims: [2] },
  n: { dtype: 'I64', dims: [] },
};
/** Item i is y = [i, i / 3] and n = -i. */
const page = (items: readonly number[], failed: readonly number[] = []): ResultsPage => ({
  items: Uint32Array.from(items),
  failed: Uint32Array.from(failed),
  outputs: {
    y: tensorOf('F32', [items.length, 2], Float32Array.from(items.flatMap((i) => [i, i / 3]))),
    n: tensorOf(
      'I64',
      [items.length],
      BigInt64Array.from(items, (i) => BigInt(-i)),
    ),
  },
  next: 1,
});

async function spoolOf(pages: readonly ResultsPage[], total: number): Promise<Spool> {
  const spool = await Spool.open(at('spool'), SPECS, total);
  for (const one of pages) spool.put(one);
  await spool.flush();
  return spool;
}

describe('a spool', () => {
  it('has every row in its place, however often and in whatever order it came', async () => {
    const spool = await spoolOf([page([3, 1]), page([0], [2]), page([1, 3])], 5);
    expect([spool.settled, spool.itemsIn('failed'), spool.itemsIn('missing')]).toEqual([
      3,
      [2],
      [4],
    ]);
    const rows = [];
    for await (const { item, state, outputs } of spool.rows()) {
      rows.push([item, state, valuesOf(outputs['y']!)[0], Number(valuesOf(outputs['n']!)[0])]);
    }
    expect(rows).toEqual([
      [0, 'settled', 0, 0],
      [1, 'settled', 1, -1],
      [2, 'failed', 0, 0],
      [3, 'settled', 3, -3],
      [4, 'missing', 0, 0],
    ]);
    await spool.close();
  });

  it('has room for items that were added since, then and when it is opened again', async () => {
    const spool = await spoolOf([page([1])], 2);
    spool.grow(4);
    spool.grow(3);
    spool.put(page([3, 0]));
    await spool.flush();
    await spool.close();
    const later = await spoolOf([], 6);
    expect([later.total, later.settled, later.itemsIn('missing')]).toEqual([6, 3, [2, 4, 5]]);
    await later.close();
  });

  it('goes on where another process left it', async () => {
    await (await spoolOf([page([3, 1])], 5)).close();
    const spool = await spoolOf([page([2, 0])], 5);
    expect([spool.settled, spool.itemsIn('missing')]).toEqual([4, [4]]);
    await spool.close();
  });

  it.each([
    ['an item beyond the job', page([5])],
    ['a failed item beyond it', page([0], [5])],
    ['an output that is absent', { ...page([0]), outputs: { y: page([0]).outputs['y']! } }],
    [
      'another shape',
      { ...page([0]), outputs: { ...page([0]).outputs, y: page([0]).outputs['n']! } },
    ],
  ])('takes nothing of a page with %s', async (_, bad) => {
    const spool = await spoolOf([], 5);
    expect(() => spool.put(bad)).toThrow(/does not fit/);
    expect(spool.settled).toBe(0);
    await spool.close();
  });
});

describe('an output', () => {
  async function written(name: string, how: Postprocessing | null = null, names = true) {
    const spool = await spoolOf([page([3, 1]), page([0], [2])], 5);
    const kind = (await outputKind(at(name)))!;
    const made = await makeOutput(at(name), spool, {
      kind,
      workFolder: folder,
      post: how === null ? null : { scores: 'y', how },
      itemNames: names ? ['a.png', 'b.png', 'c.png', 'd/d.png', 'e.png'] : null,
      missingReason: 'cancelled',
    });
    await spool.close();
    assert(made.ok, 'it is made');
    const placed = await place(at(name), folder, false);
    assert(placed.ok, 'it is placed');
    return made.value;
  }

  it('.jsonl has a line for every item, in order, with its file or the reason', async () => {
    const { bytes } = await written('out.jsonl');
    const text = await readFile(at('out.jsonl'), 'utf8');
    expect(bytes).toBe(Buffer.byteLength(text));
    expect(text.split('\n')).toEqual([
      '{"item":0,"file":"a.png","outputs":{"y":[0,0],"n":0}}',
      '{"item":1,"file":"b.png","outputs":{"y":[1,0.33333334],"n":-1}}',
      '{"item":2,"file":"c.png","error":"no volunteer could compute it"}',
      '{"item":3,"file":"d/d.png","outputs":{"y":[3,1],"n":-3}}',
      '{"item":4,"file":"e.png","error":"cancelled"}',
      '',
    ]);
  });

  it('.csv has a column for every number', async () => {
    await written('out.csv');
    expect((await readFile(at('out.csv'), 'utf8')).split('\n')).toEqual([
      'item,file,error,y[0],y[1],n',
      '0,a.png,,0,0,0',
      '1,b.png,,1,0.33333334,-1',
      '2,c.png,no volunteer could compute it,,,',
      '3,d/d.png,,3,1,-3',
      '4,e.png,cancelled,,,',
      '',
    ]);
  });

  it('a folder has a file for every item', async () => {
    await written('rows/');
    expect((await readdir(at('rows'))).sort()).toEqual([
      ...['0-a.png.json', '1-b.png.json', '2-c.png.json', '3-d.png.json', '4-e.png.json'],
    ]);
    expect(await readFile(at('rows/3-d.png.json'), 'utf8')).toContain('"y":[3,1]');
  });

  it.each(['out.npz', 'out.safetensors'])(
    '%s has arrays, and the names beside them',
    async (name) => {
      await written(name);
      const read = await readTensorFile(at(name));
      assert(read.ok, 'it can be read');
      expect([...valuesOf(read.value['y']!)]).toEqual([
        0,
        0,
        1,
        Math.fround(1 / 3),
        NaN,
        NaN,
        3,
        1,
        NaN,
        NaN,
      ]);
      expect([...valuesOf(read.value['n']!)]).toEqual([0n, -1n, 0n, -3n, 0n]);
      expect((await readFile(at(`${name}.items.txt`), 'utf8')).split('\n')[3]).toBe('d/d.png');
    },
  );

  it('has what was made of the scores', async () => {
    const best = await written('best.npz', { argmax: true }, false);
    expect(Object.keys(best.outputs!)).toEqual(['y.class', 'y.score', 'n']);
    expect([...valuesOf(best.outputs!['y.class']!)]).toEqual([0, 0, 0, 0, 0]);
    await written('top.csv', { topK: 2, labels: ['zero', 'one'] }, false);
    expect((await readFile(at('top.csv'), 'utf8')).split('\n').slice(0, 2)).toEqual([
      'item,error,y.1.class,y.1.label,y.1.score,y.2.class,y.2.label,y.2.score,n',
      '0,,0,zero,0,1,one,0,0',
    ]);
  });

  it.each<[string, OutputKind | null]>([
    ['a.npy', '.npy'],
    ['a.CSV', '.csv'],
    ['a/', 'folder'],
    ['a.txt', null],
    ['a', null],
  ])('%s is %s', async (name, kind) => {
    expect(await outputKind(at(name))).toBe(kind);
  });

  it('takes no place that is somebody else’s', async () => {
    await mkdir(at('full'));
    await writeFile(at('full/a'), '');
    expect(await placeable(at('full'), 'folder')).toMatchObject({ ok: false });
    expect(await placeable(at('full'), '.csv')).toMatchObject({ ok: false });
    expect(await placeable(at('full/a'), 'folder')).toMatchObject({ ok: false });
    expect(await placeable(at('full/a'), '.csv')).toMatchObject({ ok: true });
    // Once more by itself: a crash came between placing it and forgetting it.
    await mkdir(at('output'));
    expect(await place(at('full'), folder, true)).toMatchObject({ ok: true });
    expect(await place(at('full'), folder, false)).toMatchObject({ ok: false });
  });
});

describe('the state beside an output', () => {
  const take = async () => {
    const taken = await OutputFolder.take(at('out.csv'));
    assert(taken.ok, 'it is free');
    return taken.value;
  };

  it('is found again, until the output stands', async () => {
    const first = await take();
    await first.save({ job: 'job_1', cursor: 7 });
    await first.release();
    const second = await take();
    expect(second.state).toMatchObject({ job: 'job_1', cursor: 7 });
    await second.remove();
    expect((await take()).state).toBeNull();
  });

  it('never vouches for rows that are gone', async () => {
    const first = await take();
    await mkdir(first.spoolPath, { recursive: true });
    await writeFile(join(first.spoolPath, 'states'), '\u0001');
    // As a crash leaves it that came while all was being removed.
    await rm(join(first.path, 'pid'));
    expect((await take()).state).toBeNull();
    await expect(stat(first.spoolPath)).rejects.toThrow(/ENOENT/);
  });

  it('belongs to one process; one that is no more has it no longer', async () => {
    const first = await take();
    await first.save({ cursor: 1 });
    await writeFile(join(first.path, 'pid'), `${process.ppid}`);
    expect(await OutputFolder.take(at('out.csv'))).toMatchObject({
      ok: false,
      error: { came: `process ${process.ppid} does` },
    });
    await writeFile(join(first.path, 'pid'), `${2 ** 22 + 1}`);
    expect((await take()).state).toMatchObject({ cursor: 1 });
  });

  it('is refused where it cannot be read', async () => {
    const first = await take();
    await first.save({});
    await first.release();
    await writeFile(join(first.path, 'state.json'), '{"version":2}');
    expect(await OutputFolder.take(at('out.csv'))).toMatchObject({
      ok: false,
      error: { fix: expect.stringContaining('begin anew') as string },
    });
  });
});

describe('what is made of scores', () => {
  const row = (values: readonly number[], dims: readonly number[]): NamedTensors => ({
    y: tensorOf('F32', dims, Float32Array.from(values)),
  });
  const listed = (outputs: NamedTensors, how: Postprocessing): unknown => {
    const line = jsonLine({ item: 0 }, postprocess(outputs, 'y', how));
    return (JSON.parse(line) as { outputs: { y: unknown } }).outputs.y;
  };

  it('softmax sums to one and keeps the order, however large the scores are', () => {
    const shares = listed(row([1000, 1001, 999], [3]), { softmax: true }) as number[];
    expect(shares[1]).toBeGreaterThan(shares[0]!);
    expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 6);
  });

  it('argmax is the lower class of equals', () => {
    expect(listed(row([0.5, 0.75, 0.75], [3]), { argmax: true })).toEqual({
      class: 1,
      score: 0.75,
    });
    expect(listed(row([3, 1], [2]), { argmax: true, ignoreClass: 0, labels: ['a', 'b'] })).toEqual({
      class: 1,
      label: 'b',
      score: 1,
    });
  });

  it('top k is as many as there are, best first', () => {
    const best = listed(row([1, 3, 2], [3]), { topK: 9 }) as { class: number }[];
    expect(best.map((one) => one.class)).toEqual([1, 2, 0]);
  });

  it('a threshold keeps positions of a detector, with their rows of the other outputs', () => {
    const outputs: NamedTensors = {
      ...row([0.9, 0.1, 0.2, 0.8, 0.4, 0.6], [3, 2]),
      boxes: tensorOf('F32', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)),
    };
    const how = { threshold: 0.6, ignoreClass: 0 };
    expect(listed(outputs, how)).toEqual([
      { position: 1, class: 1, score: 0.8, boxes: [3, 4] },
      { position: 2, class: 1, score: 0.6, boxes: [5, 6] },
    ]);
    const made = postprocess(outputs, 'y', how);
    expect(csvHeader(false, made)).toEqual(['item', 'error', 'y']);
    expect(csvCells({ item: 0 }, made)[2]).toContain('"boxes":[3,4]');
  });

  it('has fixed shapes as arrays', () => {
    const best = tensorsOfRow(postprocess(row([1, 3, 2, 6, 5, 4], [2, 3]), 'y', { topK: 2 }));
    expect(best['y.class']!.dims).toEqual([2, 2]);
    expect([...valuesOf(best['y.class']!)]).toEqual([1, 2, 0, 1]);
  });

  it('finds the output with the scores, or says which there are', () => {
    const spec = (dims: number[]): TensorSpec => ({ dtype: 'F32', dims });
    expect(scoresOf({ a: spec([3]) }, undefined)).toEqual({ ok: true, value: 'a' });
    expect(scoresOf({ boxes: spec([3, 4]), scores: spec([3, 2]) }, undefined)).toMatchObject({
      value: 'scores',
    });
    expect(scoresOf({ a: spec([3]), b: spec([3]) }, 'b')).toMatchObject({ value: 'b' });
    expect(scoresOf({ a: spec([3]), b: spec([3]) }, undefined)).toMatchObject({ ok: false });
    expect(scoresOf({ a: { dtype: 'I64', dims: [3] } }, undefined)).toMatchObject({ ok: false });
    expect(scoresOf({ a: spec([3]) }, 'constructor')).toMatchObject({ ok: false });
  });
});

describe('numbers as text', () => {
  const text = (outputs: NamedTensors): string =>
    jsonLine(
      { item: 0 },
      Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, { kind: 'tensor', tensor }]),
      ),
    );
  it('are the shortest that give the same f32 again', () => {
    const floats = Float32Array.from(
      { length: 2000 },
      (_, i) => Math.sin(i) * 10 ** ((i % 60) - 30),
    );
    const line = text({ y: tensorOf('F32', [2000], floats) });
    const back = (JSON.parse(line) as { outputs: { y: number[] } }).outputs.y;
    expect(Float32Array.from(back)).toEqual(floats);
    expect(text({ y: tensorOf('F32', [1], Float32Array.of(0.1)) })).toContain('[0.1]');
  });
  it('say what JSON has no number for', () => {
    const y = tensorOf('F32', [3], Float32Array.of(NaN, Infinity, -Infinity));
    const n = tensorOf('I64', [2], BigInt64Array.of(2n ** 60n, -5n));
    const b = tensorOf('BOOL', [2], Uint8Array.of(0, 1));
    const h = tensorOf('F16', [1], Uint16Array.of(0x3c01));
    expect(text({ y, n, b, h })).toBe(
      '{"item":0,"outputs":{"y":[null,"Infinity","-Infinity"],"n":["1152921504606846976",-5],"b":[false,true],"h":[1.0009766]}}',
    );
  });
});
