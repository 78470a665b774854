/** Pictures to numbers: each codec, every turn, every fit, and files that are not what they should be. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_IMAGE_PIXELS } from '../../../shared/limits.ts';
import { assert } from '../../../shared/result.ts';
import { valuesOf } from '../../../shared/tensor.ts';
import type { FileProblem } from '../fileProblem.ts';
import { IMAGE_TYPES, type Rgba } from './codecs.ts';
import { decodeImage } from './decodeImage.ts';
import { fitImage, type Frame } from './fitImage.ts';
import { pixelValues } from './imageTensor.ts';
import { preprocessingFor, type Preprocessing } from './preprocessing.ts';
import { findImages, stackImages } from './stackImages.ts';
import { encodeImage, picture, quarters, turnedJpeg, turnedPng } from './testing/imageFiles.ts';

let folder = '';
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'images-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

async function decoded(file: Uint8Array): Promise<Rgba> {
  const result = await decodeImage(file, 'a');
  assert(result.ok, 'it is an image');
  return result.value;
}

/** What stands in the middle of each quarter, by rows. */
function corners({ width, height, data }: Rgba): string {
  const name = (x: number, y: number): string => {
    const [r, g, b] = data.subarray((y * width + x) * 4);
    const isHigh = [r! > 128, g! > 128, b! > 128];
    return ['black', 'blue', 'green', '?', 'red', '?', '?', 'white'][
      Number(isHigh[0]) * 4 + Number(isHigh[1]) * 2 + Number(isHigh[2])
    ]!;
  };
  const [left, right, top, bottom] = [width >> 2, (width * 3) >> 2, height >> 2, (height * 3) >> 2];
  return [name(left, top), name(right, top), name(left, bottom), name(right, bottom)].join(' ');
}

const AS_STORED = 'red green blue white';

describe('decoding', () => {
  it.each(IMAGE_TYPES)('%s gives the picture, whatever the file is called', async (type) => {
    const image = await decoded(await encodeImage(type, quarters(32, 16)));
    expect([image.width, image.height]).toEqual([32, 16]);
    expect(corners(image)).toBe(AS_STORED);
  });

  it('gives the same pixels for the same file', async () => {
    const noise = picture(61, 37, (x, y) => [(x * 37) % 256, (y * 59) % 256, (x * y) % 256]);
    const digests = [];
    for (const type of IMAGE_TYPES) {
      const file = await encodeImage(type, noise);
      const { data } = await fitImage(await decoded(file), FRAME);
      digests.push(createHash('sha256').update(data).digest('hex').slice(0, 12));
    }
    // Pinned: another build of a codec would change what is computed for the same files.
    expect(digests).toEqual(PINNED);
  });

  it.each([
    [1, AS_STORED],
    [2, 'green red white blue'],
    [3, 'white blue green red'],
    [4, 'blue white red green'],
    [5, 'red blue green white'],
    [6, 'blue red white green'],
    [7, 'white green blue red'],
    [8, 'green white red blue'],
    [9, AS_STORED],
  ])('turns as orientation %i says', async (orientation, seen) => {
    const stored = quarters(32, 16);
    const jpeg = await decoded(turnedJpeg(await encodeImage('jpg', stored), orientation));
    const png = await decoded(turnedPng(await encodeImage('png', stored), orientation));
    const exchanges = orientation >= 5 && orientation <= 8;
    for (const image of [jpeg, png]) {
      expect(corners(image)).toBe(seen);
      expect([image.width, image.height]).toEqual(exchanges ? [16, 32] : [32, 16]);
    }
  });

  it.each(IMAGE_TYPES)('refuses a %s that was cut short', async (type) => {
    const noise = picture(64, 64, (x, y) => [(x * 37 + y) % 256, (y * 59) % 256, (x * y) % 256]);
    const file = await encodeImage(type, noise);
    const result = await decodeImage(file.subarray(0, file.length >> 1), 'cut');
    expect(result).toMatchObject({ ok: false, error: { file: 'cut' } });
    // And the next one is decoded as if nothing had been.
    expect((await decoded(file)).width).toBe(64);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('hello, world')],
    ['a GIF', new Uint8Array(Buffer.from('GIF89a\x10\0\x10\0\0\0\0;', 'latin1'))],
    ['zeros', new Uint8Array(1000)],
  ])('refuses %s', async (_, file) => {
    expect(await decodeImage(file, 'x')).toMatchObject({
      ok: false,
      error: { expected: 'a PNG, JPEG or WebP image' },
    });
  });

  it('refuses extents that no memory should be taken for', async () => {
    const png = Buffer.from(await encodeImage('png', quarters(2, 2)));
    png.writeUInt32BE(MAX_IMAGE_PIXELS, 16);
    expect(await decodeImage(png, 'bomb')).toMatchObject({
      ok: false,
      error: { came: `${MAX_IMAGE_PIXELS} x 2` },
    });
  });
});

const FRAME: Frame = {
  width: 24,
  height: 24,
  fit: 'cover',
  filter: 'triangle',
  background: [0, 0, 0],
};
/** Of jpg, png and lossless webp: the last two hold the same picture. */
const PINNED = ['874285fb9675', 'db4ad12e98e8', 'db4ad12e98e8'];

describe('fitting', () => {
  const wide = picture(60, 20, (x) => (x < 20 ? [255, 0, 0] : x < 40 ? [0, 255, 0] : [0, 0, 255]));
  const columns = ({ width, data }: Rgba, y: number): string =>
    Array.from({ length: width }, (_, x) => {
      const [r, g, b] = data.subarray((y * width + x) * 4);
      return r! > 200 ? 'r' : g! > 200 ? 'g' : b! > 200 ? 'b' : r! + g! + b! === 0 ? '.' : '?';
    }).join('');

  it('cover cuts off what stands out, evenly', async () => {
    expect(columns(await fitImage(wide, { ...FRAME, width: 10, height: 10 }), 5)).toMatch(/^g+$/);
  });
  it('stretch keeps all of it and no proportions', async () => {
    const frame = { ...FRAME, width: 12, height: 12, fit: 'stretch' } as const;
    expect(columns(await fitImage(wide, frame), 6)).toMatch(/^rrr.*g.*bbb$/);
  });
  it('contain keeps proportions and fills the rest', async () => {
    const frame = { ...FRAME, width: 12, height: 12, fit: 'contain' } as const;
    const image = await fitImage(wide, frame);
    expect(columns(image, 0)).toBe('.'.repeat(12));
    expect(columns(image, 6)).toMatch(/^rrr.*g.*bbb$/);
  });
  it('shows the background through what is transparent', async () => {
    const half = picture(4, 4, () => [255, 255, 255, 128]);
    const frame = { ...FRAME, width: 4, height: 4, background: [255, 0, 0] } as const;
    const { data } = await fitImage(half, frame);
    expect([...data.subarray(0, 4)]).toEqual([255, 128, 128, 255]);
  });
  it('leaves a picture of the right extents alone', async () => {
    const exact = quarters(24, 24);
    expect((await fitImage(exact, FRAME)).data).toBe(exact.data);
  });
});

describe('values', () => {
  const HOW: Preprocessing = {
    ...FRAME,
    width: 2,
    height: 1,
    colour: 'RGB',
    layout: 'NCHW',
    dtype: 'F32',
    scale: 1,
    mean: [0],
    std: [1],
  };
  const two = picture(2, 1, (x) => (x === 0 ? [10, 20, 30] : [40, 50, 60]));
  const values = (changes: Partial<Preprocessing>) => {
    const how = { ...HOW, ...changes };
    const bytes = pixelValues(two, how);
    return [...valuesOf({ dtype: how.dtype, dims: [bytes.length], bytes })];
  };

  it.each<[string, Partial<Preprocessing>, number[]]>([
    ['planes', {}, [10, 40, 20, 50, 30, 60]],
    ['pixels', { layout: 'NHWC' }, [10, 20, 30, 40, 50, 60]],
    ['blue first', { colour: 'BGR', layout: 'NHWC' }, [30, 20, 10, 60, 50, 40]],
    ['normalised by channel', { mean: [10, 20, 30], std: [1, 2, 3] }, [0, 30, 0, 15, 0, 10]],
    ['scaled', { scale: 0.5, mean: [5] }, [0, 15, 5, 20, 10, 25]],
    ['grey as Pillow has it', { colour: 'GRAY' }, [18, 48]],
    ['bytes', { dtype: 'U8', scale: 10 }, [100, 255, 200, 255, 255, 255]],
    ['signed bytes', { dtype: 'I8', mean: [128] }, [-118, -88, -108, -78, -98, -68]],
    ['halves', { dtype: 'F16' }, [0x4900, 0x5100, 0x4d00, 0x5240, 0x4f80, 0x5380]],
  ])('as %s', (_, changes, expected) => {
    expect(values(changes)).toEqual(expected);
  });
});

describe('what is chosen', () => {
  const input = (
    dims: readonly (number | string | null)[],
    dtype: 'F32' | 'U8' | 'I64' = 'F32',
  ) => ({
    name: 'x',
    dtype,
    typeName: 'float',
    dims,
  });
  const chosen = (dims: readonly (number | string)[], words: string[] = [], outputs = ['y']) => {
    const result = preprocessingFor(input(dims), outputs, words);
    return result.ok ? result.value : result.error;
  };

  it('follows the shape', () => {
    expect(chosen([1, 3, 240, 320], [], ['scores', 'boxes'])).toMatchObject({
      preprocessing: { width: 320, height: 240, layout: 'NCHW', fit: 'stretch', std: [128] },
      itemShape: [3, 240, 320],
    });
    expect(chosen(['N', 224, 224, 3])).toMatchObject({
      preprocessing: { layout: 'NHWC', mean: [0.485, 0.456, 0.406] },
      why: expect.stringContaining('imagenet') as string,
    });
    expect(chosen([1, 1, 28, 28])).toMatchObject({
      preprocessing: { colour: 'GRAY', scale: 1 / 255 },
      why: expect.stringContaining('guess') as string,
    });
    const bytes = preprocessingFor(input([1, 3, 8, 8], 'U8'), [], []);
    expect(bytes.ok && bytes.value.why).toContain('raw');
  });

  it('is changed by words', () => {
    const words = ['symmetric fit=contain', 'mean=1/2/3', 'background=9', 'color=bgr'];
    expect(chosen([1, 3, 224, 224], words)).toMatchObject({
      preprocessing: { fit: 'contain', mean: [1, 2, 3], std: [127.5], colour: 'BGR' },
    });
    expect(chosen(['N', 3, 'H', 'W'], ['size=64x32'])).toMatchObject({ itemShape: [3, 32, 64] });
  });

  it.each<[readonly (number | string)[], string[], RegExp]>([
    [[1, 10], [], /pictures/],
    [[1, 4, 8, 8], [], /channels/],
    [['N', 3, 'H', 'W'], [], /height and a width/],
    [[1, 3, 8, 8], ['size=9x8'], /size=8x8/],
    [[1, 3, 8, 8], ['mean=1/2'], /1 or 3 values/],
    [[1, 3, 8, 8], ['std=0'], /std=/],
    [[1, 3, 8, 8], ['std=1e999'], /std=/],
    [[1, 3, 8, 8], ['fit=crop'], /cover, contain, stretch/],
    [[1, 3, 8, 8], ['constructor'], /raw, unit/],
    [[1, 3, 8, 8], ['colour=gray'], /3 channels/],
    [[1, 3, 9000, 8], [], /extents/],
  ])('%j with %j is refused', (dims, words, expected) => {
    expect(chosen(dims, words)).toMatchObject({
      expected: expect.stringMatching(expected) as string,
    });
  });
});

describe('files', () => {
  const how = preprocessingFor(
    { name: 'x', dtype: 'U8', typeName: 'uint8', dims: [1, 3, 4, 4] },
    [],
    [],
  );
  const stack = async (
    files: readonly string[],
    onBad: 'stop' | ((problem: FileProblem) => void),
  ) => {
    assert(how.ok, 'it takes pictures');
    return stackImages(files, { ...how.value, onBad });
  };

  it('are found by patterns in the order of their names, each once', async () => {
    await mkdir(at('b'));
    const png = await encodeImage('png', quarters(4, 4));
    for (const name of ['b/2.png', 'b/10.PNG', 'a[1].png', 'c.txt']) await writeFile(at(name), png);
    const found = await findImages([at('**/*.{png,jpg}'), at('a[1].png'), at('b')]);
    expect(found).toEqual({ ok: true, value: ['a[1].png', 'b/10.PNG', 'b/2.png'].map(at) });
    expect(await findImages([at('*.webp')])).toMatchObject({
      ok: false,
      error: { came: 'no file' },
    });
  });

  it('become rows; a bad one stops it or is left out and named', async () => {
    const red = await encodeImage(
      'png',
      picture(4, 4, () => [255, 0, 0]),
    );
    const blue = await encodeImage(
      'webp',
      picture(8, 8, () => [0, 0, 255]),
    );
    await writeFile(at('1.png'), red);
    await writeFile(at('2.png'), red.subarray(0, 40));
    await writeFile(at('3.png'), blue);
    const files = ['1.png', '2.png', '3.png', 'absent.png'].map(at);
    expect(await stack(files, 'stop')).toMatchObject({ ok: false, error: { file: at('2.png') } });
    const left: string[] = [];
    const stacked = await stack(files, ({ file }) => left.push(file));
    assert(stacked.ok, 'two are left');
    expect(left).toEqual([at('2.png'), at('absent.png')]);
    expect(stacked.value.files).toEqual([at('1.png'), at('3.png')]);
    expect(stacked.value.tensor.dims).toEqual([2, 3, 4, 4]);
    const plane = (level: number) => Array<number>(16).fill(level);
    const expected = [255, 0, 0, 0, 0, 255].flatMap(plane);
    expect([...stacked.value.tensor.bytes]).toEqual(expected);
  });
});
