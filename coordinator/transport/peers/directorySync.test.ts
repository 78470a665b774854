/** Coordinators on one bus: what each knows of the others' peers, whatever the bus loses. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PeerId } from '../../../shared/ids.ts';
import { COORDINATOR_SILENCE_MS } from '../../../shared/limits.ts';
import { EXPIRE_MS } from './signalling.ts';
import { HandBus, SignalRig, offerTo, type Clock } from './testing/signalRig.ts';

let bus: HandBus;
let clock: Clock;
let a: SignalRig;
let b: SignalRig;
beforeEach(async () => {
  bus = new HandBus();
  clock = { nowMs: 0 };
  a = new SignalRig('a', bus.connect(), clock);
  b = new SignalRig('b', bus.connect(), clock);
  await a.sync.start();
  await b.sync.start();
  await bus.deliver();
});

/** So long that every question has been asked again. */
async function settle(rigs: readonly SignalRig[] = [a, b]): Promise<void> {
  for (let i = 0; i < 8; i++) {
    clock.nowMs += 1_000;
    for (const rig of rigs) rig.sync.tick();
    await bus.deliver();
  }
}

const expectSame = (from: SignalRig, at: SignalRig): void => {
  const facts = (rig: SignalRig) =>
    rig.directory
      .factsOf(from.directory.node)
      .map((it) => JSON.stringify(it))
      .sort();
  expect(facts(at)).toEqual(facts(from));
};

describe('peers of two coordinators', () => {
  it('signal to each other, and to nobody else', async () => {
    const [from, to, stranger] = [a.admit(), b.admit(), b.admit()];
    a.directory.introduce(from.id, to.id);
    const fromPort = a.attach(from.id);
    const [toPort, strangerPort] = [b.attach(to.id), b.attach(stranger.id)];
    await bus.deliver();
    a.say({ id: from.id, port: fromPort }, offerTo(to.id));
    a.say({ id: from.id, port: fromPort }, offerTo(stranger.id));
    await bus.deliver();
    expect(toPort.sent[1]).toEqual({ ...offerTo(to.id), src: from.id });
    b.say({ id: to.id, port: toPort }, { ...offerTo(from.id), type: 'ANSWER' });
    await bus.deliver();
    expect(fromPort.types).toEqual(['ANSWER']);
    a.advance(EXPIRE_MS);
    expect(fromPort.types).toEqual(['ANSWER', 'EXPIRE']);
    expect(strangerPort.types).toEqual([]);
  });

  it('a message waits for a peer that comes to the other coordinator', async () => {
    const [from, to] = [a.admit(), b.admit()];
    a.directory.introduce(from.id, to.id);
    const fromPort = a.attach(from.id);
    a.say({ id: from.id, port: fromPort }, offerTo(to.id));
    await bus.deliver();
    const toPort = b.attach(to.id);
    await bus.deliver();
    expect(toPort.types).toEqual(['OFFER']);
    a.advance(EXPIRE_MS);
    expect(fromPort.types).toEqual([]);
  });

  it('what is carried to where the peer just left expires there, and the sender hears of it', async () => {
    const [from, to] = [a.admit(), b.admit()];
    a.directory.introduce(from.id, to.id);
    const fromPort = a.attach(from.id);
    const toPort = b.attach(to.id);
    await bus.deliver();
    a.say({ id: from.id, port: fromPort }, offerTo(to.id));
    b.signalling.detach(to.id, toPort);
    await bus.deliver();
    expect(toPort.types).toEqual([]);
    b.advance(EXPIRE_MS);
    await bus.deliver();
    expect(fromPort.sent[1]).toEqual({ type: 'EXPIRE', src: to.id, dst: from.id });
  });

  it('what is carried is held against what the receiver’s coordinator knows, too', async () => {
    const [from, to] = [a.admit(), b.admit()];
    const fromPort = a.attach(from.id);
    const toPort = b.attach(to.id);
    await bus.deliver();
    b.signalling.deliver({ type: 'OFFER', src: from.id, dst: to.id, payload: {} });
    b.signalling.deliver({ type: 'LEAVE', src: from.id, dst: to.id });
    b.advance(EXPIRE_MS);
    await bus.deliver();
    expect([toPort.types, fromPort.types]).toEqual([[], ['EXPIRE']]);
  });

  it('a token holds at every coordinator, and the last socket counts', async () => {
    const peer = a.admit();
    await bus.deliver();
    expect(b.directory.holds(peer.id, peer.token)).toBe(true);
    expect(b.directory.holds(peer.id, 'x')).toBe(false);
    const first = a.attach(peer.id);
    await bus.deliver();
    b.attach(peer.id);
    await bus.deliver();
    expect(first.closes).toEqual([4409]);
    expect(a.directory.nodeOf(peer.id)).toBe('b');
    a.directory.revoke(peer.id);
    await bus.deliver();
    expect(b.signalling.attachedCount).toBe(0);
  });
});

describe('a bus that loses', () => {
  it('what was lost is made good within one round of signs of life', async () => {
    const peer = a.admit();
    expect(await bus.lose()).toBe(1);
    await bus.deliver();
    expect(b.directory.knows(peer.id)).toBe(false);
    await settle();
    expect(b.directory.knows(peer.id)).toBe(true);
  });

  it('a gap is seen at the next change', async () => {
    const lost = a.admit();
    await bus.lose();
    const next = a.admit();
    clock.nowMs += 2_000;
    await bus.deliver();
    expect([lost, next].map(({ id }) => b.directory.knows(id))).toEqual([true, true]);
  });

  it('a coordinator that comes later learns all', async () => {
    const peer = a.admit();
    a.attach(peer.id);
    await bus.deliver();
    const c = new SignalRig('c', bus.connect(), clock);
    clock.nowMs += 2_000;
    await c.sync.start();
    await bus.deliver();
    expect(c.directory.holds(peer.id, peer.token)).toBe(true);
    expect(c.directory.nodeOf(peer.id)).toBe('a');
  });

  it('a silent coordinator is forgotten, and known again when it speaks', async () => {
    const peer = a.admit();
    await bus.deliver();
    for (let ms = 0; ms <= COORDINATOR_SILENCE_MS; ms += 1_000) {
      clock.nowMs += 1_000;
      b.sync.tick();
      await bus.lose();
    }
    expect(b.directory.knows(peer.id)).toBe(false);
    await settle();
    expect(b.directory.knows(peer.id)).toBe(true);
  });

  it('one that says goodbye is forgotten at once', async () => {
    const peer = a.admit();
    await bus.deliver();
    a.sync.close();
    await bus.deliver();
    expect(b.directory.knows(peer.id)).toBe(false);
  });

  it('nonsense on the bus changes nothing and is logged', async () => {
    const before = b.directory.factsOf('a');
    const stray = bus.connect();
    stray.publish('peers', 'nonsense');
    stray.publish('peers', JSON.stringify({ kind: 'changes', from: 'a', seq: 1, changes: 'x' }));
    await bus.deliver();
    expect(b.directory.factsOf('a')).toEqual(before);
    expect(b.logged).toEqual(['bus-unreadable', 'bus-unreadable']);
  });

  it('whatever is lost, in the end all know the same', async () => {
    const step = fc.tuple(
      fc.constantFrom('admit', 'introduce', 'part', 'revoke', 'attach', 'lose', 'deliver', 'wait'),
      fc.boolean(),
      fc.nat(),
      fc.nat(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        bus = new HandBus();
        clock = { nowMs: 0 };
        a = new SignalRig('a', bus.connect(), clock);
        b = new SignalRig('b', bus.connect(), clock);
        await Promise.all([a.sync.start(), b.sync.start()]);
        const ids: PeerId[] = [];
        for (const [kind, atA, m, n] of steps) {
          const rig = atA ? a : b;
          const [x, y] = [ids[m % ids.length], ids[n % ids.length]];
          if (kind === 'admit') ids.push(rig.admit().id);
          else if (kind === 'lose') await bus.lose();
          else if (kind === 'deliver') await bus.deliver();
          else if (kind === 'wait') clock.nowMs += 1_000;
          else if (x === undefined || y === undefined) continue;
          else if (kind === 'attach' && rig.directory.knows(x)) rig.attach(x);
          else if (kind === 'revoke') rig.directory.revoke(x);
          else if (x === y || kind === 'attach') continue;
          else if (kind === 'introduce') rig.directory.introduce(x, y);
          else rig.directory.part(x, y);
        }
        await settle();
        for (const id of ids) expect(b.directory.knows(id)).toBe(a.directory.knows(id));
        for (const x of ids) {
          for (const y of ids) {
            if (x !== y) expect(b.directory.mayMeet(x, y)).toBe(a.directory.mayMeet(x, y));
          }
        }
      }),
      { numRuns: 100 },
    );
    expectSame(a, b);
    expectSame(b, a);
  });
});
