/**
 * Answers of a coordinator for tests: a job in any state, and pages of its results.
 */
import {
  FAILED_TENSOR,
  ITEM_TENSOR,
  RESULTS_MORE_HEADER,
  RESULTS_NEXT_HEADER,
  jobViewSchema,
  type JobView,
} from '../../shared/protocol/job.ts';
import { AUTO } from '../../shared/protocol/verification.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import { tensorOf } from '../../shared/tensor.ts';
import type { Reply } from './scriptedServer.ts';

/** A kernel job of four items whose output is `y` F32 [2] per item. */
export function jobView(changes: Partial<JobView> = {}): JobView {
  return jobViewSchema.parse({
    id: 'job_1',
    name: 'four items',
    state: 'running',
    program: { kind: 'kernel', kernel: 'test@1', params: {} },
    verification: { kind: 'quorum', quorum: 2, secondOpinion: 'contributors' },
    asked: AUTO,
    why: 'It is the cheapest.',
    odds: { liars: 0.05, wrongItems: 0.0025, anyWrong: 0.005, text: 'At most 0.25 % are wrong.' },
    acceptance: { kind: 'exact', nonFinite: 'refuse' },
    facts: {
      inputs: {},
      outputs: { y: { dtype: 'F32', dims: [2] } },
      flopsPerItem: 1e6,
      flopsFrom: 'manifest',
      refereeMsPerItem: 1,
      programBytes: 0,
    },
    items: { total: 4, settled: 0, provisional: 0, failed: 0 },
    shards: { total: 2, settled: 0, failed: 0, itemsEach: 2 },
    executions: { byHosts: 0, byReferee: 0, disagreed: 0 },
    checkOverhead: null,
    price: '4',
    ratePercent: 100,
    granted: '0',
    waiting: [],
    pausedAtMs: null,
    createdAtMs: 0,
    expiresAtMs: null,
    openUntilMs: null,
    endedAtMs: null,
    ...changes,
  });
}

export const settledView = (settled: number): JobView =>
  jobView({ items: { total: 4, settled, provisional: 0, failed: 0 } });

export const doneView = (): JobView =>
  jobView({
    state: 'done',
    items: { total: 4, settled: 4, provisional: 0, failed: 0 },
    checkOverhead: 1,
    summary: '4 items in 0.1 s; checking cost 100 % on top.',
    endedAtMs: 1,
  });

export const eventText = (view: JobView): string => `event: job\ndata: ${JSON.stringify(view)}\n\n`;

/** What a page of results holds besides its items. */
export interface PageParts {
  readonly next: number;
  readonly more?: boolean;
  readonly failed?: readonly number[];
}

/** A page whose row for item i is [i, 10 i]. */
export function pageReply(items: readonly number[], parts: PageParts): Reply {
  const { next, more = false, failed = [] } = parts;
  const bytes = encodeTensors({
    [ITEM_TENSOR]: tensorOf('U32', [items.length], Uint32Array.from(items)),
    [FAILED_TENSOR]: tensorOf('U32', [failed.length], Uint32Array.from(failed)),
    y: tensorOf('F32', [items.length, 2], Float32Array.from(items.flatMap((i) => [i, 10 * i]))),
  });
  const headers = { [RESULTS_NEXT_HEADER]: String(next), [RESULTS_MORE_HEADER]: String(more) };
  return { bytes, headers };
}
