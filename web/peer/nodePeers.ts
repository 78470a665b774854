/**
 * Peers of a Node host: through the coordinator's relay only, as Node has no WebRTC. Links run in this process.
 */
import WebSocket from 'ws';
import { MAX_PEER_FRAME_BYTES } from '../../shared/limits.ts';
import { fail } from '../../shared/result.ts';
import { PeerClient } from './peerClient.ts';
import { localEndpoint } from './localEndpoint.ts';
import { connectRelayed } from './peerLinkHandle.ts';
import { CONNECT_DEADLINE_MS, type PeerIdentity, type PeerTransport } from './peerTransport.ts';
import type { AnySocket } from './socketByteChannel.ts';

export const openNodeSocket = (url: string): AnySocket =>
  // Of its interface only what a browser's has is used.
  new WebSocket(url, {
    perMessageDeflate: false,
    handshakeTimeout: CONNECT_DEADLINE_MS,
    maxPayload: MAX_PEER_FRAME_BYTES,
  });

/** `url` is the coordinator's address. */
export function nodePeers(url: string, me: PeerIdentity): PeerTransport {
  const client = new PeerClient(() => localEndpoint(openNodeSocket));
  let isClosed = false;
  return {
    async connect(peer, options) {
      if (isClosed) return fail({ kind: 'closed', message: 'the peers were closed' });
      return connectRelayed(client, url, me, peer, options);
    },
    close() {
      isClosed = true;
      client.closeAll();
    },
  };
}
