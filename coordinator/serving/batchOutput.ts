/** What a batch writes when it has ended: a line for each request that was answered, and one for each that was not. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PROBLEM_STATUS, describeProblem, type Problem } from '../../shared/protocol/problem.ts';
import type { Tensor } from '../../shared/tensor.ts';
import type { BatchCall, BatchPlan } from './batchFile.ts';
import { writeInference } from './inferenceResponse.ts';
import type { JobResults } from './jobOutcome.ts';
import type { NamedModel } from './models.ts';

export interface BatchFiles {
  /** JSONL. */
  readonly output: Uint8Array;
  readonly errors: Uint8Array;
  readonly completed: number;
  readonly failed: number;
}

export interface WrittenBatch {
  /** Of the batch: names of its requests are made of it. */
  readonly id: string;
  readonly model: Pick<NamedModel, 'name' | 'version'>;
  readonly plan: BatchPlan;
  /** Null where no line could be asked, or they are gone. */
  readonly results: JobResults | null;
  /** Why a request has no answer that the volunteers were asked for. */
  readonly unanswered: Problem;
}

const LINES_A_TURN = 200;

export async function writeBatch(written: WrittenBatch): Promise<BatchFiles> {
  const { id, model, plan, results, unanswered } = written;
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  for (const [index, { customId, asked }] of plan.lines.entries()) {
    if (index % LINES_A_TURN === 0) await nextTurn();
    const request = `${id.replace(/^batch_/, 'batch_req_')}_${index}`;
    const head = `{"id":"${request}","custom_id":${JSON.stringify(customId)}`;
    const body = asked.ok ? answerOf(model, asked.value, results, unanswered) : asked;
    const response = (status: number, json: string) =>
      `"response":{"status_code":${status},"request_id":"${request}","body":${json}}`;
    if (body.ok)
      output.push(Buffer.from(`${head},${response(200, body.value.json)},"error":null}\n`));
    else {
      const { code } = body.error;
      const message = describeProblem(body.error).replaceAll('\n  ', '; ');
      const said = response(PROBLEM_STATUS[code], JSON.stringify({ error: message }));
      errors.push(Buffer.from(`${head},${said},"error":${JSON.stringify({ code, message })}}\n`));
    }
  }
  const [completed, failed] = [output.length, errors.length];
  return { output: Buffer.concat(output), errors: Buffer.concat(errors), completed, failed };
}

function answerOf(
  model: WrittenBatch['model'],
  call: BatchCall,
  results: JobResults | null,
  unanswered: Problem,
): ReturnType<typeof writeInference> {
  if (results === null) return { ok: false, error: unanswered };
  const { outputs, failed } = results;
  const items = Array.from({ length: call.items }, (_, i) => call.first + i);
  if (items.some((item) => failed.has(item))) return { ok: false, error: unanswered };
  const rows: [string, Tensor][] = Object.entries(outputs).map(([name, whole]) => [
    name,
    rowsOf(whole, call),
  ]);
  return writeInference(model, call, Object.fromEntries(rows));
}

function rowsOf({ dtype, dims, bytes }: Tensor, { first, items }: BatchCall): Tensor {
  const [count = 1, ...item] = dims;
  const itemBytes = bytes.byteLength / count;
  const own = bytes.subarray(first * itemBytes, (first + items) * itemBytes);
  return { dtype, dims: [items, ...item], bytes: own };
}
