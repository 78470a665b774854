/**
 * Hosts that compute as they should and treat their neighbours on a route otherwise: the port to the peers with
 * somebody's hands on it.
 */
import { encodePeerFrame } from '../../../../shared/peerFrame.ts';
import { ok } from '../../../../shared/result.ts';
import { tensorOf } from '../../../../shared/tensor.ts';
import { realClock } from '../../../../web/peer/clock.ts';
import { openNodeSocket } from '../../../../web/peer/nodePeers.ts';
import { relayUrl, type PeerLink } from '../../../../web/peer/peerTransport.ts';
import { SocketByteChannel } from '../../../../web/peer/socketByteChannel.ts';
import { TensorLink } from '../../../../web/peer/tensorLink.ts';
import type { Neighbour, PeerPort } from '../../../../web/volunteer/ports.ts';
import { transportPeers } from '../../../../web/volunteer/transportPeers.ts';

/** `change` makes another neighbour of each that is reached. */
export const changedNeighbours = (
  port: PeerPort,
  change: (neighbour: Neighbour) => Neighbour,
): PeerPort => ({
  ways: port.ways,
  enter(place) {
    const presence = port.enter(place);
    const changed = async (reached: ReturnType<typeof presence.connect>) => {
      const result = await reached;
      return result.ok ? ok(change(result.value)) : result;
    };
    return {
      connect: (peer, handlers) => changed(presence.connect(peer, handlers)),
      accept: (peer, handlers) => changed(presence.accept(peer, handlers)),
      leave: () => {
        presence.leave();
      },
    };
  },
});

/** Sends `most` activations, then nothing. `dropped` counts what it did not send. */
export function dropping(port: PeerPort, most: number) {
  const seen = { dropped: 0 };
  let sent = 0;
  const peers = changedNeighbours(port, (neighbour) => ({
    ...neighbour,
    send(key, tensors) {
      if (sent++ < most) neighbour.send(key, tensors);
      else seen.dropped += 1;
    },
  }));
  return { peers, seen };
}

const FLOOD_MESSAGES = 400;
const FLOOD_VALUES = 16 * 1024;

/** Before everything that it sends come activations and acknowledgements that nobody asked for. */
export function flooding(port: PeerPort) {
  const seen = { sent: 0 };
  const noise = { h: tensorOf('F32', [FLOOD_VALUES], new Float32Array(FLOOD_VALUES)) };
  const peers = changedNeighbours(port, (neighbour) => ({
    ...neighbour,
    send(key, tensors) {
      if (seen.sent === 0) {
        for (let i = 1; i <= FLOOD_MESSAGES; i++) {
          neighbour.send({ ...key, sequence: 1_000_000 + i }, noise);
          neighbour.ack({ ...key, sequence: key.sequence + i });
        }
        seen.sent += FLOOD_MESSAGES;
      }
      neighbour.send(key, tensors);
    },
  }));
  return { peers, seen };
}

/** Instead of an activation comes a frame whose descriptor is longer than all of its payload. */
export function overlong(url: string) {
  const seen = { sent: 0, ended: 0 };
  const peers = transportPeers(['relay'], (me) => {
    const links = new Set<TensorLink>();
    return {
      async connect(peer, { hello, events }) {
        const channel = new SocketByteChannel(
          openNodeSocket(relayUrl(url, me, peer.id, 0)),
          realClock,
        );
        const onEnd: typeof events.onEnd = (end) => {
          seen.ended += 1;
          events.onEnd(end);
        };
        const opened = await TensorLink.open(
          [channel],
          { ...events, onEnd },
          { clock: realClock, hello, openDeadlineMs: 8_000 },
        );
        if (!opened.ok) {
          return { ok: false, error: { kind: 'no-path', message: opened.error.message } };
        }
        const link = opened.value;
        links.add(link);
        const neighbour: PeerLink = {
          path: 'relayed',
          hello,
          send: ({ epoch, stage, sequence }) => {
            seen.sent += 1;
            channel.send(overlongFrame({ epoch, stage, sequence }));
            return Promise.resolve(ok(undefined));
          },
          ack: (key) => {
            link.ack(key);
          },
          release: (key) => {
            link.release(key);
          },
          cancel: () => undefined,
          stats: () => Promise.resolve(null),
          close: () => {
            link.close();
          },
        };
        return ok(neighbour);
      },
      close() {
        for (const link of links) link.close();
      },
    };
  });
  return { peers, seen };
}

/** 64 bytes of payload, of which the descriptor alone is said to be 4,096. */
function overlongFrame(key: {
  epoch: number;
  stage: number;
  sequence: number;
}): Uint8Array<ArrayBuffer> {
  const frame = encodePeerFrame({
    kind: 'tensors',
    lane: 0,
    message: 0,
    descriptorBytes: 0,
    offset: 0,
    total: 64,
    payload: new Uint8Array(64),
    ...key,
  });
  new DataView(frame.buffer).setUint16(18, 4_096, true);
  return frame;
}
