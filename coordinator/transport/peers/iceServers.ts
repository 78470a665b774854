/**
 * STUN and TURN servers that a peer is told, with a credential of its own for a limited time.
 *
 * The TURN server shares a secret with the coordinator and nothing else (coturn's `use-auth-secret`, after
 * draft-uberti-behave-turn-rest): a credential names its expiry and its peer. Without configuration there are none:
 * peers try the addresses of their own machines, then the relay; nobody else learns of them.
 */
import { createHmac } from 'node:crypto';
import type { PeerId } from '../../../shared/ids.ts';
import type { IceServer } from '../../../shared/protocol/peers.ts';

export interface IceConfig {
  readonly stun: readonly string[];
  readonly turn: readonly string[];
  /** Shared with the TURN servers; null where there are none. */
  readonly turnSecret: string | null;
}

export const NO_ICE: IceConfig = { stun: [], turn: [], turnSecret: null };

export interface IceServers {
  readonly iceServers: readonly IceServer[];
  /** From then on the credential opens nothing new; null where there is none. */
  readonly expiresAtMs: number | null;
}

/** Longer than most routes live, shorter than a day: a credential that leaked is worth little. */
const CREDENTIAL_SECONDS = 6 * 60 * 60;

export function iceServersFor(config: IceConfig, id: PeerId, nowMs: number): IceServers {
  const stun = config.stun.length === 0 ? [] : [{ urls: [...config.stun] }];
  if (config.turn.length === 0 || config.turnSecret === null) {
    return { iceServers: stun, expiresAtMs: null };
  }
  const expirySeconds = Math.floor(nowMs / 1000) + CREDENTIAL_SECONDS;
  const credential = turnCredential(config.turnSecret, id, expirySeconds);
  return {
    iceServers: [...stun, { urls: [...config.turn], ...credential }],
    expiresAtMs: expirySeconds * 1000,
  };
}

export function turnCredential(
  secret: string,
  id: PeerId,
  expirySeconds: number,
): { readonly username: string; readonly credential: string } {
  const username = `${expirySeconds}:${id}`;
  const credential = createHmac('sha1', secret).update(username).digest('base64');
  return { username, credential };
}
