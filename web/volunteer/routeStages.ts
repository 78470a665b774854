/**
 * The stages that a host runs of models on routes: where their inputs come from and their outputs go.
 *
 * Holds no socket. Invariants: an activation is computed from once, whatever is sent again; it is acknowledged when this
 * host's own report of it is safe and nobody behind it can need it again, and what was sent is kept until then, so
 * that whoever takes a neighbour's place is sent everything that matters; a frame of an older epoch changes nothing.
 */
import type { AssignmentId, RouteId } from '../../shared/ids.ts';
import type {
  AssignMessage,
  HostMessage,
  RoutePlace,
  StageOfAssignment,
} from '../../shared/protocol/link.ts';
import type { PeerState } from '../../shared/protocol/peers.ts';
import { assert } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { faultOfActivation } from './assignmentFault.ts';
import { NeighbourLink } from './neighbourLink.ts';
import type { ActivationKey, Clock, PeerPort, PeerPresence } from './ports.ts';
import type { StageFlow } from './stageFlow.ts';

export interface RouteStagesPorts {
  readonly peers: PeerPort | null;
  readonly clock: Clock;
  readonly supply: (id: AssignmentId, stacked: NamedTensors) => void;
  readonly refuse: (id: AssignmentId, code: string, message: string) => void;
  readonly send: (message: HostMessage) => boolean;
  /** What a person may see of it has changed. */
  readonly onChange: (routes: readonly RouteView[]) => void;
}

/** A host's place on a route, as it is shown. */
export interface RouteView {
  readonly place: RoutePlace;
  readonly from: PeerState | null;
  readonly to: PeerState | null;
  /** Items' activations that are here: waiting, being computed, or kept for the next stage. */
  readonly held: number;
}

/** One assignment of a stage here. */
interface Step {
  readonly assign: AssignMessage;
  readonly stage: StageOfAssignment;
  /** By which its inputs came last; null where they are this host's own, or have not come. */
  cameIn: ActivationKey | null;
  outputs: NamedTensors | null;
  /** The coordinator has its report. */
  isReported: boolean;
  /** Nobody behind it needs its outputs any more. */
  isPassedOn: boolean;
}

interface Membership {
  place: RoutePlace;
  readonly presence: PeerPresence | null;
  from: NeighbourLink | null;
  to: NeighbourLink | null;
  readonly steps: Map<string, Step>;
  /** Of this host, that nobody behind it needs any more: whoever sends to them again is told so. */
  readonly done: Set<string>;
  /** Activations that came before their assignments. */
  readonly early: Map<string, { readonly key: ActivationKey; readonly tensors: NamedTensors }>;
}

/** Activations that may come before their assignments: the coordinator says both, over different ways. */
const MAX_EARLY = 16;
/** Longer than what neighbours may have under way. */
const REMEMBERED_DONE = 256;
/** How often the coordinator hears how the neighbours are reached. */
const STATE_EVERY_MS = 2_000;

const stepKey = (stage: number, sequence: number): string => `${stage}/${sequence}`;

export class RouteStages implements StageFlow {
  readonly #ports: RouteStagesPorts;
  readonly #routes = new Map<RouteId, Membership>();
  #cancelTick: (() => void) | undefined;

  constructor(ports: RouteStagesPorts) {
    this.#ports = ports;
  }

  get views(): RouteView[] {
    return [...this.#routes.values()].map(({ place, from, to, steps, early }) => ({
      place,
      from: from?.state ?? null,
      to: to?.state ?? null,
      held: steps.size + early.size,
    }));
  }

  /** The host has a place, or its neighbours have changed. */
  place(place: RoutePlace): void {
    const known = this.#routes.get(place.route);
    if (known !== undefined && known.place.epoch >= place.epoch) return;
    const member = known ?? this.#join(place);
    member.place = place;
    member.from = this.#link(member, member.from, place.from, 'from');
    member.to = this.#link(member, member.to, place.to, 'to');
    for (const key of [...member.early.keys()]) {
      if (member.early.get(key)!.key.epoch < place.epoch) member.early.delete(key);
    }
    for (const [key, { stage }] of member.steps) {
      if (stage.index < place.first || stage.index > place.last) member.steps.delete(key);
    }
    this.#sendAgain(member);
    this.#tell(member);
    this.#arm();
  }

  end(route: RouteId): void {
    const member = this.#routes.get(route);
    if (member === undefined) return;
    this.#routes.delete(route);
    member.from?.close();
    member.to?.close();
    member.presence?.leave();
    this.#changed();
  }

  /** The link to the coordinator is gone, and every place with it. */
  endAll(): void {
    for (const route of [...this.#routes.keys()]) this.end(route);
  }

  await(assign: AssignMessage): void {
    const step = this.#stepOf(assign);
    if (step === null) {
      this.#ports.refuse(assign.assignment, 'no-place', 'this host has no place on that route');
      return;
    }
    const member = this.#routes.get(step.stage.route)!;
    const key = stepKey(step.stage.index, step.stage.sequence);
    const early = member.early.get(key);
    member.early.delete(key);
    if (early !== undefined) return this.#feed(member, step, early.key, early.tensors);
    // The stage before may be this host's too, and done.
    const before = member.steps.get(stepKey(step.stage.index - 1, step.stage.sequence));
    if (before?.outputs != null) this.#ports.supply(assign.assignment, before.outputs);
  }

  computed(assign: AssignMessage, outputs: NamedTensors): void {
    const step = this.#stepOf(assign);
    if (step === null) return;
    step.outputs = outputs;
    const member = this.#routes.get(step.stage.route)!;
    if (step.cameIn !== null) member.from?.release(step.cameIn);
    const { index, of, sequence } = step.stage;
    if (index === of - 1) step.isPassedOn = true;
    else if (index < member.place.last) {
      const next = member.steps.get(stepKey(index + 1, sequence));
      if (next !== undefined) this.#ports.supply(next.assign.assignment, outputs);
    } else this.#passOn(member, step);
  }

  received(assign: AssignMessage): void {
    const step = this.#stepOf(assign);
    if (step === null) return;
    step.isReported = true;
    this.#settle(this.#routes.get(step.stage.route)!, step);
  }

  forget(assign: AssignMessage): void {
    const { stage } = assign;
    assert(stage !== undefined, 'forget: no stage');
    const member = this.#routes.get(stage.route);
    const key = stepKey(stage.index, stage.sequence);
    const step = member?.steps.get(key);
    if (step?.assign.assignment !== assign.assignment) return;
    member!.steps.delete(key);
    if (step.cameIn !== null) member!.from?.release(step.cameIn);
    this.#changed();
  }

  #join(place: RoutePlace): Membership {
    const presence = this.#ports.peers?.enter(place) ?? null;
    const member = {
      place,
      presence,
      from: null,
      to: null,
      steps: new Map(),
      done: new Set<string>(),
      early: new Map(),
    };
    this.#routes.set(place.route, member);
    return member;
  }

  /** The step of an assignment, made where it is new; null where the host has no such place. */
  #stepOf(assign: AssignMessage): Step | null {
    const { stage } = assign;
    assert(stage !== undefined, 'stepOf: no stage');
    const member = this.#routes.get(stage.route);
    if (member === undefined || stage.index < member.place.first || stage.index > member.place.last)
      return null;
    const key = stepKey(stage.index, stage.sequence);
    const known = member.steps.get(key);
    if (known?.assign.assignment === assign.assignment) return known;
    const step: Step = {
      assign,
      stage,
      cameIn: null,
      outputs: null,
      isReported: false,
      isPassedOn: false,
    };
    member.steps.set(key, step);
    return step;
  }

  /** The same neighbour stays connected; another one is called, or waited for. */
  #link(
    member: Membership,
    known: NeighbourLink | null,
    peer: RoutePlace['from'],
    side: 'from' | 'to',
  ): NeighbourLink | null {
    if (known?.peer === peer && known.state.path !== 'broken') return known;
    known?.close();
    if (peer === null || member.presence === null) return null;
    return new NeighbourLink(peer, side, member.presence, {
      onActivation: (key, tensors) => this.#arrived(member, key, tensors),
      onAck: (key) => this.#acknowledged(member, key),
      onChange: () => {
        this.#tell(member);
      },
    });
  }

  #arrived(member: Membership, key: ActivationKey, tensors: NamedTensors): void {
    const isStale = key.epoch < member.place.epoch;
    if (isStale || key.stage !== member.place.first) return member.from?.release(key);
    const name = stepKey(key.stage, key.sequence);
    if (member.done.has(name)) return member.from?.ack(key);
    const step = member.steps.get(name);
    if (step !== undefined) return this.#feed(member, step, key, tensors);
    member.early.set(name, { key, tensors });
    if (member.early.size > MAX_EARLY) this.#forgetEarliest(member);
    this.#changed();
  }

  /** Of an attempt that was given up: sequences rise. */
  #forgetEarliest({ early, from }: Membership): void {
    const earliest = [...early.values()].reduce((a, b) =>
      a.key.sequence < b.key.sequence ? a : b,
    );
    early.delete(stepKey(earliest.key.stage, earliest.key.sequence));
    from?.release(earliest.key);
  }

  #feed(member: Membership, step: Step, key: ActivationKey, tensors: NamedTensors): void {
    // Sent again, because a place changed hands: the answer to it may have been lost.
    const isKnown = step.cameIn !== null;
    step.cameIn = key;
    if (isKnown) return member.from?.release(key);
    const { assignment, items } = step.assign;
    const fault = faultOfActivation(step.stage.inputs, items.length, tensors);
    if (fault === null) this.#ports.supply(assignment, tensors);
    else this.#ports.refuse(assignment, 'bad-activation', fault);
  }

  #passOn({ place, to }: Membership, step: Step): void {
    const { index, sequence } = step.stage;
    to?.send({ epoch: place.epoch, stage: index + 1, sequence }, step.outputs!);
  }

  /** In a new epoch: everything that the next stage has not said to be done with. */
  #sendAgain(member: Membership): void {
    for (const step of member.steps.values()) {
      const isOurs = step.stage.index === member.place.last;
      if (isOurs && step.outputs !== null && !step.isPassedOn) this.#passOn(member, step);
    }
  }

  #acknowledged(member: Membership, { stage, sequence }: ActivationKey): void {
    const step = member.steps.get(stepKey(stage - 1, sequence));
    if (step === undefined || stage - 1 !== member.place.last) return;
    step.isPassedOn = true;
    this.#settle(member, step);
  }

  /** Forgets what is done, and lets those before it do so too. */
  #settle(member: Membership, step: Step): void {
    if (!isDone(step)) return;
    const { index, sequence } = step.stage;
    member.steps.delete(stepKey(index, sequence));
    member.done.add(stepKey(index, sequence));
    if (member.done.size > REMEMBERED_DONE) {
      for (const oldest of member.done) {
        member.done.delete(oldest);
        break;
      }
    }
    if (step.cameIn !== null) member.from?.ack(step.cameIn);
    const before = member.steps.get(stepKey(index - 1, sequence));
    if (before !== undefined) {
      before.isPassedOn = true;
      this.#settle(member, before);
    }
    this.#changed();
  }

  #tell({ place, from, to }: Membership): void {
    this.#ports.send({
      type: 'route-state',
      route: place.route,
      epoch: place.epoch,
      from: from?.state ?? null,
      to: to?.state ?? null,
    });
    this.#changed();
  }

  #changed(): void {
    this.#ports.onChange(this.views);
  }

  #arm(): void {
    if (this.#cancelTick !== undefined || this.#routes.size === 0) return;
    this.#cancelTick = this.#ports.clock.after(STATE_EVERY_MS, () => {
      this.#cancelTick = undefined;
      for (const member of this.#routes.values()) void this.#measure(member);
      this.#arm();
    });
  }

  async #measure(member: Membership): Promise<void> {
    const changed = await Promise.all([member.from?.measure(), member.to?.measure()]);
    if (changed.includes(true) && this.#routes.get(member.place.route) === member)
      this.#tell(member);
  }
}

const isDone = ({ isReported, isPassedOn }: Step): boolean => isReported && isPassedOn;
