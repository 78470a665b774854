/** A download: checked chunks only, from whoever has them, and never slower than it may be. */
import { describe, expect, it } from 'vitest';
import { ChunkSet } from '../../../shared/chunks.ts';
import type { PeerId } from '../../../shared/ids.ts';
import type { Result } from '../../../shared/result.ts';
import type { BlobFailure } from '../ports.ts';
import { ManualClock } from '../testing.ts';
import { Download } from './download.ts';
import { TestFeed, areSame, testBlob, type TestBlob } from './testing.ts';

const PEER = 'peer_1' as PeerId;
const BLOB = testBlob(6);

class Rig {
  readonly clock = new ManualClock();
  readonly feed: TestFeed;
  readonly asked: number[] = [];
  readonly dropped: string[] = [];
  readonly kept: [number, PeerId | null][] = [];
  readonly download: Download;
  /** What the coordinator sends is kept. */
  sendsRight = true;
  result: Result<Uint8Array, BlobFailure> | null = null;

  constructor(blob: TestBlob = BLOB, feed = new TestFeed(blob)) {
    this.feed = feed;
    this.download = new Download(blob.digest, blob.bytes.length, {
      feed,
      clock: this.clock,
      random: () => 0.5,
      ask: (_, chunk) => this.asked.push(chunk),
      drop: (peer, why) => {
        this.dropped.push(why);
        this.download.picker.part(peer);
      },
      onKept: (chunk, _, from) => this.kept.push([chunk, from]),
    });
    void this.download.done.then((result) => (this.result = result));
  }

  /** Everything is to come from a neighbour that has it all. */
  meet(): void {
    const { picker } = this.download;
    picker.setShare(new ChunkSet(picker.have.count));
    picker.meet(PEER);
    picker.announce(PEER, ChunkSet.all(picker.have.count));
  }

  /** Lets hashes be made, by another thread: until what the coordinator sent is here, where it can be. */
  async quiet(): Promise<void> {
    const { picker } = this.download;
    const isHere = () =>
      this.result !== null || this.feed.asked.every((chunk) => picker.have.has(chunk));
    for (let i = 0; i < 5 || (this.sendsRight && i < 2_000 && !isHere()); i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1000) {
      this.clock.pass(1000);
      this.download.pump();
      await this.quiet();
    }
  }
}

function expectWhole(result: Result<Uint8Array, BlobFailure> | null, blob: TestBlob = BLOB): void {
  if (result?.ok !== true) throw new Error(`the download failed: ${JSON.stringify(result)}`);
  expect(areSame(result.value, blob.bytes)).toBe(true);
}

describe('alone', () => {
  it('everything comes from the coordinator, once, and is the blob', async () => {
    const rig = new Rig();
    rig.download.goOnAlone();
    expectWhole(await rig.download.done);
    expect(rig.feed.asked).toEqual([0, 1, 2, 3, 4, 5]);
    expect(rig.kept.every(([, from]) => from === null)).toBe(true);
  });

  it('a coordinator that is away for a while is waited for, and then not any more', async () => {
    const rig = new Rig();
    rig.feed.fails = 'blob-unreachable';
    rig.sendsRight = false;
    rig.download.goOnAlone();
    await rig.pass(1_000);
    rig.feed.fails = null;
    rig.sendsRight = true;
    await rig.pass(10_000);
    expect(rig.result).toMatchObject({ ok: true });

    const other = new Rig();
    other.feed.fails = 'blob-unreachable';
    other.sendsRight = false;
    other.download.goOnAlone();
    await other.pass(30_000);
    expect(other.result).toMatchObject({ ok: false, error: { kind: 'blob-unreachable' } });
  });

  it('one that does not have it is not asked again', async () => {
    const rig = new Rig();
    rig.feed.fails = 'blob-absent';
    rig.sendsRight = false;
    rig.download.goOnAlone();
    await rig.quiet();
    expect(rig.result).toMatchObject({ ok: false, error: { kind: 'blob-absent' } });
  });

  it('bytes that are not the blob’s never leave it, whatever the list says', async () => {
    const other = testBlob(5);
    const lying = { ...BLOB, list: { ...other.list, bytes: BLOB.bytes.length } };
    const rig = new Rig(lying);
    rig.sendsRight = false;
    rig.download.goOnAlone();
    await rig.pass(30_000);
    expect(rig.result).toMatchObject({ ok: false, error: { kind: 'blob-wrong' } });
  });
});

describe('with a neighbour', () => {
  it('what the neighbour has is asked of it, and not of the coordinator', async () => {
    const rig = new Rig();
    rig.meet();
    await rig.quiet();
    for (let i = 0; rig.result === null; i++) {
      const chunk = rig.asked[i]!;
      expect(rig.download.take(PEER, chunk, BLOB.chunk(chunk))).toBe(true);
      await rig.quiet();
    }
    expectWhole(rig.result);
    expect(rig.feed.asked).toEqual([]);
  });

  it('a wrong chunk is not kept, costs the neighbour its place, and comes from elsewhere', async () => {
    const rig = new Rig();
    rig.meet();
    await rig.quiet();
    const [chunk] = rig.asked;
    const spoiled = BLOB.chunk(chunk!);
    spoiled[77]! ^= 1;
    rig.download.take(PEER, chunk!, spoiled);
    await rig.quiet();
    expect([rig.dropped, rig.kept, rig.download.read(chunk!)]).toEqual([['wrong-chunk'], [], null]);
    rig.download.goOnAlone();
    expectWhole(await rig.download.done);
  });

  it('what nobody asked for is not taken', async () => {
    const rig = new Rig();
    rig.meet();
    await rig.quiet();
    const unasked = [0, 1, 2, 3, 4, 5].find((chunk) => !rig.asked.includes(chunk))!;
    expect(rig.download.take(PEER, unasked, BLOB.chunk(unasked))).toBe(false);
    expect(rig.download.picker.have.size).toBe(0);
  });

  it('one that says nothing is not waited for: the coordinator sends what is missing', async () => {
    const blob = testBlob(24);
    const rig = new Rig(blob);
    rig.meet();
    await rig.pass(10_000);
    expect(rig.feed.asked).toEqual([]);
    await rig.pass(35_000);
    expectWhole(rig.result, blob);
    expect(rig.dropped).toEqual(['silent']);
  });

  it('one that is slow is helped by the coordinator, at the slowest rate that is borne', async () => {
    const blob = testBlob(24);
    const rig = new Rig(blob);
    rig.meet();
    await rig.quiet();
    for (let second = 0; rig.result === null; second++) {
      expect(second).toBeLessThan(90);
      await rig.pass(1_000);
      // A chunk every seven seconds.
      const chunk = rig.asked.find((it) => !rig.download.picker.have.has(it));
      if (second % 7 === 0 && chunk !== undefined) {
        rig.download.take(PEER, chunk, blob.chunk(chunk));
      }
      await rig.quiet();
    }
    expect(rig.feed.asked.length).toBeGreaterThan(8);
    expectWhole(rig.result, blob);
  });
});
