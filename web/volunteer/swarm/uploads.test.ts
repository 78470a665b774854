/** Passing on: one at a time for each neighbour, within the budget, and never while the volunteer rests. */
import { describe, expect, it } from 'vitest';
import type { BlobDigest } from '../../../shared/ids.ts';
import { CHUNK_BYTES, MAX_CHUNK_REQUESTS } from '../../../shared/limits.ts';
import type { ChunkMessage } from '../../../shared/protocol/swarm.ts';
import { ManualClock, settle } from '../testing.ts';
import type { ChunkLink } from './chunkPort.ts';
import { UPLOAD_BYTES_PER_DAY, UploadBudget } from './uploadBudget.ts';
import { Uploads } from './uploads.ts';

const blob = 'a'.repeat(64) as BlobDigest;

class Rig {
  readonly clock = new ManualClock();
  readonly budget: UploadBudget;
  readonly uploads: Uploads;
  mayShare = true;
  sentBytes = 0;

  constructor(spentToday = 0) {
    let record = { day: 0, bytes: spentToday };
    this.budget = new UploadBudget({ read: () => record, write: (next) => (record = next) });
    this.uploads = new Uploads({
      clock: this.clock,
      wallMs: () => 0,
      budget: this.budget,
      mayShare: () => this.mayShare,
      read: (_, chunk) => Promise.resolve(chunk === 99 ? null : new Uint8Array(CHUNK_BYTES)),
      onSent: (bytes) => (this.sentBytes += bytes),
    });
  }
}

class FakeLink implements ChunkLink {
  readonly sent: ChunkMessage[] = [];
  /** Messages are taken when the test lets them. */
  taken: (() => void)[] = [];
  isSlow = false;

  send(message: ChunkMessage): Promise<boolean> {
    this.sent.push(message);
    if (!this.isSlow) return Promise.resolve(true);
    return new Promise((resolve) => this.taken.push(() => resolve(true)));
  }

  close(): void {}

  get words(): string[] {
    return this.sent.map((it) => ('chunk' in it ? `${it.type} ${it.chunk}` : it.type));
  }
}

describe('a neighbour', () => {
  it('gets what it asks for, in that order, and a word where there is nothing', async () => {
    const [rig, link] = [new Rig(), new FakeLink()];
    for (const chunk of [3, 99, 1]) expect(rig.uploads.want(link, { blob, chunk })).toBe(true);
    await settle();
    expect(link.words).toEqual(['chunk 3', 'refuse 99', 'chunk 1']);
    expect(rig.sentBytes).toBe(2 * CHUNK_BYTES);
  });

  it('that does not take what it asked for waits alone, and may not ask without end', async () => {
    const [rig, slow, other] = [new Rig(), new FakeLink(), new FakeLink()];
    slow.isSlow = true;
    for (let chunk = 0; chunk < MAX_CHUNK_REQUESTS; chunk++) {
      expect(rig.uploads.want(slow, { blob, chunk })).toBe(true);
    }
    expect(rig.uploads.want(slow, { blob, chunk: 9 })).toBe(false);
    rig.uploads.want(other, { blob, chunk: 5 });
    await settle();
    expect([slow.words, other.words]).toEqual([['chunk 0'], ['chunk 5']]);
    slow.taken[0]!();
    await settle();
    expect(slow.words).toEqual(['chunk 0', 'chunk 1']);
  });

  it('that has gone is sent nothing more', async () => {
    const [rig, link] = [new Rig(), new FakeLink()];
    rig.uploads.want(link, { blob, chunk: 0 });
    rig.uploads.forget(link);
    await settle();
    expect(link.words).toEqual([]);
  });
});

describe('the budget', () => {
  it('makes what is beyond the burst wait', async () => {
    const rig = new Rig();
    const links = Array.from({ length: 10 }, () => new FakeLink());
    for (const [chunk, link] of links.entries()) rig.uploads.want(link, { blob, chunk });
    await settle();
    const atOnce = links.filter(({ sent }) => sent.length > 0).length;
    expect(atOnce).toBe(8);
    rig.clock.pass(1_000);
    await settle();
    expect(links.filter(({ sent }) => sent.length > 0)).toHaveLength(10);
  });

  it('of a day that is used up is said with a refusal', async () => {
    const [rig, link] = [new Rig(UPLOAD_BYTES_PER_DAY), new FakeLink()];
    rig.uploads.want(link, { blob, chunk: 0 });
    await settle();
    expect([link.words, rig.sentBytes]).toEqual([['refuse 0'], 0]);
  });
});

describe('a volunteer that rests', () => {
  it('passes nothing on, also of what waited for its turn', async () => {
    const rig = new Rig();
    const links = Array.from({ length: 9 }, () => new FakeLink());
    for (const [chunk, link] of links.entries()) rig.uploads.want(link, { blob, chunk });
    await settle();
    rig.mayShare = false;
    rig.clock.pass(10_000);
    await settle();
    expect(links.at(-1)!.words).toEqual(['refuse 8']);
  });
});
