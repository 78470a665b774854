/**
 * What is done to a picture before a model sees it: chosen from the shape that the model declares, changed by words.
 *
 * Pure. Extents, channels, layout and dtype follow from the model; how values are normalised does not stand in any
 * model, so a preset is chosen and said, and every part of it can be set.
 */
import { MAX_IMAGE_EXTENT } from '../../../shared/limits.ts';
import type { DeclaredDim, OnnxValue } from '../../../shared/onnx/graph.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import { RESIZE_FILTERS } from './codecs.ts';
import { FITS, type Frame } from './fitImage.ts';
import { IMAGE_DTYPES, type ImageDtype } from './imageTensor.ts';

export const LAYOUTS = ['NCHW', 'NHWC'] as const;
export const COLOURS = ['RGB', 'BGR', 'GRAY'] as const;

export interface Preprocessing extends Frame {
  readonly colour: (typeof COLOURS)[number];
  readonly layout: (typeof LAYOUTS)[number];
  readonly dtype: ImageDtype;
  /** A value is `(level × scale − mean) / std`, a level being 0 to 255; one mean and std, or one for each channel. */
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What is wrong with a word, or why a model's input takes no pictures. */
export interface PreprocessingProblem {
  readonly expected: string;
  readonly came: string;
  readonly fix: string;
}

export interface Chosen {
  readonly preprocessing: Preprocessing;
  /** The preset, and where it comes from. */
  readonly why: string;
  /** The shape of one item, with the batch axis of the model left out. */
  readonly itemShape: readonly number[];
}

type Preset = Pick<Preprocessing, 'scale' | 'mean' | 'std'> & Partial<Preprocessing>;

/** Values as they are published beside the models that need them. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  raw: { scale: 1, mean: [0], std: [1] },
  unit: { scale: 1 / 255, mean: [0], std: [1] },
  symmetric: { scale: 1, mean: [127.5], std: [127.5] },
  imagenet: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  // Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB: the picture is stretched, (x - 127) / 128.
  ultraface: { scale: 1, mean: [127], std: [128], fit: 'stretch' },
};

/** `words` are `key=value` and names of presets, as `parseWords` gives them; the last one counts. */
export function preprocessingFor(
  input: OnnxValue,
  outputs: readonly string[],
  words: readonly string[],
  shape: readonly DeclaredDim[] | null = input.dims,
): Result<Chosen, PreprocessingProblem> {
  const parsed = parseWords(words);
  if (!parsed.ok) return parsed;
  const { preset: asked, ...set } = parsed.value;
  const read = readShape(input, shape, set);
  if (!read.ok) return read;
  const { layout, width, height, channels, itemShape } = read.value;
  const dtype = IMAGE_DTYPES.find((one) => one === input.dtype);
  if (dtype === undefined) {
    const expected = `an input of one of ${IMAGE_DTYPES.join(', ')}`;
    return wrong(expected, input.typeName, 'give the input as numbers: --input');
  }
  const [name, why] = presetFor({ ...read.value, dtype }, outputs, asked);
  const preset: Preset = PRESETS[name]!;
  const colour = set.colour ?? (channels === 1 ? 'GRAY' : 'RGB');
  if ((colour === 'GRAY') !== (channels === 1)) {
    return wrong(`${channels} channels, as the model takes`, `colour=${colour}`, 'leave it out');
  }
  const base = { fit: 'cover', filter: 'triangle', background: [0, 0, 0] } as const;
  const fromModel = { width, height, layout, dtype, colour };
  const preprocessing: Preprocessing = { ...base, ...preset, ...set, ...fromModel };
  for (const key of ['mean', 'std'] as const) {
    const { length } = preprocessing[key];
    if (length === 1 || length === channels) continue;
    const expected = `${key} of 1 or ${channels} values`;
    return wrong(expected, `${length}`, `give ${key}=A/B/C, one value for each channel`);
  }
  return ok({ preprocessing, why, itemShape });
}

/** All of it in one line, in the words that would set it. */
export const describePreprocessing = (how: Preprocessing): string =>
  [
    `${how.width}x${how.height}`,
    `fit=${how.fit}`,
    `colour=${how.colour}`,
    `scale=${how.scale === 1 / 255 ? '1/255' : how.scale}`,
    `mean=${how.mean.join('/')}`,
    `std=${how.std.join('/')}`,
    `layout=${how.layout}`,
    `${how.dtype}`,
  ].join(' ');

type Facts = Pick<Preprocessing, 'width' | 'height' | 'dtype'> & { readonly channels: number };

function presetFor(
  { width, height, channels, dtype }: Facts,
  outputs: readonly string[],
  asked: string | undefined,
): [string, string] {
  if (asked !== undefined) return [asked, `preset ${asked}, as asked for`];
  if (dtype === 'U8') return ['raw', 'preset raw: the model takes bytes'];
  const detects = outputs.length === 2 && outputs.includes('scores') && outputs.includes('boxes');
  if (detects && channels === 3 && width * 3 === height * 4) {
    return ['ultraface', 'preset ultraface: scores and boxes of a picture of 4:3'];
  }
  if (channels === 3 && width === 224 && height === 224) {
    return ['imagenet', 'preset imagenet: a classifier of 224 x 224'];
  }
  return ['unit', 'preset unit, values from 0 to 1: a guess, as the model does not say it'];
}

interface ReadShape {
  readonly layout: Preprocessing['layout'];
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly itemShape: readonly number[];
}

function readShape(
  { name }: OnnxValue,
  dims: readonly DeclaredDim[] | null,
  set: Words,
): Result<ReadShape, PreprocessingProblem> {
  const came = `"${name}" [${dims?.map((dim) => dim ?? '?').join(', ') ?? 'of any shape'}]`;
  const item = dims?.length === 4 ? dims.slice(1) : dims;
  if (item?.length !== 3) {
    const expected = 'an input of pictures, [N, channels, height, width] or [N, height, width, 3]';
    return wrong(expected, came, 'name another with --image-input, or say --shape');
  }
  const isChannels = (dim: DeclaredDim | undefined) => dim === 1 || dim === 3;
  const layout =
    set.layout ?? (isChannels(item[0]) ? 'NCHW' : isChannels(item[2]) ? 'NHWC' : undefined);
  const [channels, declaredHeight, declaredWidth] =
    layout === 'NHWC' ? [item[2], item[0], item[1]] : item;
  if (layout === undefined || (channels !== 1 && channels !== 3)) {
    const fix = `say it: --shape ${name}=1,3,HEIGHT,WIDTH`;
    return wrong('1 or 3 channels, first or last', came, fix);
  }
  const height = typeof declaredHeight === 'number' ? declaredHeight : set.height;
  const width = typeof declaredWidth === 'number' ? declaredWidth : set.width;
  if (height === undefined || width === undefined) {
    return wrong('a height and a width', came, 'say them: --preprocess size=320x240');
  }
  if ((set.height ?? height) !== height || (set.width ?? width) !== width) {
    const fix = 'leave size= out: the model declares it';
    return wrong(`size=${width}x${height}`, `size=${set.width}x${set.height}`, fix);
  }
  if (Math.max(width, height) > MAX_IMAGE_EXTENT || Math.min(width, height) < 1) {
    const expected = `extents from 1 to ${MAX_IMAGE_EXTENT}`;
    return wrong(expected, `${width}x${height}`, 'use a model of smaller pictures');
  }
  const itemShape = layout === 'NCHW' ? [channels, height, width] : [height, width, channels];
  return ok({ layout, width, height, channels, itemShape });
}

type Words = Partial<Preprocessing> & { preset?: string };

const KEYS = 'size=WxH fit= mean= std= scale= colour= layout= filter= background=';

/** Words may stand in several flags, or in one, separated by spaces. */
function parseWords(words: readonly string[]): Result<Words, PreprocessingProblem> {
  const all: Words = {};
  for (const word of words.flatMap((text) => text.split(/[\s,;]+/)).filter((w) => w !== '')) {
    const [key = '', value] = word.split('=', 2);
    if (value === undefined) {
      if (!Object.hasOwn(PRESETS, key)) {
        const expected = `one of ${Object.keys(PRESETS).join(', ')}, or ${KEYS}`;
        return wrong(expected, word, 'see idlewave submit --help');
      }
      all.preset = key;
      continue;
    }
    const parsed = parseWord(key, value);
    if (typeof parsed === 'string') return wrong(parsed, word, 'see idlewave submit --help');
    Object.assign(all, parsed);
  }
  return ok(all);
}

/** What the word sets, or what was expected. */
function parseWord(key: string, value: string): Partial<Preprocessing> | string {
  const oneOf = <T extends string>(names: readonly T[]): T | undefined =>
    names.find((name) => name.toLowerCase() === value.toLowerCase());
  const named = <T extends string>(field: string, names: readonly T[]) => {
    const name = oneOf(names);
    return name === undefined ? `${key}= one of ${names.join(', ')}` : { [field]: name };
  };
  switch (key) {
    case 'size': {
      const match = /^(\d{1,5})x(\d{1,5})$/.exec(value);
      if (match === null) return 'size=WIDTHxHEIGHT';
      return { width: Number(match[1]), height: Number(match[2]) };
    }
    case 'fit':
      return named('fit', FITS);
    case 'filter':
      return named('filter', RESIZE_FILTERS);
    case 'colour':
    case 'color':
      return named('colour', COLOURS);
    case 'layout':
      return named('layout', LAYOUTS);
    case 'scale': {
      const scale = numberOf(value);
      return scale === null || scale === 0 ? 'scale= a number other than 0, or 1/255' : { scale };
    }
    case 'mean':
    case 'std': {
      const values = value.split('/').map(numberOf);
      const given = values.filter((one): one is number => one !== null);
      const isWhole = given.length === values.length && given.length <= 3;
      if (!isWhole || (key === 'std' && given.includes(0)))
        return `${key}= numbers as 0.5 or A/B/C`;
      return { [key]: given };
    }
    case 'background': {
      const levels = value.split('/').map(Number);
      const isLevel = (level: number) => Number.isInteger(level) && level >= 0 && level <= 255;
      if (!levels.every(isLevel) || (levels.length !== 1 && levels.length !== 3)) {
        return 'background= a level from 0 to 255, or RED/GREEN/BLUE';
      }
      const [red, green = red, blue = red] = levels as [number, number?, number?];
      return { background: [red, green, blue] };
    }
    default:
      return KEYS;
  }
}

/** A finite decimal number, or `1/255`. */
function numberOf(text: string): number | null {
  const value = text === '1/255' ? 1 / 255 : Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? value : null;
}

const wrong = (expected: string, came: string, fix: string): Result<never, PreprocessingProblem> =>
  fail({ expected, came, fix });
