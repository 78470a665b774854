import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../../shared/ids.ts';
import { iceServerSchema } from '../../../shared/protocol/peers.ts';
import { NO_ICE, iceServersFor, turnCredential } from './iceServers.ts';

const ID = 'peer_1' as PeerId;
const NOW_MS = 1_700_000_000_500;

describe('iceServersFor', () => {
  it('names nobody unless the operator does', () => {
    expect(iceServersFor(NO_ICE, ID, NOW_MS)).toEqual({ iceServers: [], expiresAtMs: null });
  });

  it('gives each peer a credential of its own, until a time', () => {
    const config = {
      stun: ['stun:stun.example:3478'],
      turn: ['turn:turn.example:3478?transport=udp', 'turns:turn.example:5349'],
      turnSecret: 'secret',
    };
    const { iceServers, expiresAtMs } = iceServersFor(config, ID, NOW_MS);
    expect(expiresAtMs).toBe(1_700_000_000_000 + 6 * 60 * 60 * 1000);
    expect(iceServers).toEqual([
      { urls: config.stun },
      { urls: config.turn, ...turnCredential('secret', ID, 1_700_021_600) },
    ]);
    for (const server of iceServers) expect(iceServerSchema.parse(server)).toEqual(server);
    const other = iceServersFor(config, 'peer_2' as PeerId, NOW_MS);
    expect(other.iceServers[1]!.credential).not.toBe(iceServers[1]!.credential);
  });
});

it('a credential is what coturn computes', () => {
  // printf 1700021600:peer_1 | openssl dgst -sha1 -hmac north -binary | base64
  expect(turnCredential('north', ID, 1_700_021_600)).toEqual({
    username: '1700021600:peer_1',
    credential: 'HZPhwTbOeR8zQ7mYTfSIt/Qj8l0=',
  });
});
