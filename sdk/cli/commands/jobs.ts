/**
 * `idlewave jobs`: what was posted, how it stands and why, its results, its end.
 */
import type { Command } from 'commander';
import { hasEnded, type Job } from '../../job.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection.ts';
import { jobFailure } from '../exitCode.ts';
import { jobLines, jobTable, shardLines, statusText } from '../jobText.ts';
import { checkOutputPath, saveResults } from '../output.ts';
import { printable } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';
import { watchJob } from '../watch.ts';

interface JobsOptions extends ConnectionOptions {
  readonly json?: true;
}

interface ResultsOptions extends JobsOptions {
  readonly output?: string;
  readonly watch?: true;
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
  one<ResultsOptions>('results', 'write the verified results to a file', writeResults)
    .option('--output <path>', '.npz, .npy or .safetensors (else <id>.npz)')
    .option('--watch', 'wait until the job has ended; also resumes a watch that was interrupted');
  one('cancel', 'stop a job; what settled stays', async (context) => {
    const { state } = context.job.view;
    await context.job.cancel(context.signal);
    show(context);
    if (state !== 'running')
      context.terminal.note(`Nothing to cancel: the job was ${state} already.`);
  });
  one('explain', 'why it waits or failed: every shard with its verdicts', explain);
  one('second-opinion', 'let the referee check what waits for a second volunteer', async (c) => {
    await c.job.useReferee(c.signal);
    show(c);
  });
};

function show({ job, terminal }: JobContext): void {
  terminal.object({ type: 'job', ...job.view });
  for (const line of jobLines(job.view)) terminal.line(line);
}

async function writeResults(context: JobContext, options: ResultsOptions): Promise<void> {
  const { job, terminal, signal } = context;
  const path = options.output ?? `${job.id}.npz`;
  checkOutputPath(path);
  const view = options.watch === true ? await watchJob(job, terminal, signal) : job.view;
  if (!hasEnded(view)) {
    terminal.note(`The job is still running: ${statusText(view)}`);
    terminal.note('These are the results so far; --watch waits for all of them.');
  }
  await saveResults(job, path, terminal, signal);
  if (hasEnded(view) && view.state !== 'done') throw jobFailure(view);
}

async function explain({ job, terminal, signal }: JobContext): Promise<void> {
  const { waiting, shards } = await job.explain(signal);
  terminal.object({ type: 'waiting', job: job.id, state: job.view.state, waiting });
  const reason = job.view.reason === undefined ? '' : `: ${printable(job.view.reason)}`;
  terminal.line(`Job ${job.id} is ${job.view.state}${reason}`);
  for (const { text } of waiting) terminal.line(`Waits for: ${printable(text)}`);
  for (const shard of shards) {
    terminal.object({ type: 'shard', ...shard });
    for (const line of shardLines(shard)) terminal.line(line);
  }
}
