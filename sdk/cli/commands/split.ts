/**
 * `idlewave split`: one ONNX model becomes stages, each an ONNX model of its own, or a table of what they would be.
 *
 * Needs no coordinator. The stages are written before the list that names them: where the list is, they are.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { BlobDigest } from '../../../shared/ids.ts';
import { MAX_MODEL_BYTES, MAX_STAGES } from '../../../shared/limits.ts';
import { readModel, type OnnxModel } from '../../../shared/onnx/graph.ts';
import { emitStage, type EmitOptions } from '../../../shared/onnx/split/emitStage.ts';
import { planFewestStages, planStages } from '../../../shared/onnx/split/splitModel.ts';
import type { StageOutline, StagePlan } from '../../../shared/onnx/split/stagePlan.ts';
import { assert, messageOf, type Result } from '../../../shared/result.ts';
import { formatBytes } from '../../../shared/units.ts';
import { externalWeights } from '../../inputs/externalWeights.ts';
import { readWholeFile, writeWholeFile } from '../../inputs/tensorFile.ts';
import { fileOrThrow, usageError } from '../exitCode.ts';
import { modelFacts, runShapes } from '../modelFacts.ts';
import { parseBytes, parseInteger } from '../numbers.ts';
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

/** Node's own SHA-256 is native, and stages are large. */
const digestOf = (bytes: Uint8Array): BlobDigest =>
  createHash('sha256').update(bytes).digest('hex') as BlobDigest;

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
  const bytes = fileOrThrow(await readWholeFile(path, MAX_MODEL_BYTES));
  const model = modelOrThrow(path, readModel(bytes, { externalData: 'allow' }));
  const weights = fileOrThrow(await externalWeights(path, model));
  const emit: EmitOptions = { readExternal: (place) => weights.read(place), digestOf };

  const shapes = runShapes(model, options.shape ?? []);
  const wholeBytes = bytes.byteLength + weights.totalBytes;
  const learnt = options.run
    ? await modelFacts(model, shapes, wholeBytes, () => withWeights(path, model, emit))
    : { facts: new Map([...shapes].map(([name, dims]) => [name, { dims }])), notRun: null };
  if (learnt.notRun !== null) {
    terminal.note(`Planned by what the model declares: ${printable(learnt.notRun)}`);
  }
  io.signal.throwIfAborted();
  const { facts } = learnt;
  const plan = modelOrThrow(
    path,
    stages === undefined
      ? planFewestStages(model, { facts, maxStageBytes: maxStageBytes! })
      : planStages(model, { facts, stages, ...(maxStageBytes && { maxStageBytes }) }),
  );
  terminal.object({ type: 'plan', model: path, runShapes: Object.fromEntries(shapes), ...plan });
  const fed = [...shapes].map(([name, dims]) => `${name} [${dims.join(',')}]`).join(', ');
  const count = plan.stages.length;
  terminal.line(`${count} ${count === 1 ? 'stage' : 'stages'}; one run is ${printable(fed)}`);
  for (const line of planLines(plan)) terminal.line(line);
  if (options.plan === true) return;
  await writeStages(
    { path, model, plan, options: emit, out: options.out, digest: digestOf(bytes) },
    io,
    terminal,
  );
}

/** The model with all of its weights inside, to be run. */
function withWeights(path: string, model: OnnxModel, options: EmitOptions): OnnxModel {
  const whole = modelOrThrow(path, planStages(model, { stages: 1 }));
  const again = readModel(emitStage(model, whole, 0, options).bytes);
  assert(again.ok, 'split: a model that we wrote cannot be read');
  return again.value;
}

interface Splitting {
  readonly path: string;
  readonly model: OnnxModel;
  readonly digest: string;
  readonly plan: StagePlan;
  readonly options: EmitOptions;
  readonly out: string;
}

async function writeStages(
  { path, model, digest, plan, options, out }: Splitting,
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
    const stage = emitStage(model, plan, index, options);
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

function modelOrThrow<T>(
  path: string,
  result: Result<T, { expected: string; came: string; fix?: string }>,
): T {
  if (result.ok) return result.value;
  const { expected, came, fix } = result.error;
  const toDo = fix === undefined ? '' : `\n  to do: ${fix}`;
  throw usageError(`${path}: expected ${expected}\n  came: ${printable(came)}${toDo}`);
}
