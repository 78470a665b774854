/**
 * The assignments a host holds, from their arrival to the receipt of their reports.
 *
 * Holds no socket and no lifecycle: it computes through a port, and says what it wants to send. Invariant: an
 * assignment leaves the bench only when it was received, returned, revoked, refused or failed; a commitment
 * that is not yet opened, or a report not yet received, is kept and sent again while its lease lives.
 */
import type { AssignmentId } from '../../shared/ids.ts';
import { MAX_ERROR_CHARS, MAX_LEASES_PER_HOST, RECEIPT_DEADLINE_MS } from '../../shared/limits.ts';
import type { AssignMessage, HostMessage } from '../../shared/protocol/link.ts';
import { assert, messageOf } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { Compute, ComputeFailure, ComputeResult, Computed } from '../compute/api.ts';
import { computedOf, computingOf } from './announcement.ts';
import { afterFailure } from './afterFailure.ts';
import { faultOf, faultOfOutputs } from './assignmentFault.ts';
import { committed, opened, type UnsignedCommit } from './delivery.ts';
import type { EmitHostEvent } from './events.ts';
import { isFed, isToCompute, type Held } from './held.ts';
import { LeaseKeeper } from './leaseKeeper.ts';
import type { Clock, ComputedWork } from './ports.ts';
import type { StageFlow } from './stageFlow.ts';
import {
  programKeyOf,
  type Loadable,
  type LoadFailure,
  type ProgramLoader,
} from './programLoader.ts';

export interface WorkbenchPorts {
  readonly compute: Compute;
  readonly loader: ProgramLoader;
  readonly clock: Clock;
  readonly stages: StageFlow;
  /** Of the host's key, in hex. */
  readonly sign: (commit: UnsignedCommit) => Promise<string>;
  readonly emit: EmitHostEvent;
  /** Is shown whatever was computed here, before it is committed to. */
  readonly look?: (work: ComputedWork) => void;
  /** False where no welcomed link is open: the message is not sent. */
  readonly send: (message: HostMessage | Uint8Array) => boolean;
  /** Something arrived or left: the host looks at `slots` and `active` again. */
  readonly onChange: () => void;
  readonly onComputeLost: (text: string) => void;
  readonly onComputeBack: () => void;
  readonly onComputeFailed: (text: string) => void;
  /** The coordinator has not answered a commitment or a report in time: the link is taken for dead. */
  readonly onSilence: () => void;
}

/**
 * Tasks given to the compute port at once: it runs one, and finds the next without asking the page. A page that
 * shares its core may answer late, so short tasks are given further ahead.
 */
const COMPUTE_AHEAD_MS = 60;
const MAX_COMPUTE_DEPTH = 4;
/** Assignments in hand: what is asked for now comes after the coordinator's commits, with a network between. */
const WORK_AHEAD_MS = 500;
/** A task that lost its device or worker this often is reported as failing, for another host to try. */
const MAX_LOSSES = 2;
/** Ids remembered after they left, so that a message sent twice is not worked on twice. */
const REMEMBERED_IDS = 256;

export class Workbench {
  readonly #ports: WorkbenchPorts;
  readonly #held = new Map<AssignmentId, Held>();
  readonly #left = new Set<AssignmentId>();
  #lost = false;
  /** Smoothed time of one assignment; unknown before the first. */
  #assignmentMs: number | undefined;
  readonly #keeper: LeaseKeeper;

  constructor(ports: WorkbenchPorts) {
    this.#ports = ports;
    const leasesMs = () => [...this.#held.values()].map((held) => held.assign.leaseMs);
    this.#keeper = new LeaseKeeper(ports.clock, leasesMs, () => this.#tick());
  }

  /** Assignments that are still to be computed. */
  get active(): number {
    return [...this.#held.values()].filter(isToCompute).length;
  }

  /** Assignments that the coordinator has not answered for the last time. */
  get held(): number {
    return this.#held.size;
  }

  /** Assignments to hold at once, so that the engine never waits for the network. */
  get slots(): number {
    return this.#depthFor(WORK_AHEAD_MS, MAX_LEASES_PER_HOST);
  }

  accept(assign: AssignMessage, stacked: NamedTensors): void {
    const id = assign.assignment;
    if (this.#held.has(id) || this.#left.has(id)) return;
    const toldAtMs = this.#ports.clock.nowMs();
    const held: Held = {
      assign,
      stacked,
      phase: { kind: 'queued' },
      itemsDone: 0,
      announced: false,
      losses: 0,
      toldAtMs,
    };
    this.#held.set(id, held);
    const fault = faultOf(assign, stacked);
    if (fault !== null) this.#fail(held, 'bad-assignment', fault);
    else if (isFed(assign)) {
      held.phase = { kind: 'awaiting' };
      this.#ports.stages.await(assign);
      this.prepare(assign);
    }
    this.#pump();
    this.#keeper.arm();
    this.#ports.onChange();
  }

  /** Loads a program before it is needed. What fails now is tried again with the assignment, which says so. */
  prepare(program: Loadable): void {
    if (!this.#ports.loader.isLoaded(programKeyOf(program))) void this.#ports.loader.load(program);
  }

  /** After a welcome: goes on with the leases that live, forgets the others, returns what it does not hold. */
  reconcile(leases: readonly AssignmentId[]): void {
    const alive = new Set(leases);
    const now = this.#ports.clock.nowMs();
    for (const [id, held] of [...this.#held]) {
      if (!alive.has(id)) {
        this.#forget(id);
      } else if (!isToCompute(held)) {
        held.toldAtMs = now;
        this.#deliver(held);
      }
    }
    const strangers = leases.filter((id) => !this.#held.has(id));
    if (strangers.length > 0) {
      this.#ports.send({ type: 'return', assignments: strangers, reason: 'closing' });
    }
    this.#pump();
    this.#keeper.arm();
  }

  /** The inputs of a stage are there. */
  supply(id: AssignmentId, stacked: NamedTensors): void {
    const held = this.#held.get(id);
    if (held?.phase.kind !== 'awaiting') return;
    held.stacked = stacked;
    held.phase = { kind: 'queued' };
    this.#pump();
  }

  /** The inputs of a stage cannot be used. */
  refuse(id: AssignmentId, code: string, message: string): void {
    const held = this.#held.get(id);
    if (held?.phase.kind === 'awaiting') this.#fail(held, code, message);
  }

  /** The commitment is safe with the coordinator: the report follows, opened as it asks. Sent once. */
  open(id: AssignmentId, challenge: string, rows: readonly number[]): void {
    const held = this.#held.get(id);
    if (held?.phase.kind !== 'committed') return;
    held.phase = opened(held.phase, challenge, rows);
    held.toldAtMs = this.#ports.clock.nowMs();
    this.#deliver(held);
  }

  /** The report is safe with the coordinator. */
  received(id: AssignmentId): void {
    const held = this.#held.get(id);
    if (held?.assign.stage !== undefined) this.#ports.stages.received(held.assign);
    this.#leave(id);
    this.#ports.onChange();
  }

  /** No longer wanted, or refused. */
  drop(ids: readonly AssignmentId[]): void {
    for (const id of ids) this.#forget(id);
    this.#pump();
    this.#ports.onChange();
  }

  /** Stops computing; what was to be computed is given back by the caller. What was committed stays. */
  abandon(): AssignmentId[] {
    const ids = [...this.#held.values()].filter(isToCompute).map((held) => held.assign.assignment);
    for (const id of ids) this.#forget(id);
    return ids;
  }

  /** One that runs, and as many behind it as take `aheadMs`: at least one, two in all before the first was timed. */
  #depthFor(aheadMs: number, most: number): number {
    const ms = this.#assignmentMs ?? Infinity;
    return Math.min(1 + Math.max(1, Math.ceil(aheadMs / ms)), most);
  }

  #pump(): void {
    const all = [...this.#held.values()];
    const depth = this.#depthFor(COMPUTE_AHEAD_MS, MAX_COMPUTE_DEPTH);
    let free = depth - all.filter((held) => held.phase.kind === 'computing').length;
    for (const held of all) {
      if (free <= 0) return;
      if (held.phase.kind !== 'queued') continue;
      free -= 1;
      held.phase = { kind: 'computing' };
      void this.#work(held);
    }
  }

  async #work(held: Held): Promise<void> {
    for (;;) {
      const result = await this.#attempt(held);
      if (this.#held.get(held.assign.assignment) !== held) return;
      if (result.ok) {
        await this.#commit(held, result.value);
        break;
      }
      if (!this.#mayTryAgain(held, result.error)) break;
    }
    this.#pump();
    this.#ports.onChange();
  }

  /** Runs it, loading the program where the engine does not have it. */
  async #attempt(held: Held): Promise<ComputeResult<Computed> | { ok: false; error: LoadFailure }> {
    const { assign } = held;
    const programKey = programKeyOf(assign);
    const task = {
      id: assign.assignment,
      programKey,
      items: assign.items,
      stacked: held.stacked,
      treeOfInputs: assign.stage !== undefined,
    };
    const run = () =>
      this.#ports.compute.run(task, (rowsDone) => {
        this.#progress(held, rowsDone);
      });
    const loaded = this.#ports.loader.isLoaded(programKey);
    if (loaded) {
      const result = await run();
      if (result.ok || result.error.kind !== 'not-loaded') return result;
    }
    this.#ports.emit({ type: 'fetching', jobName: assign.jobName });
    const load = await this.#ports.loader.load(assign);
    return load.ok ? run() : load;
  }

  #progress(held: Held, rowsDone: number): void {
    const id = held.assign.assignment;
    if (this.#held.get(id) !== held) return;
    if (rowsDone > 0) this.#noteBack();
    if (!held.announced) {
      held.announced = true;
      this.#ports.emit(computingOf(held.assign));
    }
    if (rowsDone <= held.itemsDone) return;
    const newItems = rowsDone - held.itemsDone;
    held.itemsDone = rowsDone;
    this.#ports.emit({ type: 'progress', assignment: id, itemsDone: rowsDone, newItems });
    this.#renew(held);
  }

  async #commit(held: Held, computed: Computed): Promise<void> {
    const { assignment, items } = held.assign;
    const { outputs, computeMs } = computed;
    this.#progress(held, items.length);
    this.#noteBack();
    this.#assignmentMs =
      this.#assignmentMs === undefined ? computeMs : (this.#assignmentMs + computeMs) / 2;
    const fault = faultOfOutputs(held.assign, outputs);
    if (fault !== null) return this.#fail(held, 'not-finite', fault);
    if (held.assign.stage !== undefined) this.#ports.stages.computed(held.assign, outputs);
    this.#ports.look?.({ assign: held.assign, stacked: held.stacked, outputs });
    try {
      const phase = await committed(held.assign, held.stacked, computed, this.#ports.sign);
      if (this.#held.get(assignment) !== held) return;
      held.phase = phase;
    } catch (thrown) {
      return this.#fail(held, 'sign-failed', `the key cannot sign: ${messageOf(thrown)}`);
    }
    held.toldAtMs = this.#ports.clock.nowMs();
    this.#deliver(held);
    this.#keeper.arm();
    this.#ports.emit(computedOf(held.assign, computed));
  }

  /** Sends what is ready: after a reconnect also what was sent before, and is harmless when it comes twice. */
  #deliver({ phase }: Held): void {
    if (phase.kind === 'committed') this.#ports.send(phase.commit);
    else if (phase.kind === 'reported') this.#ports.send(phase.frame);
  }

  /** True to run it once more. */
  #mayTryAgain(held: Held, failure: ComputeFailure | LoadFailure): boolean {
    const { assignment } = held.assign;
    const { kind, message } = failure;
    const after = afterFailure(failure);
    switch (after) {
      case 'run-again':
        held.losses += 1;
        held.announced = false;
        this.#lost = true;
        this.#ports.loader.forgetAll();
        this.#ports.onComputeLost(message);
        if (held.losses < MAX_LOSSES) return true;
        this.#fail(held, kind, message);
        return false;
      case 'stop':
        this.#ports.onComputeFailed(message);
        return false;
      case 'give-back':
        this.#ports.emit({ type: 'problem', text: message });
        this.#ports.send({ type: 'return', assignments: [assignment], reason: 'not-capable' });
        this.#forget(assignment);
        return false;
      case 'forget':
        this.#forget(assignment);
        return false;
      case 'report':
        this.#fail(held, kind, message);
        return false;
      default:
        after satisfies never;
        return false;
    }
  }

  #fail(held: Held, code: string, message: string): void {
    const { assignment, jobName } = held.assign;
    const text = message.slice(0, MAX_ERROR_CHARS);
    this.#ports.send({ type: 'compute-error', assignment, code, message: text });
    this.#ports.emit({ type: 'problem', text: `“${jobName}” failed here: ${text}` });
    this.#forget(assignment);
  }

  /** It will not be reported: nothing of it is wanted by anybody. */
  #forget(id: AssignmentId): void {
    const assign = this.#held.get(id)?.assign;
    if (assign?.stage !== undefined) this.#ports.stages.forget(assign);
    this.#leave(id);
  }

  #leave(id: AssignmentId): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    if (held.phase.kind === 'computing') this.#ports.compute.cancel(id);
    this.#left.add(id);
    if (this.#left.size > REMEMBERED_IDS) {
      const [oldest] = this.#left;
      assert(oldest !== undefined, 'workbench: a non-empty set has a first id');
      this.#left.delete(oldest);
    }
  }

  #noteBack(): void {
    if (!this.#lost) return;
    this.#lost = false;
    this.#ports.onComputeBack();
  }

  #renew(held: Held): void {
    const { assignment, leaseMs } = held.assign;
    if (!this.#keeper.isDue(held.toldAtMs, leaseMs)) return;
    const { itemsDone } = held;
    const now = this.#ports.clock.nowMs();
    if (this.#ports.send({ type: 'progress', assignment, itemsDone })) held.toldAtMs = now;
  }

  #tick(): void {
    const now = this.#ports.clock.nowMs();
    let silent = false;
    for (const held of this.#held.values()) {
      if (isToCompute(held)) this.#renew(held);
      else if (now - held.toldAtMs > RECEIPT_DEADLINE_MS) {
        held.toldAtMs = now;
        silent = true;
      }
    }
    if (silent) this.#ports.onSilence();
  }
}
