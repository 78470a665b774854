import { beforeEach, describe, expect, it } from 'vitest';
import type { PeerId } from '../../../shared/ids.ts';
import {
  MAX_ALL_WAITING_SIGNAL_BYTES,
  MAX_NAME_CHARS,
  MAX_REFUSALS_PER_LINK,
  MAX_SIGNALS,
  MAX_SIGNAL_BYTES,
  MAX_WAITING_SIGNALS,
  MAX_WAITING_SIGNAL_BYTES,
} from '../../../shared/limits.ts';
import { ALIVE_MS, EXPIRE_MS } from './signalling.ts';
import { SignalRig, offerTo, type FakePort } from './testing/signalRig.ts';

interface Peer {
  readonly id: PeerId;
  readonly port: FakePort;
}

let rig: SignalRig;
beforeEach(() => {
  rig = new SignalRig('here');
});

describe('who is not on the route', () => {
  it('gets the same for a stranger, an absent peer and one that does not exist, at the same time', () => {
    const [from, stranger] = [rig.attached(1)[0]!, rig.attached(1)[0]!];
    const absent = rig.admit();
    rig.directory.introduce(from.id, absent.id);
    const targets = [stranger.id, absent.id, 'peer_nobody' as PeerId];
    for (const dst of targets) rig.say(from, offerTo(dst));
    rig.advance(EXPIRE_MS - 1);
    expect(from.port.types).toEqual([]);
    rig.advance(1);
    expect(from.port.sent.slice(1)).toEqual(
      targets.map((src) => ({ type: 'EXPIRE', src, dst: from.id })),
    );
    expect(stranger.port.types).toEqual([]);
    expect([rig.forwarded, rig.refused]).toEqual([0, []]);
  });

  it('is not told that a stranger leaves', () => {
    const [from, stranger] = [rig.attached(1)[0]!, rig.attached(1)[0]!];
    rig.say(from, { type: 'LEAVE', dst: stranger.id });
    rig.advance(EXPIRE_MS);
    expect([from.port.types, stranger.port.types]).toEqual([[], []]);
  });

  it('is reached as soon as they are introduced, by what waited, in order', () => {
    const [from, to] = [rig.attached(1)[0]!, rig.attached(1)[0]!];
    for (const connection of ['one', 'two', 'three']) rig.say(from, offerTo(to.id, connection));
    rig.advance(EXPIRE_MS - 1);
    rig.directory.introduce(from.id, to.id);
    expect(to.port.sent.slice(1)).toMatchObject(
      ['one', 'two', 'three'].map((connectionId) => ({ src: from.id, payload: { connectionId } })),
    );
    rig.advance(EXPIRE_MS);
    expect(from.port.types).toEqual([]);
  });

  it('is not reached any more after the parting', () => {
    const [from, to] = rig.attached(2) as [Peer, Peer];
    rig.directory.part(from.id, to.id);
    rig.say(from, offerTo(to.id));
    rig.advance(EXPIRE_MS);
    expect([from.port.types, to.port.types]).toEqual([['EXPIRE'], []]);
  });
});

describe('sockets', () => {
  it('a second takes the place of the first, whose messages count no more', () => {
    const [from, to] = rig.attached(2) as [Peer, Peer];
    const again = rig.attach(from.id);
    expect(from.port.closes).toEqual([4409]);
    rig.say(from, offerTo(to.id));
    rig.signalling.detach(from.id, from.port);
    rig.say({ id: from.id, port: again }, offerTo(to.id));
    expect(to.port.types).toEqual(['OFFER']);
    expect(rig.signalling.attachedCount).toBe(2);
  });

  it('a silent one is closed, and one with a heartbeat is not', () => {
    const [quiet, beating] = rig.attached(2) as [Peer, Peer];
    rig.advance(ALIVE_MS - 1);
    rig.say(beating, { type: 'HEARTBEAT' });
    rig.advance(1);
    expect(quiet.port.closes).toEqual([4408]);
    expect(beating.port.closes).toEqual([]);
    expect(rig.directory.nodeOf(quiet.id)).toBeNull();
  });

  it('a revoked peer is closed', () => {
    const [peer] = rig.attached(1) as [Peer];
    rig.directory.revoke(peer.id);
    expect(peer.port.closes).toEqual([4403]);
    expect(rig.signalling.attachedCount).toBe(0);
    rig.signalling.detach(peer.id, peer.port);
  });

  it('LEAVE without a peer closes it', () => {
    const [peer] = rig.attached(1) as [Peer];
    rig.say(peer, { type: 'LEAVE' });
    expect(peer.port.closes).toEqual([1000]);
  });
});

describe('maxima', () => {
  it('messages that wait: so many, and not one more; EXPIRE makes room', () => {
    const [from] = rig.attached(1) as [Peer];
    const absent = rig.admit();
    for (let i = 0; i < MAX_WAITING_SIGNALS; i++) rig.say(from, offerTo(absent.id));
    expect(rig.refused).toEqual([]);
    rig.say(from, offerTo(absent.id));
    expect(rig.refused).toEqual(['too-many-messages']);
    rig.advance(EXPIRE_MS);
    rig.say(from, offerTo(absent.id));
    expect(rig.refused).toHaveLength(1);
  });

  it('bytes that wait', () => {
    const [from] = rig.attached(1) as [Peer];
    const sdp = 'x'.repeat(20_000);
    let count = 0;
    while (rig.refused.length === 0) {
      rig.say(from, offerTo('peer_nobody' as PeerId, `dc_${count}`, sdp));
      count += 1;
    }
    expect(rig.refused).toEqual(['too-many-messages']);
    expect(count * sdp.length).toBeLessThanOrEqual(MAX_WAITING_SIGNAL_BYTES);
    expect(count).toBeGreaterThan(10);
  });

  it('bytes that wait of all senders together', () => {
    const sdp = 'x'.repeat(MAX_SIGNAL_BYTES - 1_000);
    let senders = 0;
    for (; !rig.refused.includes('too-many-messages'); senders += 1) {
      const [from] = rig.attached(1) as [Peer];
      // Less than what one may have waiting.
      for (let i = 0; i < 3; i++) rig.say(from, offerTo('peer_nobody' as PeerId, 'dc_1', sdp));
    }
    const chars = senders * 3 * sdp.length;
    expect(chars).toBeGreaterThan(MAX_ALL_WAITING_SIGNAL_BYTES / 4);
    expect(chars).toBeLessThan(MAX_ALL_WAITING_SIGNAL_BYTES);
    rig.advance(EXPIRE_MS);
    const before = rig.refused.length;
    const [later] = rig.attached(1) as [Peer];
    rig.say(later, offerTo('peer_nobody' as PeerId, 'dc_1', sdp));
    expect(rig.refused).toHaveLength(before);
  });

  it('messages a second: a burst, then the rate, then the end of the socket', () => {
    const [from, to] = rig.attached(2) as [Peer, Peer];
    const say = () => rig.say(from, offerTo(to.id));
    for (let i = 0; i < MAX_SIGNALS.burst; i++) say();
    expect(rig.refused).toEqual([]);
    say();
    expect(rig.refused).toEqual(['too-many-messages']);
    rig.clock.nowMs += 1_000;
    for (let i = 0; i < MAX_SIGNALS.perSecond; i++) say();
    expect(rig.refused).toHaveLength(1);
    expect(from.port.closes).toEqual([]);
    for (let i = 1; i < MAX_REFUSALS_PER_LINK; i++) say();
    expect(from.port.closes).toEqual([4400]);
    expect(to.port.types).toHaveLength(MAX_SIGNALS.burst + MAX_SIGNALS.perSecond);
  });
});

it('long messages count for several', () => {
  const [from, to] = rig.attached(2) as [Peer, Peer];
  while (rig.refused.length === 0) rig.say(from, offerTo(to.id, 'dc_1', 'x'.repeat(40_000)));
  expect(to.port.types).toHaveLength(Math.floor(MAX_SIGNALS.burst / 10));
});

/** Every bad message by name: its problem code, that nobody hears of it, and that the socket goes on. */
const BAD: readonly (readonly [string, string, (to: PeerId) => unknown])[] = [
  ['no JSON', 'malformed-json', () => 'hello'],
  ['nothing', 'malformed-json', () => ''],
  ['JSON nested too deeply', 'json-too-deep', () => '['.repeat(5_000)],
  ['JSON that is no object', 'invalid-field', () => '7'],
  ['JSON null', 'invalid-field', () => 'null'],
  ['an unknown type', 'invalid-field', (dst) => ({ ...offerTo(dst), type: 'SHUTDOWN' })],
  ['a type of the server', 'invalid-field', (dst) => ({ ...offerTo(dst), type: 'OPEN' })],
  ['EXPIRE', 'invalid-field', (dst) => ({ type: 'EXPIRE', dst })],
  ['a type of the prototype', 'invalid-field', () => '{"type":"__proto__"}'],
  ['no receiver', 'invalid-field', () => ({ type: 'OFFER', payload: { connectionId: 'x' } })],
  ['a receiver that is a number', 'invalid-field', () => ({ ...offerTo('x' as PeerId), dst: 7 })],
  ['an endless receiver', 'invalid-field', () => offerTo('x'.repeat(MAX_NAME_CHARS + 1) as PeerId)],
  ['no payload', 'invalid-field', (dst) => ({ type: 'OFFER', dst })],
  ['a payload of null', 'invalid-field', (dst) => ({ type: 'ANSWER', dst, payload: null })],
  [
    'a payload without connection',
    'invalid-field',
    (dst) => ({ type: 'CANDIDATE', dst, payload: {} }),
  ],
  [
    'a connection that is an object',
    'invalid-field',
    (dst) => ({ type: 'OFFER', dst, payload: { connectionId: {} } }),
  ],
  ['an endless connection', 'invalid-field', (dst) => offerTo(dst, 'x'.repeat(MAX_NAME_CHARS + 1))],
];

describe('bad messages', () => {
  it.each(BAD)('%s: %s', (_, code, message) => {
    const [from, to] = rig.attached(2) as [Peer, Peer];
    rig.say(from, message(to.id));
    expect(rig.refused).toEqual([code]);
    rig.advance(EXPIRE_MS);
    expect([from.port.types, to.port.types, from.port.closes]).toEqual([[], [], []]);
    rig.say(from, offerTo(to.id));
    expect(to.port.types).toEqual(['OFFER']);
  });

  it('binary', () => {
    const [from] = rig.attached(1) as [Peer];
    rig.signalling.receive(from.id, from.port, null);
    expect(rig.refused).toEqual(['unknown-message']);
  });

  it('too many of them end the socket', () => {
    const [from] = rig.attached(1) as [Peer];
    for (let i = 0; i < MAX_REFUSALS_PER_LINK; i++) rig.say(from, 'nonsense');
    expect(from.port.closes).toEqual([4400]);
  });
});
