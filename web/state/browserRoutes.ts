/** How a tab reaches other hosts: WebRTC by way of the coordinator, which relays for routes, and not for swarms. */
import { PEERS_KEY, PEERS_PATH } from '../../shared/protocol/peers.ts';
import type { BrowserPeersOptions } from '../peer/browserPeers.ts';
import { BrowserPeers } from '../peer/browserPeers.ts';
import type { PeerPort } from '../volunteer/ports.ts';
import type { ChunkPort } from '../volunteer/swarm/chunkPort.ts';
import { transportChunks } from '../volunteer/swarm/transportChunks.ts';
import { transportPeers, type OpenTransport } from '../volunteer/transportPeers.ts';

const HAS_WEBRTC = typeof RTCPeerConnection === 'function';

/** `url`: the coordinator's address. */
export const browserRoutes = (url: string): PeerPort =>
  transportPeers(HAS_WEBRTC ? ['webrtc', 'relay'] : ['relay'], transportOf(url));

/** The neighbours of a tab in swarms; null where the browser has no direct paths. */
export const browserChunks = (url: string): ChunkPort | null =>
  HAS_WEBRTC ? transportChunks(transportOf(url)) : null;

function transportOf(url: string): OpenTransport {
  const { hostname, port, protocol } = new URL(url);
  const secure = protocol === 'https:';
  const server = {
    host: hostname,
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    path: PEERS_PATH,
    key: PEERS_KEY,
    secure,
  };
  return (me, iceServers) => {
    const signalling: BrowserPeersOptions['signalling'] = HAS_WEBRTC
      ? { ...server, iceServers }
      : null;
    return new BrowserPeers({ url, me, signalling });
  };
}
