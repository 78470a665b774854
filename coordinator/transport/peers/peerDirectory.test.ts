import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../../shared/ids.ts';
import { MAX_PEERS, MAX_PEER_PAIRS } from '../../../shared/limits.ts';
import { PeerDirectory, type Admission, type DirectoryEvent } from './peerDirectory.ts';

function admitted(directory: PeerDirectory): Admission {
  const admission = directory.admit();
  if (!admission.ok) throw new Error('the directory is full');
  return admission.value;
}

function rig() {
  const directory = new PeerDirectory('here', randomBytes);
  const events: DirectoryEvent[] = [];
  directory.listen((event) => event.kind === 'stated' || events.push(event));
  const a = admitted(directory);
  const b = admitted(directory);
  return { directory, a, b, events };
}

describe('tokens', () => {
  it('an id is held by its token only', () => {
    const { directory, a, b } = rig();
    expect(a.id).toMatch(/^peer_[0-9a-f]{32}$/);
    expect(directory.holds(a.id, a.token)).toBe(true);
    expect(directory.holds(a.id, b.token)).toBe(false);
    expect(directory.holds(a.id, '')).toBe(false);
    expect(directory.holds('peer_unknown' as PeerId, a.token)).toBe(false);
  });

  it('what others are told does not give the token away', () => {
    const { directory, a } = rig();
    expect(JSON.stringify(directory.factsOf('here'))).not.toContain(a.token);
  });

  it('a revoked peer holds nothing and meets nobody', () => {
    const { directory, a, b, events } = rig();
    directory.introduce(a.id, b.id);
    expect(directory.revoke(a.id)).toBe(true);
    expect(directory.revoke(a.id)).toBe(false);
    expect(directory.holds(a.id, a.token)).toBe(false);
    expect(directory.mayMeet(a.id, b.id)).toBe(false);
    expect(events.map(({ kind }) => kind)).toEqual(['may-meet', 'parted', 'revoked']);
    expect(directory.factsOf('here')).toHaveLength(1);
    // Whoever introduced them lets go later: that is no error.
    directory.part(a.id, b.id);
  });
});

describe('pairs', () => {
  it('meet from the first introduction to the last parting, in either order', () => {
    const { directory, a, b, events } = rig();
    expect(directory.mayMeet(a.id, b.id)).toBe(false);
    directory.introduce(a.id, b.id);
    directory.introduce(b.id, a.id);
    directory.part(a.id, b.id);
    expect(directory.mayMeet(b.id, a.id)).toBe(true);
    expect([...directory.partnersOf(a.id)]).toEqual([b.id]);
    directory.part(a.id, b.id);
    expect(directory.mayMeet(a.id, b.id)).toBe(false);
    expect([...directory.partnersOf(a.id)]).toEqual([]);
    expect(events.map(({ kind }) => kind)).toEqual(['may-meet', 'parted']);
  });

  it('is not carried over to a third', () => {
    const { directory, a, b } = rig();
    const c = admitted(directory);
    directory.introduce(a.id, b.id);
    directory.introduce(b.id, c.id);
    expect(directory.mayMeet(a.id, c.id)).toBe(false);
  });

  it('introduced before the other coordinator was heard, meet when it is', () => {
    const { directory, a, events } = rig();
    const there = new PeerDirectory('there', randomBytes);
    const far = admitted(there);
    directory.introduce(a.id, far.id);
    expect(directory.mayMeet(a.id, far.id)).toBe(false);
    directory.learnAll('there', there.factsOf('there'));
    expect(directory.mayMeet(a.id, far.id)).toBe(true);
    expect(events).toEqual([{ kind: 'may-meet', a: far.id, b: a.id }]);
    expect(directory.revoke(far.id)).toBe(false);
    directory.learnAll('there', []);
    expect(directory.mayMeet(a.id, far.id)).toBe(false);
    expect(directory.holds(far.id, far.token)).toBe(false);
  });

  it('introduced by two coordinators, meet until both let go', () => {
    const { directory, a, b } = rig();
    const pair = {
      kind: 'pair',
      a: a.id < b.id ? a.id : b.id,
      b: a.id < b.id ? b.id : a.id,
    } as const;
    directory.introduce(a.id, b.id);
    directory.learn('there', { holds: true, fact: pair });
    directory.part(a.id, b.id);
    expect(directory.mayMeet(a.id, b.id)).toBe(true);
    directory.learn('there', { holds: false, fact: pair });
    expect(directory.mayMeet(a.id, b.id)).toBe(false);
  });
});

it('another coordinator changes neither a token nor a revocation of this one', () => {
  const { directory, a } = rig();
  const fact = { kind: 'peer', id: a.id, tokenDigest: '0'.repeat(64) } as const;
  directory.learn('there', { holds: true, fact });
  directory.learn('there', { holds: false, fact });
  expect(directory.holds(a.id, a.token)).toBe(true);
});

it('a peer is where it attached last, and leaving the place before changes nothing', () => {
  const { directory, a } = rig();
  directory.attach(a.id);
  expect(directory.nodeOf(a.id)).toBe('here');
  directory.learn('there', { holds: true, fact: { kind: 'attached', id: a.id } });
  directory.detach(a.id);
  expect(directory.nodeOf(a.id)).toBe('there');
  directory.learn('there', { holds: false, fact: { kind: 'attached', id: a.id } });
  expect(directory.nodeOf(a.id)).toBeNull();
});

it('is bounded, and has room again after a revocation', () => {
  let made = 0;
  const directory = new PeerDirectory('here', (length) => {
    const bytes = Buffer.alloc(length);
    bytes.writeUInt32LE((made += 1));
    return bytes;
  });
  const { id } = admitted(directory);
  for (let i = 1; i < MAX_PEERS; i++) admitted(directory);
  expect(directory.admit()).toEqual({ ok: false, error: { kind: 'full' } });
  directory.revoke(id);
  expect(directory.admit().ok).toBe(true);
});

it('has so many pairs; one that is there already is none more', () => {
  const { directory, a } = rig();
  const idOf = (index: number) => `peer_${index}` as PeerId;
  for (let i = 0; i < MAX_PEER_PAIRS; i++) directory.introduce(a.id, idOf(i));
  expect(directory.introduce(a.id, idOf(-1))).toEqual({ ok: false, error: { kind: 'full' } });
  expect(directory.introduce(a.id, idOf(0)).ok).toBe(true);
  directory.part(a.id, idOf(1));
  expect(directory.introduce(a.id, idOf(-1)).ok).toBe(true);
});
