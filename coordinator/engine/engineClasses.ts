/**
 * What follows when an engine class is quarantined: its reports are not taken, what is not final of it is done again,
 * and who was blamed for its driver is not any more.
 *
 * Which class it is, `ClassWatch` knows. Invariant: final results and their credit stay; work is disowned in the tick
 * that finds the class.
 */
import type { AssignmentId, ContributorId } from '../../shared/ids.ts';
import { forgiven, type ClassMember, type ClassRecord } from '../core/classes.ts';
import type { Assignment, Contributor, Job } from '../core/state.ts';
import type { ShardInput } from '../core/shardInput.ts';
import { reportsOf, type ShardWork } from '../core/step.ts';
import { programKeyOf, programOfStream } from '../core/stream.ts';
import type { Notice } from './calibrations.ts';
import { ClassWatch } from './classWatch.ts';
import type { ConnectedHost, Hosts } from './hosts.ts';
import type { OpenWork } from './openWork.ts';
import type { Tick } from './tick.ts';
import type { Ticker } from './ticker.ts';
import { CLASS_QUARANTINED } from './waiting.ts';

export interface EngineClassesOptions {
  readonly hosts: Hosts;
  readonly work: OpenWork;
  readonly ticker: Ticker;
  readonly now: () => number;
  readonly notice: Notice;
  /** Undefined where its record is not in memory. */
  readonly contributor: (id: ContributorId) => Contributor | undefined;
  /** Brings a record into memory, where the store has it. */
  readonly recall: (id: ContributorId) => Promise<void>;
  readonly putContributor: (tick: Tick, contributor: Contributor) => void;
  readonly apply: (tick: Tick, work: ShardWork, input: ShardInput) => void;
}

export class EngineClasses {
  readonly watch: ClassWatch;
  readonly #options: EngineClassesOptions;

  constructor(options: EngineClassesOptions) {
    this.#options = options;
    this.watch = new ClassWatch({
      ...options,
      respond: (tick, record, blameless) => {
        this.#disown(tick, record);
        for (const member of blameless) this.#forgiveSoon(tick, record.program, member);
      },
    });
  }

  /**
   * Refuses a report of a class that was quarantined while it was computed, and tells its host why. False where the
   * class is as good as any.
   */
  refuses(
    tick: Tick,
    host: ConnectedHost,
    work: ShardWork,
    assignment: AssignmentId,
    engineClass: string,
  ): boolean {
    const { program } = this.#options.work.jobOf(work.shard);
    if (!this.watch.isQuarantined(programKeyOf(program), engineClass)) return false;
    host.leases.delete(assignment);
    tick.afterCommit(() =>
      host.link.send({ type: 'refused', problem: CLASS_QUARANTINED, assignment }),
    );
    // Not a return: nobody may be called to account for it.
    this.#options.apply(tick, work, { kind: 'withdrawn', assignment });
    return true;
  }

  /** Its class was quarantined before its verdict came: the referee had been asked already. */
  isBlameless(job: Job, { state }: Assignment): boolean {
    if (state.kind !== 'judged') return false;
    return this.watch.isQuarantined(programKeyOf(job.program), state.engineClass);
  }

  #disown(tick: Tick, { program, engineClass }: ClassRecord): void {
    const { work, apply } = this.#options;
    for (const { shard } of [...work.shards.values()]) {
      // A step of this loop may have ended the job of a later one. The referee is waited for where it was asked.
      const now = work.shards.get(shard.id);
      if (now === undefined || now.shard.state.kind === 'refereeing') continue;
      if (programKeyOf(work.jobOf(shard).program) !== program) continue;
      for (const { id: assignment, state } of reportsOf(now)) {
        if (state.kind !== 'reported' || state.engineClass !== engineClass) continue;
        const reason = CLASS_QUARANTINED.detail;
        apply(tick, work.shards.get(shard.id)!, { kind: 'disowned', assignment, reason });
      }
    }
  }

  #forgiveSoon(tick: Tick, program: string, member: ClassMember): void {
    const { contributor, recall, ticker } = this.#options;
    if (contributor(member.contributor) !== undefined) return this.#forgive(tick, program, member);
    const later = () => ticker.enqueue(0, (next) => this.#forgive(next, program, member));
    recall(member.contributor).then(later, (error: unknown) => ticker.fatal(error));
  }

  #forgive(tick: Tick, program: string, { contributor: id, wrong }: ClassMember): void {
    const record = this.#options.contributor(id);
    if (record === undefined) return;
    this.#options.putContributor(tick, {
      ...record,
      disagreed: Math.max(0, record.disagreed - wrong),
      streams: record.streams.map(({ key, stream }) => ({
        key,
        stream: programOfStream(key) === program ? forgiven(stream) : stream,
      })),
    });
    this.#options.hosts.readmit(id, program);
  }
}
