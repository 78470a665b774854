/**
 * The messages of PeerJS's signalling, as its clients send and read them (peerjs 1.5.5, peer 1.0.2).
 *
 * Theirs to define, so unknown fields are let through within a payload and dropped beside it. Payloads are
 * carried as they came, never looked into but for the one field without which a client would throw.
 */
import { z } from 'zod';
import type { PeerId } from '../../../shared/ids.ts';
import { MAX_NAME_CHARS } from '../../../shared/limits.ts';

const dst = z.string().min(1).max(MAX_NAME_CHARS) as unknown as z.ZodType<PeerId>;
/** As it came, to the order of its fields: a schema of an object would put known ones first. */
const payload = z
  .unknown()
  .refine(hasConnection, { message: 'expected an object with a connectionId' });

/** What a client may send. */
export const clientSignalSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('HEARTBEAT') }),
  z.object({ type: z.literal('LEAVE'), dst: dst.optional() }),
  z.object({ type: z.literal('OFFER'), dst, payload }),
  z.object({ type: z.literal('ANSWER'), dst, payload }),
  z.object({ type: z.literal('CANDIDATE'), dst, payload }),
]);

/** What goes from peer to peer, through one coordinator or two. EXPIRE is a coordinator's: nobody was there. */
export const signalSchema = z.object({
  type: z.enum(['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE', 'EXPIRE']),
  src: dst,
  dst,
  payload: z.unknown().optional(),
});
export type Signal = z.infer<typeof signalSchema>;

function hasConnection(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'connectionId')) {
    return false;
  }
  const { connectionId } = value as { connectionId: unknown };
  return typeof connectionId === 'string' && connectionId.length <= MAX_NAME_CHARS;
}

/** As the `peer` server writes it: the fields, and their order. */
export const signalText = ({ type, src, dst: to, payload: carried }: Signal): string =>
  JSON.stringify({ type, src, dst: to, payload: carried });

export const OPEN_TEXT = JSON.stringify({ type: 'OPEN' });
export const ID_TAKEN_TEXT = JSON.stringify({
  type: 'ID-TAKEN',
  payload: { msg: 'ID is taken' },
});
export const errorText = (msg: string): string =>
  JSON.stringify({ type: 'ERROR', payload: { msg } });

/** The words of the `peer` server. */
export const SIGNAL_ERRORS = {
  parameters: 'No id, token, or key supplied to websocket server',
  key: 'Invalid key provided',
  token: 'Invalid token provided',
} as const;
