/**
 * Has samples of reports compared and recomputed, one report at a time; and counts what that costs its job.
 *
 * What is found comes in a tick of its own, and is only of those who still hold what was looked at.
 */
import type { Acceptance } from '../../shared/acceptance.ts';
import type { AssignmentId, JobId, ShardId } from '../../shared/ids.ts';
import { countExecution, countSamples } from '../core/job.ts';
import type { Job } from '../core/state.ts';
import { find } from '../core/step.ts';
import { classOf } from './findings.ts';
import type { OpenWork } from './openWork.ts';
import type { Outputs } from './outputs.ts';
import type { RefereeCompute } from './refereeQueue.ts';
import {
  checkSample,
  type AcceptedOutput,
  type SampledReport,
  type SampleFindings,
} from './sampleCheck.ts';
import type { Tick } from './tick.ts';
import type { Ticker } from './ticker.ts';

export interface SamplerOptions {
  readonly work: OpenWork;
  readonly outputs: Outputs;
  readonly ticker: Ticker;
  readonly compute: RefereeCompute;
  readonly putJob: (tick: Tick, job: Job) => void;
  readonly rule: (job: Job, a: string, b: string) => Acceptance;
  /** Of a shard that is final; null for others. */
  readonly finalOutput: (job: Job, shard: ShardId) => AcceptedOutput | null;
  /** Files what was found of a report of this shard and of others, before it is acted on. */
  readonly found: (tick: Tick, job: Job, shard: ShardId, findings: SampleFindings) => void;
}

export class Sampler {
  readonly #options: SamplerOptions;
  #waiting = 0;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** Items that wait for the referee as samples. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Nothing is found where outputs are gone, or the referee could not compute. */
  find(
    job: Job,
    report: SampledReport,
    then: (tick: Tick, found: SampleFindings | null) => void,
  ): void {
    const { outputs, compute, ticker } = this.#options;
    const asked = report.blind.length;
    this.#waiting += asked;
    const holders = new Map<ShardId, AssignmentId>();
    const accepted = (shard: ShardId) => this.#accepted(job, shard, holders);
    const rule = (a: string, b: string) => this.#options.rule(job, a, b);
    const found = checkSample(job, report, { outputs, compute, accepted, rule }).then(
      (result) => (result.ok ? result.value : null),
      // Outputs are gone, because the job was cancelled meanwhile, or cannot be read: nothing was found.
      () => null,
    );
    void found.then((findings) =>
      ticker.enqueue(0, (tick) => {
        this.#waiting -= asked;
        if (findings === null) return then(tick, null);
        // Of a report that is wrong few are computed, and nobody else shall be sampled less for it.
        const samples = findings.own.fault === null ? asked : 0;
        this.#count(tick, job.id, findings.refereed, samples);
        const theirs = this.#stillHeld(findings, holders);
        this.#options.found(tick, job, report.shard, theirs);
        then(tick, theirs);
      }),
    );
  }

  /** Whose report it is goes into `holders`, where it may still be taken back. */
  #accepted(job: Job, shard: ShardId, holders: Map<ShardId, AssignmentId>): AcceptedOutput | null {
    const work = this.#options.work.shards.get(shard);
    const state = work?.shard.state;
    if (work === undefined || state?.kind !== 'provisional') {
      return this.#options.finalOutput(job, shard);
    }
    holders.set(shard, state.assignment);
    return { output: state.output, engineClass: classOf(find(work, state.assignment)) };
  }

  /** Meanwhile a shard may have been taken from whoever held it: what was found is not the next one's. */
  #stillHeld(
    findings: SampleFindings,
    holders: ReadonlyMap<ShardId, AssignmentId>,
  ): SampleFindings {
    const others = [...findings.others].filter(([shard]) => {
      const state = this.#options.work.shards.get(shard)?.shard.state;
      return state?.kind !== 'provisional' || state.assignment === holders.get(shard);
    });
    return { ...findings, others: new Map(others) };
  }

  #count(tick: Tick, id: JobId, items: number, samples: number): void {
    const job = this.#options.work.jobs.get(id)?.job;
    if (job === undefined || items === 0) return;
    this.#options.putJob(tick, countSamples(countExecution(job, 'referee', items), samples));
  }
}
