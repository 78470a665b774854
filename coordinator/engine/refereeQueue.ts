/**
 * Shards that wait for the referee, one at a time, within a budget.
 */
import type { AssignmentId, BlobDigest, ShardId } from '../../shared/ids.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { messageOf, type Result } from '../../shared/result.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { digestOf } from '../digest.ts';
import type { Job, Shard } from '../core/state.ts';
import type { ShardInput } from '../core/shardInput.ts';
import { reportsOf, type ShardWork } from '../core/step.ts';
import { compareWithReferee, type RuleOf } from './judge.ts';
import type { Outputs } from './outputs.ts';

/** Recomputes items of a job: outputs stacked in the order of `items`. */
export type RefereeCompute = (
  job: Job,
  items: readonly number[],
) => Promise<Result<NamedTensors, Problem>>;

type RefereeInput = Extract<ShardInput, { kind: 'refereed' | 'referee-failed' }>;
/** What the referee found; `output` is absent where it failed. */
export interface RefereeDone {
  readonly shard: Shard;
  readonly input: RefereeInput;
  readonly output: { readonly digest: BlobDigest; readonly bytes: Uint8Array } | null;
}
type Done = (done: RefereeDone) => void;

/** Second opinions wait in the shards' queue rather than here: disputes must not stand behind them. */
const MAX_WAITING = 4;

export class RefereeQueue {
  readonly #compute: RefereeCompute;
  readonly #outputs: Outputs;
  readonly #rule: (job: Job) => RuleOf;
  readonly #isWanted: (shard: ShardId) => boolean;
  readonly #done: Done;
  readonly #waiting = new Map<ShardId, { job: Job; work: ShardWork; items: readonly number[] }>();
  #busy = false;

  /** `isWanted` is asked when a shard's turn comes: its job may have been cancelled meanwhile. */
  constructor(
    compute: RefereeCompute,
    outputs: Outputs,
    rule: (job: Job) => RuleOf,
    isWanted: (shard: ShardId) => boolean,
    done: Done,
  ) {
    this.#compute = compute;
    this.#outputs = outputs;
    this.#rule = rule;
    this.#isWanted = isWanted;
    this.#done = done;
  }

  /** No second opinion should be asked for now. */
  get isFull(): boolean {
    return this.#waiting.size >= MAX_WAITING;
  }

  /** `items` in the shard's own order. A shard that waits already is not added again. */
  add(job: Job, work: ShardWork, items: readonly number[]): void {
    if (this.#waiting.has(work.shard.id)) return;
    this.#waiting.set(work.shard.id, { job, work, items });
    if (!this.#busy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    for (const [id, { job, work, items }] of this.#waiting) {
      try {
        if (this.#isWanted(id)) await this.#settle(job, work, items);
      } catch (error) {
        const input = { kind: 'referee-failed' as const, reason: messageOf(error) };
        this.#done({ shard: work.shard, input, output: null });
      }
      this.#waiting.delete(id);
    }
    this.#busy = false;
  }

  async #settle(job: Job, work: ShardWork, items: readonly number[]): Promise<void> {
    const { shard } = work;
    const truth = await this.#compute(job, items);
    if (!truth.ok) {
      const reason = `the referee could not compute it either: ${truth.error.detail}`;
      return this.#done({ shard, input: { kind: 'referee-failed', reason }, output: null });
    }
    const reports = reportsOf(work);
    const why = await compareWithReferee(
      this.#rule(job),
      shard,
      reports,
      truth.value,
      this.#outputs,
    );
    const bytes = encodeTensors(truth.value);
    const digest = digestOf(bytes);
    const disagreement = (id: AssignmentId) => why.get(id) ?? null;
    const input = { kind: 'refereed' as const, output: digest, disagreement };
    this.#done({ shard, input, output: { digest, bytes } });
  }
}
