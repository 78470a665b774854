/** How a tab reaches the other hosts of its routes: WebRTC by way of the coordinator, which also relays. */
import { PEERS_KEY, PEERS_PATH } from '../../shared/protocol/peers.ts';
import type { BrowserPeersOptions } from '../peer/browserPeers.ts';
import { BrowserPeers } from '../peer/browserPeers.ts';
import type { PeerPort } from '../volunteer/ports.ts';
import { transportPeers } from '../volunteer/transportPeers.ts';

/** `url`: the coordinator's address. */
export function browserRoutes(url: string): PeerPort {
  const { hostname, port, protocol } = new URL(url);
  const secure = protocol === 'https:';
  const server = {
    host: hostname,
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    path: PEERS_PATH,
    key: PEERS_KEY,
    secure,
  };
  const hasWebRtc = typeof RTCPeerConnection === 'function';
  return transportPeers(hasWebRtc ? ['webrtc', 'relay'] : ['relay'], (me, iceServers) => {
    const signalling: BrowserPeersOptions['signalling'] = hasWebRtc
      ? { ...server, iceServers }
      : null;
    return new BrowserPeers({ url, me, signalling });
  });
}
