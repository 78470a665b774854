/**
 * Activations between the hosts of a rig, as hosts hold them: a stage keeps what it computed while it has its place and
 * sends it once in every epoch; the next stage uses it up.
 *
 * It loses nothing by itself: what is lost is what a host had when it went, or had used up for an assignment that
 * came to nothing.
 */
import type { RouteId } from '../../../shared/ids.ts';
import type { RoutePlace, StageOfAssignment } from '../../../shared/protocol/link.ts';
import type { NamedTensors } from '../../../shared/tensor.ts';
import type { RecordingLink } from './engineRig.ts';

interface Membership {
  place: RoutePlace;
  /** By stage that computes from it, and sequence. */
  readonly kept: Map<string, NamedTensors>;
  readonly came: Map<string, NamedTensors>;
}

const keyOf = (stage: number, sequence: number): string => `${stage}/${sequence}`;

export class RigNetwork {
  readonly #places = new Map<RecordingLink, Map<RouteId, Membership>>();
  readonly #read = new Map<RecordingLink, number>();

  /** Reads what the hosts were told of their places since; who has a new epoch sends what it keeps again. */
  follow(links: readonly RecordingLink[]): void {
    const moved: Membership[] = [];
    for (const link of links) {
      const places = this.#places.get(link) ?? new Map<RouteId, Membership>();
      this.#places.set(link, places);
      for (const message of link.sent.slice(this.#read.get(link) ?? 0)) {
        if (message.type === 'route-ended') places.delete(message.route);
        if (message.type !== 'route') continue;
        const known = places.get(message.route);
        const member = known ?? { place: message, kept: new Map(), came: new Map() };
        member.place = message;
        places.set(message.route, member);
        moved.push(member);
      }
      this.#read.set(link, link.sent.length);
    }
    for (const member of moved) {
      for (const [key, tensors] of member.kept) this.#deliver(member, key, tensors);
    }
  }

  /** A stage has been computed. What its host has the next stage of too stays there. */
  send(link: RecordingLink, { route, index, sequence }: StageOfAssignment, made: NamedTensors) {
    const member = this.#places.get(link)?.get(route);
    if (member === undefined) return;
    const key = keyOf(index + 1, sequence);
    member.kept.set(key, made);
    this.#deliver(member, key, made);
  }

  /** The inputs of a stage, once; null where they have not come. */
  take(link: RecordingLink, { route, index, sequence }: StageOfAssignment): NamedTensors | null {
    const member = this.#places.get(link)?.get(route);
    const key = keyOf(index, sequence);
    if (member === undefined) return null;
    if (index > member.place.first) return member.kept.get(key) ?? null;
    const came = member.came.get(key) ?? null;
    member.came.delete(key);
    return came;
  }

  leave(link: RecordingLink): void {
    this.#places.delete(link);
  }

  #deliver({ place }: Membership, key: string, tensors: NamedTensors): void {
    if (place.to === null || !key.startsWith(`${place.last + 1}/`)) return;
    for (const places of this.#places.values()) {
      const to = places.get(place.route);
      if (to?.place.self.peer === place.to) to.came.set(key, tensors);
    }
  }
}
