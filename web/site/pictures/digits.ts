/**
 * Small grey images that a model sorts into ten: the image, and how its ten outputs compare.
 *
 * That an image shows a digit is said of models that are known to read digits, by their digest; of all others, which
 * output is the largest.
 */
import { elementCount, valuesOf, type Tensor } from '../../../shared/tensor.ts';
import type { Recipe } from './picture.ts';
import { pixelsOf } from './pixels.ts';

const SIDE = 28;
const CLASSES = 10;
/** With the bars, in pixels of the image. */
const TALL = 34;

/** Models whose ten outputs are the digits 0 to 9, in order. */
export const DIGIT_MODELS: readonly string[] = [
  // sdk/demo/data/digits.onnx
  'dc8eb161aa2d8db0dd1e693ff334bb5382f962c2eb5ed0b8d8275048b0828751',
  // MNIST of the ONNX model zoo, as in microsoft/onnxruntime-inference-examples
  '2f06e72de813a8635c9bc0397ac447a601bdbfa7df4bebc278723b958831c9bf',
];

export const digits: Recipe = ({ program, inputs, outputs }) => {
  const [image, ...moreInputs] = Object.values(inputs);
  const [scores, ...moreOutputs] = Object.values(outputs);
  if (program.kind !== 'onnx' || image === undefined || scores === undefined) return null;
  if (moreInputs.length > 0 || moreOutputs.length > 0) return null;
  if (!isSmallImage(image) || scores.dtype !== 'F32' || elementCount(scores.dims) !== CLASSES)
    return null;
  const values = [...(valuesOf(scores) as Float32Array)];
  const pixels = pixelsOf(image);
  if (pixels === null || !values.every(Number.isFinite)) return null;
  const top = values.indexOf(Math.max(...values));
  const least = Math.min(...values);
  const span = values[top]! - least;
  // Equal outputs decide nothing.
  if (span === 0) return null;
  return {
    caption: DIGIT_MODELS.includes(program.model)
      ? { kind: 'digit', digit: top }
      : { kind: 'class', output: top, of: CLASSES },
    pixels,
    // The bars stand below the image.
    pixelsShare: SIDE / TALL,
    aspect: SIDE / TALL,
    draw(pen, width, height, { accent, soft }) {
      const bar = width / CLASSES;
      const most = height * (1 - SIDE / TALL) * 0.85;
      values.forEach((value, i) => {
        const tall = Math.max(2, ((value - least) / span) * most);
        pen.fillStyle = i === top ? accent : soft;
        pen.fillRect(i * bar + bar * 0.2, height - tall, bar * 0.6, tall);
      });
    },
  };
};

function isSmallImage({ dims }: Tensor): boolean {
  const own = dims.filter((dim, i) => dim !== 1 || i >= dims.length - 2);
  return own.length === 2 && own.every((dim) => dim === SIDE);
}
