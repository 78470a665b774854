/**
 * The checker's worker thread: one report after the other, each answered with a value; never throws across.
 */
import { randomFillSync } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, fail, messageOf, type Result } from '../../shared/result.ts';
import { checkProducts, type CheckTask } from './checkProducts.ts';

export interface CheckMessage {
  readonly id: number;
  readonly task: CheckTask;
}

export interface CheckReply {
  readonly id: number;
  readonly fault: Result<string | null, Problem>;
}

assert(parentPort !== null, 'checkWorker: not a worker thread');
const port = parentPort;
port.on('message', ({ id, task }: CheckMessage) => {
  port.postMessage({ id, fault: faultOf(task) } satisfies CheckReply);
});

function faultOf(task: CheckTask): Result<string | null, Problem> {
  try {
    return checkProducts(task, (count) => randomFillSync(new Uint32Array(count)));
  } catch (thrown) {
    return fail({ code: 'internal', detail: 'a bug in the check', came: messageOf(thrown) });
  }
}
