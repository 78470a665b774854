/**
 * Items of a job through the referee: whole, whatever the program is, or one stage of them.
 */
import type { BlobDigest } from '../../shared/ids.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, type Result } from '../../shared/result.ts';
import type { ItemBatch } from '../../shared/program.ts';
import { blobOf } from '../../shared/protocol/program.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { jobOfStage, stageCount } from '../core/stages.ts';
import type { Job } from '../core/state.ts';
import type { Referee } from '../referee/referee.ts';
import type { BlobStore } from '../store/blobs.ts';
import type { JobInputs } from './jobInputs.ts';

export interface RecomputeDeps {
  readonly referee: Pick<Referee, 'compute'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly inputs: Pick<JobInputs, 'batch'>;
}

/** Outputs stacked in the order of `items`. */
export async function computeItems(
  deps: RecomputeDeps,
  job: Job,
  items: readonly number[],
): Promise<Result<NamedTensors, Problem>> {
  const batch = await deps.inputs.batch(job, items);
  if (job.program.kind !== 'staged') return computeBatch(deps, job, batch);
  let { stacked } = batch;
  for (let stage = 0; stage < stageCount(job); stage++) {
    const computed = await computeStage(deps, jobOfStage(job, stage), stacked);
    if (!computed.ok) return computed;
    stacked = computed.value;
  }
  return { ok: true, value: stacked };
}

/** One stage (`jobOfStage`) over what it received, stacked. */
export function computeStage(
  deps: RecomputeDeps,
  stage: Job,
  stacked: NamedTensors,
): Promise<Result<NamedTensors, Problem>> {
  const rows = Object.values(stacked)[0]?.dims[0] ?? 0;
  const items = Array.from({ length: rows }, (_, row) => row);
  return computeBatch(deps, stage, { items, stacked, constants: {} });
}

function computeBatch(
  { referee, blobs }: RecomputeDeps,
  { program, facts }: Job,
  batch: ItemBatch,
): Promise<Result<NamedTensors, Problem>> {
  assert(program.kind !== 'staged', 'computeBatch: stages are computed one by one');
  const blob = blobOf(program);
  const model = blob === null ? null : () => bytesOf(blobs, blob);
  return referee.compute({ program, model, feeds: facts.feeds, outputs: facts.outputs, batch });
}

async function bytesOf(blobs: Pick<BlobStore, 'get'>, model: BlobDigest): Promise<Uint8Array> {
  const bytes = await blobs.get(model);
  assert(bytes !== null, `model ${model} of a running job is absent`);
  return bytes;
}
