/**
 * Peers as swarms ask for them (`engine/swarms/swarm.ts`). They are told of STUN servers only: chunks through a TURN
 * server would cost its operator what they save the coordinator.
 */
import type { SwarmDirectory } from '../../engine/swarms/swarm.ts';
import type { PeerTransport } from './peerTransport.ts';

export function swarmPeers(peers: PeerTransport): SwarmDirectory {
  const { directory } = peers;
  return {
    admit() {
      const admission = directory.admit();
      return admission.ok ? { peer: admission.value.id, token: admission.value.token } : null;
    },
    introduce: (a, b) => directory.introduce(a, b).ok,
    part: (a, b) => directory.part(a, b),
    revoke: (peer) => void directory.revoke(peer),
    iceServersFor: (peer) =>
      peers
        .iceServersFor(peer)
        .iceServers.map(({ urls }) => ({ urls: urls.filter((url) => /^stuns?:/.test(url)) }))
        .filter(({ urls }) => urls.length > 0),
  };
}
