/**
 * `idlewave jobs`: what was posted, how it stands and why, its results, its end.
 */
import type { Command } from 'commander';
import { MAX_ITEMS_PER_JOB, MAX_ITEMS_PER_SHARD } from '../../../shared/limits.ts';
import type { JobView } from '../../../shared/protocol/job.ts';
import { formatCredits } from '../../../shared/units.ts';
import type { UploadNotice } from '../../calls.ts';
import type { RowInput } from '../../inputs/rows.ts';
import { hasEnded, type Job } from '../../job.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection.ts';
import { jobFailure, usageError } from '../exitCode.ts';
import { groupedLines, jobExplanationLines, shardLines } from '../explainText.ts';
import { jobLines, jobTable, statusText } from '../jobText.ts';
import { optionalCount, parseCredits, parseInteger, parseRate } from '../numbers.ts';
import { Output } from '../output.ts';
import { postprocessingOf, withPostprocessing, type PostFlags } from '../postFlags.ts';
import { collect } from '../rowInputs.ts';
import { tensorsOf } from '../submissionFlags.ts';
import { printable } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';
import { uploadText } from '../uploadText.ts';
import { watchJob } from '../watch.ts';

interface JobsOptions extends ConnectionOptions {
  readonly json?: true;
}

interface ResultsOptions extends JobsOptions, PostFlags {
  readonly output?: string;
  readonly watch?: true;
}

interface ExplainOptions extends JobsOptions {
  readonly shard?: string;
  readonly all?: true;
}

interface RaiseFlags extends JobsOptions {
  readonly rate: string;
  readonly budget?: string;
}

interface AddFlags extends JobsOptions {
  readonly input?: readonly string[];
  readonly items?: string;
  readonly itemsPerShard?: string;
  readonly budget?: string;
  readonly idempotencyKey?: string;
}

/** What an action on one job is given. */
interface JobContext {
  readonly job: Job;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

export const addJobsCommand = (program: Command, io: Io): void => {
  const jobs = program.command('jobs').description('your jobs: state, results, reasons');
  const sub = (usage: string, description: string): Command =>
    withConnection(jobs.command(usage))
      .description(description)
      .option('--json', 'one JSON object per line on standard output');

  sub('ls', 'list them, newest first').action(async (options: JobsOptions) => {
    const terminal = new Terminal(io, options.json === true);
    const views = [];
    for await (const view of connect(options, io, terminal).allJobs({ signal: io.signal })) {
      terminal.object({ type: 'job', ...view });
      views.push(view);
    }
    if (views.length === 0) terminal.note('No jobs yet. Post one: idlewave submit --help');
    else for (const line of jobTable(views)) terminal.line(line);
  });

  /** A subcommand on one job, by its id. */
  const one = <Options extends JobsOptions>(
    usage: string,
    description: string,
    act: (context: JobContext, options: Options) => Promise<void>,
  ): Command =>
    sub(`${usage} <id>`, description).action(async (id: string, options: Options) => {
      const terminal = new Terminal(io, options.json === true);
      const { signal } = io;
      const job = await connect(options, io, terminal).job(id, { signal });
      await act({ job, terminal, signal }, options);
    });

  one('show', 'one job: items, checking, price, what it waits for', async (context) => {
    show(context);
  });
  withPostprocessing(
    one<ResultsOptions>('results', 'write the verified results to a file', writeResults)
      .option(
        '--output <path>',
        '.npz, .npy, .safetensors, .jsonl, .csv or a folder/ (else <id>.npz)',
      )
      .option('--watch', 'wait until the job has ended; also resumes a watch that was interrupted'),
  );
  one('pause', 'hand out nothing more of a job; what volunteers have still counts', async (c) => {
    await c.job.pause(c.signal);
    show(c);
  });
  one('resume', 'go on with a job that is paused', async (c) => {
    await c.job.resume(c.signal);
    show(c);
  });
  one<RaiseFlags>('raise', 'offer more for what is left of a job', async (context, flags) => {
    const { rate, budget } = flags;
    const most = budget === undefined ? undefined : parseCredits('--budget', budget);
    const { signal } = context;
    await context.job.raise(parseRate('--rate', rate), { budget: most, signal });
    show(context);
  })
    .requiredOption(
      '--rate <times>',
      'so many times the list price: 0.5 to 100, never less than before',
    )
    .option('--budget <credits>', 'refuse where the whole job would then cost more');
  one<AddFlags>('add', 'add items to a job that was submitted with --open', addItems)
    .option(
      '--input <name=file>',
      'stacked input [n, …] of the new items; .npy .npz .safetensors, or rows of numbers: .jsonl .csv',
      collect,
    )
    .option('--items <n>', 'number of new items, where the job has no stacked input')
    .option('--items-per-shard <n>', 'items handed out together, at most as many as in the job')
    .option('--budget <credits>', 'refuse where the whole job would then cost more')
    .option('--idempotency-key <key>', 'adding twice under one key adds once');
  one('close', 'take no more items: the job ends with those it has', async (c) => {
    await c.job.close(c.signal);
    show(c);
  });
  one('cancel', 'stop a job; what settled stays', async (context) => {
    const { state } = context.job.view;
    await context.job.cancel(context.signal);
    show(context);
    if (state !== 'running')
      context.terminal.note(`Nothing to cancel: the job was ${state} already.`);
  });
  one(
    'delete-results',
    'delete what an ended job has computed; the rest of it stays',
    async (c) => {
      await c.job.deleteResults(c.signal);
      show(c);
    },
  );
  one<ExplainOptions>(
    'explain',
    'who computed each shard, what was checked and found, what could still be wrong',
    explain,
  )
    .option('--shard <n>', 'everything about one shard, by its number from 0')
    .option('--all', 'every shard by itself, instead of those that went the same way together');
  one('second-opinion', 'let the referee check what waits for a second volunteer', async (c) => {
    await c.job.useReferee(c.signal);
    show(c);
  });
};

async function addItems({ job, terminal, signal }: JobContext, flags: AddFlags): Promise<void> {
  const { budget, idempotencyKey } = flags;
  const rows = (name: string | null) => rowsOfJob(job.view, name);
  const stacked = await tensorsOf('--input', flags.input ?? [], rows);
  const items = optionalCount('--items', flags.items, MAX_ITEMS_PER_JOB);
  if (items === undefined && Object.keys(stacked).length === 0)
    throw usageError(
      'expected --input name=file, or --items N for a job without stacked inputs\n' +
        '  to do: give the data of the new items',
    );
  const perShard = optionalCount('--items-per-shard', flags.itemsPerShard, MAX_ITEMS_PER_SHARD);
  const most = budget === undefined ? undefined : parseCredits('--budget', budget);
  const onUpload = (notice: UploadNotice): void => {
    terminal.note(uploadText(notice));
  };
  const added = await job.addItems(
    { stacked, items, itemsPerShard: perShard, budget: most, idempotencyKey },
    { signal, onUpload },
  );
  const { price, items: all } = job.view;
  terminal.object({ type: 'added', job: job.id, ...added, total: all.total, price });
  const last = added.firstItem + added.items - 1;
  terminal.line(
    `Added ${added.items} items to ${job.id}: ${added.firstItem} to ${last} of its results. ` +
      `It has ${all.total} items now, for ${formatCredits(BigInt(price))} credits.`,
  );
  terminal.note(`To add more: the same again. To end it: idlewave jobs close ${job.id}`);
}

/** Of a file of rows: what one row of the job holds, as the job says. */
function rowsOfJob({ facts }: JobView, only: string | null): Promise<readonly RowInput[]> {
  const all = Object.entries(facts.inputs).map(([name, { dtype, dims }]) => ({
    name,
    dtype,
    dims,
  }));
  const wanted = all.filter(({ name }) => only === null || name === only);
  if (wanted.length > 0) return Promise.resolve(wanted);
  const names = all.map(({ name }) => printable(name)).join(', ') || 'none';
  throw usageError(`rows: expected an input of the job: ${names}`);
}

function show({ job, terminal }: JobContext): void {
  terminal.object({ type: 'job', ...job.view });
  for (const line of jobLines(job.view)) terminal.line(line);
}

async function writeResults(context: JobContext, options: ResultsOptions): Promise<void> {
  const { job, terminal, signal } = context;
  const post = await postprocessingOf(options);
  const output = await Output.open(options.output ?? `${job.id}.npz`, post);
  try {
    await output.begin(job);
    const view = options.watch === true ? await watchJob(job, terminal, signal, output) : job.view;
    if (!hasEnded(view)) {
      terminal.note(`The job is still running: ${statusText(view)}`);
      terminal.note('These are the results so far; --watch waits for all of them.');
    }
    await output.finish(job, terminal, signal);
    if (hasEnded(view) && view.state !== 'done') throw jobFailure(view);
  } finally {
    await output.leave();
  }
}

async function explain(
  { job, terminal, signal }: JobContext,
  options: ExplainOptions,
): Promise<void> {
  const shard =
    options.shard === undefined
      ? undefined
      : parseInteger('--shard', options.shard, 0, job.view.shards.total - 1);
  const { waiting, shards } = await job.explain({ shard, signal });
  const { id, state, summary, why, odds } = job.view;
  terminal.object({ type: 'waiting', job: id, state, waiting, summary, why, odds });
  for (const each of shards) terminal.object({ type: 'shard', ...each });
  const lines =
    shard === undefined && options.all !== true
      ? groupedLines(shards)
      : shards.flatMap((each) => shardLines(each));
  for (const line of [...jobExplanationLines(job.view), '', ...lines]) terminal.line(line);
  if (shard !== undefined) return;
  const { total } = job.view.shards;
  const shown = shards.length < total ? `These are ${shards.length} of ${total} shards. ` : '';
  terminal.note(`${shown}All about one of them: idlewave jobs explain ${id} --shard 0`);
}
