/** The directory against a model that has no reference counts, events or indexes of its own. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PeerId } from '../../../shared/ids.ts';
import { PeerDirectory, keyOf } from './peerDirectory.ts';

const PEERS = 5;
const peer = fc.nat({ max: PEERS - 1 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('introduce' as const), a: peer, b: peer }),
  fc.record({ kind: fc.constant('part' as const), a: peer, b: peer }),
  fc.record({ kind: fc.constant('revoke' as const), a: peer, b: peer }),
  fc.record({ kind: fc.constant('attach' as const), a: peer, b: peer }),
);

it('who may meet, what is told and what another coordinator learns are one', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const directory = new PeerDirectory('here', randomBytes);
      const other = new PeerDirectory('there', randomBytes);
      const told = new Set<string>();
      directory.listen((event) => {
        if (event.kind === 'stated') other.learn('here', event.change);
        if (event.kind === 'may-meet') told.add(keyOf(event.a, event.b));
        if (event.kind === 'parted') told.delete(keyOf(event.a, event.b));
      });
      const ids = Array.from({ length: PEERS }, () => {
        const admission = directory.admit();
        if (!admission.ok) throw new Error('full');
        return admission.value.id;
      });
      const alive = new Set<PeerId>(ids);
      let introductions: string[] = [];
      for (const { kind, a, b } of steps) {
        const [first, second] = [ids[a]!, ids[b]!];
        const key = keyOf(first, second);
        if (kind === 'introduce' && a !== b && alive.has(first) && alive.has(second)) {
          directory.introduce(first, second);
          introductions.push(key);
        } else if (kind === 'part' && a !== b) {
          directory.part(first, second);
          const at = introductions.indexOf(key);
          if (at !== -1) introductions.splice(at, 1);
        } else if (kind === 'revoke') {
          directory.revoke(first);
          alive.delete(first);
          introductions = introductions.filter((it) => !it.includes(first));
        } else if (kind === 'attach' && alive.has(first)) directory.attach(first);
      }
      const expected = new Set(introductions);
      for (const [index, first] of ids.entries()) {
        for (const second of ids.slice(index + 1)) {
          const key = keyOf(first, second);
          expect(directory.mayMeet(first, second)).toBe(expected.has(key));
          expect(other.mayMeet(second, first)).toBe(expected.has(key));
        }
      }
      expect(told).toEqual(expected);
      expect(other.factsOf('here')).toEqual(directory.factsOf('here'));
      other.learnAll('here', []);
      expect(other.factsOf('here')).toEqual([]);
    }),
  );
});
