/**
 * `idlewave split`: one ONNX model becomes stages, each an ONNX model of its own, or a table of what they would be.
 *
 * Needs no coordinator. The stages are written before the list that names them: where the list is, they are.
 */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { MAX_STAGES } from '../../../shared/limits.ts';
import { emitStage } from '../../../shared/onnx/split/emitStage.ts';
import type { StageOutline } from '../../../shared/onnx/split/stagePlan.ts';
import { messageOf } from '../../../shared/result.ts';
import { formatBytes } from '../../../shared/units.ts';
import { writeWholeFile } from '../../inputs/wholeFile.ts';
import { fileOrThrow, usageError } from '../exitCode.ts';
import { parseBytes, parseInteger } from '../numbers.ts';
import { planModelFile, type PlannedModel } from '../plannedModel.ts';
import { planLines } from '../splitText.ts';
import { printable } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';

interface SplitCommandOptions {
  readonly stages?: string;
  readonly maxStageBytes?: string;
  readonly shape?: readonly string[];
  readonly run: boolean;
  readonly plan?: true;
  readonly out: string;
  readonly json?: true;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

export const addSplitCommand = (program: Command, io: Io): void => {
  program
    .command('split <model>')
    .description('cut an ONNX model into stages that compute the same one after the other')
    .option('--stages <n>', 'how many stages (else the fewest that --max-stage-bytes allows)')
    .option('--max-stage-bytes <n>', 'weights and live values of one stage, such as 256MiB')
    .option('--shape <name=dims>', 'shape of an input in one run, such as x=1,3,240,320', collect)
    .option('--no-run', 'plan by what the model declares; do not run it once on zeros')
    .option('--plan', 'say what the stages would be; write nothing')
    .option('--out <dir>', 'folder for the stages and their list', '.')
    .option('--json', 'one JSON object per line on standard output')
    .addHelpText(
      'after',
      `
The model is run once on zeros, to learn the sizes of its values; open axes count as 1 unless --shape says more.
Weights in other files are read from the model's own folder; every stage holds its own.

Examples:
  idlewave split model.onnx --stages 4 --plan
  idlewave split model.onnx --max-stage-bytes 256MiB --shape tokens=1,128 --out stages`,
    )
    .action(async (path: string, options: SplitCommandOptions) => split(path, options, io));
};

async function split(path: string, options: SplitCommandOptions, io: Io): Promise<void> {
  const terminal = new Terminal(io, options.json === true);
  const stages =
    options.stages === undefined
      ? undefined
      : parseInteger('--stages', options.stages, 1, MAX_STAGES);
  const maxStageBytes =
    options.maxStageBytes === undefined
      ? undefined
      : parseBytes('--max-stage-bytes', options.maxStageBytes);
  if (stages === undefined && maxStageBytes === undefined) {
    throw usageError('expected --stages N or --max-stage-bytes N\n  came: neither');
  }
  const planned = await planModelFile(path, {
    stages,
    maxStageBytes,
    shapesFor: () => options.shape ?? [],
    run: options.run,
  });
  const { plan, shapes, notRun } = planned;
  if (notRun !== null) terminal.note(`Planned by what the model declares: ${printable(notRun)}`);
  io.signal.throwIfAborted();
  terminal.object({ type: 'plan', model: path, runShapes: Object.fromEntries(shapes), ...plan });
  const fed = [...shapes].map(([name, dims]) => `${name} [${dims.join(',')}]`).join(', ');
  const count = plan.stages.length;
  terminal.line(`${count} ${count === 1 ? 'stage' : 'stages'}; one run is ${printable(fed)}`);
  for (const line of planLines(plan)) terminal.line(line);
  if (options.plan === true) return;
  await writeStages(path, planned, options.out, io, terminal);
}

async function writeStages(
  path: string,
  { model, digest, plan, emit }: PlannedModel,
  out: string,
  io: Io,
  terminal: Terminal,
): Promise<void> {
  const name = basename(path, '.onnx');
  await mkdir(out, { recursive: true }).catch((thrown: unknown) => {
    throw usageError(`--out ${out}: expected a folder to write to\n  came: ${messageOf(thrown)}`);
  });
  const list: object[] = [];
  for (const [index, outline] of plan.stages.entries()) {
    io.signal.throwIfAborted();
    // One at a time: a stage may be half a gigabyte.
    const stage = emitStage(model, plan, index, emit);
    const file = `${name}.stage-${index}.onnx`;
    fileOrThrow(await writeWholeFile(join(out, file), stage.bytes));
    const entry = { file, digest: stage.digest, bytes: stage.bytes.byteLength };
    list.push({ ...entry, ...described(outline) });
    terminal.object({ type: 'stage', index, ...entry });
    terminal.line(`Wrote ${join(out, file)} (${formatBytes(entry.bytes)}) ${stage.digest}`);
  }
  const file = `${name}.stages.json`;
  const text = `${JSON.stringify({ model: { file: basename(path), digest }, stages: list }, null, 2)}\n`;
  fileOrThrow(await writeWholeFile(join(out, file), text));
  terminal.object({ type: 'output', path: join(out, file) });
  terminal.line(`Wrote ${join(out, file)}`);
}

/** What a list of stages says of one; its nodes are in its file. */
const described = ({ nodes, initializers, ...rest }: StageOutline): object => ({
  layers: nodes.length,
  weights: initializers.length,
  ...rest,
});
