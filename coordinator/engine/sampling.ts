/**
 * The sampled policy at work: chooses probes, has reports checked, files what was found, and tells which
 * provisional shards are final or are taken back.
 *
 * Holds an index over committed records only. Invariant: every change of a shard goes through `apply`, every
 * change of a contributor through `putContributor`, both inside a tick.
 */
import type { AssignmentId, ContributorId, JobId, RandomBytes, ShardId } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';
import { secretDraws } from '../core/challenge.ts';
import { sampleRoom, samplesLeft } from '../core/refereeBudget.ts';
import type { Assignment, Contributor, Job, Probe, Shard } from '../core/state.ts';
import type { ShardInput } from '../core/shardInput.ts';
import { find, reportsOf, type ShardWork } from '../core/step.ts';
import {
  BLIND_RATE,
  afterChecks,
  afterDoubt,
  afterReport,
  checksMissing,
  cleanChecks,
  gateOf,
  probesOf,
  programKeyOf,
  streamKeyOf,
  streamOf,
  triageMissing,
  withStream,
  type Stream,
} from '../core/stream.ts';
import { hmacSha256 } from '../digest.ts';
import { Escrow, acceptedOf } from './escrow.ts';
import type { Asker } from './probePool.ts';
import { byLot, lotsUnderWay } from './openLots.ts';
import { ProbePools } from './probePools.ts';
import { classOf } from './findings.ts';
import type { SampleFindings } from './sampleCheck.ts';
import { Sampler, type SamplerOptions } from './sampler.ts';
import type { Tick } from './tick.ts';

export interface SamplingOptions extends Omit<SamplerOptions, 'finalOutput'> {
  readonly random: RandomBytes;
  readonly contributor: (id: ContributorId) => Contributor;
  readonly putContributor: (tick: Tick, contributor: Contributor) => void;
  readonly apply: (tick: Tick, work: ShardWork, input: ShardInput) => void;
  /** Of a program (`programKeyOf`). */
  readonly ejected: (tick: Tick, contributor: ContributorId, program: string) => void;
}

/**
 * Items that one sweep has the referee sample, of one contributor: more of those that are done in a moment, because
 * disputes must not stand behind them.
 */
const TOP_UP_ITEMS = 32;
const TOP_UP_MS = 100;
const MOST_TOP_UP_ITEMS = 256;
/** In triage, of one shard: a bad report must not hide among good ones. */
const TRIAGE_ITEMS_PER_SHARD = 4;
export class Sampling {
  readonly #options: SamplingOptions;
  readonly #pools: ProbePools;
  readonly #escrow: Escrow;
  readonly #sampler: Sampler;
  readonly #checking = new Set<AssignmentId>();
  /** Shards of which the referee has samples now, by contributor. */
  readonly #toppingUp = new Map<ContributorId, number>();

  constructor(options: SamplingOptions) {
    this.#options = options;
    this.#escrow = new Escrow(options.work.shards);
    this.#pools = new ProbePools(options.random);
    const finalOutput = (job: Job, shard: ShardId) =>
      this.#pools.find(job, shard)?.finalOutput(shard) ?? null;
    this.#sampler = new Sampler({ ...options, finalOutput });
  }

  /**
   * The probes of an assignment that is about to be granted. Who has had the shard before and gave it back gets the
   * same again: two lists with other probes would tell which they are.
   */
  probesFor(host: Asker, job: Job, { shard, assignments }: ShardWork): readonly Probe[] {
    const before = assignments.findLast(({ contributor }) => contributor === host.contributor);
    if (before !== undefined) return before.probes;
    const { items } = shard;
    const pool = this.#pools.find(job, shard.id);
    if (job.verification.kind !== 'sampled' || pool === undefined) return [];
    const stream = this.#stream(host.contributor, job);
    return pool.choose(host, probesOf(stream, items, this.#fraction()));
  }

  /** An assignment ended without a report. */
  release({ job: id, shard, probes }: Assignment): void {
    const open = this.#options.work.jobs.get(id);
    if (open !== undefined) this.#pools.find(open.job, shard)?.release(probes);
  }

  /** A shard went from one state to another: the index follows. */
  follow(job: Job, before: Shard['state'], work: ShardWork): void {
    const { shard, assignments } = work;
    const { state } = shard;
    if (before.kind === state.kind) return;
    const accepted = acceptedOf(work);
    if (accepted !== null) {
      const { contributor, cohort } = accepted;
      const items = this.#options.work.itemsOf(shard);
      const engineClass = classOf(accepted);
      this.#pools
        .of(job, shard.id)
        .add({ shard: shard.id, contributor, cohort, engineClass, items });
      return this.#escrow.add(job, contributor, shard.id);
    }
    if (before.kind !== 'provisional') return;
    const pool = this.#pools.find(job, shard.id);
    const report = assignments.find(({ id }) => id === before.assignment)!;
    if (state.kind === 'settled') {
      pool?.settle(shard.id, { output: state.output, engineClass: classOf(report) });
    } else pool?.void(shard.id);
    this.#escrow.remove(job, report.contributor, shard.id);
  }

  /** The job has ended. */
  forget(job: JobId): void {
    this.#pools.forget(job);
    this.#escrow.forget(job);
  }

  /** Has the shard's report checked; what comes of it is another tick. */
  check(job: Job, work: ShardWork): void {
    const [report] = reportsOf(work);
    assert(report?.state.kind === 'reported', 'check: no report');
    if (this.#checking.has(report.id)) return;
    this.#checking.add(report.id);
    const blind = this.#blindOf(job, work, report);
    const { output, probeOutput, engineClass } = report.state;
    const { probes } = report;
    const sampled = { shard: work.shard.id, output, engineClass, probeOutput, probes, blind };
    this.#sampler.find(job, sampled, (tick, found) => {
      this.#checking.delete(report.id);
      const now = this.#options.work.shards.get(work.shard.id);
      if (now?.shard.state.kind !== 'open') return;
      if (find(now, report.id).state.kind !== 'reported') return;
      if (found === null) return this.#options.apply(tick, now, { kind: 'check-failed' });
      this.#reported(tick, job, now, report, found);
    });
  }

  /**
   * Has the referee sample what is provisional: where a mismatch was found, to know at once whether it was a
   * fault or a habit; and, within its budget, where nobody else will check it. To be called at every sweep.
   */
  topUp(tick: Tick): void {
    let underWay: ReadonlySet<string> | null = null;
    const isUnderWay = (lot: string): boolean =>
      (underWay ??= lotsUnderWay(this.#options.work)).has(lot);
    for (const { contributor, works } of [...this.#escrow.all()]) {
      const newest = works.at(-1);
      if (newest === undefined || this.#toppingUp.has(contributor)) continue;
      const job = this.#options.work.jobOf(newest.shard);
      // What became enough elsewhere, by another job or before a restart, is seen here.
      this.#review(tick, contributor, job);
      const suspect = triageMissing(this.#stream(contributor, job));
      if (suspect > 0)
        this.#triage(works, Math.min(suspect, TOP_UP_ITEMS, sampleRoom(this.#sampler.waiting)));
      else this.#topUpLeftAlone(works, isUnderWay);
    }
  }

  #triage(works: readonly ShardWork[], count: number): void {
    const left = [...works];
    for (let sampled = 0; sampled < count && left.length > 0; sampled += TRIAGE_ITEMS_PER_SHARD) {
      const [work] = left.splice(Math.floor(this.#fraction() * left.length), 1);
      this.#topUpOne(this.#options.work.jobOf(work!.shard), [work!], TRIAGE_ITEMS_PER_SHARD);
    }
  }

  #topUpLeftAlone(works: readonly ShardWork[], isUnderWay: (lot: string) => boolean): void {
    // One job may have no room where another has: the newest shard of each, of each of its lots, is asked for.
    for (const [lot, ofLot] of byLot(works, this.#options.work)) {
      const newest = ofLot.at(-1)!;
      const job = this.#options.work.jobOf(newest.shard);
      if (!this.#isLeftAlone(job, () => isUnderWay(lot))) continue;
      const quickly = Math.floor(TOP_UP_MS / Math.max(job.facts.refereeMsPerItem, 1e-3));
      const atOnce = Math.min(Math.max(TOP_UP_ITEMS, quickly), MOST_TOP_UP_ITEMS);
      const count = Math.min(this.missing(newest), atOnce, this.#samplesLeft(job));
      if (count > 0) return this.#topUpOne(job, ofLot, count);
    }
  }

  /** Clean checks that are missing before a provisional shard is final. */
  missing(work: ShardWork): number {
    const { state } = work.shard;
    assert(state.kind === 'provisional', 'missing: the shard is not provisional');
    const { contributor } = acceptedOf(work)!;
    const job = this.#options.work.jobOf(work.shard);
    return checksMissing(
      this.#stream(contributor, job),
      state.checksThen,
      gateOf(job.verification),
    );
  }

  #samplesLeft = (job: Job): number => samplesLeft(job, this.#sampler.waiting);

  /** No host will bring probes of the lot's provisional shards: all are, or nobody else computes. */
  #isLeftAlone(job: Job, isUnderWay: () => boolean): boolean {
    const { items, counts, added } = job;
    const accepted = counts.settledItems + counts.provisionalItems + counts.failedItems;
    const isAccepted = accepted === items || (added !== undefined && !isUnderWay());
    return isAccepted || this.#pools.hasOneContributor(job.id);
  }

  /** Drawn from what the host has committed to: after it, bound to it, and the same after a restart. */
  #blindOf(job: Job, { shard }: ShardWork, report: Assignment): Probe[] {
    const { contributor, probes, state } = report;
    assert(state.kind === 'reported', 'blindOf: no report');
    const draw = secretDraws(job, report, state.root, hmacSha256);
    const stream = this.#stream(contributor, job);
    const wanted = probesOf(stream, shard.items, draw()) - probes.length;
    const unasked = Math.floor(shard.items * BLIND_RATE + draw());
    const affordable = Math.min(wanted, this.#samplesLeft(job));
    const count = Math.min(Math.max(affordable, unasked), shard.items);
    const items = this.#options.work.itemsOf(shard);
    const rows = new Set<number>();
    while (rows.size < count) rows.add(Math.floor(draw() * shard.items));
    return [...rows].map((row) => ({ item: items[row]!, shard: shard.id, row }));
  }

  #fraction(): number {
    const bytes = this.#options.random(4);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32;
  }

  /** Samples of one of these shards, all of one lot and contributor. */
  #topUpOne(job: Job, works: readonly ShardWork[], count: number): void {
    const ids = works.map(({ shard }) => shard.id);
    const blind = this.#pools.of(job, ids[0]!).chooseFrom(ids, count);
    const first = blind[0];
    if (first === undefined) return;
    const work = works.find(({ shard }) => shard.id === first.shard)!;
    const { shard } = work;
    assert(shard.state.kind === 'provisional', 'topUp: the shard is not provisional');
    const accepted = acceptedOf(work)!;
    const { contributor } = accepted;
    this.#toppingUp.set(contributor, (this.#toppingUp.get(contributor) ?? 0) + 1);
    const { output } = shard.state;
    const engineClass = classOf(accepted);
    const sampled = { shard: shard.id, output, engineClass, probeOutput: null, probes: [], blind };
    this.#sampler.find(job, sampled, (tick, found) => {
      const left = this.#toppingUp.get(contributor)! - 1;
      if (left === 0) this.#toppingUp.delete(contributor);
      else this.#toppingUp.set(contributor, left);
      const now = acceptedOf(this.#options.work.shards.get(shard.id));
      if (found === null || now?.id !== accepted.id) return;
      this.#checkedLater(tick, job, shard.id, found.own.outcome, found.own.fault);
      this.#pools.find(job, shard.id)?.check(blind);
      this.#review(tick, contributor, job);
    });
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
    for (const shard of others.keys()) {
      cohorts.set(shard, acceptedOf(this.#options.work.shards.get(shard))?.cohort ?? cohort);
    }
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
    const pool = this.#pools.of(job, work.shard.id);
    pool.check(checked);
    for (const probe of known) {
      if (this.#options.work.shards.get(probe.shard)?.shard.state.kind !== 'provisional') continue;
      pool.confirm(probe, contributor, [cohort, cohorts.get(probe.shard)!]);
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
    const stream = this.#stream(contributor, job);
    if (stream.ejected) return this.#takeBack(tick, contributor, programKeyOf(job.program));
    for (const { shard } of this.#escrow.of(contributor, streamKeyOf(job))) {
      const work = this.#options.work.shards.get(shard.id);
      // A step of this loop may have ended the job of a later one.
      if (work?.shard.state.kind !== 'provisional') continue;
      // Of the same stream, and perhaps of another job, which asks for more checks or for fewer.
      const own = this.#options.work.jobOf(work.shard);
      if (!this.#isFinal(own, stream, shard.id, work.shard.state.checksThen)) continue;
      const checkedItems = this.#pools.find(own, shard.id)?.checkedItems(shard.id) ?? 0;
      const clean = cleanChecks(stream);
      this.#options.apply(tick, work, { kind: 'finalised', checkedItems, cleanChecks: clean });
    }
  }

  /** Of a program, everything of a contributor that may be. */
  #takeBack(tick: Tick, contributor: ContributorId, program: string): void {
    for (const { shard } of this.#escrow.ofProgram(contributor, program)) {
      const work = this.#options.work.shards.get(shard.id);
      if (work?.shard.state.kind !== 'provisional') continue;
      const reason = 'taken back: other items of this contributor were found wrong';
      const { assignment } = work.shard.state;
      this.#options.apply(tick, work, { kind: 'rejected', assignment, reason });
    }
  }

  /** Whoever was ejected vouched for others: what its word made look right has to be checked again. */
  #doubt(tick: Tick, ejected: ContributorId, program: string): void {
    for (const { stream, vouched } of this.#escrow.vouchedFor(ejected, program)) {
      for (const [contributor, checks] of vouched) {
        const record = this.#options.contributor(contributor);
        const doubted = afterDoubt(streamOf(record.streams, stream), checks);
        const streams = withStream(record.streams, stream, doubted);
        this.#options.putContributor(tick, { ...record, streams });
      }
    }
    this.#pools.doubt(ejected);
  }

  /** Its contributor was checked enough, or nothing of it is left to check. */
  #isFinal(job: Job, stream: Stream, shard: ShardId, checksThen: number): boolean {
    if (checksMissing(stream, checksThen, gateOf(job.verification)) === 0) return true;
    return this.#pools.find(job, shard)?.isWhollyChecked(shard) === true;
  }

  #stream(contributor: ContributorId, job: Job): Stream {
    return streamOf(this.#options.contributor(contributor).streams, streamKeyOf(job));
  }

  #putStream(tick: Tick, id: ContributorId, job: Job, stream: Stream): void {
    const contributor = this.#options.contributor(id);
    const key = streamKeyOf(job);
    const wasEjected = streamOf(contributor.streams, key).ejected;
    const streams = withStream(contributor.streams, key, stream);
    this.#options.putContributor(tick, { ...contributor, streams });
    if (!stream.ejected || wasEjected) return;
    // Before anything is taken back: what is taken back vouches for nobody.
    const program = programKeyOf(job.program);
    this.#doubt(tick, id, program);
    this.#options.ejected(tick, id, program);
  }
}
