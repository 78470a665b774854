/**
 * Hosts that reach each other through the coordinator's relay, as Node hosts do, and that can be killed: every socket is
 * destroyed at once, without a word to anybody, and nothing comes of it any more.
 */
import WebSocket from 'ws';
import { connectRelayed } from '../../../web/peer/peerLinkHandle.ts';
import { localEndpoint } from '../../../web/peer/localEndpoint.ts';
import { nodePeers, openNodeSocket } from '../../../web/peer/nodePeers.ts';
import { PeerClient } from '../../../web/peer/peerClient.ts';
import type { Compute } from '../../../web/compute/api.ts';
import type { ConnectLink, PeerPort } from '../../../web/volunteer/ports.ts';
import { linkOver } from '../../../web/volunteer/nodeSocket.ts';
import { transportPeers } from '../../../web/volunteer/transportPeers.ts';
import { startTestHost, type TestHost } from './testHost.ts';

/** As `nodeHost.ts` has it. */
export const relayPeers = (url: string): PeerPort =>
  transportPeers(['relay'], (me) => nodePeers(url, me));

export interface KillableHost extends TestHost {
  kill(): void;
}

export async function startKillableHost(
  url: string,
  engine: (honest: Compute) => Compute = (honest) => honest,
): Promise<KillableHost> {
  const sockets = new Set<WebSocket>();
  let isDead = false;
  const kept = (socket: WebSocket): WebSocket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    return socket;
  };
  const connect: ConnectLink = (address, handlers) => {
    if (isDead) return { send: () => false, close: () => undefined };
    return linkOver(kept(new WebSocket(address, { perMessageDeflate: false })), handlers);
  };
  const peers = transportPeers(['relay'], (me) => {
    const client = new PeerClient(() =>
      localEndpoint((address) => kept(openNodeSocket(address) as unknown as WebSocket)),
    );
    return {
      connect: (peer, options) => connectRelayed(client, url, me, peer, options),
      close: () => {
        client.closeAll();
      },
    };
  });
  const host = await startTestHost(url, engine, { connect, peers });
  return {
    ...host,
    contributor: host.contributor,
    kill() {
      isDead = true;
      for (const socket of sockets) socket.terminate();
    },
  };
}
