/**
 * Reports that want a check of their own: a few at a time, outside of the tick. What the check looks at, and how, is
 * the checker's business.
 */
import type { AssignmentId } from '../../shared/ids.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { Result } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { Assignment, Job, Shard } from '../core/state.ts';
import type { ShardInput } from '../core/shardInput.ts';
import { outputOf, reportsOf, type ShardWork } from '../core/step.ts';
import type { Outputs } from './outputs.ts';

/** Whether a report is right, from the job and its inputs alone: no other report is needed. */
export interface Checker {
  /**
   * `outputs` stacked in the order of `items`. A fault in words, or null where every output is right; a problem
   * where the check could not be done.
   */
  check(
    job: Job,
    items: readonly number[],
    outputs: NamedTensors,
  ): Promise<Result<string | null, Problem>>;
}

/** What became of a report's check. */
export interface CheckDone {
  readonly shard: Shard;
  readonly report: AssignmentId;
  readonly input: Extract<ShardInput, { kind: 'checked' | 'check-failed' }>;
}

/** One in the checker and one whose inputs are being read: each holds an assignment's tensors. */
const MAX_CHECKS_AT_ONCE = 2;

interface Waiting {
  readonly job: Job;
  readonly shard: Shard;
  readonly report: Assignment;
  readonly items: readonly number[];
}

export class CheckQueue {
  readonly #checker: Checker;
  readonly #outputs: Outputs;
  readonly #done: (done: CheckDone) => void;
  readonly #waiting = new Map<AssignmentId, Waiting>();
  readonly #running = new Set<AssignmentId>();

  constructor(checker: Checker, outputs: Outputs, done: (done: CheckDone) => void) {
    this.#checker = checker;
    this.#outputs = outputs;
    this.#done = done;
  }

  /** `items` in the shard's own order. Reports that wait already, or are being checked, are not added again. */
  add(job: Job, work: ShardWork, items: readonly number[]): void {
    for (const report of reportsOf(work)) {
      if (this.#running.has(report.id)) continue;
      this.#waiting.set(report.id, { job, shard: work.shard, report, items });
      if (this.#running.size < MAX_CHECKS_AT_ONCE) void this.#run();
    }
  }

  async #run(): Promise<void> {
    for (const [id, waiting] of this.#waiting) {
      this.#waiting.delete(id);
      this.#running.add(id);
      const input = await this.#inputOf(waiting);
      this.#running.delete(id);
      this.#done({ shard: waiting.shard, report: id, input });
    }
  }

  async #inputOf({ job, shard, report, items }: Waiting): Promise<CheckDone['input']> {
    try {
      const outputs = await this.#outputs.tensors(shard.id, outputOf(report));
      const fault = await this.#checker.check(job, items, outputs);
      if (!fault.ok) return { kind: 'check-failed' };
      return { kind: 'checked', assignment: report.id, fault: fault.value };
    } catch {
      // Its inputs or outputs cannot be read (or are gone, because the job was cancelled): the referee says.
      return { kind: 'check-failed' };
    }
  }
}
