/**
 * Rows of numbers as text, JSONL or CSV, one item each: read as they come, never more than a line at once.
 *
 * JSONL: an array, nested or flat, for a program of one input; else an object of them by name. CSV: the numbers of an
 * item in row-major order; a first line of names may say which columns are which input (`x`, or `x[0]`, `x[1]`).
 * Nothing is rounded to an integer, guessed or filled in: what does not fit is said with its line.
 */
import { parse as csvParser } from 'csv-parse';
import { Readable } from 'node:stream';
import { bytesOfValues, flattened } from '../../shared/jsonTensor.ts';
import { MAX_ROW_CHARS } from '../../shared/limits.ts';
import { readJson } from '../../shared/protocol/parse.ts';
import { fail, messageOf, ok, type Result } from '../../shared/result.ts';
import {
  byteLengthOf,
  elementCount,
  type NamedTensors,
  type Tensor,
  type TensorSpec,
} from '../../shared/tensor.ts';

export const ROW_FORMATS = ['jsonl', 'csv'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

/** An input as one item has it. */
export interface RowInput extends TensorSpec {
  readonly name: string;
}

/** Bytes of each input, in their order. */
export type Row = readonly Uint8Array[];

export interface RowProblem {
  readonly kind: 'row-problem';
  /** From 1. */
  readonly line: number;
  readonly expected: string;
  readonly came: string;
}

/** Ends after the first problem. Without a format it is told by the first sign: JSON begins with a bracket. */
export async function* readRows(
  text: AsyncIterable<Uint8Array | string>,
  inputs: readonly RowInput[],
  format?: RowFormat,
): AsyncGenerator<Result<Row, RowProblem>> {
  const pieces = decoded(text);
  const head = await firstPiece(pieces);
  const all = joined(head, pieces);
  const isJson = format === undefined ? /^\s*[[{]/.test(head) : format === 'jsonl';
  for await (const row of isJson ? jsonRows(all, inputs) : csvRows(all, inputs)) {
    yield row;
    if (!row.ok) return;
  }
}

/** Every input stacked `[rows.length, ...itemShape]`. */
export function stackRows(rows: readonly Row[], inputs: readonly RowInput[]): NamedTensors {
  const stacked = Object.create(null) as Record<string, Tensor>;
  inputs.forEach(({ name, dtype, dims }, index) => {
    const rowBytes = byteLengthOf({ dtype, dims });
    const bytes = new Uint8Array(rows.length * rowBytes);
    rows.forEach((row, i) => bytes.set(row[index]!, i * rowBytes));
    stacked[name] = { dtype, dims: [rows.length, ...dims], bytes };
  });
  return stacked;
}

async function* jsonRows(
  pieces: AsyncIterable<string>,
  inputs: readonly RowInput[],
): AsyncGenerator<Result<Row, RowProblem>> {
  let line = 0;
  for await (const text of lines(pieces)) {
    line += 1;
    if (text === null) {
      yield problem(line, `a line of at most ${MAX_ROW_CHARS} characters`, 'a longer one');
      return;
    }
    if (text.trim() === '') continue;
    const value = readJson(text);
    yield value.ok
      ? jsonRow(value.value, inputs, line)
      : problem(line, 'a line of JSON', value.error.came ?? value.error.detail);
  }
}

function jsonRow(
  value: unknown,
  inputs: readonly RowInput[],
  line: number,
): Result<Row, RowProblem> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject && inputs.length !== 1) {
    const expected = `an object of ${inputs.map(({ name }) => `"${name}"`).join(', ')}`;
    return problem(line, expected, shown(value));
  }
  const row: Uint8Array[] = [];
  for (const input of inputs) {
    const given = isObject
      ? Object.hasOwn(value, input.name)
        ? (value as Record<string, unknown>)[input.name]
        : undefined
      : value;
    if (given === undefined) return problem(line, `"${input.name}"`, shown(value));
    const bytes = bytesOf(flattened(given, elementCount(input.dims)), input, line);
    if (!bytes.ok) return bytes;
    row.push(bytes.value);
  }
  return ok(row);
}

async function* csvRows(
  pieces: AsyncIterable<string>,
  inputs: readonly RowInput[],
): AsyncGenerator<Result<Row, RowProblem>> {
  const parser = Readable.from(pieces).pipe(
    csvParser({
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: MAX_ROW_CHARS,
    }),
  );
  const counts = inputs.map(({ dims }) => elementCount(dims));
  const total = counts.reduce((sum, count) => sum + count, 0);
  let columns: readonly (readonly number[])[] = columnsInOrder(counts);
  let width = total;
  let isFirst = true;
  try {
    for await (const each of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      const { record, info } = each;
      const line = info.lines;
      if (isFirst && record.some((cell) => cell !== '' && Number.isNaN(Number(cell)))) {
        isFirst = false;
        const named = columnsByName(record, inputs);
        if (named === null) {
          const expected = `${total} columns of ${inputs.map(({ name }) => name).join(', ')}`;
          yield problem(line, expected, shown(record.slice(0, 8)));
          return;
        }
        columns = named;
        width = record.length;
        continue;
      }
      isFirst = false;
      if (record.length !== width) {
        yield problem(line, `${width} columns`, `${record.length}`);
        return;
      }
      const row: Uint8Array[] = [];
      for (const [index, input] of inputs.entries()) {
        const cells = columns[index]!.map((column) => numberCell(record[column]!));
        const bytes = bytesOf(cells, input, line);
        if (!bytes.ok) {
          yield bytes;
          return;
        }
        row.push(bytes.value);
      }
      yield ok(row);
    }
  } catch (thrown) {
    yield problem(parser.info.lines, 'lines of CSV', messageOf(thrown, 200));
  }
}

function columnsInOrder(counts: readonly number[]): number[][] {
  let next = 0;
  return counts.map((count) => Array.from({ length: count }, () => next++));
}

/** Columns of each input by the names of the first line; null where they do not say. Others are left out. */
function columnsByName(names: readonly string[], inputs: readonly RowInput[]): number[][] | null {
  const byName = inputs.map(({ name, dims }) => {
    const own = [...names.keys()].filter((i) => names[i]!.replace(/(\[\d+\])+$/, '') === name);
    return own.length === elementCount(dims) ? own : null;
  });
  if (byName.every((own) => own !== null)) return byName;
  const [only, ...others] = inputs;
  const count = only === undefined ? 0 : elementCount(only.dims);
  // Columns of names of their own (sepal_length, …) are the values of the one input.
  return others.length === 0 && names.length === count ? [[...names.keys()]] : null;
}

/** Of a cell that is no number: itself, to be shown. */
const numberCell = (cell: string): unknown => {
  const value = Number(cell);
  if (cell === '' || Number.isNaN(value)) return cell;
  // An integer beyond 2^53 would be rounded before it is known to be one.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? cell : value;
};

function bytesOf(
  values: readonly unknown[],
  input: RowInput,
  line: number,
): Result<Uint8Array, RowProblem> {
  const bytes = bytesOfValues(values, input);
  return bytes.ok ? bytes : problem(line, bytes.error.expected, bytes.error.came);
}

/** Lines without their ends; null for one that is too long, and nothing after it. */
async function* lines(pieces: AsyncIterable<string>): AsyncGenerator<string | null> {
  let rest = '';
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      yield rest + piece.slice(start, end);
      rest = '';
      start = end + 1;
    }
    rest += piece.slice(start);
    if (rest.length > MAX_ROW_CHARS) {
      yield null;
      return;
    }
  }
  if (rest !== '') yield rest;
}

async function* decoded(text: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of text)
    yield typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

async function firstPiece(pieces: AsyncGenerator<string>): Promise<string> {
  let head = '';
  while (head.trim() === '') {
    const next = await pieces.next();
    if (next.done === true) break;
    head += next.value;
  }
  return head;
}

async function* joined(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);

const problem = (line: number, expected: string, came: string): Result<never, RowProblem> =>
  fail({ kind: 'row-problem', line, expected, came });
