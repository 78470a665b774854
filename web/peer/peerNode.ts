/**
 * This page among peers: PeerJS as the signaller, and on each of its connections a channel of our own.
 *
 * PeerJS's serializers are not used: they block the page and break at large messages (performance.md 2.5). Our channel
 * is negotiated beforehand, by the same number at both ends, in the task that makes the connection, so that it can
 * move to a worker. PeerJS is loaded when the first page needs it. Invariant: an offer is answered only where its
 * sender was expected.
 */
import type { DataConnection, Peer, PeerOptions } from 'peerjs';
import { MAX_PEER_LANES } from '../../shared/limits.ts';
import { fail, messageOf, ok, type Result } from '../../shared/result.ts';
import type { PeerIdentity } from './peerTransport.ts';

export interface SignallingServer {
  readonly host: string;
  readonly port: number;
  /** Of the PeerJS endpoint, as `new Peer` takes it. */
  readonly path: string;
  readonly key: string;
  readonly secure: boolean;
  readonly iceServers: readonly RTCIceServer[];
  /** `relay` takes TURN only. */
  readonly iceTransportPolicy?: RTCIceTransportPolicy;
}

/** One association with another page, and our channel on it, not yet open. */
export interface PeerLane {
  readonly connection: RTCPeerConnection;
  readonly channel: RTCDataChannel;
  close(): void;
}

/** Travels with PeerJS's offer. */
export interface OfferFacts {
  readonly lane: number;
  readonly lanes: number;
  /** A caller's running number: a later attempt takes the place of an earlier one. */
  readonly attempt: number;
}

export type OnOffer = (facts: OfferFacts, accept: () => PeerLane) => void;

/** Any number that PeerJS's own channel (0 or 1) never gets. */
const CHANNEL_ID = 77;
const OPEN_DEADLINE_MS = 15_000;
/** After the signalling socket closed: links live on, but nobody new could call. */
const RECONNECT_MS = 2_000;

export class PeerNode {
  readonly #peer: Peer;
  readonly #expected = new Map<string, OnOffer>();
  #isClosed = false;

  private constructor(peer: Peer) {
    this.#peer = peer;
    peer.on('connection', (connection) => this.#offered(connection));
    // A peer that is not there is one whose lane does not open; more is not to be known from it.
    peer.on('error', () => undefined);
    peer.on('disconnected', () => {
      setTimeout(() => {
        if (!this.#isClosed && peer.disconnected && !peer.destroyed) peer.reconnect();
      }, RECONNECT_MS);
    });
  }

  /** Ends when the signalling server has taken us. */
  static async open(me: PeerIdentity, server: SignallingServer): Promise<Result<PeerNode, string>> {
    const { Peer } = await import('peerjs');
    const { host, port, path, key, secure, iceServers, iceTransportPolicy } = server;
    const config: RTCConfiguration = {
      iceServers: [...iceServers],
      ...(iceTransportPolicy === undefined ? {} : { iceTransportPolicy }),
    };
    const options: PeerOptions = {
      host,
      port,
      path,
      key,
      secure,
      token: me.token,
      config,
      debug: 0,
    };
    const peer = new Peer(me.id, options);
    return new Promise((resolve) => {
      const refuse = (why: string): void => {
        clearTimeout(deadline);
        peer.destroy();
        resolve(fail(why));
      };
      const deadline = setTimeout(() => {
        refuse(`the signalling server did not answer within ${OPEN_DEADLINE_MS / 1000} s`);
      }, OPEN_DEADLINE_MS);
      peer.once('open', () => {
        clearTimeout(deadline);
        peer.removeAllListeners('error');
        resolve(ok(new PeerNode(peer)));
      });
      peer.once('error', (error) => refuse(messageOf(error)));
    });
  }

  get isOpen(): boolean {
    return !this.#isClosed && !this.#peer.destroyed;
  }

  /** Calls a peer: all lanes at once, in this task. */
  dial(peerId: string, lanes: number, attempt: number): PeerLane[] {
    if (!this.isOpen || this.#peer.disconnected) return [];
    return Array.from({ length: lanes }, (_, lane) => {
      const metadata: OfferFacts = { lane, lanes, attempt };
      const options = { serialization: 'raw', reliable: true, metadata };
      return laneOf(this.#peer.connect(peerId, options));
    });
  }

  /** Offers of this peer are shown to `onOffer` until the result is called; `accept` must be called within it. */
  expect(peerId: string, onOffer: OnOffer): () => void {
    this.#expected.set(peerId, onOffer);
    return () => {
      if (this.#expected.get(peerId) === onOffer) this.#expected.delete(peerId);
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#peer.destroy();
  }

  #offered(connection: DataConnection): void {
    const onOffer = this.#expected.get(connection.peer);
    const facts = offerFacts(connection.metadata);
    let accepted = false;
    if (facts !== null) {
      onOffer?.(facts, () => {
        accepted = true;
        return laneOf(connection);
      });
    }
    // In the task of the offer: no answer has been made, and no address of ours has left.
    if (!accepted) closeConnection(connection);
  }
}

function laneOf(connection: DataConnection): PeerLane {
  const { peerConnection } = connection;
  // PeerJS tells it of failures of the connection, which our channel tells too.
  connection.on('error', () => undefined);
  const channel = peerConnection.createDataChannel('idlewave', {
    negotiated: true,
    id: CHANNEL_ID,
    ordered: true,
  });
  return { connection: peerConnection, channel, close: () => closeConnection(connection) };
}

function closeConnection(connection: DataConnection): void {
  const { peerConnection } = connection as { peerConnection: RTCPeerConnection | null };
  connection.on('error', () => undefined);
  connection.close();
  // PeerJS leaves one open that never opened itself.
  peerConnection?.close();
}

function offerFacts(metadata: unknown): OfferFacts | null {
  if (typeof metadata !== 'object' || metadata === null) return null;
  const { lane, lanes, attempt } = metadata as Record<string, unknown>;
  const isCount = (value: unknown, most: number): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
  return isCount(lanes, MAX_PEER_LANES) && isCount(lane, lanes - 1) && isCount(attempt, 1_000_000)
    ? { lane, lanes, attempt }
    : null;
}

/** Whether the chosen pair of addresses leads through a TURN server. */
export async function isThroughTurn(connection: RTCPeerConnection): Promise<boolean> {
  const reports = new Map<string, Record<string, unknown>>();
  (await connection.getStats()).forEach((report: Record<string, unknown>, id) => {
    reports.set(id, report);
  });
  const transport = [...reports.values()].find(({ type }) => type === 'transport');
  const named = reports.get(String(transport?.['selectedCandidatePairId']));
  // Firefox has no transport report, but marks the pair.
  const marked = [...reports.values()].find((r) => r['type'] === 'candidate-pair' && r['selected']);
  const pair = named ?? marked;
  return ['localCandidateId', 'remoteCandidateId'].some(
    (end) => reports.get(String(pair?.[end]))?.['candidateType'] === 'relay',
  );
}
