/**
 * The results of a job, from the coordinator to the file or folder that its author named.
 *
 * What has come is on the disk beside it (`OUTPUT.partial`), so whoever is interrupted or killed goes on from there
 * with the same command, and the output is the same to the byte.
 */
import { randomUUID } from 'node:crypto';
import { digestOf } from '../../shared/digest.ts';
import type { JobSpecInput } from '../../shared/protocol/job.ts';
import { describeSpec, type TensorSpec } from '../../shared/tensor.ts';
import { formatBytes } from '../../shared/units.ts';
import { hasEnded, type Job } from '../job.ts';
import { lastItemOf, newestTotal } from '../results.ts';
import {
  OUTPUT_KINDS,
  makeOutput,
  outputKind,
  place,
  placeable,
  type OutputKind,
} from '../outputs/outputFile.ts';
import { OutputFolder } from '../outputs/outputState.ts';
import { isAsked, scoresOf, type Postprocessing } from '../outputs/postprocess.ts';
import { Spool } from '../outputs/spool.ts';
import { CliError, EXIT, fileOrThrow, usageError } from './exitCode.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What has come is made safe at most so often: a page costs a few flushes of the disk. */
const SAVE_INTERVAL_MS = 1_000;

export class Output {
  readonly path: string;
  readonly folder: OutputFolder;
  readonly #kind: OutputKind;
  readonly #post: Postprocessing;
  #spool: Spool | undefined;
  #cursor = 0;
  #savedAtMs = -Infinity;

  private constructor(path: string, folder: OutputFolder, kind: OutputKind, post: Postprocessing) {
    this.path = path;
    this.folder = folder;
    this.#kind = kind;
    this.#post = post;
  }

  /** Says what is wrong with the name before any work is done, so that results are not lost to a wrong ending. */
  static async open(path: string, post: Postprocessing): Promise<Output> {
    const kind = await outputKind(path);
    if (kind === null) {
      throw usageError(
        `--output ${path}: expected a file that ends in ${OUTPUT_KINDS.slice(0, -1).join(', ')}, or a folder\n` +
          '  to do: name it .npz for arrays, .jsonl for rows, or end it in a slash for a folder',
      );
    }
    if (
      post.threshold !== undefined &&
      kind.startsWith('.') &&
      kind !== '.jsonl' &&
      kind !== '.csv'
    ) {
      const why = 'what a threshold keeps has another length for every item';
      throw usageError(`--threshold: expected --output to .jsonl, .csv or a folder: ${why}`);
    }
    const folder = fileOrThrow(await OutputFolder.take(path));
    // A place that is taken is said now; one that this output took itself is its own.
    if (folder.state?.placing !== true) {
      const free = await placeable(path, kind);
      if (!free.ok) {
        await folder.release();
        fileOrThrow(free);
      }
    }
    return new Output(path, folder, kind, post);
  }

  /**
   * The key to post the job under. The same command on the same data has the same one: who posts it again, because he
   * was killed or forgot, gets the job that there is.
   */
  async claim(
    url: string,
    spec: JobSpecInput,
    itemNames: readonly string[] | null,
    asked: { readonly idempotencyKey: string | undefined; readonly again: boolean },
  ): Promise<string> {
    const specDigest = digestOf(new TextEncoder().encode(JSON.stringify(spec)));
    if (asked.again) await this.folder.clear();
    const { state } = this.folder;
    if (state !== null && (state.specDigest !== specDigest || state.url !== url)) {
      const other = state.url === url ? 'another job' : `a job at ${state.url}`;
      const finish =
        state.job === null
          ? ''
          : `finish that one (idlewave jobs results ${state.job} --watch --output ${this.path}), or `;
      throw usageError(
        `--output ${this.path}: expected to go on with this job\n  came: ${this.folder.path} is of ${other}\n` +
          `  to do: ${finish}--again to begin anew`,
      );
    }
    const fresh = asked.again ? randomUUID() : `spec-${specDigest}`;
    const idempotencyKey = asked.idempotencyKey ?? state?.idempotencyKey ?? fresh;
    const names = itemNames === null ? null : [...itemNames];
    fileOrThrow(await this.folder.save({ url, idempotencyKey, specDigest, itemNames: names }));
    return idempotencyKey;
  }

  /** From now on its results are this job's. */
  async begin(job: Job): Promise<void> {
    const { state } = this.folder;
    if (state !== null && state.job !== null && state.job !== job.id) {
      throw usageError(
        `${this.folder.path}: expected what came of ${job.id}\n  came: of ${state.job}\n` +
          `  to do: finish that one (idlewave jobs results ${state.job} --watch --output ${this.path}), or delete ${this.folder.path}`,
      );
    }
    this.#scores(job);
    fileOrThrow(await this.folder.save({ job: job.id }));
    this.#cursor = state?.cursor ?? 0;
    this.#spool = await Spool.open(
      this.folder.spoolPath,
      job.view.facts.outputs,
      job.view.items.total,
    );
  }

  /** Takes what has settled since the last time. */
  async drain(job: Job, signal: AbortSignal): Promise<void> {
    for await (const page of job.pages({ after: this.#cursor, signal })) {
      if (lastItemOf(page) >= this.#open.total) this.#open.grow(await newestTotal(job, signal));
      this.#open.put(page);
      this.#cursor = page.next;
      if (performance.now() - this.#savedAtMs > SAVE_INTERVAL_MS) await this.#save();
    }
  }

  /** Takes the rest, writes the output, says what it holds and what is missing. */
  async finish(job: Job, terminal: Terminal, signal: AbortSignal): Promise<void> {
    await this.drain(job, signal);
    const spool = this.#open;
    spool.grow(job.view.items.total);
    await this.#save();
    const names = this.folder.state?.itemNames ?? null;
    // What was added since has no file that is known here.
    const itemNames =
      names && Array.from({ length: spool.total }, (_, item) => names[item] ?? `item ${item}`);
    const single = this.#kind === '.npy' && spool.outputs.length !== 1;
    // Finished work is never thrown away for an ending that cannot hold it.
    const target = single ? this.path.replace(/\.npy$/i, '.npz') : this.path;
    if (single)
      terminal.warn(`A .npy file holds one array, not ${spool.outputs.length}: wrote ${target}.`);
    const missingReason = hasEnded(job.view)
      ? `the job was ${job.view.state === 'cancelled' ? 'cancelled' : 'ended'} before`
      : 'not computed yet';
    const made = fileOrThrow(
      await makeOutput(target, spool, {
        kind: single ? '.npz' : this.#kind,
        workFolder: this.folder.path,
        post: isAsked(this.#post) ? { scores: this.#scores(job)!, how: this.#post } : null,
        itemNames,
        missingReason,
      }),
    );
    const again = this.folder.state?.placing === true;
    fileOrThrow(await this.folder.save({ placing: true }));
    fileOrThrow(await place(target, this.folder.path, again));
    const { settled } = spool;
    const items = spool.total;
    const missing = [...spool.itemsIn('failed'), ...spool.itemsIn('missing')].sort((a, b) => a - b);
    await spool.close();
    await this.folder.remove();
    const specs: Readonly<Record<string, TensorSpec>> = made.outputs ?? job.view.facts.outputs;
    const shapes = Object.fromEntries(
      Object.entries(specs).map(([name, { dtype, dims }]) => [name, { dtype, dims }]),
    );
    const about = { path: target, bytes: made.bytes, items, settled, missing, outputs: shapes };
    terminal.object({ type: 'output', ...about });
    terminal.line(`Wrote ${target} (${formatBytes(made.bytes)}): ${settled} of ${items} items`);
    for (const [name, tensor] of Object.entries(made.outputs ?? {}))
      terminal.line(`  ${printable(name)} ${describeSpec(tensor)}`);
    const named = itemNames !== null && made.outputs !== null;
    if (named) terminal.line(`  the file of each row: ${target}.items.txt`);
    if (missing.length > 0) terminal.warn(missingText(missing, itemNames, made.outputs !== null));
  }

  /** Leaves what has come for whoever goes on. */
  async leave(): Promise<void> {
    const spool = this.#spool;
    this.#spool = undefined;
    if (spool === undefined) return this.folder.release();
    await spool.close().catch(() => undefined);
    await this.folder.release();
  }

  get #open(): Spool {
    if (this.#spool === undefined) throw new CliError(EXIT.failed, 'the output was not begun');
    return this.#spool;
  }

  async #save(): Promise<void> {
    await this.#open.flush();
    fileOrThrow(await this.folder.save({ cursor: this.#cursor }));
    this.#savedAtMs = performance.now();
  }

  /** Asked before any result is waited for; null where nothing is made of the scores. */
  #scores(job: Job): string | null {
    if (!isAsked(this.#post)) return null;
    const scores = scoresOf(job.view.facts.outputs, this.#post.scores);
    if (scores.ok) return scores.value;
    throw usageError(`expected ${scores.error.expected}\n  came: ${scores.error.came}`);
  }
}

const SHOWN_ITEMS = 20;

function missingText(
  missing: readonly number[],
  names: readonly string[] | null,
  arrays: boolean,
): string {
  const shown = missing
    .slice(0, SHOWN_ITEMS)
    .map((item) => (names === null ? `${item}` : printable(names[item] ?? `${item}`)))
    .join(', ');
  const rest = missing.length > SHOWN_ITEMS ? ` and ${missing.length - SHOWN_ITEMS} more` : '';
  const rows = arrays ? 'NaN for floats and 0 otherwise' : 'without outputs, and say why';
  return `No result for ${missing.length} items: ${shown}${rest}. Their rows are ${rows}.`;
}
