/**
 * A real engine on the memory store, with links that only record: for tests that play hosts by hand.
 *
 * Time stands still unless the test moves it. Every item's right output is `3 * item`.
 */
import { randomBytes } from 'node:crypto';
import type {
  AssignmentId,
  ContributorId,
  HostId,
  JobId,
  RandomBytes,
} from '../../../shared/ids.ts';
import type { CoordinatorMessage, StageOfAssignment } from '../../../shared/protocol/link.ts';
import { ok } from '../../../shared/result.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../../shared/tensor.ts';
import { ALL_WORK } from '../../../shared/protocol/wishes.ts';
import { NO_ABORTS } from '../../core/aborts.ts';
import { shardsOf } from '../../core/plan.ts';
import type { Assignment, Contributor, Job } from '../../core/state.ts';
import { digest, jobOf } from '../../core/testing/work.ts';
import { digestOf } from '../../digest.ts';
import { MemoryData, openMemoryStore } from '../../store/memoryStore.ts';
import type { Changes, Store } from '../../store/store.ts';
import type { Checker } from '../checkQueue.ts';
import { Engine } from '../engine.ts';
import type { JobEnds } from '../engineOptions.ts';
import { Leases, type ConnectedHost } from '../hosts.ts';
import type { ReportedOutput } from '../outputs.ts';
import type { RefereeCompute } from '../refereeQueue.ts';
import type { StagePorts } from '../routes/stagedWork.ts';
import type { HostLink } from '../tick.ts';
import { NO_STAGES } from './noStages.ts';

/** Every message and assignment that a host was sent. */
export class RecordingLink implements HostLink {
  readonly sent: CoordinatorMessage[] = [];
  readonly assigned: {
    assignment: Assignment;
    items: readonly number[];
    stage: StageOfAssignment | undefined;
  }[] = [];
  readonly closed: string[] = [];

  send(message: CoordinatorMessage): void {
    this.sent.push(message);
  }
  sendAssignment(
    assignment: Assignment,
    _job: Job,
    items: readonly number[],
    stage?: StageOfAssignment,
  ): void {
    this.assigned.push({ assignment, items, stage });
  }
  close(reason: string): void {
    this.closed.push(reason);
  }
  /** All messages of one type. */
  all<T extends CoordinatorMessage['type']>(type: T) {
    return this.sent.filter(
      (it): it is Extract<CoordinatorMessage, { type: T }> => it.type === type,
    );
  }
}

export interface RigHost {
  readonly host: ConnectedHost;
  readonly link: RecordingLink;
  readonly contributor: Contributor;
}

export interface RigOptions {
  readonly data?: MemoryData;
  /** Of the memory where absent. */
  readonly open?: () => Promise<Store>;
  readonly random?: RandomBytes;
  readonly compute?: RefereeCompute;
  readonly checker?: Checker;
  readonly stages?: StagePorts;
  readonly jobEnds?: JobEnds;
  readonly keepResultsMs?: number | null;
}

export class EngineRig {
  nowMs = 1_000_000;
  /** What hosts say that a report took them. */
  computeMs = 1;
  readonly data: MemoryData;
  readonly fatal: unknown[] = [];
  /** While set, a commit waits for it; where it rejects, so does the commit. */
  gate: Promise<void> | null = null;
  commits: Changes[] = [];
  store!: Store;
  engine!: Engine;
  readonly #options: RigOptions;

  constructor(options: RigOptions = {}) {
    this.#options = options;
    this.data = options.data ?? new MemoryData();
  }

  static async started(options: RigOptions = {}): Promise<EngineRig> {
    const rig = new EngineRig(options);
    await rig.start();
    return rig;
  }

  async start(): Promise<void> {
    const store = await (this.#options.open?.() ?? openMemoryStore(this.data));
    this.store = gated(store, async (changes) => {
      this.commits.push(changes);
      await this.gate;
    });
    this.engine = new Engine({
      store: this.store,
      compute: this.#options.compute ?? (async (_job, items) => ok(outputsOf(items))),
      checker: this.#options.checker ?? {
        check: async (_job, items, outputs) => ok(faultOf(items, outputs)),
      },
      now: () => this.nowMs,
      random: this.#options.random ?? randomBytes,
      onFatal: (error) => this.fatal.push(error),
      stages: this.#options.stages ?? NO_STAGES,
      keepResultsMs: this.#options.keepResultsMs ?? null,
      ...(this.#options.jobEnds === undefined ? {} : { jobEnds: this.#options.jobEnds }),
    });
    await this.engine.start();
  }

  /** As after a kill: memory is gone, what was committed stays. */
  async restart(): Promise<void> {
    await this.engine.stop();
    await this.store.close();
    await this.start();
  }

  async post(changes: Partial<Job> = {}): Promise<Job> {
    const job = jobOf({ items: 20, itemsPerShard: 10, shards: 2, ...changes });
    const shards = shardsOf(job);
    const specDigest = digest('spec');
    const posting = { job, shards, idempotencyKey: null, specDigest, isPrepaid: false };
    await this.engine.payments.post(posting);
    return job;
  }

  /** A host of contributor `c_<who>`, connected; it asks for nothing yet. */
  async connect(who: string, changes: Partial<ConnectedHost> = {}): Promise<RigHost> {
    const fresh = contributorOf(who);
    const contributor = (await this.engine.contributor(fresh.id)) ?? fresh;
    const link = new RecordingLink();
    const host: ConnectedHost = {
      contributor: contributor.id,
      own: contributor.id,
      host: `host_${who}` as HostId,
      cohort: contributor.id,
      capabilities: { engines: ['webgpu', 'wasm', 'cpu'], adapter: 'a', memoryBytes: 2 ** 32 },
      link,
      slots: 0,
      leases: new Leases(),
      ejectedFrom: new Set(),
      wishes: ALL_WORK,
      classQuarantines: new Set(),
      driverRefuses: new Set(),
      failuresInARow: 0,
      coolsUntilMs: 0,
      quarantinedUntilMs: 0,
      toldWaiting: null,
      ...changes,
    };
    await this.engine.connect(host, contributor, () => {});
    return { host, link, contributor };
  }

  /** Connects a host that takes up to `slots` assignments. */
  async worker(who: string, slots = 1, changes: Partial<ConnectedHost> = {}): Promise<RigHost> {
    const worker = await this.connect(who, changes);
    this.engine.want(worker.host, slots);
    await this.quiet();
    return worker;
  }

  /** Reports the `index`-th assignment that the host was sent; `wrong` adds to every value. */
  report(
    { host, link }: RigHost,
    index = 0,
    wrong = 0,
    onRaced: () => void = () => undefined,
  ): void {
    const { assignment } = link.assigned[index]!;
    const work = this.engine.work.workOf(assignment.id);
    const items = work === undefined ? [0] : this.engine.work.itemsOf(work.shard);
    const probed = assignment.probes.map(({ item }) => item);
    const outputs = {
      own: encoded(outputsOf(items, wrong)),
      probes: probed.length === 0 ? null : encoded(outputsOf(probed, wrong)),
    };
    // Most hosts of the tests could use any engine: only where there is no other it is the GPU.
    const [only, another] = host.capabilities.engines;
    const engine = another === undefined && only !== undefined ? only : 'cpu';
    this.engine.commit(host, assignment.id, { root: digest('root') }, onRaced, () => undefined);
    const report = { engine, computeMs: this.computeMs } as const;
    this.engine.report(host, assignment.id, report, outputs, onRaced);
  }

  /** Everything asynchronous of this instant is done. */
  async quiet(): Promise<void> {
    for (let i = 0; i < 6; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.gate === null) await this.engine.idle();
    }
  }

  async sweep(afterMs = 0): Promise<void> {
    this.nowMs += afterMs;
    this.engine.sweep();
    await this.quiet();
  }

  /** The durable record of a job. */
  async job(id: JobId): Promise<Job> {
    return (await this.store.job(id))!;
  }

  async creditOf(who: string): Promise<bigint> {
    const { rows } = await this.store.credits(contributorOf(who).id, null, 1_000);
    return rows.reduce((sum, { microCredits }) => sum + microCredits, 0n);
  }

  async stateOf(id: AssignmentId): Promise<Assignment['state']['kind'] | undefined> {
    return (await this.store.assignment(id))?.state.kind;
  }
}

export const contributorOf = (who: string): Contributor => ({
  id: `c_${who}` as ContributorId,
  publicKey: digest(`key of ${who}`),
  firstSeenMs: 1,
  microCredits: 0n,
  agreed: 0,
  disagreed: 0,
  errored: 0,
  expired: 0,
  verifiedItems: 0,
  streams: [],
  aborts: NO_ABORTS,
});

export function outputsOf(items: readonly number[], wrong = 0): NamedTensors {
  return {
    hits: tensorOf(
      'U32',
      [items.length],
      Uint32Array.from(items, (it) => 3 * it + wrong),
    ),
  };
}

function faultOf(items: readonly number[], outputs: NamedTensors): string | null {
  const hits = valuesOf(outputs['hits']!);
  const row = items.findIndex((item, i) => hits[i] !== 3 * item);
  return row < 0 ? null : `item ${items[row]} is wrong`;
}

function encoded(outputs: NamedTensors): ReportedOutput {
  const bytes = encodeTensors(outputs);
  return { bytes, digest: digestOf(bytes) };
}

/** The store, with something awaited before every commit. */
function gated(store: Store, before: (changes: Changes) => Promise<void>): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit') {
        return async (changes: Changes) => {
          await before(changes);
          return target.commit(changes);
        };
      }
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
