/**
 * `idlewave run`: rows on standard input, results on standard output, one line each, in the same order.
 *
 * A pipe: the first line is out before the last one is in, and memory does not grow with the number of rows. Standard
 * output has results and nothing besides.
 */
import { stringify } from 'csv-stringify/sync';
import { Option, type Command } from 'commander';
import { MAX_ITEMS_PER_JOB } from '../../../shared/limits.ts';
import type { NamedTensors } from '../../../shared/tensor.ts';
import { byteLengthOf } from '../../../shared/tensor.ts';
import { formatBytes } from '../../../shared/units.ts';
import type { Job, ProgramOptions } from '../../client.ts';
import {
  ROW_FORMATS,
  readRows,
  stackRows,
  type Row,
  type RowFormat,
  type RowInput,
} from '../../inputs/rows.ts';
import {
  isAsked,
  postprocess,
  scoresOf,
  type PostRow,
  type Postprocessing,
} from '../../outputs/postprocess.ts';
import { csvCells, csvHeader, jsonLine } from '../../outputs/rowText.ts';
import { chunksOf } from '../../pipe/chunks.ts';
import { runChain } from '../../pipe/jobChain.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection.ts';
import { CliError, EXIT, usageError } from '../exitCode.ts';
import { parseInteger } from '../numbers.ts';
import { withPolicy } from '../policyFlags.ts';
import { postprocessingOf, withPostprocessing, type PostFlags } from '../postFlags.ts';
import { collect, rowError, rowInputsOf } from '../rowInputs.ts';
import { programOf, tensorsOf, termsOf, type SubmissionFlags } from '../submissionFlags.ts';
import { Terminal, type Io } from '../terminal.ts';

interface RunOptions extends ConnectionOptions, SubmissionFlags, PostFlags {
  readonly from?: RowFormat;
  readonly to?: RowFormat;
  readonly window?: string;
  readonly rowsPerJob?: string;
}

/** One job is answered while the next ones are computed and the one after them is sent. */
const DEFAULT_WINDOW = 4;
const MAX_WINDOW = 64;
/** A job costs a few round trips and one run of the referee: some 50 ms, against a second or more of rows. */
const DEFAULT_ROWS_PER_JOB = 1024;
const FIRST_ROWS = 32;
/** Inputs of one job: with the window, what memory holds. */
const MOST_JOB_BYTES = 4 * 1024 * 1024;
/** A person who types a row waits this long before it is sent alone. */
const LINGER_MS = 100;

export const addRunCommand = (program: Command, io: Io): void => {
  withPostprocessing(withPolicy(withConnection(program.command('run'))))
    .description(
      'a pipe: rows of numbers in, verified results out, one line each in the same order',
    )
    .option('--model <file>', 'an ONNX model')
    .option('--outputs <names>', 'outputs to return, comma-separated (else all of the model)')
    .option('--items-per-run <n>', 'items of one run of the model: its batch size (else 1)')
    .option('--shape <name=dims>', 'of one run, where the model leaves it open: x=1,128', collect)
    .option('--kernel <name@version>', 'a catalogue kernel instead of a model')
    .option('--params <json>', "the kernel's parameters as JSON, or @file")
    .option('--constant <name=file>', 'an input that is the same for all rows', collect)
    .addOption(
      new Option('--from <format>', 'of the rows (else by their first sign)').choices(ROW_FORMATS),
    )
    .addOption(new Option('--to <format>', 'of the results (else jsonl)').choices(ROW_FORMATS))
    .option('--rows-per-job <n>', `rows posted together at most (else ${DEFAULT_ROWS_PER_JOB})`)
    .option('--window <n>', `jobs under way at once (else ${DEFAULT_WINDOW})`)
    .option('--budget <credits>', 'stop where all of it would cost more; 1 credit = 1 TFLOP')
    .option('--rate <times>', 'offer so many times the list price: 0.5 to 100 (else 1)')
    .option('--name <name>', "the jobs' name (else the model's or kernel's)")
    .addHelpText(
      'after',
      `
A row is a JSON array (or an object of arrays by input name), or a line of CSV.

Examples:
  cat rows.jsonl | idlewave run --model m.onnx > out.jsonl
  idlewave run --model digits.onnx --argmax --to csv < rows.csv`,
    )
    .action(async (options: RunOptions) => run(options, io));
};

async function run(options: RunOptions, io: Io): Promise<void> {
  const terminal = new Terminal(io, false);
  const { stdin, signal } = io;
  if (stdin === undefined || stdin.isTTY === true)
    throw usageError(
      'run: expected rows on standard input\n  to do: cat rows.jsonl | idlewave run …',
    );
  const most = integerOr(
    '--rows-per-job',
    options.rowsPerJob,
    MAX_ITEMS_PER_JOB,
    DEFAULT_ROWS_PER_JOB,
  );
  const window = integerOr('--window', options.window, MAX_WINDOW, DEFAULT_WINDOW);
  const how = await postprocessingOf(options);
  const { budget, name, ...terms } = termsOf(options);
  const constant = await tensorsOf('--constant', options.constant ?? []);
  const inputs = await rowInputsOf(options, Object.keys(constant));
  const client = connect(options, io, terminal);
  const given = await programOf(options, {});
  const program = await uploaded(given, (bytes) => client.upload(bytes, { signal }));
  let left = budget;
  const post = async (rows: Row[], index: number): Promise<Job> => {
    const stacked = stackRows(rows, inputs);
    const inputsOfJob = { stacked, constant };
    const numbered = `${name} (rows, ${index + 1})`;
    const job = await client.submit(
      { ...terms, name: numbered, program, inputs: inputsOfJob, budget: left },
      { signal },
    );
    if (left !== undefined) left -= BigInt(job.view.price);
    return job;
  };
  const writer = new RowWriter(options.to ?? 'jsonl', how);
  let jobs = 0;
  let failed = 0;
  let done = 0;
  const startMs = performance.now();
  const rows = rowsOrThrow(readRows(stdin, inputs, options.from));
  const chunks = chunksOf(rows, {
    first: Math.min(FIRST_ROWS, most),
    most,
    mostBytes: MOST_JOB_BYTES,
    bytesOf: () => rowBytesOf(inputs),
    lingerMs: LINGER_MS,
  });
  try {
    const results = runChain(chunks, {
      post,
      itemsOf: ({ length }) => length,
      window,
      onJob: (job) => {
        jobs += 1;
        writer.begin(job);
        if (jobs === 1) terminal.note(`First job ${job.id}`);
      },
      signal,
    });
    for await (const { item, outputs } of results) {
      if (outputs === null) failed += 1;
      done += 1;
      await terminal.data(writer.text(item, outputs));
    }
  } finally {
    stdin.destroy?.();
  }
  const seconds = (performance.now() - startMs) / 1000;
  const peak = formatBytes(process.resourceUsage().maxRSS * 1024);
  terminal.note(
    `${done} rows in ${jobs} jobs, ${(done / seconds).toFixed(1)} rows/s; at most ${peak} of memory`,
  );
  if (failed > 0)
    throw new CliError(EXIT.jobFailed, `${failed} rows have no result; their lines say so.`);
}

const NO_RESULT = 'no volunteer could compute it';

/** Results as lines; which output has the scores is known when the first job is. */
class RowWriter {
  readonly #format: RowFormat;
  readonly #how: Postprocessing;
  #scores: string | null = null;
  #begun = false;
  #columns: readonly string[] | null = null;

  constructor(format: RowFormat, how: Postprocessing) {
    this.#format = format;
    this.#how = how;
  }

  begin({ view }: Job): void {
    if (this.#begun) return;
    this.#begun = true;
    if (!isAsked(this.#how)) return;
    const scores = scoresOf(view.facts.outputs, this.#how.scores);
    if (!scores.ok)
      throw usageError(`expected ${scores.error.expected}\n  came: ${scores.error.came}`);
    this.#scores = scores.value;
  }

  /** With the line of column names before the first that has a result. */
  text(item: number, outputs: NamedTensors | null): string {
    const row = outputs === null ? null : this.#row(outputs);
    const error = row === null ? NO_RESULT : undefined;
    if (this.#format === 'jsonl') return `${jsonLine({ item }, row, error)}\n`;
    const header = this.#columns === null && row !== null ? csvHeader(false, row) : null;
    if (header !== null) this.#columns = header;
    const cells = csvCells({ item }, row, error);
    const missing = Math.max(0, (this.#columns?.length ?? 0) - cells.length);
    const padded = [...cells, ...Array<string>(missing).fill('')];
    return stringify(header === null ? [padded] : [header, padded]);
  }

  #row(outputs: NamedTensors): PostRow {
    if (this.#scores !== null) return postprocess(outputs, this.#scores, this.#how);
    const plain = Object.entries(outputs).map(
      ([name, tensor]) => [name, { kind: 'tensor', tensor }] as const,
    );
    return Object.fromEntries(plain);
  }
}

async function* rowsOrThrow(rows: ReturnType<typeof readRows>): AsyncGenerator<Row> {
  for await (const row of rows) {
    if (!row.ok) throw rowError('standard input', row.error);
    yield row.value;
  }
}

const rowBytesOf = (inputs: readonly RowInput[]): number =>
  inputs.reduce((sum, input) => sum + byteLengthOf(input), 0);

/** The model is sent once; jobs name it by its digest. */
async function uploaded(
  program: ProgramOptions,
  upload: (bytes: Uint8Array) => Promise<{ digest: string }>,
): Promise<ProgramOptions> {
  if (!('onnx' in program) || !(program.onnx instanceof Uint8Array)) return program;
  const { digest } = await upload(program.onnx);
  return { ...program, onnx: { digest: digest as never } };
}

const integerOr = (
  flag: string,
  text: string | undefined,
  max: number,
  otherwise: number,
): number => (text === undefined ? otherwise : parseInteger(flag, text, 1, max));
