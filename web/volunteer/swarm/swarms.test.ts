/** Two hosts of one swarm, with the coordinator's part played by the test: what they say, give, refuse and survive. */
import { describe, expect, it } from 'vitest';
import { ChunkSet } from '../../../shared/chunks.ts';
import type { PeerId } from '../../../shared/ids.ts';
import { MAX_CHUNK_REQUESTS } from '../../../shared/limits.ts';
import type { HostMessage } from '../../../shared/protocol/link.ts';
import type { ChunkMessage, SwarmPlace } from '../../../shared/protocol/swarm.ts';
import { fail } from '../../../shared/result.ts';
import type { BlobSource } from '../ports.ts';
import { memoryBlobCache } from '../memoryBlobCache.ts';
import { ManualClock, assignment } from '../testing.ts';
import type { ChunkLink } from './chunkPort.ts';
import { MemoryChunks } from './memoryChunks.ts';
import { Swarms } from './swarms.ts';
import { TestFeed, areSame, testBlob } from './testing.ts';
import { UploadBudget } from './uploadBudget.ts';

const BLOB = testBlob(6);
const COUNT = 6;
const SIGNAL = new AbortController().signal;
const peerOf = (name: string): PeerId => `peer_${name}` as PeerId;

/** Hashes come from another thread, messages from timers. */
const quiet = async (): Promise<void> => {
  for (let i = 0; i < 12; i++) await new Promise((resolve) => setTimeout(resolve, 5));
};

class Rig {
  readonly clock = new ManualClock();
  readonly feed = new TestFeed(BLOB);
  readonly cache = memoryBlobCache();
  readonly sent: HostMessage[] = [];
  readonly swarms: Swarms;
  readonly name: string;
  wholes = 0;
  mayUpload = true;

  constructor(name: string, memory: MemoryChunks) {
    this.name = name;
    const whole: BlobSource = {
      get: () => {
        this.wholes += 1;
        return Promise.resolve(fail({ kind: 'blob-absent', message: 'of the test' }));
      },
    };
    this.swarms = new Swarms({
      whole,
      feed: this.feed,
      cache: this.cache,
      chunks: memory,
      clock: this.clock,
      wallMs: () => 0,
      random: () => 0.5,
      budget: new UploadBudget({ read: () => null, write: () => undefined }),
      mayUpload: () => this.mayUpload,
      onTraffic: () => undefined,
    });
    this.swarms.opened((message) => this.sent.push(message) > 0);
    this.swarms.setActive(true);
  }

  place(share: readonly number[], neighbours: readonly [string, boolean][]): void {
    const place: SwarmPlace = {
      type: 'swarm',
      blob: BLOB.digest,
      bytes: BLOB.bytes.length,
      self: { peer: peerOf(this.name), token: '' },
      iceServers: [],
      share: new ChunkSet(COUNT, share).toHex(),
      neighbours: neighbours.map(([name, calls]) => ({ peer: peerOf(name), calls })),
    };
    this.swarms.take(place);
  }

  /** It has all of the blob in its cache, and was told so. */
  async holds(): Promise<void> {
    await this.cache.put(BLOB.digest, BLOB.bytes);
    await this.swarms.get(BLOB.digest, SIGNAL);
  }

  of<T extends HostMessage['type']>(type: T) {
    return this.sent.filter((it): it is Extract<HostMessage, { type: T }> => it.type === type);
  }
}

function pair(): { a: Rig; b: Rig; memory: MemoryChunks } {
  const memory = new MemoryChunks();
  return { a: new Rig('a', memory), b: new Rig('b', memory), memory };
}

/** `b` gets what `a` holds. */
async function meeting({ a, b }: { a: Rig; b: Rig }) {
  await a.holds();
  const got = b.swarms.get(BLOB.digest, SIGNAL);
  await quiet();
  a.place([], [['b', false]]);
  b.place([], [['a', true]]);
  await quiet();
  return got;
}

describe('a blob that a neighbour holds', () => {
  it('comes from it, is whole, is kept, and is said', async () => {
    const { a, b } = pair();
    const result = await meeting({ a, b });
    expect(result.ok && areSame(result.value, BLOB.bytes)).toBe(true);
    expect(b.feed.asked).toEqual([]);
    expect(b.of('swarm-have').at(-1)).toMatchObject({ have: ChunkSet.all(COUNT).toHex() });
    const fromPeers = b.of('swarm-have').reduce((sum, it) => sum + it.fromPeers, 0);
    expect(fromPeers).toBe(BLOB.bytes.length);
    expect(await b.cache.get(BLOB.digest)).not.toBeNull();
  });

  it('that spoils it is given up at once, and the coordinator hears of it', async () => {
    const { a, b, memory } = pair();
    memory.onWay = ({ message, bytes }) => {
      if (bytes !== null) bytes[5]! ^= 1;
      return { message, bytes };
    };
    const getting = meeting({ a, b });
    await expect
      .poll(() => b.of('swarm-lost'))
      .toMatchObject([{ peer: 'peer_a', why: 'wrong-chunk' }]);
    b.place([0, 1, 2, 3, 4, 5], []);
    const result = await getting;
    expect(result.ok && areSame(result.value, BLOB.bytes)).toBe(true);
  });

  it('whose disk spoiled it sends nothing, and leaves', async () => {
    const { a, b, memory } = pair();
    const words: string[] = [];
    memory.onWay = (sent) => {
      words.push(sent.message.type);
      return sent;
    };
    a.cache.read = () => Promise.resolve(new Uint8Array(10));
    const getting = meeting({ a, b });
    await expect.poll(() => a.of('swarm-leave')).toHaveLength(1);
    expect(words).not.toContain('chunk');
    b.swarms.closed();
    expect((await getting).ok).toBe(true);
  });
});

describe('without a swarm', () => {
  it('small and unasked-for blobs come whole', async () => {
    const { b } = pair();
    const getting = b.swarms.get(BLOB.digest, SIGNAL);
    await quiet();
    b.swarms.take({ type: 'swarm-ended', blob: BLOB.digest, reason: 'too-small' });
    await getting;
    expect(b.wholes).toBe(1);
  });

  it('a coordinator that does not answer is not waited for, and is left when it does', async () => {
    const { b } = pair();
    const getting = b.swarms.get(BLOB.digest, SIGNAL);
    await quiet();
    b.clock.pass(3_000);
    await getting;
    expect(b.wholes).toBe(1);
    b.place([0], []);
    expect(b.of('swarm-leave')).toHaveLength(1);
  });

  it('where the link ends in between, the rest comes from the coordinator', async () => {
    const { b } = pair();
    const getting = b.swarms.get(BLOB.digest, SIGNAL);
    await quiet();
    b.place([0, 1], []);
    await expect.poll(() => b.feed.asked).toEqual([0, 1]);
    b.swarms.closed();
    expect((await getting).ok).toBe(true);
    expect(b.feed.asked).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('a volunteer', () => {
  it('that pauses leaves, and joins again with the next assignment', async () => {
    const { a } = pair();
    await a.holds();
    a.place([], []);
    a.swarms.setActive(false);
    expect(a.of('swarm-leave')).toHaveLength(1);
    a.swarms.setActive(true);
    const program = { kind: 'onnx', model: BLOB.digest, outputs: [], itemsPerRun: 1 } as const;
    a.swarms.assigned(assignment('asg_1', { program: { ...program, outputs: [] } }));
    expect(a.of('swarm-join')).toHaveLength(2);
    expect(a.of('swarm-join').at(-1)).toMatchObject({ have: ChunkSet.all(COUNT).toHex() });
  });

  it('on a metered line fetches, and offers nothing', async () => {
    const { a } = pair();
    a.mayUpload = false;
    await a.holds();
    expect(a.of('swarm-join')).toEqual([]);
    const { b } = pair();
    b.mayUpload = false;
    void b.swarms.get(BLOB.digest, SIGNAL);
    await quiet();
    expect(b.of('swarm-join')).toMatchObject([{ shares: false, have: '' }]);
  });
});

describe('a neighbour that breaks the rules', () => {
  const BAD: readonly [string, unknown][] = [
    ['no message', 7],
    ['an unknown type', { type: 'shutdown' }],
    ['a field more', { type: 'got', blob: BLOB.digest, chunk: 1, more: 1 }],
    ['a chunk that the blob does not have', { type: 'got', blob: BLOB.digest, chunk: COUNT }],
    ['a set of another size', { type: 'have', blob: BLOB.digest, have: 'ffff' }],
    ['a chunk without bytes', { type: 'chunk', blob: BLOB.digest, chunk: 0 }],
  ];

  async function faced(): Promise<{ link: ChunkLink; b: Rig }> {
    const { b, memory } = pair();
    void b.swarms.get(BLOB.digest, SIGNAL);
    await quiet();
    b.place([0, 1], [['stranger', true]]);
    const handlers = { onMessage: () => undefined, onEnd: () => undefined };
    const presence = memory.enter({ peer: peerOf('stranger'), token: '' });
    const met = await presence.meet(peerOf('b'), false, handlers);
    if (!met.ok) throw new Error(met.error);
    await quiet();
    return { link: met.value, b };
  }

  it.each(BAD)('by %s is given up', async (_, message) => {
    const { link, b } = await faced();
    void link.send(message as ChunkMessage);
    await expect
      .poll(() => b.of('swarm-lost'))
      .toMatchObject([{ peer: 'peer_stranger', why: 'silent' }]);
  });

  it('by sending what nobody asked for is given up', async () => {
    const { link, b } = await faced();
    void link.send({ type: 'chunk', blob: BLOB.digest, chunk: 4 }, BLOB.chunk(4));
    await expect.poll(() => b.of('swarm-lost')).toHaveLength(1);
  });

  it('by asking for too much at once is given up', async () => {
    const { link, b } = await faced();
    for (let i = 0; i < 20 * MAX_CHUNK_REQUESTS; i++) {
      void link.send({ type: 'want', blob: BLOB.digest, chunk: i % 2 });
    }
    await expect.poll(() => b.of('swarm-lost')).toHaveLength(1);
  });
});
