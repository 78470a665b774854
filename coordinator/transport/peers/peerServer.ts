/**
 * Signalling sockets: PeerJS clients on `/v1/peers/peerjs`. Sockets and their bounds only; what the messages
 * mean is `signalling.ts`'s business.
 */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { PeerId } from '../../../shared/ids.ts';
import {
  MAX_AWAITED_PEERS,
  MAX_PEERS_PER_ADDRESS,
  MAX_PEERS,
  MAX_SIGNAL_BACKLOG_BYTES,
  MAX_SIGNAL_BYTES,
} from '../../../shared/limits.ts';
import { PEERS_KEY, PEERS_PATH } from '../../../shared/protocol/peers.ts';
import type { ProblemCode } from '../../../shared/protocol/problem.ts';
import { AddressCounts } from '../addressCounts.ts';
import type { Callers } from '../members/callers.ts';
import { closeSockets } from '../socketPings.ts';
import { queryOf, type UpgradeRouter } from '../upgrades.ts';
import type { PeerDirectory } from './peerDirectory.ts';
import { ID_TAKEN_TEXT, SIGNAL_ERRORS, errorText } from './signal.ts';
import type { PeerPort, Signalling } from './signalling.ts';

const CLOSE_REFUSED = 4401;
/** What the bus carries arrives within milliseconds; a database that pauses is given this long. */
const NEWS_DEADLINE_MS = 2_000;
const NEWS_CHECK_MS = 100;
const WS_TOO_LARGE = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

export interface PeerServerDeps {
  readonly directory: PeerDirectory;
  readonly signalling: Signalling;
  readonly callers: Pick<Callers, 'of'>;
  /** Does another coordinator admit peers, so that news of them may come after the peer itself? */
  readonly mayComeLater: () => boolean;
  readonly onRefused: (code: ProblemCode) => void;
}

export class PeerServer {
  readonly #deps: PeerServerDeps;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_SIGNAL_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  });
  readonly #counts = new AddressCounts(MAX_PEERS, MAX_PEERS_PER_ADDRESS);
  #awaited = 0;

  constructor(deps: PeerServerDeps) {
    this.#deps = deps;
  }

  attach(router: UpgradeRouter): void {
    const addressIn = (request: IncomingMessage) => this.#deps.callers.of(request).address;
    router.add(`${PEERS_PATH}/peerjs`, {
      refusal: (request) => this.#counts.refusal(addressIn(request)),
      open: (request, socket, head) =>
        this.#sockets.handleUpgrade(request, socket, head, (ws) => {
          this.#open(ws, addressIn(request), queryOf(request));
        }),
    });
  }

  close(): void {
    closeSockets(this.#sockets);
  }

  #open(ws: WebSocket, address: string, query: URLSearchParams): void {
    this.#counts.enter(address);
    ws.on('close', () => this.#counts.leave(address));
    ws.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === WS_TOO_LARGE) this.#deps.onRefused('message-too-large');
    });
    const id = query.get('id') as PeerId | null;
    if (id === null || !this.#mayAwait(id)) return this.#admit(ws, id, query);
    this.#awaited += 1;
    void this.#news(id).then(() => {
      this.#awaited -= 1;
      if (ws.readyState === ws.OPEN) this.#admit(ws, id, query);
    });
  }

  #mayAwait(id: PeerId): boolean {
    const { directory, mayComeLater } = this.#deps;
    return !directory.knows(id) && mayComeLater() && this.#awaited < MAX_AWAITED_PEERS;
  }

  /** A peer hears of its admission over its link, perhaps before this coordinator does over the bus. */
  async #news(id: PeerId): Promise<void> {
    const deadlineMs = performance.now() + NEWS_DEADLINE_MS;
    while (!this.#deps.directory.knows(id) && performance.now() < deadlineMs) {
      await sleep(NEWS_CHECK_MS);
    }
  }

  #admit(ws: WebSocket, id: PeerId | null, query: URLSearchParams): void {
    const refusal = this.#refusal(id, query);
    if (refusal !== null || id === null) return this.#refuse(ws, refusal);
    const { signalling } = this.#deps;
    const port: PeerPort = {
      send(text) {
        if (ws.readyState !== ws.OPEN) return;
        ws.send(text);
        if (ws.bufferedAmount > MAX_SIGNAL_BACKLOG_BYTES) ws.terminate();
      },
      close: (code, reason) => ws.close(code, reason),
    };
    ws.on('message', (data, isBinary) =>
      signalling.receive(id, port, isBinary ? null : textOf(data)),
    );
    ws.on('close', () => signalling.detach(id, port));
    signalling.attach(id, port);
  }

  /** What a client is told that may not attach; PeerJS knows refusals only as messages. */
  #refusal(id: PeerId | null, query: URLSearchParams): string | null {
    const { directory } = this.#deps;
    const token = query.get('token') ?? '';
    const key = query.get('key') ?? '';
    if (id === null || id === '' || token === '' || key === '') {
      return errorText(SIGNAL_ERRORS.parameters);
    }
    if (key !== PEERS_KEY) return errorText(SIGNAL_ERRORS.key);
    if (!directory.knows(id)) return errorText(SIGNAL_ERRORS.token);
    return directory.holds(id, token) ? null : ID_TAKEN_TEXT;
  }

  #refuse(ws: WebSocket, text: string | null): void {
    this.#deps.onRefused('not-authenticated');
    if (text !== null) ws.send(text);
    ws.close(CLOSE_REFUSED, 'not authenticated');
  }
}

/** `ws` gives one buffer unless it was asked for fragments. */
const textOf = (data: RawData): string => (data as Buffer).toString('utf8');
