/**
 * A host: the volunteer's side of the link protocol, and the driver of its lifecycle.
 *
 * Holds no socket, key, timer or engine of its own: ports supply them, events tell what happened. Invariant:
 * `stepLifecycle` alone decides the state; everything else here carries out its effects or reports to it.
 */
import { decodeFrame } from '../../shared/frame.ts';
import {
  HAND_OVER_DEADLINE_MS,
  RECEIPT_DEADLINE_MS,
  WELCOME_DEADLINE_MS,
} from '../../shared/limits.ts';
import {
  coordinatorMessageSchema,
  LINK_PATH,
  LINK_VERSION,
  type AssignMessage,
  type CoordinatorMessage,
  type HostMessage,
} from '../../shared/protocol/link.ts';
import { parseJson } from '../../shared/protocol/parse.ts';
import { describeProblem } from '../../shared/protocol/problem.ts';
import { messageOf } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { EmitHostEvent } from './events.ts';
import { stepLifecycle, type LifecycleEvent, type LifecycleState } from './lifecycle.ts';
import type { HostPorts, LinkSocket } from './ports.ts';
import { ProgramLoader } from './programLoader.ts';
import { RouteStages } from './routeStages.ts';
import { signatureOf, signedHello } from './signedMessages.ts';
import { Workbench } from './workbench.ts';

/** One attempt at a link. Messages of an older one are dropped. */
interface Link {
  socket: LinkSocket | undefined;
  welcomed: boolean;
  /** The slots that the coordinator was told of. */
  asked: number;
  cancelDeadline: () => void;
}

/** Refusals before the welcome that no retry can mend. */
const FINAL_REFUSALS: readonly string[] = [
  'bad-signature',
  'wrong-origin',
  'key-retired',
  'unknown-version',
  'not-allowed',
];

export class Host {
  readonly #ports: HostPorts;
  readonly #emit: EmitHostEvent;
  readonly #workbench: Workbench;
  readonly #stages: RouteStages;
  readonly #origin: string;
  #state: LifecycleState = { kind: 'idle' };
  #link: Link | null = null;
  #cancelRetry: (() => void) | undefined;
  #cancelHandOver: (() => void) | undefined;

  constructor(ports: HostPorts, emit: EmitHostEvent) {
    this.#ports = ports;
    this.#emit = emit;
    this.#origin = new URL(ports.url).origin;
    this.#stages = new RouteStages({
      peers: ports.peers,
      clock: ports.clock,
      supply: (id, stacked) => {
        this.#workbench.supply(id, stacked);
      },
      refuse: (id, code, message) => {
        this.#workbench.refuse(id, code, message);
      },
      send: (message) => this.#send(message),
      onChange: (routes) => {
        emit({ type: 'routes', routes });
      },
    });
    this.#workbench = new Workbench({
      stages: this.#stages,
      compute: ports.compute,
      loader: new ProgramLoader(ports.compute, ports.blobs),
      clock: ports.clock,
      emit,
      ...(ports.look === undefined ? {} : { look: ports.look }),
      sign: (commit) => signatureOf(ports.identity, this.#origin, commit),
      send: (message) => this.#send(message),
      onChange: () => this.#workChanged(),
      onComputeLost: (text) => this.#step({ type: 'compute-lost', text }),
      onComputeBack: () => this.#step({ type: 'compute-back', busy: this.#workbench.active > 0 }),
      onComputeFailed: (text) => this.#step({ type: 'compute-failed', text }),
      onSilence: () => this.#link?.socket?.close(),
    });
  }

  get state(): LifecycleState {
    return this.#state;
  }

  /** Consent was given. `resting`: nothing may be computed just now, so nothing is opened before `resume`. */
  start(resting = false): void {
    this.#step({ type: 'start', resting });
  }

  /** Stops computing within a slice and returns the leases; the link stays for verdicts, unless the line must rest, too. */
  pause(unlink = false): void {
    this.#step({ type: 'pause', unlink });
  }

  /** After a pause; or it stays after all where it was handing over. */
  resume(): void {
    const isStaying = this.#state.kind === 'handing-over';
    this.#step({ type: 'resume' });
    if (isStaying) this.#workChanged();
  }

  /** Takes no new work, finishes what it holds and what is under way on its routes, then stops. */
  handOver(): void {
    this.#step({ type: 'hand-over' });
  }

  stop(): void {
    this.#step({ type: 'stop' });
  }

  /** What the volunteer wants has changed: it holds from the next assignment on. */
  tellWishes(): void {
    const wishes = this.#ports.wishes?.();
    if (wishes !== undefined) this.#send({ type: 'wishes', wishes });
  }

  /** The page is being frozen or, with `closing`, left: leases go back at once. */
  freeze(closing: boolean): void {
    this.#step({ type: 'freeze', closing });
  }

  thaw(): void {
    this.#step({ type: 'thaw' });
  }

  /** The network came back: a pending retry is made now. */
  retryNow(): void {
    if (this.#state.kind !== 'backing-off') return;
    this.#cancelRetry?.();
    this.#step({ type: 'retry-due' });
  }

  #step(event: LifecycleEvent): void {
    const { state, effects } = stepLifecycle(this.#state, event, this.#ports.random());
    const changed = state !== this.#state;
    this.#state = state;
    if (changed) this.#cancelHandOver?.();
    this.#ports.swarms?.setActive(this.#takesWork());
    for (const effect of effects) {
      switch (effect.type) {
        case 'connect':
          this.#connect();
          break;
        case 'disconnect':
          this.#disconnect();
          break;
        case 'schedule-retry':
          this.#cancelRetry = this.#ports.clock.after(effect.delayMs, () => {
            this.#step({ type: 'retry-due' });
          });
          break;
        case 'cancel-retry':
          this.#cancelRetry?.();
          break;
        case 'ask-for-work':
          this.#tellWant(this.#workbench.slots);
          break;
        case 'say-hand-over':
          this.#sayHandOver();
          break;
        case 'return-work':
          this.#giveBack(effect.reason);
          break;
        default:
          effect satisfies never;
      }
    }
    if (changed) this.#emit({ type: 'state', state: this.#state });
    this.#stopIfHandedOver();
  }

  #connect(): void {
    const link: Link = {
      socket: undefined,
      welcomed: false,
      asked: 0,
      cancelDeadline: this.#ports.clock.after(WELCOME_DEADLINE_MS, () => link.socket?.close()),
    };
    this.#link = link;
    const url = new URL(LINK_PATH, this.#origin);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    link.socket = this.#ports.connect(url.href, {
      onText: (text) => {
        if (this.#link === link) this.#handleText(link, text, {});
      },
      onBinary: (bytes) => {
        if (this.#link === link) this.#handleBinary(link, bytes);
      },
      onClose: () => {
        link.cancelDeadline();
        if (this.#link !== link) return;
        this.#unlink();
        this.#step({ type: 'link-closed' });
      },
    });
  }

  #disconnect(): void {
    const link = this.#link;
    this.#unlink();
    link?.cancelDeadline();
    link?.socket?.close();
  }

  #unlink(): void {
    this.#link = null;
    this.#stages.endAll();
    this.#ports.swarms?.closed();
  }

  #handleBinary(link: Link, bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (frame.ok) this.#handleText(link, frame.value.control, frame.value.tensors);
    else {
      const { expected, came } = frame.error;
      this.#problem(`a frame could not be read: expected ${expected}, came ${came}`);
    }
  }

  #handleText(link: Link, text: string, tensors: NamedTensors): void {
    const message = parseJson(text, coordinatorMessageSchema);
    if (message.ok) this.#handle(link, message.value, tensors);
    else this.#problem(`a message could not be read: ${describeProblem(message.error)}`);
  }

  #handle(link: Link, message: CoordinatorMessage, tensors: NamedTensors): void {
    switch (message.type) {
      case 'challenge':
        void this.#answer(link, message.version, message.nonce);
        return;
      case 'welcome':
        this.#welcome(link, message);
        return;
      case 'assign':
        if (!link.welcomed) return;
        if (!this.#takesWork() && !this.#finishes(message)) {
          this.#send({ type: 'return', assignments: [message.assignment], reason: 'paused' });
          return;
        }
        this.#ports.swarms?.assigned(message);
        this.#workbench.accept(message, tensors);
        return;
      case 'open':
        this.#workbench.open(message.assignment, message.challenge, message.rows ?? []);
        return;
      case 'received':
        this.#workbench.received(message.assignment);
        return;
      case 'settled': {
        const { items, verdict, reason } = message;
        const microCredits = BigInt(message.microCredits);
        this.#workbench.drop([message.assignment]);
        const { assignment } = message;
        this.#emit({ type: 'settled', assignment, items, verdict, microCredits, reason });
        return;
      }
      case 'revoke':
        this.#workbench.drop(message.assignments);
        this.#emit({ type: 'revoked', assignments: message.assignments });
        return;
      case 'prepare':
        if (this.#takesWork()) this.#workbench.prepare(message);
        return;
      case 'route':
        this.#stages.place(message);
        return;
      case 'route-ended':
        this.#stages.end(message.route);
        this.#stopIfHandedOver();
        return;
      case 'swarm':
      case 'swarm-ended':
        return this.#ports.swarms?.take(message);
      case 'waiting':
        return this.#step({ type: 'nothing-to-do', text: message.text });
      case 'refused':
        if (!link.welcomed && FINAL_REFUSALS.includes(message.problem.code))
          return this.#step({ type: 'refused', text: describeProblem(message.problem) });
        // It and our report met on the way; the refusal is in the receipts.
        if (message.problem.code !== 'lease-expired')
          this.#problem(describeProblem(message.problem));
        if (message.assignment !== undefined) this.#workbench.drop([message.assignment]);
        return;
      default:
        message satisfies never;
    }
  }

  async #answer(link: Link, version: number, nonce: string): Promise<void> {
    if (version !== LINK_VERSION) {
      const text = `this software speaks version ${LINK_VERSION} of the link, the coordinator ${version}: load it anew`;
      this.#step({ type: 'refused', text });
      return;
    }
    try {
      const hello = await signedHello(this.#ports, this.#origin, nonce);
      if (this.#link === link) link.socket?.send(JSON.stringify(hello));
    } catch (thrown) {
      if (this.#link === link) {
        this.#step({
          type: 'compute-failed',
          text: `this device cannot be used: ${messageOf(thrown)}`,
        });
      }
    }
  }

  #welcome(link: Link, message: Extract<CoordinatorMessage, { type: 'welcome' }>): void {
    if (link.welcomed) return;
    link.welcomed = true;
    link.cancelDeadline();
    this.#emit({
      type: 'welcomed',
      contributor: message.contributor,
      microCredits: BigInt(message.microCredits),
      byeUrl: new URL(`/v1/links/${message.byeToken}/bye`, this.#origin).href,
    });
    this.tellWishes();
    this.#workbench.reconcile(message.leases);
    this.#step({ type: 'welcomed', busy: this.#workbench.active > 0 });
    this.#ports.swarms?.opened((said) => this.#send(said));
  }

  #workChanged(): void {
    const busy = this.#workbench.active > 0;
    this.#step(busy ? { type: 'assigned' } : { type: 'drained' });
    if (this.#takesWork()) this.#tellWant(this.#workbench.slots);
    this.#stopIfHandedOver();
  }

  #takesWork(): boolean {
    const { kind } = this.#state;
    return kind === 'waiting' || kind === 'working' || kind === 'recovering';
  }

  /** A stage that is missing of what is under way on a route. */
  #finishes({ stage }: AssignMessage): boolean {
    return this.#state.kind === 'handing-over' && stage !== undefined;
  }

  #sayHandOver(): void {
    // The coordinator gives it nothing that begins anew, as after a `want` of 0.
    if (this.#link !== null) this.#link.asked = 0;
    this.#send({ type: 'hand-over' });
    const deadlineMs = HAND_OVER_DEADLINE_MS + RECEIPT_DEADLINE_MS;
    this.#cancelHandOver = this.#ports.clock.after(deadlineMs, () => {
      this.#step({ type: 'handed-over' });
    });
  }

  #stopIfHandedOver(): void {
    if (this.#state.kind !== 'handing-over') return;
    const isFree = this.#stages.views.length === 0 && this.#workbench.held === 0;
    if (isFree) this.#step({ type: 'handed-over' });
  }

  /** While paused the link stays; else it is about to close, and what is still on its way here goes back too. */
  #giveBack(reason: 'paused' | 'closing' | 'frozen'): void {
    const assignments = this.#workbench.abandon();
    if (reason !== 'paused') {
      this.#send({ type: 'leave', reason });
      return;
    }
    this.#tellWant(0);
    if (assignments.length > 0) this.#send({ type: 'return', assignments, reason });
  }

  #tellWant(count: number): void {
    const link = this.#link;
    if (link === null || !link.welcomed || link.asked === count) return;
    if (this.#send({ type: 'want', count })) link.asked = count;
  }

  #send(message: HostMessage | Uint8Array): boolean {
    const link = this.#link;
    if (link === null || !link.welcomed || link.socket === undefined) return false;
    return link.socket.send(message instanceof Uint8Array ? message : JSON.stringify(message));
  }

  #problem(text: string): void {
    this.#emit({ type: 'problem', text });
  }
}
