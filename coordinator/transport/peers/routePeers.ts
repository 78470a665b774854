/** Peers as routes ask for them (`engine/routes/route.ts`). */
import { assert, type Result } from '../../../shared/result.ts';
import type { PeerDirectory } from '../../engine/routes/route.ts';
import type { PeerTransport } from './peerTransport.ts';

export function routePeers(peers: PeerTransport): PeerDirectory {
  const { directory } = peers;
  return {
    admit() {
      const { id, token } = had(directory.admit());
      return { peer: id, token };
    },
    introduce: (a, b) => had(directory.introduce(a, b)),
    part: (a, b) => directory.part(a, b),
    revoke: (peer) => void directory.revoke(peer),
    iceServersFor: (peer) =>
      peers.iceServersFor(peer).iceServers.map((server) => ({ ...server, urls: [...server.urls] })),
  };
}

/** A host has one place at most, and there is room for as many peers and pairs as there may be links. */
function had<T>(result: Result<T, unknown>): T {
  assert(result.ok, 'more places on routes than hosts');
  return result.value;
}
