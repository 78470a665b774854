/**
 * The file of a batch: a line a request. Lines that are no requests at all refuse the whole batch; a request that the
 * model does not take fails by itself.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import {
  MAX_BATCH_ERRORS,
  MAX_BATCH_LINES,
  MAX_BATCH_OUTPUT_BYTES,
  MAX_BLOB_BYTES,
  MAX_ITEMS_PER_JOB,
  MAX_NAME_CHARS,
} from '../../shared/limits.ts';
import type { BatchError } from '../../shared/protocol/batches.ts';
import { parseJson } from '../../shared/protocol/parse.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { byteLengthOf, type Tensor } from '../../shared/tensor.ts';
import { callOf, type InferenceCall } from './inferenceRequest.ts';
import type { ModelVersion } from './models.ts';

const lineSchema = z.object({
  custom_id: z.string().min(1).max(MAX_NAME_CHARS),
  method: z.literal('POST'),
  url: z.string(),
  body: z.record(z.string(), z.unknown()),
});

export interface BatchLine {
  readonly customId: string;
  /** What is wrong with its request; or which items of the job are its. */
  readonly asked: Result<BatchCall, Problem>;
}

export interface BatchCall extends Pick<InferenceCall, 'id' | 'items' | 'outputs'> {
  /** Its first item in the job. */
  readonly first: number;
}

/** What a batch asks, line by line. The same of the same file, however often it is read. */
export interface BatchPlan {
  readonly lines: readonly BatchLine[];
  /** Of all lines that may be asked. */
  readonly items: number;
  /** Every input `[items, ...itemShape]`; empty where no line may be asked. */
  readonly stacked: Readonly<Record<string, Tensor>>;
}

const LINE_FEED = 0x0a;
/** After so much the other requests get their turn. */
const TURN_BYTES = 1024 * 1024;
const NOTHING = new Uint8Array(0);

export async function readBatchFile(
  file: Uint8Array,
  endpoint: string,
  model: ModelVersion,
): Promise<Result<BatchPlan, readonly BatchError[]>> {
  const lines: BatchLine[] = [];
  const errors: BatchError[] = [];
  const known = new Set<string>();
  const parts: Record<string, Uint8Array[]> = {};
  for (const name of Object.keys(model.inputs)) parts[name] = [];
  let items = 0;
  let turn = 0;
  for (const [number, bytes] of linesOf(file)) {
    turn += bytes.byteLength;
    if (turn > TURN_BYTES) {
      turn = 0;
      await nextTurn();
    }
    const text = new TextDecoder().decode(bytes);
    if (text.trim() === '') continue;
    if (lines.length >= MAX_BATCH_LINES) return fail([wholeFile(TOO_MANY_LINES)]);
    const line = parseJson(text, lineSchema);
    const wrong = line.ok ? wrongLine(line.value, endpoint, known) : line.error;
    if (!line.ok || wrong !== null) {
      errors.push(errorOf(wrong!, number));
      if (errors.length >= MAX_BATCH_ERRORS) return fail(errors);
      continue;
    }
    const { custom_id: customId, body } = line.value;
    known.add(customId);
    const call = callOf(body, NOTHING, model);
    const isBinary = call.ok && call.value.outputs.some((output) => output.isBinary);
    if (!call.ok || isBinary) {
      lines.push({ customId, asked: call.ok ? fail(NO_BYTES) : call });
      continue;
    }
    const { stacked, ...asked } = call.value;
    lines.push({ customId, asked: ok({ ...asked, first: items }) });
    for (const [name, { bytes: held }] of Object.entries(stacked)) parts[name]!.push(held);
    items += asked.items;
  }
  if (errors.length > 0) return fail(errors);
  if (lines.length === 0) return fail([wholeFile(NO_LINES)]);
  const tooLarge = limitOf(items, model);
  if (tooLarge !== null) return fail([wholeFile(tooLarge)]);
  const stacked = Object.entries(model.inputs).map(([name, { dtype, dims }]): [string, Tensor] => [
    name,
    { dtype, dims: [items, ...dims], bytes: Buffer.concat(parts[name]!) },
  ]);
  return ok({ lines, items, stacked: items === 0 ? {} : Object.fromEntries(stacked) });
}

function* linesOf(file: Uint8Array): Generator<readonly [number: number, bytes: Uint8Array]> {
  let start = 0;
  for (let number = 1; start < file.byteLength; number++) {
    const found = file.indexOf(LINE_FEED, start);
    const end = found < 0 ? file.byteLength : found;
    yield [number, file.subarray(start, end)];
    start = end + 1;
  }
}

function wrongLine(
  { custom_id: customId, url }: z.infer<typeof lineSchema>,
  endpoint: string,
  known: ReadonlySet<string>,
): Problem | null {
  if (url !== endpoint) {
    const detail = 'the line is for another endpoint than its batch';
    return {
      code: 'invalid-field',
      detail,
      field: 'url',
      expected: endpoint,
      came: url.slice(0, 120),
    };
  }
  if (!known.has(customId)) return null;
  const detail = 'two lines have the same custom_id';
  return { code: 'invalid-field', detail, field: 'custom_id', came: customId };
}

function limitOf(items: number, { known }: ModelVersion): Problem | null {
  const bytesOf = (specs: typeof known.facts.outputs) =>
    items * Object.values(specs).reduce((sum, spec) => sum + byteLengthOf(spec), 0);
  if (items > MAX_ITEMS_PER_JOB) return tooMuch('items', `${MAX_ITEMS_PER_JOB} items`, `${items}`);
  const inputs = bytesOf(known.facts.inputs);
  if (inputs > MAX_BLOB_BYTES)
    return tooMuch('inputs', `${MAX_BLOB_BYTES} bytes of inputs`, `${inputs}`);
  const outputs = bytesOf(known.facts.outputs);
  if (outputs > MAX_BATCH_OUTPUT_BYTES)
    return tooMuch('outputs', `${MAX_BATCH_OUTPUT_BYTES} bytes of outputs`, `${outputs}`);
  return null;
}

const tooMuch = (what: string, most: string, came: string): Problem => ({
  code: 'too-many-items',
  detail: `the batch has too many ${what}`,
  expected: `at most ${most}`,
  came,
  fix: 'make several batches of it, or post a job',
});

const TOO_MANY_LINES: Problem = {
  code: 'too-many-items',
  detail: 'the batch has too many lines',
  expected: `at most ${MAX_BATCH_LINES}`,
  fix: 'make several batches of it',
};

const NO_LINES: Problem = {
  code: 'input-missing',
  detail: 'the file is empty',
  expected: 'a line of JSON for every request',
};

const NO_BYTES: Problem = {
  code: 'invalid-field',
  detail: 'a line of JSON has no place for bytes',
  field: 'outputs',
  expected: 'outputs without binary_data',
};

const wholeFile = (problem: Problem): BatchError => errorOf(problem, null);

const errorOf = ({ code, detail, field, expected, came }: Problem, line: number | null) => {
  const parts = [detail, expected && `expected ${expected}`, came && `came ${came}`];
  return { code, message: parts.filter(Boolean).join('; '), param: field ?? null, line };
};
