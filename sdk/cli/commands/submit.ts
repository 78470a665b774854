/**
 * `idlewave submit`: a model or a kernel and files of inputs become a job, and the job's results a file.
 */
import type { Command } from 'commander';
import type { JobView } from '../../../shared/protocol/job.ts';
import { formatCredits } from '../../../shared/units.ts';
import { hasEnded, type Job } from '../../job.ts';
import { prepare } from '../../submission.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection.ts';
import { CliError, EXIT, jobFailure } from '../exitCode.ts';
import { estimateLines } from '../jobText.ts';
import { Output } from '../output.ts';
import { postprocessingOf, withPostprocessing, type PostFlags } from '../postFlags.ts';
import { submissionOf, type SubmissionFlags } from '../submissionFlags.ts';
import { withSubmission } from '../submissionOptions.ts';
import { printable } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';
import { watchJob } from '../watch.ts';
import type { UploadNotice } from '../../calls.ts';
import { uploadText } from '../uploadText.ts';

interface SubmitCommandOptions extends ConnectionOptions, SubmissionFlags, PostFlags {
  readonly output?: string;
  readonly again?: true;
  readonly watch?: true;
  readonly estimate?: true;
  readonly json?: true;
}

export const addSubmitCommand = (program: Command, io: Io): void => {
  withPostprocessing(withSubmission(withConnection(program.command('submit'))))
    .description('post a batch job and get verified results back')
    .option('--items <n>', 'number of items, where there is no stacked input')
    .option('--expires-after <time>', 'end it then with what is final: 45m, 12h, 7d (else never)')
    .option(
      '--open',
      'it takes more items (idlewave jobs add), and ends when it is closed (idlewave jobs close)',
    )
    .option('--budget <credits>', 'refuse the job where it costs more; 1 credit = 1 TFLOP')
    .option('--name <name>', "the job's name (else the model's or kernel's)")
    .option('--idempotency-key <key>', 'submitting twice under one key posts one job')
    .option(
      '--output <path>',
      'wait, then write the results: .npz, .npy, .safetensors, .jsonl, .csv or a folder/',
    )
    .option('--again', 'with --output: post it anew where the same job was posted before')
    .option('--watch', 'wait until the job has ended')
    .option(
      '--estimate',
      'say its price, and what each way of checking costs and lets through; post nothing',
    )
    .option('--json', 'one JSON object per line on standard output')
    .addHelpText(
      'after',
      `
With --output, the same command goes on where an earlier one was interrupted or killed: nothing is paid twice.
A --input or --constant without "name=" takes every tensor of a .npz or .safetensors file by its own name.

Examples:
  idlewave submit --model mnist.onnx --input Input3=digits.npy --output labels.npz
  idlewave submit --kernel matmul@1 --params @matmul.json --input pairs.npz --verify algebraic
  idlewave submit --model mnist.onnx --input Input3=digits.npy --most-wrong 0.1% --estimate
  idlewave submit --model faces.onnx --images 'photos/*.{jpg,png}' --output faces.jsonl --threshold 0.7 --ignore-class 0
  idlewave submit --model large.onnx --stages 3 --input x=rows.npy --output out.npz`,
    )
    .action(async (options: SubmitCommandOptions) => submit(options, io));
};

async function submit(options: SubmitCommandOptions, io: Io): Promise<void> {
  const terminal = new Terminal(io, options.json === true);
  const { signal } = io;
  const post = await postprocessingOf(options);
  const client = connect(options, io, terminal);
  const onUpload = (notice: UploadNotice): void => {
    terminal.note(uploadText(notice));
  };
  const call = { signal, onUpload };
  if (options.estimate === true) {
    const { submission } = await submissionOf(options, terminal, signal);
    const estimate = await client.estimate(submission, call);
    terminal.object({ type: 'estimate', ...estimate });
    for (const line of estimateLines(estimate)) terminal.line(line);
    return;
  }
  if (options.output !== undefined) {
    const output = await Output.open(options.output, post);
    try {
      const { submission, itemNames } = await submissionOf(options, terminal, signal);
      const prepared = await prepare(submission);
      const again = options.again === true;
      const key = await output.claim(client.url, prepared.spec, itemNames, {
        idempotencyKey: options.idempotencyKey,
        again,
      });
      const job = await client.post(prepared, key, call);
      // Before a place is made for what cannot come.
      if (job.view.results?.kind === 'deleted' && !again) throw deletedSince(job);
      tellPosted(job, terminal);
      if (hasEnded(job.view) && !again) terminal.note(POSTED_BEFORE);
      terminal.note(`Job ${job.id}`);
      await output.begin(job);
      const view = await watchJob(job, terminal, signal, output);
      await output.finish(job, terminal, signal);
      if (view.state !== 'done') throw jobFailure(view);
      terminal.line(doneText(view));
    } finally {
      await output.leave();
    }
    return;
  }
  const { submission } = await submissionOf(options, terminal, signal);
  const job = await client.submit(submission, call);
  tellPosted(job, terminal);
  if (options.watch !== true) {
    terminal.object({ type: 'job', ...job.view });
    terminal.line(job.id);
    terminal.note(`To follow it: idlewave jobs results ${job.id} --watch`);
    return;
  }
  terminal.note(`Job ${job.id}`);
  const view = await watchJob(job, terminal, signal);
  if (view.state !== 'done') throw jobFailure(view);
  terminal.line(doneText(view));
  terminal.line(`Results: idlewave jobs results ${job.id}`);
}

const POSTED_BEFORE =
  'The same job was posted before, and has ended: its results cost nothing more. --again posts it anew.';

const deletedSince = ({ id }: Job): CliError =>
  new CliError(
    EXIT.refused,
    `The same job was posted before (${id}), and its results are deleted by now: idlewave jobs show ${id}\n` +
      '  to do: --again posts it anew, and pays for it anew',
  );

function tellPosted({ view }: Job, terminal: Terminal): void {
  const { items, shards, price, name } = view;
  terminal.note(
    `Posted ${printable(name)}: ${items.total} items in ${shards.total} shards, ` +
      `${formatCredits(BigInt(price))} credits`,
  );
}

const doneText = ({ summary, items }: JobView): string =>
  `Done: ${printable(summary ?? `${items.settled} items.`)}`;
