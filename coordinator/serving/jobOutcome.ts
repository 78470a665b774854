/** The end of a job, and all of its results in the order of its items. */
import { FAILED_TENSOR, ITEM_TENSOR } from '../../shared/protocol/job.ts';
import { allocateOutputs } from '../../shared/program.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, ok, type Result } from '../../shared/result.ts';
import { decodeTensors } from '../../shared/safetensors.ts';
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { JobId } from '../../shared/ids.ts';
import type { Job } from '../core/state.ts';
import type { Engine } from '../engine/engine.ts';
import { resultsAfter } from '../jobs/results.ts';
import type { Store } from '../store/store.ts';

export interface JobOutcomeDeps {
  readonly engine: Pick<Engine, 'runningJob' | 'watchers' | 'durable'>;
  readonly store: Pick<Store, 'job' | 'endedShards' | 'output'>;
}

/** Resolves when the job runs no more; rejects with the signal's reason where that comes first. */
export async function endOf(
  { engine, store }: JobOutcomeDeps,
  id: JobId,
  signal: AbortSignal,
): Promise<Job> {
  if (engine.runningJob(id) !== null) {
    await new Promise<void>((resolve, reject) => {
      const end = () => {
        unwatch();
        signal.removeEventListener('abort', abort);
      };
      const abort = () => {
        end();
        reject(signal.reason as Error);
      };
      const unwatch = engine.watchers.watch(id, ({ state }) => {
        if (state.kind === 'running') return;
        end();
        resolve();
      });
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort);
    });
  }
  // It may have ended in a tick that is not in the store yet.
  await engine.durable();
  const job = await store.job(id);
  assert(job !== null && job.state.kind !== 'running', `endOf: job ${id} has ended`);
  return job;
}

export interface JobResults {
  /** Every output stacked `[items, ...itemShape]`; zero where an item failed. */
  readonly outputs: NamedTensors;
  readonly failed: ReadonlySet<number>;
}

/** Of a job that has ended; what it has no result of, because it was cancelled, failed. A problem where they are deleted. */
export async function resultsOf(
  { store }: Pick<JobOutcomeDeps, 'store'>,
  job: Job,
): Promise<Result<JobResults, Problem>> {
  const outputs = allocateOutputs(job.facts.outputs, job.items);
  const failed = new Set(Array.from({ length: job.items }, (_, item) => item));
  for (let after = 0, more = true; more;) {
    const found = await resultsAfter(store, job, after);
    if (!found.ok) return found;
    const page = found.value;
    ({ next: after, more } = page);
    if (page.file === null) continue;
    const tensors = decodeTensors(page.file);
    assert(tensors.ok, `results of job ${job.id} can be read`);
    const { [ITEM_TENSOR]: items, [FAILED_TENSOR]: _, ...rows } = tensors.value;
    const indices = valuesOf(items!) as Uint32Array;
    for (const [name, { bytes }] of Object.entries(rows)) {
      const itemBytes = bytes.byteLength / indices.length;
      for (const [row, item] of indices.entries()) {
        const from = bytes.subarray(row * itemBytes, (row + 1) * itemBytes);
        outputs[name]!.bytes.set(from, item * itemBytes);
      }
    }
    for (const item of indices) failed.delete(item);
  }
  return ok({ outputs, failed });
}
