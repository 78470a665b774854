/** The port of swarms over the transport between peers: direct links only, in no hurry. */
import { CHUNK_BYTES } from '../../../shared/limits.ts';
import { fail, ok } from '../../../shared/result.ts';
import { tensorOf, type NamedTensors } from '../../../shared/tensor.ts';
import type { IncomingMessage, LinkLimits } from '../../peer/linkTypes.ts';
import type { ConnectOptions, PeerAddress, PeerTransport } from '../../peer/peerTransport.ts';
import type { OpenTransport } from '../transportPeers.ts';
import type { ChunkLink, ChunkLinkHandlers, ChunkPort } from './chunkPort.ts';

/** Many tabs of one room may call each other at once, and nobody waits for a single one of them. */
const CONNECT_DEADLINE_MS = 20_000;
/** A stage of a route is missed after four seconds; a neighbour in a swarm is one of several. */
const LIMITS: Partial<LinkLimits> = {
  // One chunk in hand, and those that were asked for.
  windowBytes: 4 * CHUNK_BYTES,
  silenceMs: 20_000,
  messageStallMs: 30_000,
  creditStallMs: 30_000,
};
const NO_HELLO = new Uint8Array(0);
const TENSOR = 'bytes';

export const transportChunks = (open: OpenTransport): ChunkPort => ({
  enter({ peer, token }, iceServers) {
    const transport = open({ id: peer, token }, iceServers);
    return {
      meet: (other, calls, handlers) => meet(transport, { id: other, polite: !calls }, handlers),
      leave: () => {
        transport.close();
      },
    };
  },
});

async function meet(transport: PeerTransport, address: PeerAddress, handlers: ChunkLinkHandlers) {
  /** What came before the caller has the link, and whether it ended by then. */
  let waiting: IncomingMessage[] | null = [];
  let hasEnded = false;
  const take = ({ descriptor, tensors }: IncomingMessage): void => {
    handlers.onMessage(descriptor, tensors[TENSOR]?.bytes ?? null);
  };
  const options: ConnectOptions = {
    hello: NO_HELLO,
    deadlineMs: CONNECT_DEADLINE_MS,
    limits: LIMITS,
    via: 'direct',
    events: {
      onTensors: (message) => {
        if (waiting !== null) return void waiting.push(message);
        take(message);
        if (linked.ok) linked.value.ack(message);
      },
      onAck: () => undefined,
      onCancel: () => undefined,
      onProgress: () => undefined,
      onEnd: () => {
        hasEnded = true;
        if (waiting === null) handlers.onEnd();
      },
    },
  };
  const linked = await transport.connect(address, options);
  if (!linked.ok) return fail(linked.error.message);
  const peerLink = linked.value;
  let sequence = 0;
  const link: ChunkLink = {
    async send(message, bytes) {
      const tensors: NamedTensors =
        bytes === undefined ? {} : { [TENSOR]: tensorOf('U8', [bytes.byteLength], bytes) };
      const key = { epoch: 0, stage: 0, sequence: sequence++ };
      const sent = await peerLink.send({ ...key, descriptor: message, tensors }, { give: true });
      return sent.ok;
    },
    close: () => {
      peerLink.close();
    },
  };
  // After whoever awaits this has the link.
  setTimeout(() => {
    const came = waiting ?? [];
    waiting = null;
    for (const message of came) {
      take(message);
      peerLink.ack(message);
    }
    if (hasEnded) handlers.onEnd();
  }, 0);
  return ok(link);
}
