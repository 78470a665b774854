/**
 * Adversaries as engines: the production host around an engine that changes what it is given or what it reports.
 *
 * Every report commits to what it holds: nothing but the values is wrong. Invariant: one report at a time,
 * so that how many it takes to be caught does not depend on how fast anything is.
 */
import { merkleTree } from '../../../../shared/merkle.ts';
import { itemChunks } from '../../../../shared/program.ts';
import { ok } from '../../../../shared/result.ts';
import { valuesOf, type NamedTensors, type TypedArray } from '../../../../shared/tensor.ts';
import type { Compute, ComputeTask, ProgramSource } from '../../../../web/compute/api.ts';

export type Engine = (honest: Compute) => Compute;

/** One report that is asked for. */
export interface Turn {
  readonly task: ComputeTask;
  /** Reports before it, of this host. */
  readonly number: number;
}

export interface Script {
  /** What it computes with instead of the program. */
  readonly program?: (source: ProgramSource) => ProgramSource;
  /** What it computes instead of the task. */
  readonly task?: (task: ComputeTask) => ComputeTask;
  /** What it reports instead of what it computed. */
  readonly outputs?: (computed: NamedTensors, turn: Turn) => NamedTensors;
  /** What it says that it computes on. */
  readonly adapter?: string;
  /** What it says that it took. */
  readonly computeMs?: number;
  /** How many reports it makes; then it holds what it is given until it is paused. */
  readonly reports?: number;
  /** Awaited before every report is computed. */
  readonly before?: (turn: Turn) => Promise<void>;
}

/** So long says every adversary that it took, where its script says nothing: a slow host is given two at once. */
const CLAIMED_MS = 1_000;
/** Assignments that such a host holds: one that it computes, one that waits. */
export const SLOTS = 2;

export function scripted(script: Script): Engine {
  const {
    program,
    task: asked,
    outputs,
    adapter,
    computeMs,
    before,
    reports: most = Infinity,
  } = script;
  return (honest) => {
    let reports = 0;
    let turn: Promise<unknown> = Promise.resolve();
    const run: Compute['run'] = async (task, onProgress) => {
      const number = reports++;
      if (number >= most) return new Promise(() => undefined);
      await before?.({ task, number });
      const computed = await honest.run(asked === undefined ? task : asked(task), onProgress);
      if (!computed.ok) return computed;
      const made = outputs?.(computed.value.outputs, { task, number }) ?? computed.value.outputs;
      const tree = merkleTree(itemChunks(made, task.items.length));
      return ok({ ...computed.value, outputs: made, tree, computeMs: computeMs ?? CLAIMED_MS });
    };
    return {
      facts: async () => ({
        ...(await honest.facts()),
        ...(adapter === undefined ? {} : { adapter }),
      }),
      load: (source) => honest.load(program === undefined ? source : program(source)),
      run: (task, onProgress) => {
        const mine = turn.then(() => run(task, onProgress));
        turn = mine.catch(() => undefined);
        return mine;
      },
      cancel: (id) => honest.cancel(id),
      setDuty: (duty) => honest.setDuty(duty),
      bareLoop: (task, items) => honest.bareLoop(task, items),
      close: () => honest.close(),
    };
  };
}

/** Copies of all outputs, each row changed in place. `row` counts from 0, `of` are the job's items. */
export function eachRow(
  outputs: NamedTensors,
  items: readonly number[],
  change: (values: TypedArray, row: number) => void,
): NamedTensors {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => {
      const copy = { ...tensor, bytes: new Uint8Array(tensor.bytes) };
      const values = valuesOf(copy);
      const size = values.length / items.length;
      items.forEach((_, row) => change(values.subarray(row * size, (row + 1) * size), row));
      return [name, copy];
    }),
  );
}

/** Every value of every row through one function. */
export const eachValue = (
  outputs: NamedTensors,
  items: readonly number[],
  change: (value: number, at: number, row: number) => number,
): NamedTensors =>
  eachRow(outputs, items, (values, row) => {
    for (let at = 0; at < values.length; at++) {
      values[at] = change(Number(values[at]), at, row);
    }
  });
