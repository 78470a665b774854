/**
 * What the checks of reports say about what computed them: files findings under engine classes, and honest
 * differences under the pair that was compared.
 *
 * Decides nothing about the reports themselves. Invariant: noise is learned only from contributors of different
 * cohorts that have come through the gate of this program, and never from a report in which something was wrong.
 */
import { worstOf, NO_DIFFERENCE } from '../../shared/acceptance.ts';
import type { ContributorId, ShardId } from '../../shared/ids.ts';
import { REFEREE_CLASS } from '../core/engineClass.ts';
import { unreachable } from '../../shared/result.ts';
import type { Assignment, Contributor, Job } from '../core/state.ts';
import type { ShardWork } from '../core/step.ts';
import { isAged, programKeyOf, streamKeyOf, streamOf } from '../core/stream.ts';
import type { Calibrations } from './calibrations.ts';
import type { ClassWatch } from './classWatch.ts';
import type { Agreement, Finding, SampleFindings } from './sampleCheck.ts';
import type { Tick } from './tick.ts';

export interface FindingsDeps {
  readonly calibrations: Calibrations;
  readonly classes: ClassWatch;
  readonly workOf: (shard: ShardId) => ShardWork | undefined;
  readonly contributor: (id: ContributorId) => Contributor;
}

/** Files what was sampled of a report of `shard`, and of others: before anything is done about them. */
export function fileFindings(
  tick: Tick,
  job: Job,
  shard: ShardId,
  findings: SampleFindings,
  deps: FindingsDeps,
): void {
  const all = new Map<ShardId, Finding>([...findings.others, [shard, findings.own]]);
  const rightReports = new Map<ShardId, Assignment>();
  for (const [id, { outcome, fault }] of all) {
    const report = reportOf(deps.workOf(id));
    // Wrong ones are filed with their verdict.
    if (report === null || fault !== null) continue;
    rightReports.set(id, report);
    if (outcome.clean > 0) fileClean(tick, job, report, outcome.clean, deps.classes);
  }
  const isHonest = ({ contributor }: Assignment): boolean =>
    isAged(streamOf(deps.contributor(contributor).streams, streamKeyOf(job)));
  for (const pairs of bySides(findings.agreements)) {
    const { a, b } = pairs[0]!;
    const one = rightReports.get(a);
    const other = b === null ? null : rightReports.get(b);
    if (one === undefined || other === undefined || !isHonest(one)) continue;
    if (other !== null && (!isHonest(other) || other.cohort === one.cohort)) continue;
    deps.calibrations.learn(
      tick,
      job,
      classOf(one),
      other === null ? REFEREE_CLASS : classOf(other),
      {
        items: pairs.length,
        worst: pairs.map(({ difference }) => difference).reduce(worstOf, NO_DIFFERENCE),
        contributors: [one, ...(other === null ? [] : [other])].map((it) => it.contributor),
      },
    );
  }
}

/** Agreements of the same two reports together: they are learned at once. */
function bySides(agreements: readonly Agreement[]): Iterable<Agreement[]> {
  const groups = new Map<string, Agreement[]>();
  for (const agreement of agreements) {
    const key = `${agreement.a}/${agreement.b ?? REFEREE_CLASS}`;
    groups.set(key, [...(groups.get(key) ?? []), agreement]);
  }
  return groups.values();
}

function fileClean(
  tick: Tick,
  job: Job,
  report: Assignment,
  clean: number,
  classes: ClassWatch,
): void {
  const { contributor, cohort } = report;
  const finding = { contributor, cohort, clean, isWrong: false };
  classes.file(tick, programKeyOf(job.program), classOf(report), finding);
}

/** What a verdict says of the report's class; sampled reports that are right were filed when they were checked. */
export function fileVerdict(
  tick: Tick,
  job: Job,
  judged: Assignment,
  items: number,
  classes: ClassWatch,
): void {
  const { state, contributor, cohort } = judged;
  if (state.kind !== 'judged') return;
  if (state.verdict === 'agree' && job.verification.kind !== 'sampled') {
    return fileClean(tick, job, judged, items, classes);
  }
  if (state.verdict !== 'disagree') return;
  const finding = { contributor, cohort, clean: 0, isWrong: true };
  classes.file(tick, programKeyOf(job.program), state.engineClass, finding);
}

/** Engine class of a report; asserted by its callers, which look at reports only. */
export function classOf({ state }: Assignment): string {
  if (state.kind === 'reported' || state.kind === 'judged') return state.engineClass;
  return unreachable(`classOf: the assignment is ${state.kind}`);
}

/** The report that waits for its check, or is accepted: a sampled shard has one at most. */
const reportOf = (work: ShardWork | undefined): Assignment | null =>
  work?.assignments.find(({ state }) => state.kind === 'reported') ?? null;
