/**
 * The hosts that are connected now: memory only, rebuilt from hellos.
 */
import type { AssignmentId, ContributorId, HostId, SiteId } from '../../shared/ids.ts';
import { MAX_LEASES_PER_HOST, MAX_REMEMBERED_FAILURES } from '../../shared/limits.ts';
import type { Capabilities, CoordinatorMessage } from '../../shared/protocol/link.ts';
import type { Wishes } from '../../shared/protocol/wishes.ts';
import type { Candidate } from '../core/assign.ts';
import type { Assignment } from '../core/state.ts';
import { LONGEST_COOL_DOWN_MS } from '../core/trust.ts';
import type { HostLink, Tick } from './tick.ts';

/** The assignments that a host holds. What it has committed waits for its report, and takes no slot. */
export class Leases extends Set<AssignmentId> {
  readonly #committed = new Set<AssignmentId>();

  commit(id: AssignmentId): void {
    this.#committed.add(id);
  }

  get uncommitted(): AssignmentId[] {
    return [...this].filter((id) => !this.#committed.has(id));
  }

  override delete(id: AssignmentId): boolean {
    this.#committed.delete(id);
    return super.delete(id);
  }

  override clear(): void {
    this.#committed.clear();
    super.clear();
  }

  /** How many are committed. */
  get committed(): number {
    return this.#committed.size;
  }
}

export interface ConnectedHost extends Candidate {
  readonly contributor: ContributorId;
  /** The contributor that its key is by itself: which of an account's devices it is. */
  readonly own: ContributorId;
  readonly host: HostId;
  readonly cohort: string;
  readonly capabilities: Capabilities;
  wishes: Wishes;
  readonly link: HostLink;
  /** Through which it computes, where it named one that is registered. */
  readonly site?: SiteId;
  /** Assignments it would hold at once beside those committed, as it last said. */
  slots: number;
  readonly leases: Leases;
  readonly ejectedFrom: Set<string>;
  readonly classQuarantines: Set<string>;
  readonly driverRefuses: Set<string>;
  failuresInARow: number;
  coolsUntilMs: number;
  quarantinedUntilMs: number;
  /** The `waiting` message it was last sent, so that the same is not said twice. */
  toldWaiting: string | null;
}

/** How often a host has failed of late: it outlives the link, or reconnecting would end its rest. */
type Failures = Pick<ConnectedHost, 'failuresInARow' | 'coolsUntilMs'>;

/** Failures of a host that is gone are remembered for so long after its rest: as long as a rest can be. */
const REMEMBERED_MS = LONGEST_COOL_DOWN_MS;

/** A host is one per (contributor, host id): a second link of it takes the place of the first. */
const keyOf = (contributor: ContributorId, host: HostId): string => `${contributor}/${host}`;

export class Hosts {
  readonly #byKey = new Map<string, ConnectedHost>();
  /** Of hosts that are gone, in the order in which they went. */
  readonly #failures = new Map<string, Failures>();

  /** The host that was connected by another link, if one was; the new link takes up its failures. */
  add(host: ConnectedHost): ConnectedHost | undefined {
    const key = keyOf(host.contributor, host.host);
    const replaced = this.#byKey.get(key);
    const before = replaced ?? this.#failures.get(key);
    if (before !== undefined) {
      host.failuresInARow = before.failuresInARow;
      host.coolsUntilMs = before.coolsUntilMs;
    }
    this.#failures.delete(key);
    this.#byKey.set(key, host);
    return replaced;
  }

  /** False where another link has taken the host's place already. */
  remove(host: ConnectedHost): boolean {
    const key = keyOf(host.contributor, host.host);
    if (this.#byKey.get(key) !== host) return false;
    this.#byKey.delete(key);
    const { failuresInARow, coolsUntilMs } = host;
    if (failuresInARow > 0) this.#failures.set(key, { failuresInARow, coolsUntilMs });
    if (this.#failures.size > MAX_REMEMBERED_FAILURES) {
      this.#failures.delete(this.#failures.keys().next().value!);
    }
    return true;
  }

  /** Hosts that are gone and whose failures are remembered. */
  get remembered(): number {
    return this.#failures.size;
  }

  /** To be called now and then: hosts that have rested and stay away are forgotten. */
  forgetRested(nowMs: number): void {
    for (const [key, { coolsUntilMs }] of this.#failures) {
      if (coolsUntilMs + REMEMBERED_MS <= nowMs) this.#failures.delete(key);
    }
  }

  /** It was given something: the others are looked at first the next time. */
  served(host: ConnectedHost): void {
    const key = keyOf(host.contributor, host.host);
    if (this.#byKey.delete(key)) this.#byKey.set(key, host);
  }

  find(contributor: ContributorId, host: HostId): ConnectedHost | undefined {
    return this.#byKey.get(keyOf(contributor, host));
  }

  all(): IterableIterator<ConnectedHost> {
    return this.#byKey.values();
  }

  get count(): number {
    return this.#byKey.size;
  }

  /** The contributor was found to cheat on a program: none of its hosts, returned here, is given more of it. */
  eject(contributor: ContributorId, program: string): ConnectedHost[] {
    const hosts = [...this.#byKey.values()].filter((host) => host.contributor === contributor);
    for (const host of hosts) host.ejectedFrom.add(program);
    return hosts;
  }

  /** The contributor dropped opened work too often: none of its hosts is given any for a while. */
  quarantine(contributor: ContributorId, untilMs: number): void {
    for (const host of this.#byKey.values()) {
      if (host.contributor === contributor) host.quarantinedUntilMs = untilMs;
    }
  }

  /** What it was ejected for was not its doing. */
  readmit(contributor: ContributorId, program: string): void {
    for (const host of this.#byKey.values()) {
      if (host.contributor === contributor) host.ejectedFrom.delete(program);
    }
  }

  contributors(): Set<ContributorId> {
    return new Set([...this.#byKey.values()].map(({ contributor }) => contributor));
  }
}

/** Has it a slot free? Beside what it computes, a host that never reports can hold only so many committed. */
export const hasFreeSlot = ({ leases, slots }: ConnectedHost): boolean =>
  leases.size - leases.committed < slots && leases.committed < MAX_LEASES_PER_HOST;

/** Tells a host why it waits, once per change. */
export function tellWaiting(
  tick: Tick,
  host: ConnectedHost,
  message: Extract<CoordinatorMessage, { type: 'waiting' }>,
): void {
  if (host.toldWaiting === message.text) return;
  host.toldWaiting = message.text;
  tick.afterCommit(() => host.link.send(message));
}

/** Who does an assignment of this host. */
export const workerOf = ({
  contributor,
  own,
}: Pick<ConnectedHost, 'contributor' | 'own'>): Pick<Assignment, 'contributor' | 'device'> =>
  own === contributor ? { contributor } : { contributor, device: own };
