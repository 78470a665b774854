/**
 * What coordinators tell each other of their peers, through a bus: facts of the directory, and messages carried
 * to where the receiver is attached. No sockets, no timers (`tick` is called).
 *
 * Facts are replicated rather than put into signed tokens: an unmodified PeerJS client carries none for a pair,
 * and a signature cannot be taken back when a route ends. Each coordinator numbers what it says; who sees a gap,
 * or meets a stranger, asks for all of it. Invariant: what is known of a coordinator is what it said up to one
 * number, whole; of one that is silent for `COORDINATOR_SILENCE_MS` it is nothing.
 */
import { z } from 'zod';
import type { PeerId } from '../../../shared/ids.ts';
import { COORDINATOR_SILENCE_MS, MAX_COORDINATORS } from '../../../shared/limits.ts';
import { parseJson } from '../../../shared/protocol/parse.ts';
import type { Bus } from './bus.ts';
import type { FactChange, NodeId, PeerDirectory } from './peerDirectory.ts';
import { signalSchema, type Signal } from './signal.ts';

const CHANNEL = 'peers';
const ALIVE_INTERVAL_MS = COORDINATOR_SILENCE_MS / 4;
/** An unanswered question is asked again after this. */
const ASK_AGAIN_MS = 2_000;
/** One answer serves all that ask within this time. */
const ANSWER_INTERVAL_MS = 1_000;
/** Changes of one message; well below the bus's maximum. */
const MAX_CHANGES = 10_000;

const id = z.string().max(100) as unknown as z.ZodType<PeerId>;
const node = z.string().max(100);
const fact = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('peer'), id, tokenDigest: z.string().length(64) }),
  z.object({ kind: z.literal('pair'), a: id, b: id }),
  z.object({ kind: z.literal('attached'), id }),
]);
const seq = z.number().int().min(0);
const messageSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('changes'),
    from: node,
    seq,
    changes: z.array(z.object({ holds: z.boolean(), fact })),
  }),
  z.object({ kind: z.literal('all'), from: node, seq, facts: z.array(fact) }),
  z.object({ kind: z.literal('alive'), from: node, seq }),
  /** Of everybody where null. */
  z.object({ kind: z.literal('ask'), from: node, of: node.nullable() }),
  z.object({ kind: z.literal('carry'), from: node, to: node, signal: signalSchema }),
  z.object({ kind: z.literal('gone'), from: node }),
]);
type Message = z.infer<typeof messageSchema>;

/** Another coordinator. */
interface Other {
  heardMs: number;
  /** The number up to which all is known; null where something is missing. */
  seq: number | null;
  askedMs: number | null;
}

export interface SyncDeps {
  readonly directory: PeerDirectory;
  readonly bus: Bus;
  readonly now: () => number;
  readonly onCarried: (signal: Signal) => void;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

export class DirectorySync {
  readonly #deps: SyncDeps;
  readonly #others = new Map<NodeId, Other>();
  #seq = 0;
  #changes: FactChange[] = [];
  #aliveMs = -Infinity;
  #answeredMs = -Infinity;
  #isClosed = false;

  constructor(deps: SyncDeps) {
    this.#deps = deps;
    deps.directory.listen((event) => {
      if (event.kind === 'stated') this.#state(event.change);
    });
  }

  async start(): Promise<void> {
    await this.#deps.bus.subscribe(CHANNEL, (text) => this.#take(text));
    this.#say({ kind: 'ask', from: this.#self, of: null });
    this.tick();
  }

  carry(to: NodeId, signal: Signal): void {
    this.#flush();
    this.#say({ kind: 'carry', from: this.#self, to, signal });
  }

  /** To be called every second or so. */
  tick(): void {
    const nowMs = this.#deps.now();
    if (nowMs >= this.#aliveMs + ALIVE_INTERVAL_MS) {
      this.#aliveMs = nowMs;
      this.#flush();
      this.#say({ kind: 'alive', from: this.#self, seq: this.#seq });
    }
    for (const [name, other] of this.#others) {
      if (nowMs >= other.heardMs + COORDINATOR_SILENCE_MS) this.#forget(name);
      else if (other.seq === null) this.#ask(name, other);
    }
  }

  /** Tells the others that this one goes. */
  close(): void {
    if (this.#isClosed) return;
    this.#say({ kind: 'gone', from: this.#self });
    this.#isClosed = true;
  }

  get #self(): NodeId {
    return this.#deps.directory.node;
  }

  #state(change: FactChange): void {
    this.#changes.push(change);
    if (this.#changes.length >= MAX_CHANGES) this.#flush();
    // One message for all that one turn brings about.
    else if (this.#changes.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    this.#seq += 1;
    this.#say({ kind: 'changes', from: this.#self, seq: this.#seq, changes });
  }

  #say(message: Message): void {
    if (!this.#isClosed) this.#deps.bus.publish(CHANNEL, JSON.stringify(message));
  }

  #take(text: string): void {
    if (this.#isClosed) return;
    const parsed = parseJson(text, messageSchema);
    if (!parsed.ok) return this.#deps.log('bus-unreadable', { problem: parsed.error.code });
    const message = parsed.value;
    if (message.from === this.#self) return;
    const from = this.#otherOf(message.from);
    if (from === null) return;
    from.heardMs = this.#deps.now();
    switch (message.kind) {
      case 'changes':
        if (from.seq === null || message.seq > from.seq + 1) return this.#miss(message.from, from);
        if (message.seq <= from.seq) return;
        from.seq = message.seq;
        for (const change of message.changes) this.#deps.directory.learn(message.from, change);
        return;
      case 'all':
        from.seq = message.seq;
        from.askedMs = null;
        return this.#deps.directory.learnAll(message.from, message.facts);
      case 'alive':
        if (message.seq !== from.seq) this.#miss(message.from, from);
        return;
      case 'ask':
        if (message.of === null || message.of === this.#self) this.#answer();
        return;
      case 'carry':
        if (message.to === this.#self) this.#deps.onCarried(message.signal);
        return;
      case 'gone':
        return this.#forget(message.from);
      default:
        message satisfies never;
    }
  }

  #otherOf(name: NodeId): Other | null {
    const known = this.#others.get(name);
    if (known !== undefined) return known;
    if (this.#others.size >= MAX_COORDINATORS) return null;
    const other: Other = { heardMs: this.#deps.now(), seq: null, askedMs: null };
    this.#others.set(name, other);
    return other;
  }

  #miss(name: NodeId, other: Other): void {
    other.seq = null;
    this.#ask(name, other);
  }

  #ask(name: NodeId, other: Other): void {
    const nowMs = this.#deps.now();
    if (other.askedMs !== null && nowMs < other.askedMs + ASK_AGAIN_MS) return;
    other.askedMs = nowMs;
    this.#say({ kind: 'ask', from: this.#self, of: name });
  }

  #answer(): void {
    const nowMs = this.#deps.now();
    if (nowMs < this.#answeredMs + ANSWER_INTERVAL_MS) return;
    this.#answeredMs = nowMs;
    this.#flush();
    const facts = this.#deps.directory.factsOf(this.#self);
    this.#say({ kind: 'all', from: this.#self, seq: this.#seq, facts });
  }

  #forget(name: NodeId): void {
    this.#others.delete(name);
    this.#deps.directory.learnAll(name, []);
  }
}
