/**
 * Pages of verified results: settled shards in the order in which they settled, as one safetensors file. Refused where
 * they are deleted, also while they are read.
 */
import { MAX_PAGE_ROWS, MAX_RESULTS_PAGE_BYTES } from '../../shared/limits.ts';
import { FAILED_TENSOR, ITEM_TENSOR } from '../../shared/protocol/job.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import { decodeTensors, encodeTensors } from '../../shared/safetensors.ts';
import { BYTES_PER_ELEMENT, elementCount, tensorOf, type Tensor } from '../../shared/tensor.ts';
import { itemsOf } from '../core/lots.ts';
import { resultsState } from '../core/results.ts';
import type { Job } from '../core/state.ts';
import type { Store } from '../store/store.ts';

export interface ResultsPage {
  /** `ITEM_TENSOR`, `FAILED_TENSOR` and every output `[n, ...itemShape]`; null where nothing is new. */
  readonly file: Uint8Array | null;
  /** To be given as `after` for the next page. */
  readonly next: number;
  readonly more: boolean;
}

export async function resultsAfter(
  store: Pick<Store, 'job' | 'endedShards' | 'output'>,
  job: Job,
  after: number,
): Promise<Result<ResultsPage, Problem>> {
  const gone = goneOf(job);
  if (gone !== null) return fail(gone);
  const rows = await store.endedShards(job.id, after, MAX_PAGE_ROWS);
  const itemsOfShard = itemsOf(job);
  const items: number[] = [];
  const failed: number[] = [];
  const parts = new Map<string, Uint8Array[]>();
  let bytes = 0;
  let next = after;
  for (const { shard, sequence } of rows) {
    const shardItems = itemsOfShard(shard);
    if (shard.state.kind === 'settled') {
      const file = await store.output(shard.id, shard.state.output);
      if (file === null) {
        const deleted = goneOf((await store.job(job.id)) ?? job);
        assert(deleted !== null, `canonical output of shard ${shard.id} is absent`);
        return fail(deleted);
      }
      if (bytes > 0 && bytes + file.byteLength > MAX_RESULTS_PAGE_BYTES) break;
      bytes += file.byteLength;
      const tensors = decodeTensors(file);
      assert(tensors.ok, `canonical output of shard ${shard.id} cannot be read`);
      for (const [name, tensor] of Object.entries(tensors.value)) {
        const those = parts.get(name);
        if (those === undefined) parts.set(name, [tensor.bytes]);
        else those.push(tensor.bytes);
      }
      for (const item of shardItems) items.push(item);
    } else for (const item of shardItems) failed.push(item);
    next = sequence;
  }
  const last = rows.at(-1);
  const more = last !== undefined && (next < last.sequence || rows.length === MAX_PAGE_ROWS);
  if (items.length + failed.length === 0) return ok({ file: null, next, more });
  return ok({ file: encodeTensors(pageTensors(job, items, failed, parts)), next, more });
}

/** Null where its results are there, or come. */
function goneOf(job: Job): Problem | null {
  const results = resultsState(job);
  if (results?.kind !== 'deleted') return null;
  const at = new Date(results.atMs).toISOString();
  return {
    code: 'results-deleted',
    detail:
      results.why === 'author'
        ? `the author of the job deleted its results at ${at}`
        : `the results were kept as long as this coordinator keeps them, and deleted at ${at}`,
    came: job.id,
    fix: 'post the job again; what was paid for it and what the public log says of it stays',
  };
}

function pageTensors(
  job: Job,
  items: readonly number[],
  failed: readonly number[],
  parts: ReadonlyMap<string, readonly Uint8Array[]>,
): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {
    [ITEM_TENSOR]: tensorOf('U32', [items.length], Uint32Array.from(items)),
    [FAILED_TENSOR]: tensorOf('U32', [failed.length], Uint32Array.from(failed)),
  };
  for (const [name, { dtype, dims }] of Object.entries(job.facts.outputs)) {
    const bytes = Buffer.concat(parts.get(name) ?? []);
    const expected = items.length * elementCount(dims) * BYTES_PER_ELEMENT[dtype];
    assert(bytes.byteLength === expected, `results of output ${name} are incomplete`);
    tensors[name] = { dtype, dims: [items.length, ...dims], bytes };
  }
  return tensors;
}
