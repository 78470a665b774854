/**
 * The stages policy at work: draws what a stage has to show, has it looked at, and tells which shards are provisional,
 * final, or to be computed anew.
 *
 * Invariant: every change of a shard goes through `apply`, every change of a contributor through
 * `putContributor`, both inside a tick. What was shown is held in memory until it was looked at; a restart loses it, and
 * the shard is computed anew.
 */
import type {
  AssignmentId,
  ContributorId,
  JobId,
  RandomBytes,
  ShardId,
} from '../../../shared/ids.ts';
import { MAX_OPENED_STAGE_ROWS } from '../../../shared/limits.ts';
import type { ShownRows } from '../../../shared/stage.ts';
import { assert } from '../../../shared/result.ts';
import { secretDraws } from '../../core/challenge.ts';
import { countExecution, hasEnded } from '../../core/job.ts';
import { sampleRoom } from '../../core/refereeBudget.ts';
import { jobOfStage, stageChecksMissing, workOf } from '../../core/stages.ts';
import type { Assignment, Contributor, Job, Shard } from '../../core/state.ts';
import type { ShardInput } from '../../core/shardInput.ts';
import type { ShardWork } from '../../core/step.ts';
import {
  afterChecks,
  afterReport,
  cleanChecks,
  gateOf,
  probesOf,
  programKeyOf,
  streamKeyOf,
  streamOf,
  withStream,
  type Stream,
} from '../../core/stream.ts';
import { hmacSha256 } from '../../digest.ts';
import type { OpenWork } from '../openWork.ts';
import type { Outputs } from '../outputs.ts';
import type { RefereeCompute } from '../refereeQueue.ts';
import type { Tick } from '../tick.ts';
import type { Ticker } from '../ticker.ts';
import {
  auditStages,
  type AuditDeps,
  type AuditedStage,
  type AuditFindings,
} from './stageAudit.ts';
import { compareWhole } from './wholeItems.ts';
import { StageEscrow, stageReports } from './stageEscrow.ts';

export interface StageChecksOptions extends AuditDeps {
  readonly work: OpenWork;
  readonly outputs: Outputs;
  readonly ticker: Ticker;
  readonly compute: RefereeCompute;
  readonly random: RandomBytes;
  readonly contributor: (id: ContributorId) => Contributor;
  readonly putContributor: (tick: Tick, contributor: Contributor) => void;
  readonly putJob: (tick: Tick, job: Job) => void;
  readonly apply: (tick: Tick, work: ShardWork, input: ShardInput) => void;
  /** Reports of neighbours that say different things of what one sent to the other, neither found wrong. */
  readonly disputed: (tick: Tick, job: JobId, pair: readonly Assignment[]) => void;
  /** Of a program (`programKeyOf`). */
  readonly ejected: (tick: Tick, contributor: ContributorId, program: string) => void;
}

/** Work that the referee is given at once for one job, and then again: what is waited for must not stand long behind it. */
const TOP_UP_MS = 200;

export class StageChecks {
  readonly #options: StageChecksOptions;
  readonly #escrow: StageEscrow;
  readonly #shown = new Map<AssignmentId, ShownRows>();
  readonly #checking = new Set<ShardId>();
  /** Rows of provisional shards that the referee has computed whole. */
  readonly #wholeRows = new Map<ShardId, Set<number>>();
  /** Rows that were wrong at the end while no stage was found wrong: the next attempt shows them. */
  readonly #suspectRows = new Map<ShardId, readonly number[]>();
  readonly #toppingUp = new Set<JobId>();
  #waiting = 0;

  constructor(options: StageChecksOptions) {
    this.#options = options;
    this.#escrow = new StageEscrow(options.work.shards);
  }

  /** The rows that a stage has to show, drawn from what it has committed to. */
  rowsToShow(job: Job, { shard }: ShardWork, assignment: Assignment, root: string): number[] {
    const suspects = this.#suspectRows.get(shard.id) ?? [];
    const draw = secretDraws(job, assignment, root, hmacSha256);
    const stream = this.#stream(assignment.contributor, workOf(job, assignment));
    const wanted = Math.min(
      probesOf(stream, shard.items, draw()),
      Math.max(0, sampleRoom(this.#waiting)),
      shard.items,
    );
    const rows = new Set(suspects.slice(0, MAX_OPENED_STAGE_ROWS));
    const count = Math.min(Math.max(wanted, rows.size), MAX_OPENED_STAGE_ROWS);
    while (rows.size < count) rows.add(Math.floor(draw() * shard.items));
    return [...rows];
  }

  /** A stage has shown what it was asked for. */
  keep(assignment: AssignmentId, shown: ShownRows): void {
    this.#shown.set(assignment, shown);
  }

  /** A shard went from one state to another: the index follows. */
  follow(before: Shard['state'], work: ShardWork): void {
    const { shard, assignments } = work;
    // What was taken back or judged meanwhile is never looked at.
    for (const { id, state } of assignments) if (state.kind !== 'reported') this.#shown.delete(id);
    if (before.kind === shard.state.kind) return;
    if (hasEnded(shard)) this.#suspectRows.delete(shard.id);
    if (shard.state.kind === 'provisional') return this.#escrow.add(work);
    if (before.kind !== 'provisional') return;
    this.#escrow.remove(work);
    this.#wholeRows.delete(shard.id);
  }

  /** The job has ended. */
  forget(job: JobId): void {
    for (const { shard, assignments } of this.#options.work.shards.values()) {
      if (shard.job !== job) continue;
      this.#wholeRows.delete(shard.id);
      this.#suspectRows.delete(shard.id);
      for (const { id } of assignments) this.#shown.delete(id);
    }
    this.#escrow.forget(job);
  }

  /** Every stage has reported. What comes of it is another tick. */
  check(job: Job, work: ShardWork): void {
    const { shard } = work;
    if (this.#checking.has(shard.id)) return;
    const audited = this.#auditedOf(work);
    this.#checking.add(shard.id);
    const asked = audited.reduce(
      (sum, { report }) => sum + (report.state.stage?.rows.length ?? 0),
      0,
    );
    this.#waiting += asked;
    const items = this.#options.work.itemsOf(shard);
    void auditStages(job, items, audited, this.#options)
      .then(
        (found) => (found.ok ? found.value : null),
        // The job was cancelled meanwhile, or its inputs cannot be read: nothing was found.
        () => null,
      )
      .then((found) =>
        this.#options.ticker.enqueue(0, (tick) => {
          this.#waiting -= asked;
          this.#checking.delete(shard.id);
          for (const { report } of audited) this.#shown.delete(report.id);
          const now = this.#options.work.shards.get(shard.id);
          const isSame = now?.shard.state.kind === 'open' && sameReports(now, audited);
          if (!isSame) return;
          if (found === null) return this.#options.apply(tick, now, { kind: 'check-failed' });
          this.#checked(tick, now, audited, found);
        }),
      );
  }

  /**
   * Where a route is done and results are not final yet, the referee computes items whole, which checks all stages at
   * once. To be called at every sweep; it goes on by itself while something is missing.
   */
  topUp(): void {
    for (const id of this.#escrow.jobs()) {
      const open = this.#options.work.jobs.get(id);
      if (open === undefined || this.#toppingUp.has(id)) continue;
      const { items, counts, facts } = open.job;
      if (counts.settledItems + counts.provisionalItems + counts.failedItems < items) continue;
      const quickly = Math.max(1, Math.floor(TOP_UP_MS / Math.max(facts.refereeMsPerItem, 1e-3)));
      const count = Math.min(quickly, sampleRoom(this.#waiting));
      const newest = this.#escrow.ofJob(id).at(-1);
      if (count > 0 && newest !== undefined) this.#topUpOne(open.job, newest, count);
    }
  }

  /** Clean checks that are missing before a provisional shard is final, of the stage that lacks most. */
  missing(work: ShardWork): number {
    const { state } = work.shard;
    assert(state.kind === 'provisional', 'missing: the shard is not provisional');
    if (this.#isWhollyChecked(work)) return 0;
    const job = this.#options.work.jobOf(work.shard);
    const gate = gateOf(job.verification);
    return Math.max(
      ...stageReports(work).map(({ contributor, stage }) => {
        const stream = this.#stream(contributor, jobOfStage(job, stage!));
        return stageChecksMissing(stream, state.stageChecksThen?.[stage!] ?? 0, gate);
      }),
    );
  }

  #auditedOf(work: ShardWork): AuditedStage[] {
    return stageReports(work).map((report) => {
      const { state } = report;
      assert(state.kind === 'reported', 'auditedOf: no report');
      const shown = this.#shown.get(report.id) ?? { inputs: {}, outputs: {} };
      return { report: { ...report, state }, shown };
    });
  }

  #checked(
    tick: Tick,
    work: ShardWork,
    audited: readonly AuditedStage[],
    { stages, broken, refereed }: AuditFindings,
  ): void {
    const { shard } = work;
    const job = this.#options.work.jobOf(shard);
    this.#options.putJob(tick, countExecution(job, 'referee', refereed));
    const wrong = new Map<AssignmentId, string>();
    for (const [index, { report }] of audited.entries()) {
      const { outcome, fault } = stages[index]!;
      const before = this.#stream(report.contributor, jobOfStage(job, index));
      this.#putStream(tick, job, report, afterReport(before, shard.items, outcome));
      if (fault !== null) wrong.set(report.id, fault);
    }
    if (wrong.size > 0 || broken.length > 0) {
      const unclear = new Set(broken.flat());
      const sound = new Set(
        audited
          .filter(({ report }, i) => !unclear.has(report.id) && stages[i]!.outcome.clean > 0)
          .map(({ report }) => report.id),
      );
      const reason =
        wrong.size > 0
          ? [...wrong.values()][0]!
          : 'two stages say different things of what one sent to the other';
      this.#options.apply(tick, work, { kind: 'stages-rejected', wrong, sound, reason });
      for (const pair of broken) {
        if (pair.some((id) => wrong.has(id))) continue;
        const reports = audited.map(({ report }) => report);
        const those = reports.filter(({ id }) => pair.includes(id));
        this.#options.disputed(tick, job.id, those);
      }
    } else this.#accept(tick, job, work, audited, stages);
    for (const contributor of new Set(audited.map(({ report }) => report.contributor)))
      this.#review(tick, contributor);
  }

  #accept(
    tick: Tick,
    job: Job,
    work: ShardWork,
    audited: readonly AuditedStage[],
    stages: AuditFindings['stages'],
  ): void {
    const stageChecksThen = audited.map(
      ({ report }, i) => this.#stream(report.contributor, jobOfStage(job, i)).checks,
    );
    const blind = Math.min(...stages.map(({ outcome }) => outcome.clean));
    this.#options.apply(tick, work, {
      kind: 'accepted',
      assignment: audited.at(-1)!.report.id,
      checksThen: stageChecksThen.at(-1)!,
      stageChecksThen,
      sample: { probes: 0, blind },
    });
  }

  /** What a contributor's checks now say about the shards that it had a stage of. */
  #review(tick: Tick, contributor: ContributorId): void {
    for (const { shard } of this.#escrow.of(contributor)) {
      const work = this.#options.work.shards.get(shard.id);
      // A step of this loop may have ended the job of a later one.
      if (work?.shard.state.kind === 'provisional') this.#reviewShard(tick, work);
    }
  }

  #reviewShard(tick: Tick, work: ShardWork): void {
    const job = this.#options.work.jobOf(work.shard);
    const reports = stageReports(work);
    const streams = reports.map((it) => this.#stream(it.contributor, workOf(job, it)));
    const wrong = new Map(
      reports
        .filter((_, i) => streams[i]!.ejected)
        .map(({ id }) => [id, 'taken back: other items of this contributor were found wrong']),
    );
    if (wrong.size > 0) {
      const gate = gateOf(job.verification);
      const sound = reports.filter((_, i) => cleanChecks(streams[i]!) >= gate).map(({ id }) => id);
      const reason = 'another stage was taken back';
      this.#options.apply(tick, work, {
        kind: 'stages-rejected',
        wrong,
        sound: new Set(sound),
        reason,
      });
      return;
    }
    if (this.missing(work) > 0) return;
    const checkedItems = this.#wholeRows.get(work.shard.id)?.size ?? 0;
    const clean = Math.min(...streams.map(cleanChecks));
    this.#options.apply(tick, work, { kind: 'finalised', checkedItems, cleanChecks: clean });
  }

  #topUpOne(job: Job, { shard }: ShardWork, count: number): void {
    assert(shard.state.kind === 'provisional', 'topUp: the shard is not provisional');
    const { assignment, output } = shard.state;
    const done = this.#wholeRows.get(shard.id) ?? new Set<number>();
    const left = Array.from({ length: shard.items }, (_, row) => row).filter(
      (row) => !done.has(row),
    );
    const rows: number[] = [];
    while (rows.length < count && left.length > 0)
      rows.push(...left.splice(Math.floor(this.#fraction() * left.length), 1));
    this.#toppingUp.add(job.id);
    this.#waiting += rows.length;
    const items = this.#options.work.itemsOf(shard);
    const { compute, outputs, ticker } = this.#options;
    const tensors = () => outputs.tensors(shard.id, output);
    void compareWhole(job, items, rows, tensors, compute)
      .catch(() => null)
      .then((found) =>
        ticker.enqueue(0, (tick) => {
          this.#toppingUp.delete(job.id);
          this.#waiting -= rows.length;
          const now = this.#options.work.shards.get(shard.id);
          if (found === null || now?.shard.state.kind !== 'provisional') return;
          if (now.shard.state.assignment !== assignment) return;
          this.#comparedWhole(tick, now, rows, found);
          this.topUp();
        }),
      );
  }

  #comparedWhole(
    tick: Tick,
    work: ShardWork,
    rows: readonly number[],
    wrongRows: ReadonlyMap<number, string>,
  ): void {
    const job = this.#options.work.jobOf(work.shard);
    this.#options.putJob(tick, countExecution(job, 'referee', rows.length));
    const reports = stageReports(work);
    if (wrongRows.size > 0) {
      // Whose stage it was cannot be seen from the end: the next attempt shows these rows at every stage.
      this.#suspectRows.set(work.shard.id, [...wrongRows.keys()]);
      const reason = [...wrongRows.values()][0]!;
      const nothing = { wrong: new Map<AssignmentId, string>(), sound: new Set<AssignmentId>() };
      this.#options.apply(tick, work, { kind: 'stages-rejected', ...nothing, reason });
      return;
    }
    const done = this.#wholeRows.get(work.shard.id) ?? new Set();
    for (const row of rows) done.add(row);
    this.#wholeRows.set(work.shard.id, done);
    for (const report of reports) {
      const before = this.#stream(report.contributor, workOf(job, report));
      const outcome = { clean: rows.length, mismatched: 0 };
      this.#putStream(tick, job, report, afterChecks(before, outcome));
    }
    for (const contributor of new Set(reports.map((it) => it.contributor)))
      this.#review(tick, contributor);
  }

  #isWhollyChecked({ shard }: ShardWork): boolean {
    return this.#wholeRows.get(shard.id)?.size === shard.items;
  }

  #fraction(): number {
    const bytes = this.#options.random(4);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32;
  }

  #stream(contributor: ContributorId, stage: Job): Stream {
    return streamOf(this.#options.contributor(contributor).streams, streamKeyOf(stage));
  }

  #putStream(tick: Tick, job: Job, report: Assignment, stream: Stream): void {
    const stage = workOf(job, report);
    const contributor = this.#options.contributor(report.contributor);
    const key = streamKeyOf(stage);
    const wasEjected = streamOf(contributor.streams, key).ejected;
    const streams = withStream(contributor.streams, key, stream);
    this.#options.putContributor(tick, { ...contributor, streams });
    if (stream.ejected && !wasEjected)
      this.#options.ejected(tick, report.contributor, programKeyOf(stage.program));
  }
}

const sameReports = (work: ShardWork, audited: readonly AuditedStage[]): boolean => {
  const reports = stageReports(work);
  return (
    reports.length === audited.length && reports.every(({ id }, i) => id === audited[i]!.report.id)
  );
};
