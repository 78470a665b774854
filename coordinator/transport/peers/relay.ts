/**
 * The relay, for peers between whom no direct path exists: binary messages of two ends of one lane, piped both
 * ways through the coordinator. Looks into none of them.
 *
 * Invariant: an end is read only while its partner is there and takes what it is sent, so what waits here is
 * bounded by `RELAY_HIGH_WATER_BYTES` and one message a direction; both ends close together.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { PeerId } from '../../../shared/ids.ts';
import {
  MAX_RELAY_ENDS,
  MAX_RELAY_ENDS_PER_ADDRESS,
  MAX_RELAY_ENDS_PER_PEER,
  MAX_RELAY_MESSAGE_BYTES,
} from '../../../shared/limits.ts';
import { LANE, RELAY_CLOSE, RELAY_PATH } from '../../../shared/protocol/peers.ts';
import type { Problem, ProblemCode } from '../../../shared/protocol/problem.ts';
import { AddressCounts } from '../addressCounts.ts';
import type { Callers } from '../members/callers.ts';
import { SocketPings, closeSockets } from '../socketPings.ts';
import { queryOf, type UpgradeRouter } from '../upgrades.ts';
import type { PeerDirectory } from './peerDirectory.ts';
import { RelayEnd, type OnBytes } from './relayEnd.ts';

const WS_TOO_LARGE = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

export interface RelayDeps {
  readonly directory: PeerDirectory;
  readonly callers: Pick<Callers, 'of'>;
  /** Called for every message that is passed on. */
  readonly onBytes: OnBytes;
  readonly onRefused: (code: ProblemCode) => void;
}

interface Asked {
  readonly id: PeerId;
  readonly to: PeerId;
  readonly lane: string;
}

export class Relay {
  readonly #deps: RelayDeps;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_RELAY_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  });
  readonly #counts = new AddressCounts(MAX_RELAY_ENDS, MAX_RELAY_ENDS_PER_ADDRESS);
  readonly #pings = new SocketPings(this.#sockets);
  /** Open ends, by owner and then by partner and lane. */
  readonly #ends = new Map<PeerId, Map<string, RelayEnd>>();

  constructor(deps: RelayDeps) {
    this.#deps = deps;
    deps.directory.listen((event) => {
      if (event.kind !== 'parted') return;
      for (const [of, other] of [
        [event.a, event.b],
        [event.b, event.a],
      ] as const) {
        for (const end of [...(this.#ends.get(of)?.values() ?? [])]) {
          if (end.to === other) end.close(RELAY_CLOSE.parted, 'these peers may not meet any more');
        }
      }
    });
  }

  attach(router: UpgradeRouter): void {
    router.add(RELAY_PATH, {
      refusal: (request) => this.#refusal(request),
      open: (request, socket, head) =>
        this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#open(ws, socket, request)),
    });
  }

  get endCount(): number {
    return this.#sockets.clients.size;
  }

  close(): void {
    this.#pings.close();
    closeSockets(this.#sockets);
  }

  #refusal(request: IncomingMessage): Problem | null {
    const { directory, callers } = this.#deps;
    const { id, to, lane } = askedOf(request);
    if (!directory.holds(id, queryOf(request).get('token') ?? '')) {
      return {
        code: 'not-authenticated',
        detail: 'this is no peer with its token',
        fix: 'ask with the id and token that this coordinator issued',
      };
    }
    if (!LANE.test(lane)) {
      return {
        code: 'invalid-field',
        detail: 'this is no lane',
        field: 'lane',
        expected: String(LANE),
        came: lane.slice(0, 80),
      };
    }
    // Absent, revoked, or of another route: not told apart.
    if (!directory.mayMeet(id, to)) {
      return { code: 'not-allowed', detail: 'these peers may not meet', came: to.slice(0, 80) };
    }
    const own = this.#ends.get(id);
    if ((own?.size ?? 0) >= MAX_RELAY_ENDS_PER_PEER && own?.has(laneKey(to, lane)) !== true) {
      const expected = `at most ${MAX_RELAY_ENDS_PER_PEER} of one peer`;
      return { code: 'too-many-links', detail: 'too many relayed lanes are open', expected };
    }
    return this.#counts.refusal(callers.of(request).address);
  }

  #open(ws: WebSocket, socket: Duplex, request: IncomingMessage): void {
    const address = this.#deps.callers.of(request).address;
    this.#counts.enter(address);
    this.#pings.watch(ws);
    const { id, to, lane } = askedOf(request);
    const end = new RelayEnd({ ws, socket, from: id, to, onBytes: this.#deps.onBytes });
    ws.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === WS_TOO_LARGE) this.#deps.onRefused('message-too-large');
    });
    const own = this.#ends.get(id) ?? new Map<string, RelayEnd>();
    const key = laneKey(to, lane);
    own.get(key)?.close(RELAY_CLOSE.replaced, 'opened anew');
    own.set(key, end);
    this.#ends.set(id, own);
    ws.on('close', () => {
      this.#counts.leave(address);
      end.closed();
      if (own.get(key) === end) own.delete(key);
      if (own.size === 0 && this.#ends.get(id) === own) this.#ends.delete(id);
    });
    const partner = this.#ends.get(to)?.get(laneKey(id, lane));
    if (partner?.isWaiting === true) end.join(partner);
  }
}

function askedOf(request: IncomingMessage): Asked {
  const query = queryOf(request);
  const [id, to] = ['id', 'to'].map((name) => (query.get(name) ?? '') as PeerId) as [
    PeerId,
    PeerId,
  ];
  return { id, to, lane: query.get('lane') ?? '' };
}

const laneKey = (to: PeerId, lane: string): string => `${to} ${lane}`;
