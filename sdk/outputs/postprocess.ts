/**
 * What is made of an item's outputs before they are written: softmax, the best class, the best N, those above a
 * threshold.
 *
 * Pure. All of it works on one output, the scores, whose last axis is the classes; the other outputs stay as they are,
 * except that those with a row for each position of a detector go along with what a threshold keeps. Ties go to the
 * lower class, so that the order is the same everywhere.
 */
import { fromHalfBits } from '../../shared/float16.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import {
  elementCount,
  itemOf,
  valuesOf,
  type NamedTensors,
  type Tensor,
  type TensorSpec,
} from '../../shared/tensor.ts';

export interface Postprocessing {
  /** The output that holds the scores; chosen by `scoresOf` where absent. */
  readonly scores?: string | undefined;
  readonly softmax?: boolean | undefined;
  readonly argmax?: boolean | undefined;
  readonly topK?: number | undefined;
  /** Only what has at least this score. */
  readonly threshold?: number | undefined;
  /** A class that is never listed, such as a detector's background. */
  readonly ignoreClass?: number | undefined;
  /** Line i is the name of class i. */
  readonly labels?: readonly string[] | undefined;
}

export interface Ranked {
  /** Where in the scores, without the class axis; empty where that is their only axis. */
  readonly position: readonly number[];
  readonly class: number;
  readonly label?: string | undefined;
  readonly score: number;
  /** Rows of other outputs at the same position. */
  readonly beside?: NamedTensors | undefined;
}

export type PostValue =
  | { readonly kind: 'tensor'; readonly tensor: Tensor }
  /** For each position the best, best first: as many each time. */
  | { readonly kind: 'best'; readonly each: number; readonly ranked: readonly Ranked[] }
  /** As many as there are. */
  | { readonly kind: 'found'; readonly ranked: readonly Ranked[] };

export type PostRow = Readonly<Record<string, PostValue>>;

export const isAsked = (how: Postprocessing): boolean =>
  how.softmax === true ||
  how.argmax === true ||
  how.topK !== undefined ||
  how.threshold !== undefined;

const FLOATS = ['F32', 'F64', 'F16'];
const LIKELY = /^(scores?|logits?|prob(abilitie)?s?|confidences?)$/i;

/** The output that post-processing works on, or why it cannot. */
export function scoresOf(
  specs: Readonly<Record<string, TensorSpec>>,
  asked: string | undefined,
): Result<string, { expected: string; came: string }> {
  const floats = Object.keys(specs).filter(
    (name) => FLOATS.includes(specs[name]!.dtype) && specs[name]!.dims.length > 0,
  );
  const likely = floats.filter((name) => LIKELY.test(name));
  const [only, ...others] = asked !== undefined ? [asked] : likely.length === 1 ? likely : floats;
  if (only !== undefined && others.length === 0 && floats.includes(only)) return ok(only);
  const expected = `--scores with one of ${floats.join(', ') || 'no output: none has scores'}`;
  return fail({ expected, came: asked ?? `outputs ${Object.keys(specs).join(', ')}` });
}

export function postprocess(outputs: NamedTensors, name: string, how: Postprocessing): PostRow {
  const row = Object.create(null) as Record<string, PostValue>;
  for (const [other, tensor] of Object.entries(outputs)) row[other] = { kind: 'tensor', tensor };
  const given = outputs[name]!;
  const dims = given.dims;
  const classes = dims.at(-1)!;
  const raw = numbersOf(given);
  const scores = how.softmax === true ? softmax(raw, classes) : raw;
  const positions = classes === 0 ? 0 : scores.length / classes;
  const each = how.argmax === true ? 1 : how.topK;
  if (each === undefined && how.threshold === undefined) {
    const bytes = new Uint8Array(Float32Array.from(scores).buffer);
    row[name] = { kind: 'tensor', tensor: { dtype: 'F32', dims, bytes } };
    return row;
  }
  const beside = how.threshold === undefined ? [] : besides(outputs, name);
  const ranked: Ranked[] = [];
  for (let position = 0; position < positions; position++) {
    const start = position * classes;
    for (const best of bestOf(scores, start, classes, each ?? classes, how)) {
      ranked.push({
        position: indexOf(position, dims.slice(0, -1)),
        class: best,
        ...(how.labels && { label: how.labels[best] ?? String(best) }),
        score: scores[start + best]!,
        ...(beside.length > 0 && {
          beside: Object.fromEntries(beside.map((o) => [o, itemOf(outputs[o]!, position)])),
        }),
      });
    }
  }
  for (const other of beside) delete row[other];
  const whole = Math.min(each ?? 0, classes - (how.ignoreClass === undefined ? 0 : 1));
  row[name] =
    how.threshold === undefined ? { kind: 'best', each: whole, ranked } : { kind: 'found', ranked };
  return row;
}

/** Classes with the highest scores, best first. */
function bestOf(
  scores: ArrayLike<number>,
  start: number,
  classes: number,
  count: number,
  { threshold, ignoreClass }: Postprocessing,
): number[] {
  const candidates: number[] = [];
  for (let one = 0; one < classes; one++)
    if (one !== ignoreClass && (threshold === undefined || scores[start + one]! >= threshold))
      candidates.push(one);
  const order = (a: number, b: number): number => scores[start + b]! - scores[start + a]! || a - b;
  return candidates.sort(order).slice(0, count);
}

/** A detector's other outputs: one row for each position of its scores. */
function besides(outputs: NamedTensors, name: string): string[] {
  const [positions, ...rest] = outputs[name]!.dims;
  if (rest.length !== 1) return [];
  return Object.keys(outputs).filter(
    (other) => other !== name && outputs[other]!.dims[0] === positions,
  );
}

function softmax(values: ArrayLike<number>, classes: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += classes) {
    let highest = -Infinity;
    for (let i = 0; i < classes; i++) highest = Math.max(highest, values[start + i]!);
    let sum = 0;
    for (let i = 0; i < classes; i++) {
      const value = Math.exp(values[start + i]! - highest);
      result[start + i] = value;
      sum += value;
    }
    // To f32, which is what the scores were: the last bits of exp() are each engine's own.
    for (let i = 0; i < classes; i++) result[start + i] = Math.fround(result[start + i]! / sum);
  }
  return result;
}

export function numbersOf(tensor: Tensor): ArrayLike<number> {
  const values = valuesOf(tensor);
  if (tensor.dtype === 'F16') return fromHalfBits(values as Uint16Array);
  return values instanceof BigInt64Array ? Array.from(values, Number) : values;
}

function indexOf(position: number, dims: readonly number[]): number[] {
  const index: number[] = [];
  let rest = position;
  for (const dim of [...dims].reverse()) {
    index.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return index;
}

/** The same as tensors of fixed shapes, for files of arrays; what a threshold found has none. */
export function tensorsOfRow(row: PostRow): Record<string, Tensor> {
  const tensors = Object.create(null) as Record<string, Tensor>;
  for (const [name, value] of Object.entries(row)) {
    if (value.kind === 'tensor') tensors[name] = value.tensor;
    if (value.kind !== 'best') continue;
    const { ranked, each } = value;
    const rows = each === 0 ? 0 : ranked.length / each;
    const dims = each === 1 ? [rows] : [rows, each];
    const shape = rows === 1 ? dims.slice(1) : dims;
    const classes = Int32Array.from(ranked, (one) => one.class);
    const scores = Float32Array.from(ranked, (one) => one.score);
    tensors[`${name}.class`] = { dtype: 'I32', dims: shape, bytes: new Uint8Array(classes.buffer) };
    tensors[`${name}.score`] = { dtype: 'F32', dims: shape, bytes: new Uint8Array(scores.buffer) };
  }
  return tensors;
}

/** Values of a tensor's rank 0 to n, nested as it is shaped; for lines of JSON. */
export const nested = (values: readonly unknown[], dims: readonly number[]): unknown => {
  if (dims.length === 0) return values[0];
  const [count = 0, ...rest] = dims;
  if (rest.length === 0) return values;
  const size = elementCount(rest);
  return Array.from({ length: count }, (_, i) =>
    nested(values.slice(i * size, (i + 1) * size), rest),
  );
};
