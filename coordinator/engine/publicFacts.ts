/** What of a step everybody may know beside credit: settled shards, as the public log says them. */
import type { LogFact } from '../../shared/protocol/publicLog.ts';
import type { ShardStep, ShardWork } from '../core/step.ts';
import type { Tick } from './tick.ts';

export type ShardFact = Extract<LogFact, { type: 'shard' }>;

/** Once: a shard that has settled stays so. */
export function logIfSettled(tick: Tick, before: ShardWork, { work, judged }: ShardStep): void {
  const { id, job, items, state } = work.shard;
  if (state.kind !== 'settled' || before.shard.state.kind === 'settled') return;
  const { output, by, atMs } = state;
  const reports = judged.flatMap(({ contributor, state: it }) =>
    it.kind === 'judged' ? [{ contributor, verdict: it.verdict }] : [],
  );
  tick.logShard({ type: 'shard', shard: id, job, items, output, by, reports, atMs });
}
