/**
 * The referee's worker thread: takes one task at a time, answers with a value, never throws across.
 *
 * It blocks while a run computes. Between runs it says that it is alive and looks whether anybody still
 * waits; the supervisor ends it when it stays silent.
 */
import { parentPort } from 'node:worker_threads';
import { performance } from 'node:perf_hooks';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, fail, messageOf, type Result } from '../../shared/result.ts';
import type { NamedTensors, Tensor } from '../../shared/tensor.ts';
import { analyse } from './analyse.ts';
import { compute } from './compute.ts';
import type { Analysis, RefereeMessage, RefereeReply } from './messages.ts';
import { Cancelled } from './problems.ts';
import { Sessions } from './sessions.ts';

/** Signs of life are for a supervisor that thinks in seconds. */
const ALIVE_EVERY_MS = 250;

assert(parentPort !== null, 'refereeWorker: not a worker thread');
const port = parentPort;
const sessions = new Sessions();

port.on('message', (message: RefereeMessage) => void answer(message));
port.postMessage({ kind: 'ready' } satisfies RefereeReply);

async function answer(message: RefereeMessage): Promise<void> {
  const result = await resultOf(message);
  const reply: RefereeReply = {
    kind: 'done',
    id: message.id,
    result,
    broken: sessions.broken,
    models: sessions.digests,
  };
  port.postMessage(reply, transferables(result));
}

async function resultOf(
  message: RefereeMessage,
): Promise<Result<Analysis | NamedTensors, Problem>> {
  const { task } = message;
  const alive = aliveSignal(message);
  try {
    switch (task.kind) {
      case 'analyse':
        return await analyse(task, sessions, alive);
      case 'compute':
        return await compute(task, sessions, alive);
      default:
        return task satisfies never;
    }
  } catch (thrown) {
    if (thrown instanceof Cancelled) {
      return fail({ code: 'cancelled', detail: 'nobody waits for this computation any more' });
    }
    return fail({ code: 'internal', detail: 'a bug in the referee', came: messageOf(thrown) });
  }
}

function aliveSignal({ id, cancelled }: RefereeMessage): () => void {
  let saidMs = performance.now();
  return () => {
    if (Atomics.load(cancelled, 0) !== 0) throw new Cancelled();
    const nowMs = performance.now();
    if (nowMs - saidMs < ALIVE_EVERY_MS) return;
    saidMs = nowMs;
    port.postMessage({ kind: 'alive', id } satisfies RefereeReply);
  };
}

/** The result's own buffers; one that several tensors share is listed once. */
function transferables(result: Result<Analysis | NamedTensors, Problem>): ArrayBuffer[] {
  if (!result.ok) return [];
  const { value } = result;
  const tensors = isAnalysis(value) ? value.sampleOutputs : value;
  const buffers = Object.values(tensors).map((tensor: Tensor) => tensor.bytes.buffer);
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}

const isAnalysis = (value: Analysis | NamedTensors): value is Analysis =>
  typeof (value as Analysis).msPerItem === 'number';
