/**
 * An item's results as a line of JSON or as cells of CSV.
 *
 * Numbers are the shortest that give the same f32, f16 or f64 again when they are read, so equal results have equal
 * text on every machine.
 */
import { jsonNumbers, shortest } from '../../shared/jsonTensor.ts';
import { nested, type PostRow, type PostValue, type Ranked } from './postprocess.ts';

export interface RowNames {
  readonly item: number;
  /** The file that the item was made of. */
  readonly file?: string | undefined;
}

/** `row` null: the item has no result, and `error` says why. */
export function jsonLine(names: RowNames, row: PostRow | null, error?: string): string {
  const what = row === null ? { error } : { outputs: jsonOf(row) };
  return JSON.stringify({ ...names, ...what });
}

const jsonOf = (row: PostRow): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, jsonValue(value)]));

function jsonValue(value: PostValue): unknown {
  switch (value.kind) {
    case 'tensor':
      return nested(jsonNumbers(value.tensor), value.tensor.dims);
    case 'best':
    case 'found': {
      const listed = value.ranked.map(jsonRanked);
      const isOne = value.kind === 'best' && value.each === 1 && listed.length === 1;
      return isOne ? listed[0] : listed;
    }
    default:
      return value satisfies never;
  }
}

const jsonRanked = ({ position, class: which, label, score, beside }: Ranked) => ({
  ...(position.length > 0 && { position: position.length === 1 ? position[0] : position }),
  class: which,
  ...(label !== undefined && { label }),
  score: shortest(score, Math.fround),
  ...(beside &&
    Object.fromEntries(
      Object.entries(beside).map(([n, t]) => [n, nested(jsonNumbers(t), t.dims)]),
    )),
});

/** Columns that every row of these shapes has, in their order. */
export function csvHeader(hasFiles: boolean, sample: PostRow): string[] {
  const first = hasFiles ? ['item', 'file', 'error'] : ['item', 'error'];
  return [...first, ...Object.entries(sample).flatMap(([name, value]) => columnsOf(name, value))];
}

function columnsOf(name: string, value: PostValue): string[] {
  switch (value.kind) {
    case 'tensor':
      return indices(value.tensor.dims).map((index) => name + index);
    case 'best':
      return value.ranked.flatMap(({ position, label }, i) => {
        const at = position.map((axis) => `[${axis}]`).join('');
        const rank = value.each === 1 ? '' : `.${(i % value.each) + 1}`;
        const parts = label === undefined ? ['class', 'score'] : ['class', 'label', 'score'];
        return parts.map((part) => `${name}${at}${rank}.${part}`);
      });
    case 'found':
      return [name];
    default:
      return value satisfies never;
  }
}

export function csvCells(names: RowNames, row: PostRow | null, error?: string): string[] {
  const first = [`${names.item}`, ...(names.file === undefined ? [] : [names.file]), error ?? ''];
  return row === null ? first : [...first, ...Object.values(row).flatMap(cellsOf)];
}

function cellsOf(value: PostValue): string[] {
  switch (value.kind) {
    case 'tensor':
      return jsonNumbers(value.tensor).map((one) => (one === null ? '' : String(one)));
    case 'best':
      return value.ranked.flatMap(({ class: which, label, score }) => {
        const last = String(shortest(score, Math.fround) ?? '');
        return label === undefined ? [`${which}`, last] : [`${which}`, label, last];
      });
    case 'found':
      return [JSON.stringify(jsonValue(value))];
    default:
      return value satisfies never;
  }
}

function indices(dims: readonly number[]): string[] {
  const [count, ...rest] = dims;
  if (count === undefined) return [''];
  const inner = indices(rest);
  return Array.from({ length: count }, (_, i) => inner.map((one) => `[${i}]${one}`)).flat();
}
