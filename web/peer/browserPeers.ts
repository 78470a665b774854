/**
 * Peers of a tab: a direct path by WebRTC where there is one, else the coordinator's relay.
 *
 * Decides who calls whom and when to give up; connections are peerNode.ts's, links the worker's. Invariant: an attempt
 * that did not become the link leaves no connection behind, and a link that ended closes its own.
 */
import { fail, ok, type Result } from '../../shared/result.ts';
import type { LinkEnd, LinkEvents } from './linkTypes.ts';
import type { LinkNumber } from './peerApi.ts';
import { PeerClient } from './peerClient.ts';
import { localEndpoint } from './localEndpoint.ts';
import { canMoveChannels, spawnPeerWorker } from './peerEndpoints.ts';
import { connectRelayed, linkSpec, noPath, peerLinkHandle } from './peerLinkHandle.ts';
import { PeerNode, isThroughTurn, type PeerLane, type SignallingServer } from './peerNode.ts';
import type {
  ConnectOptions,
  PeerAddress,
  PeerFailure,
  PeerIdentity,
  PeerLink,
  PeerTransport,
} from './peerTransport.ts';

export interface BrowserPeersOptions {
  /** The coordinator's address, for the relay. */
  readonly url: string;
  readonly me: PeerIdentity;
  /** Null where only the relay is to be used. */
  readonly signalling: SignallingServer | null;
  /** Keeps links on the page even where they could move to a worker. */
  readonly onPage?: boolean;
}

/** An offer that was not answered by then met a peer that did not expect us yet; a new one is made. */
const REDIAL_MS = 1_500;

/** One try at a direct link. */
interface Attempt {
  readonly link: LinkNumber;
  readonly lanes: PeerLane[];
  readonly opened: Promise<Result<Uint8Array, LinkEnd>>;
}

export class BrowserPeers implements PeerTransport {
  /** Links live in a worker. False where the browser does not let channels move there. */
  readonly usesWorker: boolean;
  readonly #options: BrowserPeersOptions;
  readonly #client: PeerClient;
  readonly #lanes = new Set<PeerLane>();
  readonly #onPageHide = (event: PageTransitionEvent): void => {
    // A page that is kept for going back is frozen, which no peer can wait for.
    this.#leave(event.persisted);
  };
  #node: Promise<Result<PeerNode, string>> | null = null;
  #isClosed = false;

  constructor(options: BrowserPeersOptions) {
    this.#options = options;
    // The relay's sockets are opened where the links are.
    const canMove = options.signalling === null || canMoveChannels();
    this.usesWorker = options.onPage !== true && canMove;
    const onPage = () => localEndpoint((url) => new WebSocket(url));
    this.#client = new PeerClient(this.usesWorker ? spawnPeerWorker : onPage);
    addEventListener('pagehide', this.#onPageHide);
  }

  async connect(
    peer: PeerAddress,
    options: ConnectOptions,
  ): Promise<Result<PeerLink, PeerFailure>> {
    if (this.#isClosed) return fail(CLOSED);
    if (options.via !== 'relay' && this.#options.signalling !== null) {
      const direct = await this.#connectDirectly(peer, options, this.#options.signalling);
      if (direct.ok || direct.error.kind !== 'no-path' || options.via === 'direct') return direct;
    }
    if (options.via === 'direct') return fail(NO_WEBRTC);
    if (this.#isClosed) return fail(CLOSED);
    const { url, me } = this.#options;
    return connectRelayed(this.#client, url, me, peer, options);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    removeEventListener('pagehide', this.#onPageHide);
    this.#client.closeAll();
    const lanes = [...this.#lanes];
    // Not at once: the goodbyes are on their way.
    setTimeout(() => lanes.forEach((lane) => lane.close()), GOODBYE_MS);
    void this.#node?.then((node) => node.ok && setTimeout(() => node.value.close(), GOODBYE_MS));
  }

  /** Nothing runs after this task, so connections are closed here: the other end is told at once. */
  #leave(isKept: boolean): void {
    for (const lane of this.#lanes) lane.close();
    if (!isKept) this.close();
  }

  async #connectDirectly(
    peer: PeerAddress,
    options: ConnectOptions,
    signalling: SignallingServer,
  ): Promise<Result<PeerLink, PeerFailure>> {
    const { openDeadlineMs } = linkSpec(options);
    const deadlineAt = performance.now() + openDeadlineMs;
    const node = await this.#openNode(signalling);
    if (!node.ok) return fail({ kind: 'no-path', message: node.error });
    const leftMs = deadlineAt - performance.now();
    if (leftMs <= 0) return fail({ kind: 'no-path', message: 'signalling took too long' });
    const attempts: Attempt[] = [];
    const won = peer.polite
      ? await this.#awaitCall(node.value, peer, options, leftMs, attempts)
      : await this.#call(node.value, peer, options, leftMs, attempts);
    for (const attempt of attempts) if (attempt !== won.attempt) this.#abandon(attempt);
    if (!won.hello.ok) return fail(noPath(won.hello.error));
    if (this.#isClosed) return fail(CLOSED);
    const { link, lanes } = won.attempt;
    const turns = await Promise.all(
      lanes.map(({ connection }) => isThroughTurn(connection).catch(() => false)),
    );
    const path = turns.includes(true) ? 'turn' : 'direct';
    return ok(peerLinkHandle(this.#client, link, path, won.hello.value));
  }

  #openNode(signalling: SignallingServer): Promise<Result<PeerNode, string>> {
    const opening = (this.#node ??= PeerNode.open(this.#options.me, signalling));
    return opening.then((node) => {
      // A server that could not be reached may be back for the next link.
      if (this.#node === opening && (!node.ok || !node.value.isOpen)) this.#node = null;
      return node;
    });
  }

  /** Calls, and again while nobody has answered. */
  async #call(
    node: PeerNode,
    peer: PeerAddress,
    options: ConnectOptions,
    leftMs: number,
    attempts: Attempt[],
  ): Promise<Won> {
    const deadlineAt = performance.now() + leftMs;
    for (;;) {
      const attempt = this.#attempt(options, deadlineAt - performance.now());
      attempts.push(attempt);
      for (const lane of node.dial(peer.id, options.lanes ?? 1, attempts.length)) {
        this.#give(attempt, attempt.lanes.length, lane);
      }
      const hello = await within(attempt.opened, REDIAL_MS);
      if (hello !== null) return { attempt, hello };
      const answered = attempt.lanes.some(
        ({ connection }) => connection.remoteDescription !== null,
      );
      const noTime = performance.now() + REDIAL_MS > deadlineAt;
      if (answered || noTime) return { attempt, hello: await attempt.opened };
      this.#abandon(attempt);
    }
  }

  /** Answers calls; the newest takes the place of those before it. */
  #awaitCall(
    node: PeerNode,
    peer: PeerAddress,
    options: ConnectOptions,
    leftMs: number,
    attempts: Attempt[],
  ): Promise<Won> {
    const wanted = options.lanes ?? 1;
    const deadlineAt = performance.now() + leftMs;
    return new Promise((resolve) => {
      let newest = 0;
      const end = (won: Won): void => {
        stop();
        clearTimeout(deadline);
        resolve(won);
      };
      const next = (): Attempt => {
        const attempt = this.#attempt(options, Math.max(0, deadlineAt - performance.now()));
        attempts.push(attempt);
        void attempt.opened.then((hello) => {
          // One that failed is awaited no more; its caller may call again.
          if (hello.ok || hello.error.kind === 'misbehaved') end({ attempt, hello });
        });
        return attempt;
      };
      const stop = node.expect(peer.id, ({ lane, lanes, attempt }, accept) => {
        if (lanes !== wanted || attempt < newest) return;
        if (attempt > newest) {
          newest = attempt;
          const before = attempts.at(-1);
          if (before !== undefined) this.#abandon(before);
          next();
        }
        this.#give(attempts.at(-1)!, lane, accept());
      });
      const deadline = setTimeout(() => {
        const message = `the peer did not call within ${Math.round(leftMs / 1000)} s`;
        const attempt = attempts.at(-1) ?? next();
        end({ attempt, hello: fail({ kind: 'not-open', message }) });
        this.#abandon(attempt);
      }, leftMs);
    });
  }

  #attempt(options: ConnectOptions, leftMs: number): Attempt {
    const lanes: PeerLane[] = [];
    const spec = { ...linkSpec(options), openDeadlineMs: Math.max(1, leftMs) };
    const events: LinkEvents = {
      ...boundTo(options.events),
      onEnd: (end) => {
        this.#closeLanes(lanes);
        options.events.onEnd(end);
      },
    };
    return { ...this.#client.open(spec, events), lanes };
  }

  /** In the task that made the lane. */
  #give(attempt: Attempt, number: number, lane: PeerLane): void {
    const { connection } = lane;
    this.#lanes.add(lane);
    attempt.lanes.push(lane);
    this.#client.giveChannel(attempt.link, number, lane.channel);
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'connected') {
        const most = connection.sctp?.maxMessageSize;
        if (most !== undefined) this.#client.setMost(attempt.link, most);
      } else if (connection.connectionState === 'failed') this.#abandon(attempt, NO_ICE);
    });
  }

  #abandon({ link, lanes }: Attempt, end?: LinkEnd): void {
    this.#client.close(link, end);
    this.#closeLanes(lanes);
  }

  #closeLanes(lanes: readonly PeerLane[]): void {
    for (const lane of lanes) {
      this.#lanes.delete(lane);
      // A goodbye may be on its way through it.
      setTimeout(() => lane.close(), GOODBYE_MS);
    }
  }
}

interface Won {
  readonly attempt: Attempt;
  readonly hello: Result<Uint8Array, LinkEnd>;
}

/** For a command on its way to the worker, and a frame on its to the channel. */
const GOODBYE_MS = 250;
const NO_ICE: LinkEnd = { kind: 'lost', message: 'the connection to the peer failed' };
const NO_WEBRTC: PeerFailure = { kind: 'no-path', message: 'this browser has no direct paths' };
const CLOSED: PeerFailure = { kind: 'closed', message: 'the peers were closed' };

/** Handlers may be methods. */
const boundTo = (events: LinkEvents): Omit<LinkEvents, 'onEnd'> => ({
  onTensors: (message) => events.onTensors(message),
  onAck: (key) => events.onAck(key),
  onCancel: (key) => events.onCancel(key),
  onProgress: (key, bytes, total) => events.onProgress(key, bytes, total),
});

function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms);
    void promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
