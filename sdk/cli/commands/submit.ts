/**
 * `idlewave submit`: a model or a kernel and files of inputs become a job, and the job's results a file.
 */
import { Option, type Command } from 'commander';
import { formatBytes, formatCredits } from '../../../shared/units.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection.ts';
import { jobFailure } from '../exitCode.ts';
import { estimateLines } from '../jobText.ts';
import { checkOutputPath, saveResults } from '../output.ts';
import { submissionOf, type SubmissionFlags } from '../submissionFlags.ts';
import { printable } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';
import { watchJob } from '../watch.ts';

interface SubmitCommandOptions extends ConnectionOptions, SubmissionFlags {
  readonly output?: string;
  readonly watch?: true;
  readonly estimate?: true;
  readonly json?: true;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

export const addSubmitCommand = (program: Command, io: Io): void => {
  withConnection(program.command('submit'))
    .description('post a batch job and get verified results back')
    .option('--model <file>', 'an ONNX model')
    .option('--stages <n>', 'cut the model, and run its stages on as many volunteers in a row')
    .option('--outputs <names>', 'outputs to return, comma-separated (else all of the model)')
    .option('--items-per-run <n>', 'items of one run of the model: its batch size (else 1)')
    .option('--kernel <name@version>', 'a catalogue kernel instead of a model')
    .option('--params <json>', "the kernel's parameters as JSON, or @file")
    .option('--input <name=file>', 'stacked input [N, …]; .npy .npz .safetensors', collect)
    .option('--constant <name=file>', 'an input that is the same for all items', collect)
    .option('--items <n>', 'number of items, where there is no stacked input')
    .option('--items-per-shard <n>', 'items handed out together (else chosen by size and time)')
    .option(
      '--verify <policy>',
      'auto: the cheapest that meets --most-wrong (the default); sampled or sampled=CHECKS: secret samples, of which a volunteer must pass so many (else 1024); quorum=K agreeing ' +
        'volunteers; algebraic: each report by itself; exact: equal bytes, alone or beside one of them',
      collect,
    )
    .option('--most-wrong <share>', 'auto: items that may be wrong at most (else 0.5%)')
    .option('--liars <share>', 'auto: of all computing, what one group lies with (else 5%)')
    .addOption(
      new Option('--second-opinion <who>', 'who may be the second opinion').choices([
        'contributors',
        'referee',
      ]),
    )
    .option('--budget <credits>', 'refuse the job where it costs more; 1 credit = 1 TFLOP')
    .option('--name <name>', "the job's name (else the model's or kernel's)")
    .option('--idempotency-key <key>', 'submitting twice under one key posts one job')
    .option('--output <path>', 'wait, then write the results: .npz, .npy or .safetensors')
    .option('--watch', 'wait until the job has ended')
    .option(
      '--estimate',
      'say its price, and what each way of checking costs and lets through; post nothing',
    )
    .option('--json', 'one JSON object per line on standard output')
    .addHelpText(
      'after',
      `
A --input or --constant without "name=" takes every tensor of a .npz or .safetensors file by its own name.

Examples:
  idlewave submit --model mnist.onnx --input Input3=digits.npy --output labels.npz
  idlewave submit --kernel matmul@1 --params @matmul.json --input pairs.npz --verify algebraic
  idlewave submit --model mnist.onnx --input Input3=digits.npy --most-wrong 0.1% --estimate
  idlewave submit --model large.onnx --stages 3 --input x=rows.npy --output out.npz`,
    )
    .action(async (options: SubmitCommandOptions) => submit(options, io));
};

async function submit(options: SubmitCommandOptions, io: Io): Promise<void> {
  const terminal = new Terminal(io, options.json === true);
  const { signal } = io;
  if (options.output !== undefined) checkOutputPath(options.output);
  const submission = await submissionOf(options);
  const client = connect(options, io, terminal);
  const onUpload = ({ bytes, sent }: { bytes: number; sent: boolean }): void => {
    if (sent) terminal.note(`Uploaded ${formatBytes(bytes)}`);
    else terminal.note(`${formatBytes(bytes)} are there already`);
  };
  if (options.estimate === true) {
    const estimate = await client.estimate(submission, { signal, onUpload });
    terminal.object({ type: 'estimate', ...estimate });
    for (const line of estimateLines(estimate)) terminal.line(line);
    return;
  }
  const job = await client.submit(submission, { signal, onUpload });
  const { items, shards, price } = job.view;
  terminal.note(
    `Posted ${printable(job.view.name)}: ${items.total} items in ${shards.total} shards, ` +
      `${formatCredits(BigInt(price))} credits`,
  );
  if (options.watch !== true && options.output === undefined) {
    terminal.object({ type: 'job', ...job.view });
    terminal.line(job.id);
    terminal.note(`To follow it: idlewave jobs results ${job.id} --watch`);
    return;
  }
  terminal.note(`Job ${job.id}`);
  const view = await watchJob(job, terminal, signal);
  if (options.output !== undefined) await saveResults(job, options.output, terminal, signal);
  if (view.state !== 'done') throw jobFailure(view);
  terminal.line(`Done: ${printable(view.summary ?? `${view.items.settled} items.`)}`);
  if (options.output !== undefined) return;
  terminal.line(`Results: idlewave jobs results ${job.id}`);
}
