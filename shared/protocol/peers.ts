/**
 * Where peers meet, and through what: paths of the coordinator, and the servers that a peer is told.
 *
 * Not the messages of signalling: those are PeerJS's, read in `coordinator/transport/peers/signal.ts`.
 */
import { z } from 'zod';
import { MAX_NAME_CHARS } from '../limits.ts';

/** `path` of a PeerJS client. */
export const PEERS_PATH = '/v1/peers';
/** `key` of a PeerJS client: what a PeerJS server calls the network. Not a secret. */
export const PEERS_KEY = 'idlewave';
/** `?id=&token=&to=&lane=`: binary messages of two peers where no direct path exists. */
export const RELAY_PATH = `${PEERS_PATH}/relay`;

/** A lane of two peers: several may be relayed side by side. */
export const LANE = /^[A-Za-z0-9_.-]{1,64}$/;

/** Why the coordinator closed a relay, as WebSocket close codes. */
export const RELAY_CLOSE = {
  /** The other end went, or never came. */
  partnerGone: 4404,
  /** The pair may not meet any more. */
  parted: 4403,
  /** The same end of the same lane was opened anew. */
  replaced: 4409,
  /** Nothing of what waits for this end, or comes from it, has moved for a minute. */
  stalled: 4408,
} as const;

/** An RTCIceServer, as far as we use it. */
export const iceServerSchema = z.object({
  urls: z.array(z.string().max(MAX_NAME_CHARS)).min(1).max(16),
  username: z.string().max(MAX_NAME_CHARS).optional(),
  credential: z.string().max(MAX_NAME_CHARS).optional(),
});
export type IceServer = z.infer<typeof iceServerSchema>;

/** How a host of a route is connected to its neighbour; `broken`: no way was found, or it ended. */
export const peerStateSchema = z.strictObject({
  path: z.enum(['connecting', 'direct', 'turn', 'relayed', 'broken']),
  /** Of a small message and its answer; null before one was measured. */
  rttMs: z.number().min(0).max(1e7).nullable(),
  /** Activations sent to it, or received from it, since the route began. */
  bytes: z.number().int().min(0),
});
export type PeerState = z.infer<typeof peerStateSchema>;
