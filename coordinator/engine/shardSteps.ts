/**
 * Steps of shards inside a tick: applies an input to one shard through the core, files the new records, and
 * starts what follows (a comparison, the referee, messages after the commit).
 */
import type { AssignmentId, ContributorId, RandomBytes, ShardId } from '../../shared/ids.ts';
import type { CoordinatorMessage } from '../../shared/protocol/link.ts';
import { JOB_RULES, SHARD_RULES, refusalOf } from '../core/assign.ts';
import { countExecution, countStep, hasEnded, isPaused } from '../core/job.ts';
import { endedUnreported, leaseLengthMs } from '../core/lease.ts';
import { countStates, needOf } from '../core/replicate.ts';
import type { Assignment, Contributor, Job, Shard } from '../core/state.ts';
import type { ShardInput } from '../core/shardInput.ts';
import { withTime } from '../core/results.ts';
import { workOf } from '../core/stages.ts';
import { find, reportsOf, stepShard, type ShardStep, type ShardWork } from '../core/step.ts';
import { programKeyOf } from '../core/stream.ts';
import type { Terms } from '../core/terms.ts';
import { coolDownMs, stepContributor, type TrustEvent } from '../core/trust.ts';
import type { Books } from './books.ts';
import { Calibrations, type Notice } from './calibrations.ts';
import type { Contributors } from './contributors.ts';
import type { JobEnds } from './engineOptions.ts';
import { EngineClasses } from './engineClasses.ts';
import { fileFindings, fileVerdict } from './findings.ts';
import { Grants } from './grants.ts';
import type { ConnectedHost, Hosts } from './hosts.ts';
import { CheckQueue, type CheckDone, type Checker } from './checkQueue.ts';
import { comparedByDigest, comparePairs } from './judge.ts';
import { Openings } from './openings.ts';
import { NOBODY, type OpenWork } from './openWork.ts';
import type { Outputs } from './outputs.ts';
import type { Paces } from './paces.ts';
import { StagedWork, type StagePorts } from './routes/stagedWork.ts';
import { logIfSettled } from './publicFacts.ts';
import { recordRefusals } from './refusals.ts';
import { RefereeQueue, type RefereeCompute, type RefereeDone } from './refereeQueue.ts';
import { Sampling } from './sampling.ts';
import type { Tick } from './tick.ts';
import type { Ticker } from './ticker.ts';

export interface StepsOptions {
  readonly stages: StagePorts;
  readonly hosts: Hosts;
  readonly work: OpenWork;
  readonly paces: Paces;
  readonly outputs: Outputs;
  readonly ticker: Ticker;
  readonly compute: RefereeCompute;
  readonly checker: Checker;
  readonly now: () => number;
  readonly random: RandomBytes;
  readonly notice: Notice;
  readonly contributors: Contributors;
  readonly books: Books;
  readonly jobEnds?: JobEnds;
  readonly keepResultsMs?: number | null;
  /** Of an assignment that the host is given now. */
  readonly termsOf: (host: ConnectedHost) => { readonly terms?: Terms };
}

export class ShardSteps {
  readonly calibrations: Calibrations;
  readonly classes: EngineClasses;
  readonly #options: StepsOptions;
  readonly #referee: RefereeQueue;
  readonly #checks: CheckQueue;
  readonly #sampling: Sampling;
  readonly staged: StagedWork;
  readonly openings: Openings;
  readonly #grants: Grants;

  constructor(options: StepsOptions) {
    this.#options = options;
    this.calibrations = new Calibrations(options.notice);
    const { contributors } = options;
    const contributor = (id: ContributorId) => contributors.get(id);
    const putContributor = (tick: Tick, record: Contributor) => contributors.put(tick, record);
    const apply = (tick: Tick, work: ShardWork, input: ShardInput) => this.apply(tick, work, input);
    const putJob = (tick: Tick, job: Job) => this.putJob(tick, job);
    const ejected = (tick: Tick, id: ContributorId, program: string) =>
      this.#eject(tick, id, program);
    const changes = { contributor, putContributor, apply, putJob, ejected };
    this.classes = new EngineClasses({
      ...options,
      ...changes,
      contributor: (id) => contributors.find(id),
      recall: (id) => contributors.recall(id),
    });
    const workOf = (id: ShardId) => options.work.shards.get(id);
    const { calibrations } = this;
    const deps = { calibrations, classes: this.classes.watch, workOf, contributor };
    const rule = (job: Job, a: string, b: string) => calibrations.ruleFor(job, a, b);
    this.#sampling = new Sampling({
      ...options,
      ...changes,
      rule,
      found: (tick, job, shard, findings) => fileFindings(tick, job, shard, findings, deps),
    });
    const deadlineMs = (job: Job, shard: Shard) => this.deadlineMs(job, shard);
    this.staged = new StagedWork({ ...options, ...options.stages, ...changes, rule, deadlineMs });
    this.openings = new Openings({
      ...options,
      ...changes,
      leaseMs: (job, { shard }) => this.#leaseMs(job, shard),
      rowsToShow: (...asked) => this.staged.checks.rowsToShow(...asked),
    });
    this.#grants = new Grants({
      ...options,
      ...changes,
      sampling: this.#sampling,
      isPlaced: (host) => this.staged.routes.isPlaced(host),
      deadlineMs,
    });
    const isRefereeing = (id: ShardId) =>
      options.work.shards.get(id)?.shard.state.kind === 'refereeing';
    const ruleOf = (job: Job) => (a: string, b: string) => rule(job, a, b);
    const { compute, outputs } = options;
    this.#referee = new RefereeQueue(compute, outputs, ruleOf, isRefereeing, (done) =>
      options.ticker.enqueue(done.output?.bytes.byteLength ?? 0, (tick) =>
        this.#refereed(tick, done),
      ),
    );
    this.#checks = new CheckQueue(options.checker, options.outputs, (done) =>
      options.ticker.enqueue(0, (tick) => this.#checked(tick, done)),
    );
  }

  /** One step of one shard, with everything that follows from it. */
  apply(tick: Tick, work: ShardWork, input: ShardInput): void {
    const job = this.#options.work.jobOf(work.shard);
    const nowMs = this.#options.now();
    const step = stepShard(job, work, input, nowMs);
    const { shard, assignments } = step.work;
    if (shard !== work.shard) tick.putShard(shard);
    assignments.forEach((it, i) => {
      const before = work.assignments[i];
      if (it === before) return;
      tick.putAssignment(it);
      if (before !== undefined) this.openings.follow(tick, before.state, it);
      if (endedUnreported(it)) this.#sampling.release(it);
    });
    logIfSettled(tick, work, step);
    const { books, contributors } = this.#options;
    books.credit(tick, job, step.credits.map(contributors.forHeir));
    recordRefusals(tick, work, step.work, contributors.forHeir);
    for (const { assignment, event } of step.trust) this.#trust(tick, job, assignment, event);
    for (const judged of step.judged)
      fileVerdict(tick, workOf(job, judged), judged, shard.items, this.classes.watch);
    this.#tellHosts(tick, step, input);
    this.#prune(tick, step);
    if (isStaged(job)) this.staged.follow(work.shard.state, step.work, step.need);
    else this.#sampling.follow(job, work.shard.state, step.work);
    this.#options.work.putShard(step.work, step.need);
    const counted = countStep(job, work.shard, step, nowMs);
    if (counted !== job) this.putJob(tick, counted);
    if (!hasEnded(shard)) this.follow(tick, counted, step.work, step.need);
  }

  /** A shard of the store, at start or of a job that was just posted. */
  takeUp(tick: Tick, job: Job, work: ShardWork): void {
    if (isStaged(job)) {
      const need = needOf(work.shard, work.assignments, job.verification);
      this.#options.work.putShard(work, need);
      this.staged.takeUp(tick, work, need);
    } else {
      this.#sampling.follow(job, { kind: 'open' }, work);
      this.follow(tick, job, work);
    }
  }

  /** Queues the shard as its need says, and starts what it needs that is not an assignment. */
  follow(
    tick: Tick,
    job: Job,
    work: ShardWork,
    need = needOf(work.shard, work.assignments, job.verification),
  ): void {
    this.#options.work.putShard(work, need);
    if (work.shard.state.kind === 'refereeing') {
      return this.#referee.add(job, work, this.#options.work.itemsOf(work.shard));
    }
    if (need.kind === 'check') return this.#check(job, work);
    if (need.kind !== 'comparison') return;
    const compared = comparedByDigest(reportsOf(work));
    if (compared !== null) this.apply(tick, work, compared);
    else this.#compareLater(job, work);
  }

  #check(job: Job, work: ShardWork): void {
    if (isStaged(job)) this.staged.checks.check(job, work);
    else if (job.verification.kind === 'sampled') this.#sampling.check(job, work);
    else this.#checks.add(job, work, this.#options.work.itemsOf(work.shard));
  }

  /** The job as it is kept. */
  putJob(tick: Tick, changed: Job): Job {
    const job = withTime(changed, this.#options.keepResultsMs ?? null);
    if (job.state.kind !== 'running') {
      this.#options.books.refund(tick, job, this.#options.now());
      this.#sampling.forget(job.id);
      this.staged.forget(tick, job.id);
      this.#tellEnd(tick, job);
    }
    this.#options.work.putJob(job);
    tick.putJob(job);
    return job;
  }

  #tellEnd(tick: Tick, job: Job): void {
    const { jobEnds } = this.#options;
    const event = jobEnds?.eventOf(job) ?? null;
    if (event === null) return;
    tick.addEvent(event);
    tick.afterCommit(() => jobEnds?.committed(event));
  }

  /** Gives hosts what they are free for; the last of every tick. */
  grantWork(tick: Tick): void {
    this.classes.watch.respond(tick);
    this.staged.routes.maintain(tick);
    this.#grants.fill(tick);
  }

  /** Where no second contributor can be had and the author allows it, the referee is asked. */
  seekSecondOpinions(tick: Tick): void {
    this.#sampling.topUp(tick);
    this.staged.checks.topUp();
    this.staged.routes.improve(tick);
    for (const { job, wanting } of this.#options.work.jobs.values()) {
      const { verification } = job;
      if (isPaused(job)) continue;
      if (!('secondOpinion' in verification) || verification.secondOpinion !== 'referee') continue;
      const begun = [...wanting].flatMap(([group, ids]) => (group === NOBODY ? [] : [...ids]));
      for (const id of begun) {
        if (this.#referee.isFull) return;
        const work = this.#options.work.shards.get(id)!;
        const { leased, reported } = countStates(work.assignments);
        // A lease that is out is an opinion on its way.
        if (leased > 0 || this.#someoneElseMay(job, work)) continue;
        // A quorum wants one opinion of somebody else; of a sample, whoever is here has had the shard and failed.
        if ((verification.kind === 'quorum') !== reported > 0) continue;
        this.apply(tick, work, { kind: 'second-opinion-wanted' });
      }
    }
  }

  /** Is a host at work, or waiting for work, that may be given this shard? */
  #someoneElseMay(job: Job, { assignments }: ShardWork): boolean {
    const nowMs = this.#options.now();
    for (const host of this.#options.hosts.all()) {
      if (host.slots === 0 && host.leases.size === 0) continue;
      if (refusalOf(JOB_RULES, { job, host, nowMs }) !== null) continue;
      if (refusalOf(SHARD_RULES, { assignments, host }) === null) return true;
    }
    return false;
  }

  /** When the lease of an assignment of this shard ends if it is granted or renewed now. */
  deadlineMs(job: Job, shard: Shard): number {
    return this.#options.now() + this.#leaseMs(job, shard);
  }

  #leaseMs(job: Job, shard: Shard): number {
    return leaseLengthMs(shard.items, job.facts.refereeMsPerItem);
  }

  /** A host did not deliver: too many times in a row, and it rests a little. */
  failed(host: ConnectedHost, id: AssignmentId): void {
    host.leases.delete(id);
    host.failuresInARow += 1;
    host.coolsUntilMs = this.#options.now() + coolDownMs(host.failuresInARow);
  }

  /** It could not compute it. What its driver refuses is the program's fault: it goes on with others at once. */
  erred(host: ConnectedHost, { shard }: ShardWork, id: AssignmentId, code: string): void {
    if (code !== 'program-refused') return this.failed(host, id);
    host.leases.delete(id);
    host.driverRefuses.add(programKeyOf(this.#options.work.jobOf(shard).program));
  }

  /** It cannot run what it was given, and would be given the same again at once. Of a route it is shunned (`routes/`). */
  unable(host: ConnectedHost, { shard }: ShardWork, id: AssignmentId): void {
    if (this.#options.work.jobOf(shard).program.kind !== 'staged') this.failed(host, id);
  }

  /** Nothing more of the program is given to the contributor, and what it still computes is not waited for. */
  #eject(tick: Tick, contributor: ContributorId, program: string): void {
    const { hosts, work } = this.#options;
    for (const host of hosts.eject(contributor, program)) {
      for (const assignment of host.leases) {
        const leased = work.workOf(assignment);
        if (leased === undefined || find(leased, assignment).state.kind !== 'leased') continue;
        const held = workOf(work.jobOf(leased.shard), find(leased, assignment));
        if (programKeyOf(held.program) !== program) continue;
        this.apply(tick, leased, { kind: 'withdrawn', assignment });
      }
    }
  }

  #compareLater(job: Job, { shard, assignments }: ShardWork): void {
    const { ticker, outputs, work } = this.#options;
    const reports = reportsOf({ shard, assignments });
    const rule = (a: string, b: string) => this.calibrations.ruleFor(job, a, b);
    comparePairs(rule, shard, reports, outputs).then(
      (compared) =>
        ticker.enqueue(0, (tick) => {
          const now = work.shards.get(shard.id);
          // The shard may have ended meanwhile (cancelled); another report means another comparison.
          if (now?.shard.state.kind !== 'open' || reportsOf(now).length !== reports.length) return;
          this.apply(tick, now, compared);
        }),
      (error: unknown) => ticker.fatal(error),
    );
  }

  #refereed(tick: Tick, { shard, input, output }: RefereeDone): void {
    const work = this.#options.work.shards.get(shard.id);
    if (work?.shard.state.kind !== 'refereeing') return;
    if (output !== null) {
      tick.addOutput({ shard: shard.id, ...output });
      this.putJob(tick, countExecution(this.#options.work.jobOf(shard), 'referee', shard.items));
    }
    this.apply(tick, work, input);
  }

  #checked(tick: Tick, { shard, report, input }: CheckDone): void {
    const work = this.#options.work.shards.get(shard.id);
    // The job may have been cancelled meanwhile: then nothing is left of the shard.
    if (work?.shard.state.kind !== 'open' || find(work, report).state.kind !== 'reported') return;
    this.apply(tick, work, input);
  }

  #prune(tick: Tick, { work, judged }: ShardStep): void {
    const { id, state } = work.shard;
    if (hasEnded(work.shard)) tick.pruneOutputs(id, state.kind === 'settled' ? state.output : null);
    for (const it of judged) {
      if (it.state.kind === 'judged') this.#options.outputs.forget(id, it.state.output);
    }
  }

  #trust(tick: Tick, job: Job, assignment: Assignment, event: TrustEvent): void {
    const work = workOf(job, assignment);
    if (event.kind === 'disagreed' && this.classes.isBlameless(work, assignment)) return;
    const { contributor: id } = assignment;
    const { contributors } = this.#options;
    contributors.put(tick, stepContributor(contributors.get(id), event));
  }

  #tellHosts(tick: Tick, { judged, revoked, work }: ShardStep, { kind }: ShardInput): void {
    const reason = reasonOfRevoking(kind, hasEnded(work.shard));
    const tell = ({ contributor, host }: Assignment, message: CoordinatorMessage) =>
      tick.afterCommit(() => this.#options.hosts.find(contributor, host)?.link.send(message));
    for (const it of judged) {
      if (it.state.kind !== 'judged') continue;
      const { verdict, reason } = it.state;
      const microCredits = it.state.microCredits.toString();
      const { items } = work.shard;
      tell(it, { type: 'settled', assignment: it.id, verdict, microCredits, items, reason });
    }
    for (const it of revoked) {
      this.#options.hosts.find(it.contributor, it.host)?.leases.delete(it.id);
      tell(it, { type: 'revoke', assignments: [it.id], reason });
    }
  }
}

const isStaged = ({ verification }: Job): boolean => verification.kind === 'stages';

/** Why leases that are out are not wanted any more. */
function reasonOfRevoking(kind: ShardInput['kind'], isEnded: boolean) {
  if (kind === 'withdrawn') return 'withdrawn';
  if (kind === 'committed') return 'overtaken';
  return isEnded ? 'settled-without-you' : 'job-ended';
}
