/**
 * The sampled policy at work: chooses probes, has reports checked, files what was found, and tells which
 * provisional shards are final or are taken back.
 *
 * Holds an index over committed records only. Invariant: every change of a shard goes through `apply`, every
 * change of a contributor through `putContributor`, both inside a tick.
 */
import type { AssignmentId, ContributorId, JobId, RandomBytes, ShardId } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';
import { countExecution } from '../core/job.ts';
import type { Assignment, Contributor, Job, Probe, Shard } from '../core/state.ts';
import { find, reportsOf, type ShardInput, type ShardWork } from '../core/step.ts';
import {
  BLIND_RATE,
  GATE_CHECKS,
  afterChecks,
  afterReport,
  checksMissing,
  probesOf,
  streamKeyOf,
  streamOf,
  withStream,
  type Stream,
} from '../core/stream.ts';
import type { OpenWork } from './openWork.ts';
import type { Outputs } from './outputs.ts';
import { ProbePool, type Asker } from './probePool.ts';
import type { RefereeCompute } from './refereeQueue.ts';
import { checkSample, type SampleFindings } from './sampleCheck.ts';
import type { Tick } from './tick.ts';
import type { Ticker } from './ticker.ts';

export interface SamplingOptions {
  readonly work: OpenWork;
  readonly outputs: Outputs;
  readonly ticker: Ticker;
  readonly compute: RefereeCompute;
  readonly random: RandomBytes;
  readonly contributor: (id: ContributorId) => Contributor;
  readonly putContributor: (tick: Tick, contributor: Contributor) => void;
  readonly putJob: (tick: Tick, job: Job) => void;
  readonly apply: (tick: Tick, work: ShardWork, input: ShardInput) => void;
  readonly ejected: (contributor: ContributorId, streamKey: string) => void;
}

/**
 * What the referee samples of a job unasked, disputes being beside it: a share of its items, or what brings a
 * few new contributors through the gate where that is quickly done; it will not be asked for again.
 */
const REFEREE_SHARE = 0.04;
const NEWCOMER_ITEMS = 4 * GATE_CHECKS;
const NEWCOMER_MS = 60_000;
/** Items that one sweep has the referee sample, of one contributor: disputes must not stand behind them. */
const TOP_UP_ITEMS = 32;
/** Items that wait for the referee as samples: beyond them nothing is sampled unasked. */
const MOST_SAMPLES_WAITING = 512;

/** Provisional shards of one contributor on one program, oldest first. */
type Escrow = Set<ShardId>;

export class Sampling {
  readonly #options: SamplingOptions;
  readonly #pools = new Map<JobId, ProbePool>();
  readonly #escrows = new Map<string, Escrow>();
  readonly #checking = new Set<AssignmentId>();
  readonly #toppingUp = new Set<string>();
  #samplesWaiting = 0;

  constructor(options: SamplingOptions) {
    this.#options = options;
  }

  /** The probes of an assignment that is about to be granted. */
  probesFor(host: Asker, job: Job, items: number): Probe[] {
    const pool = this.#pools.get(job.id);
    if (job.verification.kind !== 'sampled' || pool === undefined) return [];
    const stream = this.#stream(host.contributor, job);
    return pool.choose(host, probesOf(stream, items, this.#fraction()));
  }

  /** A shard went from one state to another: the index follows. */
  follow(job: Job, before: Shard['state'], { shard, assignments }: ShardWork): void {
    const { state } = shard;
    if (before.kind === state.kind) return;
    if (state.kind === 'provisional') {
      const accepted = assignments.find(({ id }) => id === state.assignment)!;
      const { contributor, cohort } = accepted;
      const items = this.#options.work.itemsOf(shard);
      this.#poolOf(job.id).add({ shard: shard.id, contributor, cohort, items });
      const key = escrowKey(contributor, job);
      const escrow = this.#escrows.get(key) ?? new Set();
      this.#escrows.set(key, escrow.add(shard.id));
      return;
    }
    if (before.kind !== 'provisional') return;
    const pool = this.#pools.get(job.id);
    if (state.kind === 'settled') pool?.settle(shard.id, state.output);
    else pool?.void(shard.id);
    const { contributor } = assignments.find(({ id }) => id === before.assignment)!;
    const key = escrowKey(contributor, job);
    const escrow = this.#escrows.get(key);
    escrow?.delete(shard.id);
    if (escrow?.size === 0) this.#escrows.delete(key);
  }

  /** The job has ended. */
  forget(job: JobId): void {
    this.#pools.delete(job);
    for (const [key, escrow] of this.#escrows) {
      for (const id of escrow)
        if (this.#options.work.shards.get(id)?.shard.job === job) escrow.delete(id);
      if (escrow.size === 0) this.#escrows.delete(key);
    }
  }

  /** Has the shard's report checked; what comes of it is another tick. */
  check(job: Job, work: ShardWork): void {
    const [report] = reportsOf(work);
    assert(report?.state.kind === 'reported', 'check: no report');
    if (this.#checking.has(report.id)) return;
    this.#checking.add(report.id);
    const blind = this.#blindOf(job, work, report);
    const { output, probeOutput } = report.state;
    const { probes } = report;
    this.#find(job, { shard: work.shard.id, output, probeOutput, probes, blind }, (tick, found) => {
      this.#checking.delete(report.id);
      const now = this.#options.work.shards.get(work.shard.id);
      if (now?.shard.state.kind !== 'open') return;
      if (find(now, report.id).state.kind !== 'reported') return;
      if (found === null) return this.#options.apply(tick, now, { kind: 'check-failed' });
      this.#reported(tick, job, now, report, found);
    });
  }

  /**
   * Where nobody else will check what is provisional, the referee does, within its budget. To be called at
   * every sweep.
   */
  topUp(): void {
    for (const [key, escrow] of this.#escrows) {
      if (this.#toppingUp.has(key)) continue;
      const shards = [...escrow].map((id) => this.#options.work.shards.get(id)!);
      const waiting = shards.filter(({ shard }) => this.#isLeftAlone(shard.job));
      const newest = waiting.at(-1);
      if (newest === undefined) continue;
      const job = this.#options.work.jobOf(newest.shard);
      const count = Math.min(this.missing(newest), TOP_UP_ITEMS, this.#samplesLeft(job));
      if (count <= 0) continue;
      const ofJob = waiting.filter(({ shard }) => shard.job === job.id);
      this.#topUpOne(key, job, ofJob, count);
    }
  }

  /** Clean checks that are missing before a provisional shard is final. */
  missing({ shard, assignments }: ShardWork): number {
    const { state } = shard;
    assert(state.kind === 'provisional', 'missing: the shard is not provisional');
    const { contributor } = assignments.find(({ id }) => id === state.assignment)!;
    const stream = this.#stream(contributor, this.#options.work.jobOf(shard));
    return checksMissing(stream, state.checksThen);
  }

  /** Samples that the referee may still take of a job unasked. */
  #samplesLeft(job: Job): number {
    const room = MOST_SAMPLES_WAITING - this.#samplesWaiting;
    const { verification } = job;
    if (verification.kind === 'sampled' && verification.secondOpinion === 'referee') return room;
    const quickly = Math.floor(NEWCOMER_MS / Math.max(job.facts.refereeMsPerItem, 1e-3));
    const share = Math.floor(job.items * REFEREE_SHARE);
    const budget = Math.max(share, Math.min(NEWCOMER_ITEMS, quickly));
    return Math.min(room, budget - job.counts.refereeExecutions);
  }

  /** No host will bring probes of this job's provisional shards: all are, or nobody else computes. */
  #isLeftAlone(id: JobId): boolean {
    const open = this.#options.work.jobs.get(id);
    if (open === undefined) return false;
    const { items, counts } = open.job;
    const accepted = counts.settledItems + counts.provisionalItems + counts.failedItems;
    return accepted === items || this.#pools.get(id)?.hasOneContributor === true;
  }

  #blindOf(job: Job, { shard }: ShardWork, { contributor, probes }: Assignment): Probe[] {
    const stream = this.#stream(contributor, job);
    const wanted = probesOf(stream, shard.items, this.#fraction()) - probes.length;
    const unasked = Math.floor(shard.items * BLIND_RATE + this.#fraction());
    const count = Math.min(Math.max(wanted, unasked), shard.items, this.#samplesLeft(job));
    const items = this.#options.work.itemsOf(shard);
    const rows = new Set<number>();
    while (rows.size < count) rows.add(Math.floor(this.#fraction() * shard.items));
    return [...rows].map((row) => ({ item: items[row]!, shard: shard.id, row }));
  }

  #fraction(): number {
    const bytes = this.#options.random(4);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32;
  }

  #topUpOne(key: string, job: Job, shards: readonly ShardWork[], count: number): void {
    const ids = shards.map(({ shard }) => shard.id);
    const blind = this.#poolOf(job.id).chooseFrom(ids, count);
    const first = blind[0];
    if (first === undefined) return;
    const { shard, assignments } = shards.find((it) => it.shard.id === first.shard)!;
    assert(shard.state.kind === 'provisional', 'topUp: the shard is not provisional');
    const { assignment, output } = shard.state;
    const { contributor } = assignments.find(({ id }) => id === assignment)!;
    this.#toppingUp.add(key);
    const sampled = { shard: shard.id, output, probeOutput: null, probes: [], blind };
    this.#find(job, sampled, (tick, found) => {
      this.#toppingUp.delete(key);
      if (found === null) return;
      this.#checkedLater(tick, job, shard.id, found.own.outcome, found.own.fault);
      this.#pools.get(job.id)?.check(blind);
      this.#review(tick, contributor, job);
    });
  }

  #find(
    job: Job,
    report: Parameters<typeof checkSample>[1],
    then: (tick: Tick, found: SampleFindings | null) => void,
  ): void {
    const { outputs, compute, ticker, work } = this.#options;
    const asked = report.blind.length;
    this.#samplesWaiting += asked;
    const acceptedOutput = (shard: ShardId) => {
      const state = work.shards.get(shard)?.shard.state;
      if (state?.kind === 'provisional') return state.output;
      return this.#pools.get(job.id)?.finalOutput(shard) ?? null;
    };
    const found = checkSample(job, report, { outputs, compute, acceptedOutput }).then(
      (result) => (result.ok ? result.value : null),
      // Outputs are gone, because the job was cancelled meanwhile, or cannot be read: nothing was found.
      () => null,
    );
    void found.then((findings) =>
      ticker.enqueue(0, (tick) => {
        this.#samplesWaiting -= asked;
        if (findings !== null) this.#count(tick, job.id, findings.refereed);
        then(tick, findings);
      }),
    );
  }

  #reported(
    tick: Tick,
    job: Job,
    work: ShardWork,
    report: Assignment,
    { own, others, known, checked }: SampleFindings,
  ): void {
    const { contributor, cohort, id: assignment } = report;
    const stream = afterReport(this.#stream(contributor, job), work.shard.items, own.outcome);
    this.#putStream(tick, contributor, job, stream);
    const cohorts = new Map<ShardId, string>();
    for (const shard of others.keys()) cohorts.set(shard, this.#cohortOf(shard) ?? cohort);
    if (own.fault === null) {
      const checksThen = stream.checks;
      const sample = { probes: known.length, blind: own.outcome.clean - known.length };
      this.#options.apply(tick, work, { kind: 'accepted', assignment, checksThen, sample });
    } else {
      const { fault: reason } = own;
      this.#options.apply(tick, work, { kind: 'rejected', assignment, reason });
    }
    const touched = new Set([contributor]);
    for (const [shard, { outcome, fault }] of others) {
      const owner = this.#checkedLater(tick, job, shard, outcome, fault);
      if (owner !== null) touched.add(owner);
    }
    const pool = this.#poolOf(job.id);
    pool.check(checked);
    for (const probe of known) {
      if (this.#options.work.shards.get(probe.shard)?.shard.state.kind !== 'provisional') continue;
      pool.confirm(probe, [cohort, cohorts.get(probe.shard)!]);
    }
    for (const id of touched) this.#review(tick, id, job);
  }

  /** Files checks of a report that is provisional; its contributor, or null where it is not any more. */
  #checkedLater(
    tick: Tick,
    job: Job,
    shard: ShardId,
    outcome: SampleFindings['own']['outcome'],
    fault: string | null,
  ): ContributorId | null {
    const work = this.#options.work.shards.get(shard);
    if (work?.shard.state.kind !== 'provisional') return null;
    const { assignment } = work.shard.state;
    const { contributor } = find(work, assignment);
    this.#putStream(tick, contributor, job, afterChecks(this.#stream(contributor, job), outcome));
    if (fault !== null) {
      this.#options.apply(tick, work, { kind: 'rejected', assignment, reason: fault });
    }
    return contributor;
  }

  /** What a contributor's checks now say about its provisional shards. */
  #review(tick: Tick, contributor: ContributorId, job: Job): void {
    const escrow = this.#escrows.get(escrowKey(contributor, job));
    if (escrow === undefined) return;
    const stream = this.#stream(contributor, job);
    for (const id of [...escrow]) {
      const work = this.#options.work.shards.get(id);
      // A step of this loop may have ended the job of a later one.
      if (work?.shard.state.kind !== 'provisional') continue;
      const { state } = work.shard;
      if (stream.ejected) {
        const reason = 'taken back: other items of this contributor were found wrong';
        const { assignment } = state;
        this.#options.apply(tick, work, { kind: 'rejected', assignment, reason });
      } else if (this.#isFinal(job, stream, id, state.checksThen)) {
        const checkedItems = this.#pools.get(job.id)?.checkedItems(id) ?? 0;
        const cleanChecks = stream.checks - stream.lastMismatchAt;
        this.#options.apply(tick, work, { kind: 'finalised', checkedItems, cleanChecks });
      }
    }
  }

  /** Its contributor was checked enough, or nothing of it is left to check. */
  #isFinal(job: Job, stream: Stream, shard: ShardId, checksThen: number): boolean {
    if (checksMissing(stream, checksThen) === 0) return true;
    return this.#pools.get(job.id)?.isWhollyChecked(shard) === true;
  }

  #count(tick: Tick, id: JobId, items: number): void {
    const job = this.#options.work.jobs.get(id)?.job;
    if (job === undefined || items === 0) return;
    this.#options.putJob(tick, countExecution(job, 'referee', items));
  }

  #cohortOf(shard: ShardId): string | null {
    const work = this.#options.work.shards.get(shard);
    if (work?.shard.state.kind !== 'provisional') return null;
    return find(work, work.shard.state.assignment).cohort;
  }

  #stream(contributor: ContributorId, job: Job): Stream {
    return streamOf(this.#options.contributor(contributor).streams, streamKeyOf(job.program));
  }

  #putStream(tick: Tick, id: ContributorId, job: Job, stream: Stream): void {
    const contributor = this.#options.contributor(id);
    const key = streamKeyOf(job.program);
    const streams = withStream(contributor.streams, key, stream);
    this.#options.putContributor(tick, { ...contributor, streams });
    if (stream.ejected) this.#options.ejected(id, key);
  }

  #poolOf(job: JobId): ProbePool {
    const pool = this.#pools.get(job) ?? new ProbePool(this.#options.random);
    this.#pools.set(job, pool);
    return pool;
  }
}

const escrowKey = (contributor: ContributorId, { program }: Job): string =>
  `${contributor}/${streamKeyOf(program)}`;
