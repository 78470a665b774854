/**
 * A spool of results as the file or folder that an author asked for, chosen by its name.
 *
 * The same results give the same bytes, in item order, however they came. The whole is made beside its place and then
 * put there by one rename: a reader sees nothing of it, or all.
 */
import { stringify } from 'csv-stringify/sync';
import { open, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { messageOf, ok, type Result } from '../../shared/result.ts';
import { formatBytes } from '../../shared/units.ts';
import { byteLengthOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import { fileProblem, type FileProblem } from '../inputs/fileProblem.ts';
import { encodeTensorFile, tensorFileKind, TENSOR_FILE_KINDS } from '../inputs/tensorFile.ts';
import { MAX_COLLECTED_BYTES, markMissing } from '../results.ts';
import {
  isAsked,
  postprocess,
  tensorsOfRow,
  type PostRow,
  type Postprocessing,
} from './postprocess.ts';
import { csvCells, csvHeader, jsonLine } from './rowText.ts';
import type { Spool, SpooledRow } from './spool.ts';

export const OUTPUT_KINDS = [...TENSOR_FILE_KINDS, '.jsonl', '.csv', 'folder'] as const;
export type OutputKind = (typeof OUTPUT_KINDS)[number];

/** By the ending; a folder by a slash at the end, or because it is there. Null where it is none of them. */
export async function outputKind(path: string): Promise<OutputKind | null> {
  if (/[/\\]$/.test(path)) return 'folder';
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory() === true) return 'folder';
  const ending = extname(path).toLowerCase();
  if (ending === '.jsonl' || ending === '.csv') return ending;
  return tensorFileKind(path);
}

export interface WriteOptions {
  readonly kind: OutputKind;
  /** Where it is made: on the disk of its place. */
  readonly workFolder: string;
  /** The output with the scores, and what is made of it. */
  readonly post: { readonly scores: string; readonly how: Postprocessing } | null;
  readonly itemNames: readonly string[] | null;
  /** Of an item that is neither settled nor failed. */
  readonly missingReason: string;
}

export interface Written {
  readonly bytes: number;
  /** What the file holds; null where it holds rows of text. */
  readonly outputs: NamedTensors | null;
}

const FAILED_REASON = 'no volunteer could compute it';
/** Text is written in pieces of about so much. */
const WRITE_CHARS = 1024 * 1024;

/** Made in `workFolder/output`; `place` puts it where it belongs. */
export async function makeOutput(
  path: string,
  spool: Spool,
  options: WriteOptions,
): Promise<Result<Written, FileProblem>> {
  const made = join(options.workFolder, 'output');
  try {
    await rm(made, { recursive: true, force: true });
    switch (options.kind) {
      case '.npy':
      case '.npz':
      case '.safetensors':
        return await makeTensorFile(made, path, spool, options);
      case '.jsonl':
        return ok(await writePieces(made, jsonLines(spool, options)));
      case '.csv':
        return ok(await writePieces(made, csvLines(spool, options)));
      case 'folder':
        return ok(await makeFolder(made, spool, options));
      default:
        return options.kind satisfies never;
    }
  } catch (thrown) {
    const fix =
      'check that the disk has room, and run the same command again: it goes on from here';
    return fileProblem(path, 'to write the results', messageOf(thrown), fix);
  }
}

/** A folder that has anything in it is not replaced: it may be somebody's. */
export async function placeable(
  path: string,
  kind: OutputKind,
): Promise<Result<null, FileProblem>> {
  const there = await stat(path).catch(() => null);
  if (there === null) return ok(null);
  if (kind !== 'folder') {
    if (!there.isDirectory()) return ok(null);
    return fileProblem(path, 'a file', 'a folder', 'end its name in a slash, or give another');
  }
  if (!there.isDirectory()) return fileProblem(path, 'a folder', 'a file', 'give another name');
  const files = await readdir(path);
  if (files.length === 0) return ok(null);
  const fix = 'give the name of a folder that is empty or not there yet';
  return fileProblem(path, 'an empty folder', `${files.length} files in it`, fix);
}

/** One rename. `again`: this output was being placed before, so a full folder that is there is itself. */
export async function place(
  path: string,
  workFolder: string,
  again: boolean,
): Promise<Result<null, FileProblem>> {
  try {
    await rename(join(workFolder, 'output'), path.replace(/[/\\]+$/, ''));
    return ok(null);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (again && (code === 'ENOTEMPTY' || code === 'EEXIST')) return ok(null);
    const fix = 'check that its folder is writable, and run the same command again';
    return fileProblem(path, 'to put the results in their place', messageOf(thrown), fix);
  }
}

async function makeTensorFile(
  made: string,
  path: string,
  spool: Spool,
  { post, itemNames, workFolder }: WriteOptions,
): Promise<Result<Written, FileProblem>> {
  const whole = Object.create(null) as Record<string, Tensor>;
  const missing: number[] = [];
  let isFirst = true;
  for await (const row of spool.rows()) {
    const made = tensorsOfRow(postRow(row, post));
    if (isFirst) {
      const rowBytes = Object.values(made).reduce((sum, spec) => sum + byteLengthOf(spec), 0);
      if (rowBytes * spool.total > MAX_COLLECTED_BYTES) {
        const expected = `at most ${formatBytes(MAX_COLLECTED_BYTES)} in one file`;
        const fix = 'write .jsonl or a folder, or take less of each item (--argmax, --top-k)';
        return fileProblem(path, expected, formatBytes(rowBytes * spool.total), fix);
      }
      for (const [name, { dtype, dims, bytes }] of Object.entries(made)) {
        const all = new Uint8Array(bytes.byteLength * spool.total);
        whole[name] = { dtype, dims: [spool.total, ...dims], bytes: all };
      }
      isFirst = false;
    }
    if (row.state !== 'settled') missing.push(row.item);
    else
      for (const [name, { bytes }] of Object.entries(made))
        whole[name]!.bytes.set(bytes, row.item * bytes.byteLength);
  }
  for (const tensor of Object.values(whole)) markMissing(tensor, missing);
  const encoded = encodeTensorFile(whole, path);
  if (!encoded.ok) return encoded;
  await writePieces(made, once(encoded.value));
  // Arrays have no place for names.
  if (itemNames !== null) {
    const lines = once(itemNames.map((name) => `${name}\n`).join(''));
    await writePieces(join(workFolder, 'items'), lines);
    await rename(join(workFolder, 'items'), `${path}.items.txt`);
  }
  return ok({ bytes: encoded.value.byteLength, outputs: whole });
}

async function* jsonLines(spool: Spool, options: WriteOptions): AsyncGenerator<string> {
  for await (const row of spool.rows()) yield `${lineOf(row, options)}\n`;
}

const lineOf = (row: SpooledRow, options: WriteOptions): string =>
  jsonLine(namesOf(row, options), settledRow(row, options), errorOf(row, options));

async function* csvLines(spool: Spool, options: WriteOptions): AsyncGenerator<string> {
  const { itemNames } = options;
  let columns = 0;
  for await (const row of spool.rows()) {
    const sample = postRow(row, options.post);
    if (columns === 0) {
      const header = csvHeader(itemNames !== null, sample);
      columns = header.length;
      yield stringify([header]);
    }
    const isSettled = row.state === 'settled';
    const cells = csvCells(namesOf(row, options), isSettled ? sample : null, errorOf(row, options));
    yield stringify([[...cells, ...Array<string>(columns - cells.length).fill('')]]);
  }
}

/** One file for each item: its number, then what it was made of. */
async function makeFolder(made: string, spool: Spool, options: WriteOptions): Promise<Written> {
  await mkdir(made);
  const digits = String(spool.total - 1).length;
  let bytes = 0;
  for await (const row of spool.rows()) {
    const source = options.itemNames?.[row.item];
    const tail = source === undefined ? '' : `-${basename(source)}`;
    const name = `${String(row.item).padStart(digits, '0')}${tail}.json`;
    bytes += (await writePieces(join(made, name), once(`${lineOf(row, options)}\n`))).bytes;
  }
  return { bytes, outputs: null };
}

const namesOf = ({ item }: SpooledRow, { itemNames }: WriteOptions) =>
  itemNames === null ? { item } : { item, file: itemNames[item]! };

const postRow = ({ outputs }: SpooledRow, post: WriteOptions['post']): PostRow =>
  post !== null && isAsked(post.how)
    ? postprocess(outputs, post.scores, post.how)
    : Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, { kind: 'tensor', tensor }]),
      );

const settledRow = (row: SpooledRow, { post }: WriteOptions): PostRow | null =>
  row.state === 'settled' ? postRow(row, post) : null;

function errorOf({ state }: SpooledRow, { missingReason }: WriteOptions): string | undefined {
  if (state === 'settled') return undefined;
  return state === 'failed' ? FAILED_REASON : missingReason;
}

async function* once(piece: string | Uint8Array): AsyncGenerator<string | Uint8Array> {
  yield piece;
}

/** A new file, on the disk when this resolves. */
async function writePieces(
  path: string,
  pieces: AsyncIterable<string | Uint8Array>,
): Promise<Written> {
  const file = await open(path, 'w');
  let bytes = 0;
  let waiting = '';
  const write = async (piece: string | Uint8Array): Promise<void> => {
    const data = typeof piece === 'string' ? Buffer.from(piece) : piece;
    await file.writeFile(data);
    bytes += data.byteLength;
  };
  try {
    for await (const piece of pieces) {
      if (typeof piece !== 'string') {
        await write(piece);
        continue;
      }
      waiting += piece;
      if (waiting.length < WRITE_CHARS) continue;
      await write(waiting);
      waiting = '';
    }
    await write(waiting);
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, outputs: null };
}
