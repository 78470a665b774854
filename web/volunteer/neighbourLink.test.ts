/** The connection to a neighbour: before it is open, while it is, and when it has ended; and peers of one process. */
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../shared/ids.ts';
import { fail } from '../../shared/result.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { MemoryPeers } from './memoryPeers.ts';
import { NeighbourLink } from './neighbourLink.ts';
import type { ActivationKey, PeerPresence } from './ports.ts';

const A = 'peer_1' as PeerId;
const B = 'peer_10' as PeerId;
const tensors = { h: tensorOf('F32', [1], Float32Array.of(1)) };
const key = (sequence: number): ActivationKey => ({ epoch: 0, stage: 1, sequence });
const settled = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setTimeout(resolve, 0));
};
const enter = (peers: MemoryPeers, peer: PeerId) =>
  peers.enter({ self: { peer, token: 't' }, iceServers: [] });

class End {
  readonly activations: ActivationKey[] = [];
  readonly acks: ActivationKey[] = [];
  changes = 0;
  readonly link: NeighbourLink;

  constructor(presence: PeerPresence, other: PeerId, side: 'from' | 'to') {
    this.link = new NeighbourLink(other, side, presence, {
      onActivation: (at) => this.activations.push(at),
      onAck: (at) => this.acks.push(at),
      onChange: () => (this.changes += 1),
    });
  }
}

function pair() {
  const peers = new MemoryPeers();
  const a = new End(enter(peers, A), B, 'to');
  const b = new End(enter(peers, B), A, 'from');
  return { peers, a, b };
}

describe('a neighbour', () => {
  it('gets what was sent before it was reached, in order, then the rest', async () => {
    const { a, b } = pair();
    a.link.send(key(0), tensors);
    a.link.send(key(1), tensors);
    expect(a.link.state.path).toBe('connecting');
    await settled();
    a.link.send(key(2), tensors);
    await settled();
    expect(b.activations.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(a.link.state.path).toBe('relayed');
    b.link.ack(key(0));
    await settled();
    expect(a.acks).toEqual([key(0)]);
    expect(await a.link.measure()).toBe(true);
    expect(a.link.state.bytes).toBe(12);
    expect(await a.link.measure(), 'nothing is new').toBe(false);
  });

  it('that goes leaves a broken link, told once; nothing comes over it any more', async () => {
    const { peers, a, b } = pair();
    await settled();
    peers.cut(B, 'gone');
    peers.cut(B, 'gone');
    expect([a.link.state.path, b.link.state.path]).toEqual(['broken', 'broken']);
    expect(a.changes).toBe(2);
    a.link.send(key(0), tensors);
    await settled();
    expect(b.activations).toEqual([]);
    expect(await a.link.measure()).toBe(false);
  });

  it('is not heard after our own end was closed, and hears of it', async () => {
    const { a, b } = pair();
    await settled();
    b.link.send(key(5), tensors);
    a.link.close();
    await settled();
    expect(a.activations).toEqual([]);
    expect(b.link.state.path).toBe('broken');
    expect(a.changes, 'who closes knows').toBe(1);
  });

  it('that cannot be reached, or whose peers fail, is broken', async () => {
    for (const reached of [
      () => Promise.resolve(fail('no way')),
      () => Promise.reject(new Error('a bug')),
    ]) {
      const end = new End({ connect: reached, accept: reached, leave: () => undefined }, B, 'to');
      await settled();
      expect(end.link.state.path).toBe('broken');
      expect(end.changes).toBe(1);
    }
  });
});

describe('peers of one process', () => {
  it('end connections that are being made, of this peer and of no other', async () => {
    const peers = new MemoryPeers();
    const alone = enter(peers, B);
    const waiting = new End(alone, 'peer_2' as PeerId, 'to');
    enter(peers, A).leave();
    await settled();
    expect(waiting.link.state.path, 'peer_1 is not peer_10').toBe('connecting');
    alone.leave();
    await settled();
    expect(waiting.link.state.path).toBe('broken');
  });

  it('copy what is sent, and lose or change what they are asked to', async () => {
    const { peers, a, b } = pair();
    await settled();
    peers.onWay = (sent) => (sent.key.sequence === 0 ? null : { ...sent, key: key(9) });
    a.link.send(key(0), tensors);
    a.link.send(key(1), tensors);
    await settled();
    expect(b.activations).toEqual([key(9)]);
  });
});
