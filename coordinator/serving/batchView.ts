/** A batch as its author sees it, in the shape of OpenAI's Batch API. */
import type { BatchStatus, BatchView } from '../../shared/protocol/batches.ts';
import type { AuthorRecord } from '../store/authorRecords.ts';
import type { BatchCounts, BatchState } from './batches.ts';

export function batchView(
  { id, createdAtMs, body }: AuthorRecord<'batch'>,
  counts: BatchCounts,
): BatchView {
  const { order, state } = body;
  const ran = state.kind === 'running' || state.kind === 'ended' ? state : null;
  const ended = state.kind === 'ended' ? state : null;
  const stop = ran?.stop ?? null;
  const endedAs = (status: BatchStatus) =>
    ended !== null && statusOf(state) === status ? seconds(ended.atMs) : null;
  return {
    id,
    object: 'batch',
    endpoint: order.request.endpoint,
    errors: state.kind === 'failed' ? { object: 'list', data: [...state.errors] } : null,
    input_file_id: order.request.input_file_id,
    completion_window: order.request.completion_window,
    status: statusOf(state),
    output_file_id: ended?.outputFile ?? null,
    error_file_id: ended?.errorFile ?? null,
    created_at: seconds(createdAtMs),
    in_progress_at: ran === null ? null : seconds(ran.startedAtMs),
    expires_at: seconds(order.expiresAtMs),
    finalizing_at: ended === null ? null : seconds(ended.finalizingAtMs),
    completed_at: endedAs('completed'),
    failed_at: state.kind === 'failed' ? seconds(state.atMs) : null,
    expired_at: endedAs('expired'),
    cancelling_at: stop?.why === 'cancelled' ? seconds(stop.atMs) : null,
    cancelled_at: endedAs('cancelled'),
    request_counts: counts,
    metadata: order.request.metadata ?? null,
    job: ran?.job ?? null,
  };
}

function statusOf(state: BatchState): BatchStatus {
  switch (state.kind) {
    case 'validating':
    case 'failed':
      return state.kind;
    case 'running':
      if (state.stop === null) return 'in_progress';
      return state.stop.why === 'cancelled' ? 'cancelling' : 'finalizing';
    case 'ended':
      return state.stop?.why ?? 'completed';
    default:
      return state satisfies never;
  }
}

const seconds = (ms: number): number => Math.floor(ms / 1_000);
