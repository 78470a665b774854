/** The port of a host's routes over the transport between peers: each neighbour is one link. */
import type { PeerId } from '../../shared/ids.ts';
import type { RoutePlace } from '../../shared/protocol/link.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { PeerLink, PeerTransport } from '../peer/peerTransport.ts';
import type { Neighbour, NeighbourHandlers, PeerPort } from './ports.ts';

/** Enters the peers under an identity; nothing is opened before the first connection. */
export type OpenTransport = (
  me: { readonly id: PeerId; readonly token: string },
  iceServers: RoutePlace['iceServers'],
) => PeerTransport;

export const transportPeers = (ways: PeerPort['ways'], open: OpenTransport): PeerPort => ({
  ways,
  enter({ self: { peer, token }, iceServers }) {
    const transport = open({ id: peer, token }, iceServers);
    return {
      connect: (other, handlers) => meet(transport, other, false, handlers),
      accept: (other, handlers) => meet(transport, other, true, handlers),
      leave: () => {
        transport.close();
      },
    };
  },
});

/** Everything that a neighbour has to know of us the coordinator has told it. */
const NO_HELLO = new Uint8Array(0);

async function meet(
  transport: PeerTransport,
  id: PeerId,
  polite: boolean,
  handlers: NeighbourHandlers,
): Promise<Result<Neighbour, string>> {
  const linked = await transport.connect(
    { id, polite },
    {
      hello: NO_HELLO,
      events: {
        onTensors: ({ epoch, stage, sequence, tensors }) => {
          handlers.onActivation({ epoch, stage, sequence }, tensors);
        },
        onAck: ({ epoch, stage, sequence }) => {
          handlers.onAck({ epoch, stage, sequence });
        },
        onCancel: () => undefined,
        onProgress: () => undefined,
        onEnd: ({ message }) => {
          handlers.onEnd(message);
        },
      },
    },
  );
  return linked.ok ? ok(neighbour(linked.value)) : fail(linked.error.message);
}

const neighbour = (link: PeerLink): Neighbour => ({
  path: link.path,
  send(key, tensors) {
    // What cannot be sent ends the link, or was sent on one that has ended: `onEnd` says so.
    void link.send({ ...key, descriptor: null, tensors }).then((sent) => {
      if (!sent.ok && sent.error.kind === 'too-large') link.close();
    });
  },
  ack: (key) => {
    link.ack(key);
  },
  release: (key) => {
    link.release(key);
  },
  async stats() {
    const stats = await link.stats();
    if (stats === null) return { rttMs: null, bytes: 0 };
    return { rttMs: stats.roundTripMs, bytes: stats.sentBytes + stats.receivedBytes };
  },
  close: () => {
    link.close();
  },
});
