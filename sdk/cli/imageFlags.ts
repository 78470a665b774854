/**
 * The flags by which `idlewave submit` takes pictures, and the stacked input they become.
 *
 * What was chosen is said before anything is sent: no model says how its pictures are normalised.
 */
import { Option, type Command } from 'commander';
import { MAX_MODEL_BYTES } from '../../shared/limits.ts';
import { readModel, type OnnxValue } from '../../shared/onnx/graph.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { describeFileProblem } from '../inputs/fileProblem.ts';
import {
  describePreprocessing,
  preprocessingFor,
  type PreprocessingProblem,
} from '../inputs/images/preprocessing.ts';
import { findImages, stackImages } from '../inputs/images/stackImages.ts';
import { readWholeFile } from '../inputs/wholeFile.ts';
import { fileOrThrow, usageError } from './exitCode.ts';
import { runShapes } from './modelFacts.ts';
import { startProgress } from './progress.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface ImageFlags {
  readonly images?: readonly string[];
  readonly preprocess?: readonly string[];
  readonly imageInput?: string;
  readonly badImages?: 'stop' | 'skip';
  /** Of the submission: the model whose input they are. */
  readonly model?: string;
  readonly shape?: readonly string[];
}

export const withImages = (command: Command): Command =>
  command
    .option(
      '--images <patterns...>',
      "pictures, one an item: 'photos/*.{png,jpg,webp}', or a folder",
    )
    .option(
      '--preprocess <words...>',
      'a preset (raw unit symmetric imagenet ultraface) and what differs: size=WxH fit=cover|contain|stretch mean=A/B/C std=A/B/C scale=1/255 colour=RGB|BGR|GRAY layout=NCHW|NHWC filter=triangle|catrom|mitchell|lanczos3 background=R/G/B',
    )
    .option('--image-input <name>', 'the input that takes them (else the only one that is open)')
    .addOption(
      new Option('--bad-images <what>', 'on a picture that cannot be used').choices([
        'stop',
        'skip',
      ]),
    );

export interface Images {
  readonly stacked: NamedTensors;
  readonly files: readonly string[];
}

/** Null where none are asked for. `given` are the inputs that other flags give. */
export async function imagesOf(
  flags: ImageFlags,
  given: readonly NamedTensors[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Images | null> {
  const { images: patterns, preprocess = [], imageInput, badImages, model: path } = flags;
  if (patterns === undefined) {
    const without = { '--preprocess': flags.preprocess, '--image-input': imageInput };
    for (const [flag, value] of Object.entries({ ...without, '--bad-images': badImages }))
      if (value !== undefined) throw usageError(`${flag}: expected with --images`);
    return null;
  }
  if (path === undefined)
    throw usageError('--images: expected with --model, which says their size');
  const files = fileOrThrow(await findImages(patterns));
  const bytes = fileOrThrow(await readWholeFile(path, MAX_MODEL_BYTES));
  const model = readModel(bytes, { externalData: 'allow' });
  if (!model.ok) {
    throw usageError(`${path}: expected ${model.error.expected}\n  came: ${model.error.came}`);
  }
  const input = inputOf(model.value.inputs, given, imageInput);
  const outputs = model.value.outputs.map(({ name }) => name);
  const dims =
    flags.shape === undefined
      ? input.dims
      : (runShapes(model.value, flags.shape).get(input.name) ?? input.dims);
  const chosen = preprocessingFor(input, outputs, preprocess, dims);
  if (!chosen.ok) throw preprocessError(chosen.error);
  const { preprocessing, why, itemShape } = chosen.value;
  terminal.note(`${files.length} images for "${printable(input.name)}": ${why}`);
  terminal.note(`  ${describePreprocessing(preprocessing)}`);
  const progress = startProgress(terminal, 'Images', 'images');
  let skipped = 0;
  try {
    const stacked = await stackImages(files, {
      preprocessing,
      itemShape,
      onBad:
        badImages === 'skip'
          ? (problem) => {
              skipped += 1;
              terminal.warn(
                `Left out: ${printable(describeFileProblem(problem).split('\n  to do')[0]!)}`,
              );
            }
          : 'stop',
      onImage: (done) => progress.update({ done, total: files.length }),
      signal,
    });
    const { tensor, files: used } = fileOrThrow(stacked);
    if (skipped > 0) terminal.warn(`${skipped} of ${files.length} images were left out.`);
    return { stacked: { [input.name]: tensor }, files: used };
  } finally {
    progress.end();
  }
}

function inputOf(
  inputs: readonly OnnxValue[],
  given: readonly NamedTensors[],
  asked: string | undefined,
): OnnxValue {
  const open = inputs.filter(({ name }) => !given.some((tensors) => Object.hasOwn(tensors, name)));
  const named = asked === undefined ? open : open.filter(({ name }) => name === asked);
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) return only;
  const names = open.map(({ name }) => name).join(', ') || 'none is open';
  throw usageError(`--image-input: expected one of ${names}\n  came: ${asked ?? 'nothing'}`);
}

const preprocessError = ({ expected, came, fix }: PreprocessingProblem) =>
  usageError(`--preprocess: expected ${expected}\n  came: ${printable(came)}\n  to do: ${fix}`);
