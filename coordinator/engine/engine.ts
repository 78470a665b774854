/**
 * The engine: takes what happened to hosts and jobs, steps the core, commits, then speaks.
 *
 * It holds the open work in memory because the store belongs to it alone, and writes through: nothing is
 * sent before it is durable (see `ticker.ts`).
 */
import type { AssignmentId, ContributorId, JobId } from '../../shared/ids.ts';
import { contributorAccount } from '../../shared/ledger.ts';
import type { Waiting } from '../../shared/protocol/job.ts';
import type { HostMessage } from '../../shared/protocol/link.ts';
import { countExecution } from '../core/job.ts';
import { engineClassOf } from '../core/engineClass.ts';
import { isOverdue, longestHoldMs } from '../core/lease.ts';
import type { Contributor, Job, ReportedState, Shard } from '../core/state.ts';
import { programOfStream } from '../core/stream.ts';
import { find, type ShardWork } from '../core/step.ts';
import { Accounts } from './accounts.ts';
import type { Calibrations } from './calibrations.ts';
import type { ClassWatch } from './classWatch.ts';
import { Books } from './books.ts';
import { Communities } from './communities.ts';
import { Contributors } from './contributors.ts';
import type { EngineOptions } from './engineOptions.ts';
import { Hosts, type ConnectedHost } from './hosts.ts';
import type { StageBoundary } from './openings.ts';
import { isBalanceNeeded } from './neededBalances.ts';
import { OpenWork } from './openWork.ts';
import { Outputs, isStored, type ReportedOutputs } from './outputs.ts';
import { Paces } from './paces.ts';
import { Payments } from './payments.ts';
import { takeUpStored } from './restart.ts';
import type { Routes } from './routes/routes.ts';
import { RunningJobs } from './runningJobs.ts';
import { ShardSteps } from './shardSteps.ts';
import type { Tick } from './tick.ts';
import { Ticker } from './ticker.ts';
import { Watchers } from './watchers.ts';
import { INPUTS_UNREADABLE, waitingOfJob } from './waiting.ts';

/** What a host is told of itself when it connects. */
export interface KnownHost {
  /** Credit of its contributor, of everything that has settled before. */
  readonly microCredits: bigint;
  /** Its living leases. */
  readonly leases: readonly AssignmentId[];
}

export class Engine {
  readonly hosts = new Hosts();
  readonly work = new OpenWork();
  readonly paces: Paces;
  /** Called after a commit with the number of items that settled in it. */
  onSettled: (items: number) => void = () => undefined;
  readonly #options: EngineOptions;
  readonly #outputs: Outputs;
  readonly #ticker: Ticker;
  readonly #steps: ShardSteps;
  readonly #contributors: Contributors;
  readonly #books: Books;
  /** Jobs that are posted, and other movements of credit. */
  readonly payments: Payments;
  /** What may be done to a running job. */
  readonly jobs: RunningJobs;
  readonly accounts: Accounts;
  /** Teams and sites, and who shares with them. */
  readonly communities: Communities;
  /** Who is told of a job after every commit that changed it. */
  readonly watchers = new Watchers();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#outputs = new Outputs(options.store);
    this.paces = new Paces(options.now);
    this.#ticker = new Ticker({
      store: options.store,
      finish: (tick) => this.#steps.grantWork(tick),
      committed: (tick) => this.#committed(tick),
      onFatal: options.onFatal,
    });
    const { hosts, work, paces } = this;
    const { notice = () => undefined } = options;
    const shared = { hosts, work, outputs: this.#outputs, ticker: this.#ticker, paces };
    const books = new Books({
      ...options,
      isNeeded: (account) =>
        this.communities.isLiving(account) || isBalanceNeeded(account, this.#contributors, work),
      shared: {
        isLiving: (account) => this.communities.isLiving(account),
        given: (tick, shares) => this.communities.given(tick, shares),
      },
    });
    this.#books = books;
    this.#contributors = new Contributors(options.store, books);
    const contributors = this.#contributors;
    const ticker = this.#ticker;
    this.communities = new Communities({ ...options, ticker, contributors, books });
    const termsOf = (host: ConnectedHost) => this.communities.termsOf(host);
    this.#steps = new ShardSteps({ ...options, ...shared, contributors, books, notice, termsOf });
    const takeUp = (tick: Tick, job: Job, shards: readonly Shard[]) => {
      work.addJob(job);
      for (const shard of shards) this.#steps.takeUp(tick, job, { shard, assignments: [] });
    };
    this.jobs = new RunningJobs(work, ticker, this.#steps, books, options.now);
    const { teams, isGone } = this.communities;
    this.payments = new Payments({ store: options.store, books, ticker, work, takeUp, isGone });
    this.accounts = new Accounts({ ...options, ticker, books, contributors, teams, engine: this });
  }

  /** Takes up the open work, and everything else that the store has. */
  start(): Promise<void> {
    const { payments, communities, work } = this;
    const [ticker, steps] = [this.#ticker, this.#steps];
    const [contributors, books] = [this.#contributors, this.#books];
    const held = { ticker, steps, contributors, books, payments, communities, work };
    return takeUpStored({ ...this.#options, ...held });
  }

  get classes(): ClassWatch {
    return this.#steps.classes.watch;
  }

  get calibrations(): Calibrations {
    return this.#steps.calibrations;
  }

  /** An operator's word: the class may work on the program again. False where it is not quarantined. */
  liftClass(program: string, engineClass: string): Promise<boolean> {
    return this.#ticker.ask((tick) => this.classes.lift(tick, program, engineClass));
  }

  /** An operator's word: what the pair wants is granted. False where it wants nothing. */
  acceptCalibration(program: string, a: string, b: string): Promise<boolean> {
    return this.#ticker.ask((tick) => this.calibrations.accept(tick, program, a, b));
  }

  get routes(): Routes {
    return this.#steps.staged.routes;
  }

  get backlogBytes(): number {
    return this.#ticker.backlogBytes;
  }

  get isStopped(): boolean {
    return this.#ticker.isStopped;
  }

  /** Contributors whose records are in memory: those connected or with open work, and lately gone. */
  get rememberedContributors(): number {
    return this.#contributors.size;
  }

  /** The contributor's record, from memory or the store; null for one never seen. */
  contributor(id: ContributorId): Promise<Contributor | null> {
    return this.#contributors.read(id);
  }

  /**
   * A host has proven its key. `welcome` is called when its contributor's record is durable, in step with the
   * other messages of that tick: what settled before is in the credit it is given, what settles after is told.
   */
  async connect(
    host: ConnectedHost,
    contributor: Contributor,
    welcome: (known: KnownHost) => void,
  ): Promise<void> {
    await this.communities.recallOf(contributor.id, host.site ?? null);
    await this.#books.using([contributorAccount(contributor.id)], () =>
      this.#enter(host, contributor, welcome),
    );
  }

  #enter(
    host: ConnectedHost,
    contributor: Contributor,
    welcome: (known: KnownHost) => void,
  ): Promise<void> {
    return this.#ticker.ask((tick) => {
      const replaced = this.hosts.add(host);
      replaced?.link.close('this host has opened another link');
      // They are the new link's now: what still comes over the old one must not end them.
      replaced?.leases.clear();
      if (this.#contributors.find(contributor.id) === undefined)
        this.#contributors.put(tick, contributor);
      for (const { id, state } of this.work.leasesOf(host)) {
        host.leases.add(id);
        if (state.committed !== null) host.leases.commit(id);
      }
      const { microCredits, streams, aborts } = this.#contributors.get(contributor.id);
      for (const { key, stream } of streams)
        if (stream.ejected) host.ejectedFrom.add(programOfStream(key));
      host.quarantinedUntilMs = aborts.quarantinedUntilMs;
      for (const key of this.classes.programsRefusedTo(host)) host.classQuarantines.add(key);
      const known = { microCredits, leases: [...host.leases] };
      tick.afterCommit(() => welcome(known));
    });
  }

  /** Leases stay until their deadline: the host may come back with its report. */
  disconnect(host: ConnectedHost): void {
    this.#ticker.enqueue(0, () => void this.hosts.remove(host));
  }

  want(host: ConnectedHost, count: number): void {
    this.#ticker.enqueue(0, () => {
      // Who rested is told anew why it waits.
      if (host.slots === 0) host.toldWaiting = null;
      host.slots = count;
      this.routes.keep(host);
    });
  }

  /** What its volunteer wants from the next assignment on; its places on other routes go to others in the same tick. */
  wish(host: ConnectedHost, wishes: ConnectedHost['wishes']): void {
    this.#ticker.enqueue(0, () => void (host.wishes = wishes));
  }

  /** The host is about to stop: it is given nothing that begins anew, and its places go to others without loss. */
  handOver(host: ConnectedHost): void {
    this.#ticker.enqueue(0, () => {
      if (!this.routes.handOver(host)) host.slots = 0;
    });
  }

  progress(host: ConnectedHost, id: AssignmentId, itemsDone: number): void {
    this.#withLease(host, id, 0, (tick, work) => {
      const job = this.work.jobOf(work.shard);
      const longestMs = longestHoldMs(work.shard.items, job.facts.refereeMsPerItem);
      const lastMs = find(work, id).grantedAtMs + longestMs;
      const deadlineMs = Math.min(this.#steps.deadlineMs(job, work.shard), lastMs);
      this.#steps.apply(tick, work, { kind: 'progressed', assignment: id, itemsDone, deadlineMs });
    });
  }

  /** Answered by `open`; `onRefused` is called instead where another root was committed before. */
  commit(
    host: ConnectedHost,
    id: AssignmentId,
    { root, boundary }: { readonly root: string; readonly boundary?: StageBoundary | undefined },
    onRefused: () => void,
    onRaced: () => void,
  ): void {
    const take = (tick: Tick, work: ShardWork) => {
      const isTaken = this.#steps.openings.commit(tick, host, work, id, root, boundary);
      if (!isTaken) tick.afterCommit(onRefused);
    };
    this.#withLease(host, id, 0, take, onRaced);
  }

  /** `onRaced` is called instead where the lease ended before the report's turn came. */
  report(
    host: ConnectedHost,
    id: AssignmentId,
    report: Pick<ReportedState, 'engine' | 'computeMs'>,
    { own, probes, shown }: ReportedOutputs,
    onRaced: () => void,
  ): void {
    const outputs = [own, probes].filter(isStored);
    const bytes = outputs.reduce((sum, output) => sum + output.bytes.byteLength, 0);
    const engineClass = engineClassOf(report.engine, host.capabilities);
    const take = (tick: Tick, work: ShardWork) => {
      if (this.#steps.classes.refuses(tick, host, work, id, engineClass)) return;
      for (const output of outputs) {
        const stored = { shard: work.shard.id, ...output };
        tick.addOutput(stored);
        this.#outputs.put(stored);
      }
      const job = this.work.jobOf(work.shard);
      const items = work.shard.items + find(work, id).probes.length;
      // A route computes an item once, with all its stages: the last one counts.
      if (isStored(own)) this.#steps.putJob(tick, countExecution(job, 'host', items));
      if (shown === undefined) this.paces.note(host, job, items, report.computeMs);
      else this.#steps.staged.reported(host, job, work, id, report.computeMs, shown);
      host.failuresInARow = 0;
      host.leases.delete(id);
      tick.afterCommit(() => host.link.send({ type: 'received', assignment: id }));
      const probeOutput = probes?.digest ?? null;
      const reported = { ...report, engineClass, output: own.digest, probeOutput };
      this.#steps.apply(tick, work, { kind: 'reported', assignment: id, report: reported });
    };
    this.#withLease(host, id, bytes, take, onRaced);
  }

  /** A host says how it is connected to its neighbours on a route. */
  routeState(host: ConnectedHost, said: Extract<HostMessage, { type: 'route-state' }>): void {
    this.#ticker.enqueue(0, (tick) => this.#steps.staged.hear(tick, host, said));
  }

  computeError(host: ConnectedHost, id: AssignmentId, code: string, message: string): void {
    this.#withLease(host, id, 0, (tick, work) => {
      this.#steps.erred(host, work, id, code);
      this.#steps.apply(tick, work, { kind: 'errored', assignment: id, code, message });
    });
  }

  /** The coordinator could not send the assignment: its host is told, and not blamed. */
  undelivered(id: AssignmentId, reason: string): void {
    this.#ticker.enqueue(0, (tick) => {
      const work = this.work.workOf(id);
      if (work === undefined) return;
      const { contributor, host, state } = find(work, id);
      if (state.kind !== 'leased') return;
      this.hosts.find(contributor, host)?.leases.delete(id);
      tick.afterCommit(() =>
        this.hosts
          .find(contributor, host)
          ?.link.send({ type: 'refused', problem: INPUTS_UNREADABLE, assignment: id }),
      );
      this.#steps.apply(tick, work, { kind: 'undelivered', assignment: id, reason });
    });
  }

  returnLeases(host: ConnectedHost, ids: readonly AssignmentId[], reason: string): void {
    for (const id of ids) {
      this.#withLease(host, id, 0, (tick, work) => {
        host.leases.delete(id);
        if (reason === 'not-capable') this.#steps.unable(host, work, id);
        this.#steps.apply(tick, work, { kind: 'returned', assignment: id, reason });
      });
    }
  }

  /** The host goes away: everything it holds goes back, and it is granted nothing more. */
  leave(host: ConnectedHost, reason: 'closing' | 'frozen'): void {
    this.#ticker.enqueue(0, () => {
      this.hosts.remove(host);
      // What a frozen page has committed to it hands in when it thaws.
      const back = reason === 'frozen' ? host.leases.uncommitted : [...host.leases];
      this.returnLeases(host, back, reason);
    });
  }

  /** The record of a running job, as it is now. */
  runningJob(id: JobId): Job | null {
    return this.work.jobs.get(id)?.job ?? null;
  }

  waitingOf(job: Job): Waiting[] {
    return waitingOfJob(job, this.work, this.hosts, this.#options.now());
  }

  /** To be called every second or so: ends overdue leases, asks the referee, serves rested hosts, forgets. */
  sweep(): void {
    this.#ticker.enqueue(0, (tick) => {
      const nowMs = this.#options.now();
      for (const id of [...this.work.leased]) {
        const work = this.work.workOf(id)!;
        const assignment = find(work, id);
        if (!isOverdue(assignment, nowMs)) continue;
        const host = this.hosts.find(assignment.contributor, assignment.host);
        if (host !== undefined) this.#steps.failed(host, id);
        this.#steps.apply(tick, work, { kind: 'expired', assignment: id });
        tick.afterCommit(() =>
          host?.link.send({ type: 'revoke', assignments: [id], reason: 'lease-expired' }),
        );
      }
      this.jobs.expire(tick);
      this.hosts.forgetRested(nowMs);
      this.#steps.seekSecondOpinions(tick);
      tick.afterCommit(() =>
        this.#books.forget(this.#contributors.forgetIdle(this.hosts, this.work)),
      );
    });
  }

  /** Resolves when everything that was stepped before is durable. Rejects where that cannot be any more. */
  durable(): Promise<void> {
    return this.#ticker.ask(() => undefined);
  }

  /** Resolves when nothing waits for a transaction. */
  idle(): Promise<void> {
    return this.#ticker.idle();
  }

  /** Finishes the tick in progress; takes nothing more. */
  stop(): Promise<void> {
    return this.#ticker.stop();
  }

  #committed(tick: Tick): void {
    this.onSettled(tick.settledItems);
    for (const job of tick.changedJobs) this.watchers.tell(job);
  }

  /** Takes the input only while the host still holds the lease when its turn comes. */
  #withLease(
    host: ConnectedHost,
    id: AssignmentId,
    bytes: number,
    take: (tick: Tick, work: ShardWork) => void,
    onRaced: () => void = () => undefined,
  ): void {
    this.#ticker.enqueue(bytes, (tick) => {
      const work = host.leases.has(id) ? this.work.workOf(id) : undefined;
      if (work === undefined || find(work, id).state.kind !== 'leased') return onRaced();
      take(tick, work);
    });
  }
}
