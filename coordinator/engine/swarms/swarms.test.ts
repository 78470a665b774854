/** Swarms of a coordinator: who may join, what each is told, who meets whom, and what an accusation costs. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ChunkSet } from '../../../shared/chunks.ts';
import type { AssignmentId, BlobDigest, JobId, PeerId } from '../../../shared/ids.ts';
import {
  CHUNK_BYTES,
  MAX_SWARMS_PER_HOST,
  MAX_SWARM_MEMBERS,
  MAX_SWARM_MESSAGES,
  MAX_SWARM_NEIGHBOURS,
  MIN_SWARM_BLOB_BYTES,
} from '../../../shared/limits.ts';
import type { CoordinatorMessage } from '../../../shared/protocol/link.ts';
import type { SwarmPlace } from '../../../shared/protocol/swarm.ts';
import { ALL_WORK } from '../../../shared/protocol/wishes.ts';
import { ACCUSATION_LASTS_MS, VOICES_TO_CUT_OFF } from '../../core/swarm/accusations.ts';
import { Leases, type ConnectedHost } from '../hosts.ts';
import { Swarms } from './swarms.ts';

const CHUNKS = 32;
const blobOf = (n: number): BlobDigest => n.toString(16).padStart(64, '0') as BlobDigest;
const BLOB = blobOf(1);
const SMALL = blobOf(0xff);
const SIZES = new Map([
  ...Array.from({ length: 9 }, (_, n) => [blobOf(n + 1), CHUNKS * CHUNK_BYTES] as const),
  [SMALL, MIN_SWARM_BLOB_BYTES - 1] as const,
]);

/** A host whose link keeps what it was told. */
class Told {
  readonly messages: CoordinatorMessage[] = [];
  readonly host: ConnectedHost;

  constructor(name: string) {
    const id = (text: string) => `${text}_${name}` as never;
    this.host = {
      contributor: id('c'),
      own: id('c'),
      host: id('host'),
      cohort: name,
      capabilities: { engines: [], adapter: '', memoryBytes: 0 },
      link: { send: (m) => void this.messages.push(m), sendAssignment: () => {}, close: () => {} },
      slots: 1,
      leases: new Leases([`asg_${name}` as AssignmentId]),
      ejectedFrom: new Set(),
      wishes: ALL_WORK,
      classQuarantines: new Set(),
      driverRefuses: new Set(),
      failuresInARow: 0,
      coolsUntilMs: 0,
      quarantinedUntilMs: 0,
      toldWaiting: null,
    };
  }

  get place(): SwarmPlace {
    return this.messages.filter((it) => it.type === 'swarm').at(-1)!;
  }

  get peer(): PeerId {
    return this.place.self.peer;
  }

  get neighbours(): PeerId[] {
    return this.place.neighbours.map(({ peer }) => peer);
  }

  get share(): number[] {
    return [...ChunkSet.parse(this.place.share, CHUNKS)!];
  }

  get ended(): string | undefined {
    return this.messages.filter((it) => it.type === 'swarm-ended').at(-1)?.reason;
  }
}

let swarms: Swarms;
let nowMs: number;
let needed: BlobDigest[];
let passed: number;
let cutOffs: number;
/** Pairs that may meet, and peers that are known. */
let pairs: Set<string>;
let peers: Set<PeerId>;
const gone = new Set<ConnectedHost>();
const pairOf = (a: PeerId, b: PeerId): string => [a, b].sort().join(' ');

beforeEach(() => {
  nowMs = 0;
  needed = [...SIZES.keys()];
  passed = cutOffs = 0;
  pairs = new Set();
  peers = new Set();
  gone.clear();
  let made = 0;
  let dice = 7;
  swarms = new Swarms({
    directory: {
      admit() {
        const peer = `peer_${++made}` as PeerId;
        peers.add(peer);
        return { peer, token: `token_${made}` };
      },
      introduce(a, b) {
        expect(pairs.has(pairOf(a, b))).toBe(false);
        pairs.add(pairOf(a, b));
        return true;
      },
      part: (a, b) => expect(pairs.delete(pairOf(a, b))).toBe(true),
      revoke: (peer) => void peers.delete(peer),
      iceServersFor: () => [{ urls: ['stun:stun.example'] }],
    },
    needsOf: ({ leases }) => [...leases].map(() => ({ job: 'job_1' as JobId, blobs: needed })),
    bytesOf: (blob) => Promise.resolve(SIZES.get(blob) ?? null),
    isConnected: (host) => !gone.has(host),
    now: () => nowMs,
    random: () => (dice = (dice * 16_807) % 2_147_483_647) / 2_147_483_647,
    metrics: { chunksPassed: (bytes) => (passed += bytes), cutOff: () => (cutOffs += 1) },
    log: () => undefined,
  });
});

let names = 0;
async function joined(have = '', shares = true, blob = BLOB): Promise<Told> {
  const told = new Told(`${++names}`);
  expect(await swarms.hear(told.host, { type: 'swarm-join', blob, have, shares })).toBeNull();
  return told;
}
const say = (told: Told, have: ChunkSet, fromPeers = 0, shares = true) =>
  swarms.hear(told.host, { type: 'swarm-have', blob: BLOB, have: have.toHex(), shares, fromPeers });
const lose = (told: Told, peer: PeerId, why: 'unreachable' | 'silent' | 'wrong-chunk') =>
  swarms.hear(told.host, { type: 'swarm-lost', blob: BLOB, peer, why });

describe('joining', () => {
  it('needs an assignment that needs the blob', async () => {
    needed = [];
    const told = await joined();
    expect([told.ended, told.place, peers.size]).toEqual(['not-assigned', undefined, 0]);
    const stranger = new Told('stranger');
    stranger.host.leases.clear();
    needed = [BLOB];
    await swarms.hear(stranger.host, { type: 'swarm-join', blob: BLOB, have: '', shares: true });
    expect(stranger.ended).toBe('not-assigned');
  });

  it('is for large blobs', async () => {
    expect((await joined('', true, SMALL)).ended).toBe('too-small');
  });

  it('with a set that is not of the blob is refused in words', async () => {
    const told = new Told('odd');
    const join = { type: 'swarm-join', blob: BLOB, have: 'ff', shares: true } as const;
    expect(await swarms.hear(told.host, join)).toMatchObject({ field: 'have', came: 'ff' });
    expect(swarms.memberCount).toBe(0);
  });

  it('of one that went meanwhile leaves nothing behind', async () => {
    const told = new Told('hasty');
    gone.add(told.host);
    await swarms.hear(told.host, { type: 'swarm-join', blob: BLOB, have: '', shares: true });
    expect([told.messages, swarms.memberCount, peers.size]).toEqual([[], 0, 0]);
  });

  it('more swarms than a host may have ends the oldest', async () => {
    const told = new Told('greedy');
    for (let n = 1; n <= MAX_SWARMS_PER_HOST + 1; n++) {
      await swarms.hear(told.host, { type: 'swarm-join', blob: blobOf(n), have: '', shares: true });
    }
    expect(swarms.memberCount).toBe(MAX_SWARMS_PER_HOST);
    expect(told.messages.at(-1)).toEqual({ type: 'swarm-ended', blob: BLOB, reason: 'full' });
    expect(peers.size).toBe(1);
  });

  it('a swarm that is full makes room for another one of the same blob', async () => {
    const all: Told[] = [];
    for (let n = 0; n <= MAX_SWARM_MEMBERS; n++) all.push(await joined());
    expect(all.at(-1)!.share).toHaveLength(CHUNKS);
    expect(all.at(-1)!.neighbours).toEqual([]);
  });
});

describe('eight that come together', () => {
  it('fetch each chunk once, and are neighbours both ways', async () => {
    const all: Told[] = [];
    for (let n = 0; n < 8; n++) all.push(await joined());
    const fetched = all.flatMap(({ share }) => share).sort((a, b) => a - b);
    expect(fetched).toEqual(Array.from({ length: CHUNKS }, (_, i) => i));
    for (const told of all) {
      expect(told.neighbours.length).toBeGreaterThanOrEqual(3);
      expect(told.neighbours.length).toBeLessThanOrEqual(MAX_SWARM_NEIGHBOURS);
      for (const { peer, calls } of told.place.neighbours) {
        const other = all.find((it) => it.peer === peer)!;
        const back = other.place.neighbours.find((it) => it.peer === told.peer);
        expect([back?.calls, pairs.has(pairOf(told.peer, peer))]).toEqual([!calls, true]);
      }
    }
  });

  it('when one goes, others fetch what it was to, and nothing of it stays', async () => {
    const all: Told[] = [];
    for (let n = 0; n < 4; n++) all.push(await joined());
    const [first, ...rest] = all;
    swarms.gone(first!.host);
    const fetched = rest.flatMap(({ share }) => share).sort((a, b) => a - b);
    expect(fetched).toEqual(Array.from({ length: CHUNKS }, (_, i) => i));
    for (const told of rest) expect(told.neighbours).not.toContain(first!.peer);
    expect(peers.has(first!.peer)).toBe(false);
    for (const { host } of rest) swarms.gone(host);
    expect([swarms.memberCount, peers.size, pairs.size]).toEqual([0, 0, 0]);
  });

  it('one that is done with its share is given of another’s', async () => {
    const [slow, fast] = [await joined(), await joined()];
    await say(fast, new ChunkSet(CHUNKS, fast.share));
    expect(fast.share).toHaveLength(CHUNKS / 4);
    expect(slow.share).toHaveLength(CHUNKS / 4);
  });

  it('a newcomer to one that has all fetches nothing from the coordinator', async () => {
    await joined(ChunkSet.all(CHUNKS).toHex());
    expect((await joined()).share).toEqual([]);
    const miser = await joined('', false);
    expect([miser.share, miser.neighbours.length > 0]).toEqual([[], true]);
  });

  it('two that have all part', async () => {
    const [a, b] = [await joined(), await joined()];
    await say(a, ChunkSet.all(CHUNKS));
    expect(a.neighbours).toEqual([b.peer]);
    await say(b, ChunkSet.all(CHUNKS));
    expect([a.neighbours, b.neighbours, pairs.size]).toEqual([[], [], 0]);
  });
});

describe('what a host says', () => {
  it('it has counts as passed by others only as far as it is new', async () => {
    const told = await joined();
    await say(told, new ChunkSet(CHUNKS, [0, 1]), 9 * CHUNK_BYTES);
    await say(told, new ChunkSet(CHUNKS, [0, 1]), 9 * CHUNK_BYTES);
    expect(passed).toBe(2 * CHUNK_BYTES);
  });

  it('of a set of another size is refused; of a swarm it is not in, nothing', async () => {
    const told = await joined();
    expect(await say(told, new ChunkSet(CHUNKS + 1))).toMatchObject({ code: 'invalid-field' });
    swarms.gone(told.host);
    expect(await say(told, new ChunkSet(CHUNKS))).toBeNull();
  });

  it('too often is refused, and later taken again', async () => {
    const told = await joined();
    const codes: (string | undefined)[] = [];
    for (let n = 0; n < MAX_SWARM_MESSAGES.burst; n++) {
      codes.push((await say(told, new ChunkSet(CHUNKS)))?.code);
    }
    expect(codes.at(-2)).toBeUndefined();
    expect(codes.at(-1)).toBe('too-many-messages');
    nowMs += 1_000;
    expect(await say(told, new ChunkSet(CHUNKS))).toBeNull();
  });
});

describe('a neighbour that is lost', () => {
  it('is parted from, not met again, and after two such nobody waits for it', async () => {
    const liar = await joined(ChunkSet.all(CHUNKS).toHex());
    const [a, b] = [await joined(), await joined()];
    await lose(a, liar.peer, 'silent');
    expect(a.neighbours).toEqual([b.peer]);
    expect([a.share, b.share]).toEqual([[], []]);
    await lose(b, liar.peer, 'silent');
    expect([...a.share, ...b.share]).toHaveLength(CHUNKS);
    expect(liar.neighbours).toEqual([]);
    expect(cutOffs).toBe(0);
  });

  it('that is no neighbour is not believed', async () => {
    const told = await joined();
    await lose(told, 'peer_999' as PeerId, 'wrong-chunk');
    expect(cutOffs).toBe(0);
  });
});

describe('one that sends wrong chunks', () => {
  async function accused(voices: number): Promise<Told> {
    const spoiler = await joined(ChunkSet.all(CHUNKS).toHex());
    for (let n = 0; n < voices; n++) {
      const victim = await joined();
      await lose(victim, spoiler.peer, 'wrong-chunk');
    }
    return spoiler;
  }

  it('is cut off when several say so, and may not come back for an hour', async () => {
    const spoiler = await accused(VOICES_TO_CUT_OFF);
    expect([spoiler.ended, cutOffs, peers.has(spoiler.peer)]).toEqual(['cut-off', 1, false]);
    const join = { type: 'swarm-join', blob: BLOB, have: '', shares: true } as const;
    const before = spoiler.messages.length;
    await swarms.hear(spoiler.host, join);
    expect(spoiler.messages.slice(before)).toMatchObject([
      { type: 'swarm-ended', reason: 'cut-off' },
    ]);
    nowMs += ACCUSATION_LASTS_MS;
    await swarms.hear(spoiler.host, join);
    expect(spoiler.messages.at(-1)).toMatchObject({ type: 'swarm' });
  });

  it('stays while fewer say so', async () => {
    const spoiler = await accused(VOICES_TO_CUT_OFF - 1);
    expect([spoiler.ended, cutOffs]).toEqual([undefined, 0]);
  });

  it('cannot come back to the one it wronged as another host of its', async () => {
    const spoiler = await joined(ChunkSet.all(CHUNKS).toHex());
    const victim = await joined();
    await lose(victim, spoiler.peer, 'wrong-chunk');
    swarms.gone(spoiler.host);
    const again = new Told('again');
    Object.assign(again.host, { contributor: spoiler.host.contributor });
    const have = ChunkSet.all(CHUNKS).toHex();
    await swarms.hear(again.host, { type: 'swarm-join', blob: BLOB, have, shares: true });
    expect([again.neighbours, victim.neighbours]).toEqual([[], []]);
  });
});
