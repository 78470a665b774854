/**
 * What a face detector marked in an image. Known by the names and shapes of its outputs, `scores` `[N, 2]` and `boxes`
 * `[N, 4]` (left, top, right, bottom, as shares of the image), and only where all that it is sure of lies in the image.
 */
import { valuesOf, type Tensor } from '../../../shared/tensor.ts';
import type { Recipe } from './picture.ts';
import { pixelsOf } from './pixels.ts';

/** As its authors use it. */
const SURE = 0.7;
/** Boxes that overlap by more, as a share of what they cover together, are of one face. */
const SAME = 0.3;
/** A detector rounds: a box may stand out of its image by so much. */
const BEYOND = 0.1;
const MOST_FACES = 200;

type Box = readonly [left: number, top: number, right: number, bottom: number];

export const faces: Recipe = ({ program, inputs, outputs }) => {
  const [image, ...moreInputs] = Object.values(inputs);
  const { scores, boxes, ...moreOutputs } = outputs;
  if (program.kind !== 'onnx' || image === undefined || moreInputs.length > 0) return null;
  if (scores === undefined || boxes === undefined || Object.keys(moreOutputs).length > 0)
    return null;
  const count = rowsOf(scores, 2);
  if (count === null || count !== rowsOf(boxes, 4)) return null;
  const pixels = image.dims.includes(3) ? pixelsOf(image) : null;
  const found = pixels === null ? null : foundIn(scores, boxes, count);
  if (pixels === null || found === null) return null;
  return {
    caption: { kind: 'faces', count: found.length },
    pixels,
    aspect: pixels.width / pixels.height,
    draw(pen, width, height, { accent }) {
      pen.strokeStyle = accent;
      pen.lineWidth = Math.max(2, width / 160);
      for (const [left, top, right, bottom] of found)
        pen.strokeRect(left * width, top * height, (right - left) * width, (bottom - top) * height);
    },
  };
};

/** Rows of an F32 tensor `[N, columns]`, or `[1, N, columns]`; null where it is none. */
function rowsOf({ dtype, dims }: Tensor, columns: number): number | null {
  const [rows, width, ...rest] = dims.length === 3 && dims[0] === 1 ? dims.slice(1) : dims;
  const isTable = dtype === 'F32' && rest.length === 0 && width === columns;
  return isTable && rows !== undefined && rows > 0 ? rows : null;
}

/** The surest of each place; null where they are not what they are taken for. */
function foundIn(scores: Tensor, boxes: Tensor, count: number): Box[] | null {
  const [score, edge] = [valuesOf(scores) as Float32Array, valuesOf(boxes) as Float32Array];
  const sure: { readonly score: number; readonly box: Box }[] = [];
  for (let i = 0; i < count; i++) {
    const [not, is] = [score[2 * i]!, score[2 * i + 1]!];
    // Two shares of one: anything else is another kind of score.
    if (!(Math.abs(not + is - 1) < 1e-2)) return null;
    if (is > SURE) sure.push({ score: is, box: [...edge.subarray(4 * i, 4 * i + 4)] as never });
  }
  if (sure.length > MOST_FACES * 20 || !sure.every(({ box }) => liesInside(box))) return null;
  const kept: Box[] = [];
  for (const { box } of sure.sort((a, b) => b.score - a.score)) {
    if (kept.length >= MOST_FACES) return null;
    if (kept.every((other) => overlapOf(box, other) < SAME)) kept.push(box);
  }
  return kept;
}

const liesInside = ([left, top, right, bottom]: Box): boolean =>
  left >= -BEYOND &&
  top >= -BEYOND &&
  right <= 1 + BEYOND &&
  bottom <= 1 + BEYOND &&
  right > left &&
  bottom > top;

function overlapOf(a: Box, b: Box): number {
  const across = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const down = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (across <= 0 || down <= 0) return 0;
  return (across * down) / (areaOf(a) + areaOf(b) - across * down);
}

const areaOf = ([left, top, right, bottom]: Box): number => (right - left) * (bottom - top);
