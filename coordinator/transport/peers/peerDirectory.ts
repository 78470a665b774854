/**
 * Who the peers are, who may meet whom, and which coordinator each is attached to. In memory only, rebuilt
 * from links and routes; no sockets, no clock.
 *
 * What is known is a set of facts, each stated by one coordinator: by this one through `admit`, `introduce`,
 * `attach` and their opposites, or by another through `learn`. Invariant: two peers may meet exactly while
 * both are admitted and somebody introduces them; every change of that is told to the listeners once.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { bytesToHex } from '@noble/hashes/utils.js';
import { makePeerId, type PeerId, type RandomBytes } from '../../../shared/ids.ts';
import { MAX_KNOWN_PEERS, MAX_PEERS, MAX_PEER_PAIRS } from '../../../shared/limits.ts';
import { assert, fail, ok, type Result } from '../../../shared/result.ts';

/** A coordinator, to the others on its bus. */
export type NodeId = string;

/** What a coordinator states, until it says that it no longer holds. */
export type PeerFact =
  /** The digest, not the token: whoever reads the bus cannot pass for a peer. */
  | { readonly kind: 'peer'; readonly id: PeerId; readonly tokenDigest: string }
  | { readonly kind: 'pair'; readonly a: PeerId; readonly b: PeerId }
  | { readonly kind: 'attached'; readonly id: PeerId };

export interface FactChange {
  readonly holds: boolean;
  readonly fact: PeerFact;
}

export type DirectoryEvent =
  /** This coordinator states a fact, or takes it back: the others have to hear of it. */
  | { readonly kind: 'stated'; readonly change: FactChange }
  | { readonly kind: 'may-meet'; readonly a: PeerId; readonly b: PeerId }
  | { readonly kind: 'parted'; readonly a: PeerId; readonly b: PeerId }
  | { readonly kind: 'revoked'; readonly id: PeerId }
  | { readonly kind: 'attached'; readonly id: PeerId; readonly node: NodeId };

export interface Admission {
  readonly id: PeerId;
  readonly token: string;
}

interface Pair {
  readonly a: PeerId;
  readonly b: PeerId;
  /** Coordinators that introduce them. */
  readonly nodes: Set<NodeId>;
}

const TOKEN_BYTES = 32;
const FULL = { kind: 'full' } as const;

export class PeerDirectory {
  readonly node: NodeId;
  readonly #random: RandomBytes;
  readonly #peers = new Map<PeerId, { readonly node: NodeId; readonly tokenDigest: string }>();
  readonly #pairs = new Map<string, Pair>();
  /** How often this coordinator introduced a pair: it parts when as many have let go. */
  readonly #uses = new Map<string, number>();
  readonly #partners = new Map<PeerId, Set<PeerId>>();
  readonly #attached = new Map<PeerId, NodeId>();
  readonly #listeners: ((event: DirectoryEvent) => void)[] = [];
  #admitted = 0;

  constructor(node: NodeId, random: RandomBytes) {
    this.node = node;
    this.#random = random;
  }

  listen(listener: (event: DirectoryEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** A new peer; the token is its secret, told to nobody else. */
  admit(): Result<Admission, typeof FULL> {
    if (this.#admitted >= MAX_PEERS || this.#peers.size >= MAX_KNOWN_PEERS) return fail(FULL);
    const id = makePeerId(this.#random);
    const token = bytesToHex(this.#random(TOKEN_BYTES));
    this.#state(true, { kind: 'peer', id, tokenDigest: digestOf(token) });
    return ok({ id, token });
  }

  /** Forgets a peer that this coordinator admitted, and all its pairs. True where there was one. */
  revoke(id: PeerId): boolean {
    const peer = this.#peers.get(id);
    if (peer?.node !== this.node) return false;
    this.#state(false, { kind: 'peer', id, tokenDigest: peer.tokenDigest });
    return true;
  }

  /** They may meet until `part` was called as often. Either may be another coordinator's, or not heard of yet. */
  introduce(a: PeerId, b: PeerId): Result<void, typeof FULL> {
    assert(a !== b, 'a peer needs no introduction to itself');
    const key = keyOf(a, b);
    if (!this.#pairs.has(key) && this.#pairs.size >= MAX_PEER_PAIRS) return fail(FULL);
    const uses = this.#uses.get(key) ?? 0;
    this.#uses.set(key, uses + 1);
    if (uses === 0) this.#state(true, pairOf(a, b));
    return ok(undefined);
  }

  /** One introduction less. Nothing happens where a revocation ended them all before. */
  part(a: PeerId, b: PeerId): void {
    const key = keyOf(a, b);
    const uses = this.#uses.get(key);
    if (uses === undefined) return;
    if (uses > 1) return void this.#uses.set(key, uses - 1);
    this.#state(false, pairOf(a, b));
  }

  mayMeet(a: PeerId, b: PeerId): boolean {
    return this.#pairs.has(keyOf(a, b)) && this.#peers.has(a) && this.#peers.has(b);
  }

  knows(id: PeerId): boolean {
    return this.#peers.has(id);
  }

  /** Is this the token of that peer? */
  holds(id: PeerId, token: string): boolean {
    const peer = this.#peers.get(id);
    if (peer === undefined) return false;
    return timingSafeEqual(Buffer.from(peer.tokenDigest), Buffer.from(digestOf(token)));
  }

  /** Peers that `id` may meet. */
  *partnersOf(id: PeerId): Iterable<PeerId> {
    for (const other of this.#partners.get(id) ?? []) if (this.mayMeet(id, other)) yield other;
  }

  /** Where its signalling socket is; null where it has none. */
  nodeOf(id: PeerId): NodeId | null {
    return this.#attached.get(id) ?? null;
  }

  attach(id: PeerId): void {
    assert(this.#peers.has(id), 'only a known peer attaches');
    this.#state(true, { kind: 'attached', id });
  }

  /** Nothing where it has attached elsewhere since. */
  detach(id: PeerId): void {
    if (this.#attached.get(id) === this.node) this.#state(false, { kind: 'attached', id });
  }

  /** What another coordinator states. */
  learn(node: NodeId, { holds, fact }: FactChange): void {
    assert(node !== this.node, 'nobody is told by itself');
    this.#apply(node, holds, fact);
  }

  /** All that another coordinator states now: what it stated before and is not among it holds no longer. */
  learnAll(node: NodeId, facts: readonly PeerFact[]): void {
    const now = new Set(facts.map((fact) => JSON.stringify(fact)));
    for (const fact of this.factsOf(node)) {
      if (!now.has(JSON.stringify(fact))) this.learn(node, { holds: false, fact });
    }
    for (const fact of facts) this.learn(node, { holds: true, fact });
  }

  /** All that a coordinator states. */
  factsOf(node: NodeId): PeerFact[] {
    const facts: PeerFact[] = [];
    for (const [id, peer] of this.#peers) {
      if (peer.node === node) facts.push({ kind: 'peer', id, tokenDigest: peer.tokenDigest });
    }
    for (const { a, b, nodes } of this.#pairs.values())
      if (nodes.has(node)) facts.push(pairOf(a, b));
    for (const [id, at] of this.#attached) if (at === node) facts.push({ kind: 'attached', id });
    return facts;
  }

  #state(holds: boolean, fact: PeerFact): void {
    // First told, then acted upon: what follows from it must reach the others after it.
    this.#tell({ kind: 'stated', change: { holds, fact } });
    this.#apply(this.node, holds, fact);
  }

  /** The one place where what is known changes. */
  #apply(node: NodeId, holds: boolean, fact: PeerFact): void {
    switch (fact.kind) {
      case 'peer':
        return holds ? this.#addPeer(node, fact) : this.#dropPeer(node, fact.id);
      case 'pair':
        return holds ? this.#addPair(node, fact) : this.#dropPair(node, fact);
      case 'attached':
        return holds ? this.#setAttached(node, fact.id) : this.#dropAttached(node, fact.id);
      default:
        fact satisfies never;
    }
  }

  #addPeer(node: NodeId, { id, tokenDigest }: Extract<PeerFact, { kind: 'peer' }>): void {
    // An id belongs to who admitted it: nobody else changes its token.
    if (this.#peers.has(id) || this.#peers.size >= MAX_KNOWN_PEERS) return;
    if (node === this.node) this.#admitted += 1;
    this.#peers.set(id, { node, tokenDigest });
    for (const b of this.partnersOf(id)) this.#tell({ kind: 'may-meet', a: id, b });
  }

  #dropPeer(node: NodeId, id: PeerId): void {
    if (this.#peers.get(id)?.node !== node) return;
    const partners = [...this.partnersOf(id)];
    if (node === this.node) this.#admitted -= 1;
    this.#peers.delete(id);
    this.#attached.delete(id);
    for (const b of partners) this.#tell({ kind: 'parted', a: id, b });
    this.#tell({ kind: 'revoked', id });
    for (const b of [...(this.#partners.get(id) ?? [])]) {
      if (this.#uses.has(keyOf(id, b))) this.#state(false, pairOf(id, b));
    }
  }

  #addPair(node: NodeId, { a, b }: Extract<PeerFact, { kind: 'pair' }>): void {
    const key = keyOf(a, b);
    const pair = this.#pairs.get(key);
    if (pair !== undefined) return void pair.nodes.add(node);
    if (this.#pairs.size >= MAX_PEER_PAIRS) return;
    this.#pairs.set(key, { a, b, nodes: new Set([node]) });
    addPartner(this.#partners, a, b);
    addPartner(this.#partners, b, a);
    if (this.mayMeet(a, b)) this.#tell({ kind: 'may-meet', a, b });
  }

  #dropPair(node: NodeId, { a, b }: Extract<PeerFact, { kind: 'pair' }>): void {
    const key = keyOf(a, b);
    const pair = this.#pairs.get(key);
    if (node === this.node) this.#uses.delete(key);
    if (pair?.nodes.delete(node) !== true || pair.nodes.size > 0) return;
    const couldMeet = this.mayMeet(a, b);
    this.#pairs.delete(key);
    dropPartner(this.#partners, a, b);
    dropPartner(this.#partners, b, a);
    if (couldMeet) this.#tell({ kind: 'parted', a, b });
  }

  #setAttached(node: NodeId, id: PeerId): void {
    if (!this.#attached.has(id) && this.#attached.size >= MAX_KNOWN_PEERS) return;
    this.#attached.set(id, node);
    this.#tell({ kind: 'attached', id, node });
  }

  #dropAttached(node: NodeId, id: PeerId): void {
    if (this.#attached.get(id) === node) this.#attached.delete(id);
  }

  #tell(event: DirectoryEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

type Partners = Map<PeerId, Set<PeerId>>;

function addPartner(partners: Partners, of: PeerId, other: PeerId): void {
  const set = partners.get(of);
  if (set === undefined) partners.set(of, new Set([other]));
  else set.add(other);
}

function dropPartner(partners: Partners, of: PeerId, other: PeerId): void {
  const set = partners.get(of);
  set?.delete(other);
  if (set?.size === 0) partners.delete(of);
}

/** A pair has no direction. Ids have no spaces. */
export const keyOf = (a: PeerId, b: PeerId): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

const pairOf = (a: PeerId, b: PeerId): Extract<PeerFact, { kind: 'pair' }> =>
  a < b ? { kind: 'pair', a, b } : { kind: 'pair', a: b, b: a };

const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex');
