/** The picker under every order of events: what it never does, and that it always ends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkSet } from '../../../shared/chunks.ts';
import type { PeerId } from '../../../shared/ids.ts';
import {
  ChunkPicker,
  MOST_LAPSES,
  REQUESTS_PER_NEIGHBOUR,
  REQUEST_LAPSES_MS,
} from './chunkPicker.ts';

const PEERS = ['a', 'b', 'c', 'd'] as PeerId[];
const peerOf = (n: number): PeerId => PEERS[n % PEERS.length]!;

/** A stream of uniform numbers from a seed: mulberry32. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Kind =
  | 'meet'
  | 'part'
  | 'have'
  | 'got'
  | 'pick'
  | 'right'
  | 'wrong'
  | 'unasked'
  | 'refuse'
  | 'feed'
  | 'fed'
  | 'time';
const KINDS: Kind[] = [
  ...(['meet', 'part', 'have', 'got', 'pick', 'right', 'wrong'] as const),
  ...(['unasked', 'refuse', 'feed', 'fed', 'time'] as const),
];
const step = fc.record({ kind: fc.constantFrom(...KINDS), a: fc.nat(1000), b: fc.nat(1000) });

/** The picker with a second account of what it did, kept by the test. */
class Rig {
  readonly picker: ChunkPicker;
  readonly count: number;
  readonly random: () => number;
  readonly has = new Map<PeerId, Set<number>>();
  readonly asked = new Map<PeerId, Map<number, number>>();
  readonly feeding = new Set<number>();
  /** Requests that were ever given up. */
  readonly lapsed = new Set<string>();
  nowMs = 0;

  constructor(count: number, seed: number) {
    this.count = count;
    this.picker = new ChunkPicker(count);
    this.random = uniform(seed);
  }

  pick(): void {
    for (const { peer, chunk } of this.picker.pick(this.nowMs, this.random)) {
      expect(this.has.get(peer)?.has(chunk)).toBe(true);
      expect(this.picker.have.has(chunk)).toBe(false);
      expect(this.feeding.has(chunk)).toBe(false);
      for (const asked of this.asked.values()) expect(asked.has(chunk)).toBe(false);
      const asked = this.asked.get(peer)!;
      asked.set(chunk, this.nowMs);
      expect(asked.size).toBeLessThanOrEqual(REQUESTS_PER_NEIGHBOUR);
    }
  }

  feed(run: readonly number[]): void {
    for (const chunk of run) {
      expect(this.picker.have.has(chunk)).toBe(false);
      expect(this.feeding.has(chunk)).toBe(false);
      this.feeding.add(chunk);
    }
  }

  /** One chunk that was asked for; undefined where none is. */
  anyAsked(n: number): { peer: PeerId; chunk: number } | undefined {
    const all = [...this.asked].flatMap(([peer, chunks]) =>
      [...chunks.keys()].map((chunk) => ({ peer, chunk })),
    );
    return all[n % Math.max(1, all.length)];
  }

  take(kind: Kind, a: number, b: number): void {
    const { picker } = this;
    const peer = peerOf(a);
    const chunk = b % this.count;
    const isKnown = this.has.has(peer);
    switch (kind) {
      case 'meet':
        picker.meet(peer);
        if (isKnown) return;
        this.has.set(peer, new Set());
        this.asked.set(peer, new Map());
        return;
      case 'part':
        picker.part(peer);
        this.has.delete(peer);
        this.asked.delete(peer);
        return;
      case 'have': {
        const chunks = Array.from({ length: this.count }, (_, i) => i).filter(
          (i) => (b >> (i % 9)) & 1,
        );
        picker.announce(peer, new ChunkSet(this.count, chunks));
        if (isKnown) this.has.set(peer, new Set(chunks));
        return;
      }
      case 'got':
        picker.got(peer, chunk);
        this.has.get(peer)?.add(chunk);
        return;
      case 'pick':
        return this.pick();
      case 'right':
      case 'wrong': {
        const asked = this.anyAsked(b);
        if (asked === undefined) return;
        this.asked.get(asked.peer)!.delete(asked.chunk);
        const had = picker.have.has(asked.chunk);
        const came = picker.came(asked.peer, asked.chunk);
        expect(came).toBe(had ? 'useless' : 'check');
        if (came === 'check') picker.checked(asked.chunk, kind === 'right');
        expect(picker.have.has(asked.chunk)).toBe(had || kind === 'right');
        return;
      }
      case 'unasked': {
        const before = picker.have.size;
        if (this.asked.get(peer)?.has(chunk) === true) return;
        const came = picker.came(peer, chunk);
        // What had lapsed may still come, once.
        if (came === 'check') picker.checked(chunk, false);
        else expect(came).toBe(isKnown && !this.lapsed.has(`${peer} ${chunk}`) ? 'unasked' : came);
        expect(isKnown || came === 'useless').toBe(true);
        expect(picker.have.size).toBe(before);
        return;
      }
      case 'refuse': {
        const asked = this.anyAsked(b);
        if (asked === undefined) return;
        picker.refused(asked.peer, asked.chunk);
        this.asked.get(asked.peer)!.delete(asked.chunk);
        this.has.set(asked.peer, new Set());
        return;
      }
      case 'feed': {
        if (a % 3 > 0) return this.feed(picker.nextRun(1 + (b % 4)));
        const urgent = picker.urgent(this.random);
        return this.feed(urgent === null ? [] : [urgent]);
      }
      case 'fed': {
        const [fed] = this.feeding;
        if (fed === undefined) return;
        if (a % 2 === 0) picker.checked(fed, true);
        picker.fed(fed);
        this.feeding.delete(fed);
        return;
      }
      case 'time':
        this.nowMs += b * 50;
        picker.lapse(this.nowMs);
        for (const [peer, chunks] of this.asked) {
          for (const [asked, atMs] of chunks) {
            if (this.nowMs - atMs < REQUEST_LAPSES_MS) continue;
            chunks.delete(asked);
            this.lapsed.add(`${peer} ${asked}`);
          }
        }
        return;
      default:
        kind satisfies never;
    }
  }
}

describe('whatever happens', () => {
  it('nothing is asked for twice at once, of one who has it not, or when it is here', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        fc.array(step),
        (count, seed, steps) => {
          const rig = new Rig(count, seed);
          for (const { kind, a, b } of steps) rig.take(kind, a, b);
          rig.pick();
        },
      ),
      { numRuns: 500 },
    );
  });

  it('it ends, though neighbours lie about what they have, send wrong chunks or nothing', () => {
    const behaviour = fc.array(fc.constantFrom('honest', 'silent', 'wrong', 'refuses'), {
      minLength: 4,
      maxLength: 4,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.nat(),
        behaviour,
        (count, seed, behaviours) => {
          const picker = new ChunkPicker(count);
          const random = uniform(seed);
          // Nothing of it is this host's to fetch: only what is urgent comes from the coordinator.
          picker.setShare(new ChunkSet(count));
          PEERS.forEach((peer) => {
            picker.meet(peer);
            picker.announce(peer, ChunkSet.all(count));
          });
          let fed = 0;
          for (let second = 0; !picker.have.isFull; second++) {
            expect(second).toBeLessThan(20 * count + 200);
            for (const peer of picker.lapse(second * 1000)) picker.part(peer);
            for (const { peer, chunk } of picker.pick(second * 1000, random)) {
              const does = behaviours[PEERS.indexOf(peer)];
              if (does === 'refuses') picker.refused(peer, chunk);
              if (does !== 'honest' && does !== 'wrong') continue;
              const came = picker.came(peer, chunk);
              // Of one who has sent a wrong one nothing is looked at.
              if (does === 'honest') expect(came).toBe('check');
              if (came === 'check') picker.checked(chunk, does === 'honest');
              if (does === 'wrong') picker.part(peer);
            }
            // One a while, as where the swarm is too slow.
            if (second % 10 !== 9) continue;
            const urgent = picker.urgent(random);
            if (urgent === null) continue;
            fed += 1;
            picker.checked(urgent, true);
            picker.fed(urgent);
          }
          if (behaviours.every((does) => does === 'honest')) expect(fed).toBe(0);
        },
      ),
    );
  });
});

describe('one neighbour', () => {
  const met = (count: number): ChunkPicker => {
    const picker = new ChunkPicker(count);
    picker.setShare(new ChunkSet(count));
    picker.meet(peerOf(0));
    picker.announce(peerOf(0), ChunkSet.all(count));
    return picker;
  };

  it('that never answers is of no use after its first request', () => {
    const picker = met(20);
    picker.pick(0, () => 0.5);
    expect(picker.lapse(REQUEST_LAPSES_MS - 1)).toEqual([]);
    expect(picker.lapse(REQUEST_LAPSES_MS)).toEqual([peerOf(0)]);
  });

  it('that answered before may be slow now and then', () => {
    const picker = met(20);
    const [first] = picker.pick(0, () => 0.5);
    picker.came(peerOf(0), first!.chunk);
    picker.checked(first!.chunk, true);
    let lapses = 0;
    for (let nowMs = REQUEST_LAPSES_MS; picker.lapse(nowMs).length === 0; nowMs *= 2) {
      lapses += picker.pick(nowMs, () => 0.5).length;
      expect(lapses).toBeLessThan(MOST_LAPSES + REQUESTS_PER_NEIGHBOUR);
    }
    expect(lapses).toBeGreaterThan(0);
  });

  it('may answer late', () => {
    const picker = met(1);
    expect(picker.pick(0, () => 0)).toHaveLength(1);
    picker.lapse(REQUEST_LAPSES_MS);
    expect(picker.came(peerOf(0), 0)).toBe('check');
    expect(picker.came(peerOf(0), 0)).toBe('unasked');
  });

  it('is asked first for what others have not', () => {
    const picker = met(4);
    picker.meet(peerOf(1));
    picker.announce(peerOf(1), new ChunkSet(4, [0, 1, 2]));
    const asked = picker.pick(0, () => 0.5).filter(({ peer }) => peer === peerOf(0));
    expect(asked.map(({ chunk }) => chunk)).toContain(3);
  });
});
