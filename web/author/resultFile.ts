/**
 * All results of a job as one file for a browser to save, in the formats of `idlewave jobs results`.
 *
 * Made in memory, as a page has no disk: what is larger is for the command line, and the problem says so.
 */
import { stringify } from 'csv-stringify/browser/esm/sync';
import { collectResults, type CollectedResults, type Job } from '../../sdk/client.ts';
import { fileProblem, type FileProblem } from '../../sdk/inputs/fileProblem.ts';
import { encodeTensorFile } from '../../sdk/inputs/tensorFile.ts';
import {
  isAsked,
  postprocess,
  scoresOf,
  tensorsOfRow,
  type Postprocessing,
  type PostRow,
} from '../../sdk/outputs/postprocess.ts';
import { csvCells, csvHeader, jsonLine, type RowNames } from '../../sdk/outputs/rowText.ts';
import { markMissing } from '../../sdk/results.ts';
import { MAX_LABEL_FILE_BYTES } from '../../shared/limits.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import { itemOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import { formatBytes } from '../../shared/units.ts';

export const RESULT_FILES = ['.npz', '.safetensors', '.jsonl', '.csv'] as const;
export type ResultFileKind = (typeof RESULT_FILES)[number];

export interface ResultFileOptions {
  readonly kind: ResultFileKind;
  readonly how: Postprocessing;
  /** Item i was made of this file; null where items have no names. */
  readonly names: readonly string[] | null;
  readonly signal: AbortSignal;
}

/** Of what has settled by now. Rejects with `IdlewaveError`; the failure says which output has the scores. */
export async function resultFile(
  job: Job,
  { kind, how, names, signal }: ResultFileOptions,
): Promise<Result<Blob, string>> {
  const { outputs } = job.view.facts;
  const scores = isAsked(how) ? scoresOf(outputs, how.scores) : ok(null);
  if (!scores.ok) return fail(`expected ${scores.error.expected}; came ${scores.error.came}`);
  const collected = await collectResults(job, { follow: false, signal });
  const rows = new Rows(collected, scores.value, how);
  const nameOf = (item: number): RowNames =>
    names === null ? { item } : { item, file: names[item]! };
  switch (kind) {
    case '.npz':
    case '.safetensors': {
      const encoded = encodeTensorFile(rows.stacked(), `results${kind}`);
      assert(encoded.ok, `${kind} holds every tensor`);
      return ok(new Blob([new Uint8Array(encoded.value)]));
    }
    case '.jsonl': {
      const lines = rows.each((item, row, error) => `${jsonLine(nameOf(item), row, error)}\n`);
      return ok(new Blob(lines));
    }
    case '.csv': {
      const header = csvHeader(names !== null, rows.at(0));
      const lines = rows.each((item, row, error) => {
        const cells = csvCells(nameOf(item), row, error);
        return stringify([[...cells, ...Array<string>(header.length - cells.length).fill('')]]);
      });
      return ok(new Blob([stringify([header]), ...lines]));
    }
    default:
      return kind satisfies never;
  }
}

/** The names of a model's classes: line i is class i. */
export async function readLabels(file: File): Promise<Result<readonly string[], FileProblem>> {
  if (file.size <= MAX_LABEL_FILE_BYTES) return ok((await file.text()).trimEnd().split(/\r?\n/));
  const expected = `at most ${formatBytes(MAX_LABEL_FILE_BYTES)}`;
  return fileProblem(file.name, expected, formatBytes(file.size), 'give one line for each class');
}

const NO_RESULT = 'there is no result of it';

/** What is made of each item's outputs. */
class Rows {
  readonly #collected: CollectedResults;
  readonly #scores: string | null;
  readonly #how: Postprocessing;
  readonly #missing: ReadonlySet<number>;
  readonly #total: number;

  constructor(collected: CollectedResults, scores: string | null, how: Postprocessing) {
    this.#collected = collected;
    this.#scores = scores;
    this.#how = how;
    this.#missing = new Set(collected.missing);
    this.#total = collected.settled + collected.missing.length;
  }

  at(item: number): PostRow {
    const outputs: NamedTensors = Object.fromEntries(
      Object.entries(this.#collected.outputs).map(([name, all]) => [name, itemOf(all, item)]),
    );
    return postRowOf(outputs, this.#scores, this.#how);
  }

  each<T>(of: (item: number, row: PostRow | null, error?: string) => T): T[] {
    return Array.from({ length: this.#total }, (_, item) =>
      this.#missing.has(item) ? of(item, null, NO_RESULT) : of(item, this.at(item)),
    );
  }

  /** Every tensor `[items, ...]`. */
  stacked(): NamedTensors {
    if (this.#scores === null) return this.#collected.outputs;
    const whole: Record<string, Tensor> = {};
    for (let item = 0; item < this.#total; item++) {
      for (const [name, { dtype, dims, bytes }] of Object.entries(tensorsOfRow(this.at(item)))) {
        whole[name] ??= {
          dtype,
          dims: [this.#total, ...dims],
          bytes: new Uint8Array(bytes.byteLength * this.#total),
        };
        if (!this.#missing.has(item)) whole[name].bytes.set(bytes, item * bytes.byteLength);
      }
    }
    for (const tensor of Object.values(whole)) markMissing(tensor, this.#collected.missing);
    return whole;
  }
}

/** An item's outputs as an author asked for them; as they are where `scores` is null. */
export const postRowOf = (
  outputs: NamedTensors,
  scores: string | null,
  how: Postprocessing,
): PostRow =>
  scores === null
    ? Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, { kind: 'tensor', tensor }]),
      )
    : postprocess(outputs, scores, how);
