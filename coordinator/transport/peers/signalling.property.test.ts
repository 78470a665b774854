/** Signalling under any order of events: who is told what, and that nothing is told twice or kept. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PeerId } from '../../../shared/ids.ts';
import { EXPIRE_MS } from './signalling.ts';
import { FakePort, SignalRig, offerTo } from './testing/signalRig.ts';

const PEERS = 3;
const peer = fc.nat({ max: PEERS - 1 });
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('say' as const), a: peer, b: peer }) },
  ...(['introduce', 'part', 'attach', 'detach', 'revoke', 'wait'] as const).map((kind) => ({
    weight: kind === 'revoke' ? 1 : 3,
    arbitrary: fc.record({ kind: fc.constant(kind), a: peer, b: peer }),
  })),
);

/** A port that checks at the moment of delivery what must be true of it. */
class CheckedPort extends FakePort {
  readonly #check: (message: Record<string, unknown>) => void;

  constructor(check: (message: Record<string, unknown>) => void) {
    super();
    this.#check = check;
  }

  override send(text: string): void {
    super.send(text);
    this.#check(JSON.parse(text) as Record<string, unknown>);
  }
}

it('a message arrives once, in order, only while they may meet; or its sender hears EXPIRE', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const rig = new SignalRig('here');
      const ids = Array.from({ length: PEERS }, () => rig.admit().id);
      const ports = new Map<PeerId, CheckedPort>();
      /** Of each pair: the number of the last message that came, and of those not yet accounted for. */
      const last = new Map<string, number>();
      const open = new Map<string, Set<number>>();
      /** Those whose sender went before it could be told. */
      const unheard = new Set<number>();
      const went = (id: PeerId) => {
        for (const [key, left] of open) {
          if (!key.startsWith(`${id} `)) continue;
          for (const number of left) unheard.add(number);
          left.clear();
        }
      };
      let count = 0;
      const check = (id: PeerId) => (message: Record<string, unknown>) => {
        if (message['type'] === 'OPEN') return;
        expect(message['dst']).toBe(id);
        const src = message['src'] as PeerId;
        if (message['type'] === 'EXPIRE') return void open.get(`${id} ${src}`)!.clear();
        expect(rig.directory.mayMeet(src, id)).toBe(true);
        const key = `${src} ${id}`;
        const { connectionId } = message['payload'] as { connectionId: string };
        expect(Number(connectionId)).toBeGreaterThan(last.get(key) ?? -1);
        last.set(key, Number(connectionId));
        const number = Number(connectionId);
        expect(open.get(key)!.delete(number) || unheard.delete(number)).toBe(true);
      };
      const attach = (id: PeerId) => {
        const port = new CheckedPort(check(id));
        ports.set(id, port);
        rig.signalling.attach(id, port);
      };
      for (const { kind, a, b } of steps) {
        const [from, to] = [ids[a]!, ids[b]!];
        const port = ports.get(from);
        if (kind === 'attach' && rig.directory.knows(from)) attach(from);
        else if (kind === 'detach' && port !== undefined) {
          rig.signalling.detach(from, port);
          ports.delete(from);
          went(from);
        } else if (kind === 'revoke') {
          rig.directory.revoke(from);
          ports.delete(from);
          went(from);
        } else if (kind === 'wait') rig.advance(EXPIRE_MS / 3);
        else if (from === to) continue;
        else if (kind === 'introduce') rig.directory.introduce(from, to);
        else if (kind === 'part') rig.directory.part(from, to);
        else if (kind === 'say' && port !== undefined) {
          const key = `${from} ${to}`;
          open.set(key, (open.get(key) ?? new Set()).add(count));
          rig.say({ id: from, port }, offerTo(to, String(count)));
          count += 1;
        }
      }
      // Whoever is there to hear it has heard of everything after the wait.
      for (const id of ids) if (rig.directory.knows(id) && !ports.has(id)) attach(id);
      rig.advance(EXPIRE_MS);
      expect([...open].filter(([, left]) => left.size > 0)).toEqual([]);
      // Nothing is kept: a late introduction brings nothing to light.
      const before = [...ports.values()].map((port) => port.sent.length);
      for (const x of ids) for (const y of ids) if (x !== y) rig.directory.introduce(x, y);
      expect([...ports.values()].map((port) => port.sent.length)).toEqual(before);
      expect(rig.refused).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
