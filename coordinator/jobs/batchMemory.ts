/**
 * How many items the runs of a model take, as measured when it was first asked: the next job of the model is told the same.
 *
 * A clock decides, and decides otherwise on another day; but sizes round differently, so that what honest reports of a model
 * may differ by is learned for each size apart. Lost with the process, and measured again.
 */
import { MAX_REMEMBERED_KEYS } from '../../shared/limits.ts';
import type { BatchFacts } from '../../shared/protocol/job.ts';
import type { JobProgram } from '../../shared/protocol/program.ts';
import type { NamedTensors } from '../../shared/tensor.ts';

export interface BatchQuestion {
  readonly program: JobProgram;
  /** The first item: every stacked tensor as `[1, ...itemShape]`. */
  readonly sample: NamedTensors;
  /** Items of a run at most. */
  readonly most: number;
}

export class BatchMemory {
  /** Least recently kept first. */
  readonly #known = new Map<string, BatchFacts>();

  find(question: BatchQuestion): BatchFacts | undefined {
    return this.#known.get(keyOf(question));
  }

  keep(question: BatchQuestion, facts: BatchFacts): void {
    this.#known.set(keyOf(question), facts);
    if (this.#known.size > MAX_REMEMBERED_KEYS)
      this.#known.delete(this.#known.keys().next().value!);
  }
}

const keyOf = ({ program, sample, most }: BatchQuestion): string => {
  const shapes = Object.entries(sample).map(([name, { dims }]) => [name, ...dims]);
  return JSON.stringify([program, shapes.sort(), most]);
};
