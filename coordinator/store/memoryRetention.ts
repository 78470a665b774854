/** What is kept for a time only, of the store in memory. */
import { shardIdOf, type BlobDigest } from '../../shared/ids.ts';
import { blobsNamed, dueMs, resultsState } from '../core/results.ts';
import type { Job, ResultsState } from '../core/state.ts';
import { blobsOfRecord } from './blobNames.ts';
import type { MemoryData } from './memoryStore.ts';
import type { RetentionRecords } from './retentionRecords.ts';

export function memoryRetention(
  data: () => Pick<MemoryData, 'jobs' | 'outputs' | 'authorRecords'>,
): RetentionRecords {
  const put = (job: Job, results: ResultsState | undefined): Job => {
    if (job.state.kind === 'running') return job;
    const { results: _, ...ended } = job.state;
    const state = results === undefined ? ended : { ...ended, results };
    const changed = { ...job, state };
    data().jobs.set(job.id, changed);
    return changed;
  };
  return {
    async setTimes(keepMs, nowMs) {
      for (const job of [...data().jobs.values()]) {
        const results = resultsState(job);
        if (job.state.kind === 'running' || results?.kind === 'deleted') continue;
        const before = results?.untilMs;
        if (keepMs === null) put(job, undefined);
        else {
          const untilMs = Math.max(before ?? nowMs + keepMs, job.state.endedAtMs + keepMs);
          put(job, { kind: 'kept', untilMs });
        }
      }
    },
    async due(nowMs, limit) {
      return [...data().jobs.values()]
        .map((job) => ({ job, atMs: dueMs(job) ?? Infinity }))
        .filter(({ atMs }) => atMs <= nowMs)
        .sort((a, b) => a.atMs - b.atMs || (a.job.id < b.job.id ? -1 : 1))
        .slice(0, limit)
        .map(({ job }) => job);
    },
    async deleteResults(id, atMs, why) {
      const job = data().jobs.get(id);
      if (job === undefined || job.state.kind === 'running') return null;
      if (resultsState(job)?.kind === 'deleted') return job;
      return put(job, { kind: 'deleted', atMs, why, isPruned: false });
    },
    async pruneResults(id, maxBytes) {
      const { jobs, outputs } = data();
      const job = jobs.get(id);
      const results = job === undefined ? undefined : resultsState(job);
      if (job === undefined || results?.kind !== 'deleted' || results.isPruned) return true;
      let bytes = 0;
      for (const [shard, output] of outputsOf(job, outputs)) {
        if (bytes >= maxBytes) return false;
        const ofShard = outputs.get(shard)!;
        bytes += ofShard.get(output)!.byteLength;
        ofShard.delete(output);
      }
      put(job, { ...results, isPruned: true });
      return true;
    },
    async namedOf(blobs) {
      const { jobs, authorRecords } = data();
      const asked = new Set(blobs);
      const named = new Set<BlobDigest>();
      for (const job of jobs.values())
        for (const blob of blobsNamed(job)) if (asked.has(blob)) named.add(blob);
      for (const record of authorRecords.values())
        for (const blob of blobsOfRecord(record)) if (asked.has(blob)) named.add(blob);
      return named;
    },
  };
}

/** By shard and digest, as a database has them. */
function outputsOf({ id, shards }: Job, outputs: MemoryData['outputs']) {
  const all = Array.from({ length: shards }, (_, index) => shardIdOf(id, index)).sort();
  return all.flatMap((shard) =>
    [...(outputs.get(shard)?.keys() ?? [])].sort().map((digest) => [shard, digest] as const),
  );
}
