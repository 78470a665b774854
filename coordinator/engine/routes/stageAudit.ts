/**
 * Looks at the reports of one shard's stages: do they tell the same of every boundary, and is what each shows right?
 *
 * Computes and compares, decides nothing. Invariant: a stage is called wrong only where the referee, from what that
 * stage itself committed to have received, computes something else than it committed to have sent on.
 */
import { compareOutputs, type Acceptance } from '../../../shared/acceptance.ts';
import { equalBytes } from '../../../shared/bytes.ts';
import { rowsOf, type ShownRows } from '../../../shared/stage.ts';
import type { AssignmentId } from '../../../shared/ids.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { assert, fail, ok, type Result } from '../../../shared/result.ts';
import type { NamedTensors } from '../../../shared/tensor.ts';
import { REFEREE_CLASS } from '../../core/engineClass.ts';
import type { Assignment, Job, ReportedState } from '../../core/state.ts';
import { jobOfStage } from '../../core/stages.ts';
import type { CheckOutcome } from '../../core/stream.ts';

export interface AuditDeps {
  /** One stage (`jobOfStage`) over rows of what it received. */
  readonly computeStage: (
    stage: Job,
    stacked: NamedTensors,
  ) => Promise<Result<NamedTensors, Problem>>;
  /** Stacked inputs of items of the job. */
  readonly inputRows: (job: Job, items: readonly number[]) => Promise<NamedTensors>;
  readonly rule: (stage: Job, a: string, b: string) => Acceptance;
}

/** One stage's report with what it has shown. */
export interface AuditedStage {
  readonly report: Assignment & { readonly state: ReportedState };
  readonly shown: ShownRows;
}

export interface StageFinding {
  readonly outcome: CheckOutcome;
  /** In words, with a figure; null where nothing is wrong. */
  readonly fault: string | null;
}

export interface AuditFindings {
  /** Of each stage in order. */
  readonly stages: readonly StageFinding[];
  /** Neighbours that say different things of what one sent to the other: it cannot be told which of them lies. */
  readonly broken: readonly (readonly [AssignmentId, AssignmentId])[];
  /** Items that the referee computed, in whole ones: a stage counts by its share of the work. */
  readonly refereed: number;
}

/** `items` in the shard's own order. Fails where the referee was needed and could not compute. */
export async function auditStages(
  job: Job,
  items: readonly number[],
  audited: readonly AuditedStage[],
  deps: AuditDeps,
): Promise<Result<AuditFindings, string>> {
  const broken = brokenBoundaries(audited);
  const stages: StageFinding[] = [];
  let refereed = 0;
  for (const [index, each] of audited.entries()) {
    const rows = commitmentOf(each).rows;
    if (rows.length === 0) {
      stages.push({ outcome: { clean: 0, mismatched: 0 }, fault: null });
      continue;
    }
    const stage = jobOfStage(job, index);
    const shownItems = rows.map((row) => items[row]!);
    if (index === 0) {
      const fault = await wrongInput(job, shownItems, each.shown.inputs, deps);
      if (fault !== null) {
        stages.push({ outcome: { clean: 0, mismatched: rows.length }, fault });
        continue;
      }
    }
    const truth = await deps.computeStage(stage, each.shown.inputs);
    if (!truth.ok) return fail(`the referee could not settle it: ${truth.error.detail}`);
    refereed += (rows.length * stage.facts.flopsPerItem) / Math.max(job.facts.flopsPerItem, 1);
    const rule = deps.rule(stage, each.report.state.engineClass, REFEREE_CLASS);
    stages.push(judged(index, shownItems, each.shown.outputs, truth.value, rule));
  }
  return ok({ stages, broken, refereed });
}

function brokenBoundaries(audited: readonly AuditedStage[]): [AssignmentId, AssignmentId][] {
  return audited.slice(1).flatMap((stage, i) => {
    const before = audited[i]!;
    const isSame = commitmentOf(before).outputs === commitmentOf(stage).inputs;
    return isSame ? [] : [[before.report.id, stage.report.id] as [AssignmentId, AssignmentId]];
  });
}

const commitmentOf = ({ report }: AuditedStage) => {
  const { stage } = report.state;
  assert(stage !== undefined, 'commitmentOf: the report is of no stage');
  return stage;
};

/** What the first stage received is known: the coordinator sent it. */
async function wrongInput(
  job: Job,
  items: readonly number[],
  shown: NamedTensors,
  { inputRows }: AuditDeps,
): Promise<string | null> {
  const sent = await inputRows(job, items);
  const wrong = Object.entries(sent).find(
    ([name, { bytes }]) => !equalBytes(bytes, shown[name]?.bytes ?? new Uint8Array()),
  );
  return wrong === undefined ? null : `input "${wrong[0]}" is not what was sent`;
}

function judged(
  index: number,
  items: readonly number[],
  shown: NamedTensors,
  truth: NamedTensors,
  rule: Acceptance,
): StageFinding {
  let mismatched = 0;
  let fault: string | null = null;
  for (const [row, item] of items.entries()) {
    const one = (tensors: NamedTensors) => rowsOf(tensors, [row]);
    const compared = compareOutputs(one(shown), one(truth), 1, rule);
    if (compared.kind !== 'disagree') continue;
    mismatched += 1;
    fault ??= `the referee found item ${item} wrong at stage ${index + 1}: ${compared.reason}`;
  }
  const more = mismatched > 1 ? ` (and ${mismatched - 1} more)` : '';
  const outcome = { clean: items.length - mismatched, mismatched };
  return { outcome, fault: fault === null ? null : fault + more };
}
