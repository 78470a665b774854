/**
 * Ports for tests of the host: a scripted link, a hand-turned clock, an engine that answers when told.
 *
 * Nothing here runs outside tests. Invariant: nothing happens by itself; a test says when.
 */
import { decodeFrame, encodeFrame } from '../../shared/frame.ts';
import type { AssignmentId, BlobDigest, HostId, JobId, KeyId } from '../../shared/ids.ts';
import { merkleTree } from '../../shared/merkle.ts';
import { itemChunks } from '../../shared/program.ts';
import {
  LINK_VERSION,
  hostMessageSchema,
  type AssignMessage,
  type CoordinatorMessage,
  type HostMessage,
} from '../../shared/protocol/link.ts';
import type { Wishes } from '../../shared/protocol/wishes.ts';
import { assert, fail, ok } from '../../shared/result.ts';
import { tensorOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import type { Compute, ComputeResult, ComputeTask, Computed } from '../compute/api.ts';
import type { HostEvent } from './events.ts';
import { Host } from './host.ts';
import type { BlobSource, Clock, LinkHandlers } from './ports.ts';

export class ManualClock implements Clock {
  #now = 0;
  #timers: { atMs: number; fire: () => void }[] = [];

  nowMs(): number {
    return this.#now;
  }

  after(delayMs: number, fire: () => void): () => void {
    const timer = { atMs: this.#now + delayMs, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Passes time, firing what is due in order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter((t) => t.atMs <= end).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = next.atMs;
      next.fire();
    }
    this.#now = end;
  }
}

/** The coordinator's end of one link. */
export class ScriptedLink {
  readonly handlers: LinkHandlers;
  readonly sent: (HostMessage & { tensors?: NamedTensors })[] = [];
  open = true;

  constructor(handlers: LinkHandlers) {
    this.handlers = handlers;
  }

  tell(message: CoordinatorMessage, tensors?: NamedTensors): void {
    if (tensors === undefined) this.handlers.onText(JSON.stringify(message));
    else this.handlers.onBinary(encodeFrame(message, tensors));
  }

  take(message: string | Uint8Array): boolean {
    if (!this.open) return false;
    if (typeof message === 'string') {
      this.sent.push(hostMessageSchema.parse(JSON.parse(message)));
      return true;
    }
    const frame = decodeFrame(message);
    assert(frame.ok, 'a frame of the host must decode');
    const parsed = hostMessageSchema.parse(JSON.parse(frame.value.control));
    this.sent.push({ ...parsed, tensors: frame.value.tensors });
    return true;
  }

  drop(): void {
    this.open = false;
    this.handlers.onClose();
  }

  of<T extends HostMessage['type']>(type: T) {
    return this.sent.filter(
      (m): m is Extract<HostMessage, { type: T }> & { tensors?: NamedTensors } => m.type === type,
    );
  }
}

interface Run {
  readonly task: ComputeTask;
  readonly progress: (rowsDone: number) => void;
  readonly end: (result: ComputeResult<Computed>) => void;
}

/** Runs end when the test says so. */
export class ScriptedCompute implements Compute {
  readonly runs: Run[] = [];
  readonly loads: string[] = [];
  readonly cancelled: AssignmentId[] = [];
  readonly loaded = new Set<string>();

  facts() {
    return Promise.resolve({ engines: ['cpu'] as const, adapter: 'none', memoryBytes: 1 });
  }

  load(source: { key: string }) {
    this.loads.push(source.key);
    this.loaded.add(source.key);
    return Promise.resolve(ok(null));
  }

  run(task: ComputeTask, progress: (rowsDone: number) => void): Promise<ComputeResult<Computed>> {
    if (!this.loaded.has(task.programKey)) {
      return Promise.resolve(fail({ kind: 'not-loaded' as const, message: '' }));
    }
    return new Promise((end) => {
      const run = { task, progress, end };
      this.runs.push(run);
    });
  }

  cancel(id: AssignmentId): void {
    this.cancelled.push(id);
    this.#take(id)?.end(fail({ kind: 'cancelled', message: '' }));
  }

  /** Finishes the run of this assignment with outputs equal to its item indices, or with these. */
  finish(id: string, given?: Tensor): void {
    const run = this.#take(id);
    assert(run !== undefined, `no run of ${id}`);
    const { items } = run.task;
    const outputs = given === undefined ? outputsOf(items) : { out: given };
    const tree = merkleTree(itemChunks(outputs, items.length));
    run.end(ok({ outputs, tree, engine: 'cpu', reason: 'x', computeMs: 100 }));
  }

  failWith(id: string, kind: 'run-failed' | 'device-lost' | 'worker-died' | 'unavailable'): void {
    const run = this.#take(id);
    assert(run !== undefined, `no run of ${id}`);
    if (kind !== 'run-failed') this.loaded.clear();
    run.end(fail({ kind, message: `it ${kind}` }));
  }

  setDuty(): void {}

  bareLoop() {
    return Promise.resolve(fail({ kind: 'run-failed' as const, message: 'not in tests' }));
  }

  close() {
    return Promise.resolve();
  }

  #take(id: string): Run | undefined {
    const at = this.runs.findIndex((run) => run.task.id === id);
    return at < 0 ? undefined : this.runs.splice(at, 1)[0];
  }
}

/** Promise callbacks that are due run; there are no timers in between. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

export const NONCE = 'ab'.repeat(32);
export const CHALLENGE = 'cd'.repeat(32);

const outputsOf = (items: readonly number[]): NamedTensors => ({
  out: tensorOf('U32', [items.length], Uint32Array.from(items)),
});

/** Over the outputs of `ScriptedCompute`. */
export const treeOf = (items: readonly number[]): Uint8Array =>
  merkleTree(itemChunks(outputsOf(items), items.length));

export class Rig {
  readonly clock = new ManualClock();
  readonly compute = new ScriptedCompute();
  readonly links: ScriptedLink[] = [];
  readonly events: HostEvent[] = [];
  readonly signed: string[] = [];
  readonly host: Host;

  constructor(
    blobs: BlobSource = { get: () => Promise.resolve(ok(new Uint8Array(0))) },
    wishes?: () => Wishes,
  ) {
    this.host = new Host(
      {
        url: 'https://coordinator.example/some/page',
        connect: (url, handlers) => {
          assert(url === 'wss://coordinator.example/v1/link', `unexpected link address ${url}`);
          const link = new ScriptedLink(handlers);
          this.links.push(link);
          return {
            send: (message) => link.take(message),
            close: () => {
              if (link.open) link.drop();
            },
          };
        },
        compute: this.compute,
        peers: null,
        identity: {
          publicKey: '11'.repeat(32),
          host: 'host_1' as HostId,
          sign: (message) => {
            this.signed.push(new TextDecoder().decode(message));
            return Promise.resolve(new Uint8Array(64));
          },
        },
        blobs,
        ...(wishes === undefined ? {} : { wishes }),
        clock: this.clock,
        swarms: null,
        random: () => 0.5,
        agent: 'test',
      },
      (event) => this.events.push(event),
    );
  }

  get link(): ScriptedLink {
    const link = this.links.at(-1);
    assert(link !== undefined, 'no link was opened');
    return link;
  }

  /** Answers the newest link up to the welcome. */
  async welcome(leases: string[] = []): Promise<void> {
    this.link.tell({ type: 'challenge', version: LINK_VERSION, nonce: NONCE });
    await settle();
    this.link.tell({
      type: 'welcome',
      contributor: 'c_1' as never,
      host: 'host_1' as HostId,
      microCredits: '5',
      byeToken: 'bye',
      leases: leases as AssignmentId[],
    });
    await settle();
  }

  /** Answers the commitment to this assignment. */
  async open(id: string): Promise<void> {
    this.link.tell({ type: 'open', assignment: id as AssignmentId, challenge: CHALLENGE });
    await settle();
  }

  async assign(id: string, change: Partial<AssignMessage> = {}): Promise<void> {
    this.link.tell(assignment(id, change), {});
    await settle();
  }
}

export const assignment = (id: string, change: Partial<AssignMessage> = {}): AssignMessage => ({
  type: 'assign',
  assignment: id as AssignmentId,
  job: 'job_1' as JobId,
  jobName: 'a job',
  author: 'key_1' as KeyId,
  ratePercent: 100,
  program: { kind: 'kernel', kernel: 'montecarlo@1', params: {} },
  items: [3, 1, 2],
  constants: null as BlobDigest | null,
  feeds: {},
  outputs: { out: { dtype: 'U32', dims: [] } },
  nonFinite: 'refuse',
  flopsPerItem: 1,
  leaseMs: 40_000,
  ...change,
});
