/** The relay on real sockets: what is piped, what is bounded, and who is refused. */
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PeerId } from '../../../shared/ids.ts';
import {
  MAX_RELAY_ENDS_PER_PEER,
  MAX_RELAY_MESSAGE_BYTES,
  RELAY_PARTNER_DEADLINE_MS,
  RELAY_STALL_DEADLINE_MS,
} from '../../../shared/limits.ts';
import type { Admission } from './peerDirectory.ts';
import { PeerRig, RawClient } from './testing/peerRig.ts';

const MiB = 2 ** 20;

let rig: PeerRig;
beforeAll(async () => {
  rig = await PeerRig.started();
});
afterAll(() => rig.close());
afterEach(() => void vi.useRealTimers());

async function opened(url: string): Promise<RawClient> {
  const client = new RawClient(url);
  expect(await client.status).toBe(101);
  return client;
}

async function pair(): Promise<{ a: Admission; b: Admission; ends: [RawClient, RawClient] }> {
  const [a, b] = rig.introduced(2) as [Admission, Admission];
  const first = await opened(rig.relayUrl(a, b.id));
  return { a, b, ends: [first, await opened(rig.relayUrl(b, a.id))] };
}

/** `bytes` bytes that say which message of which sender they are. */
function marked(sender: number, index: number, bytes: number): Buffer {
  const data = Buffer.alloc(bytes, sender);
  data.writeUInt32LE(index);
  return data;
}

describe('a lane', () => {
  it('carries messages both ways at once, in order and as they are, and counts them', async () => {
    const { a, b, ends } = await pair();
    const carried = new Map<string, number>();
    rig.transport.onRelayed = (from, to, bytes) => {
      const key = `${from} ${to}`;
      carried.set(key, (carried.get(key) ?? 0) + bytes);
    };
    const count = 200;
    const sizeOf = (index: number) => 4 + ((index * 977) % 60_000);
    const before = rig.relayedBytes;
    for (let i = 0; i < count; i++) ends.forEach((end, s) => end.ws.send(marked(s, i, sizeOf(i))));
    for (const [s, end] of ends.entries()) {
      for (let i = 0; i < count; i++) {
        expect(marked(1 - s, i, sizeOf(i)).equals((await end.next()) as Buffer)).toBe(true);
      }
    }
    const bytes = Array.from({ length: count }, (_, i) => sizeOf(i)).reduce((x, y) => x + y, 0);
    expect([...carried]).toEqual([
      [`${a.id} ${b.id}`, bytes],
      [`${b.id} ${a.id}`, bytes],
    ]);
    expect(rig.relayedBytes - before).toBe(2 * bytes);
    ends[0].ws.close();
    expect(await ends[1].closed).toBe(4404);
  });

  it('holds what its first end sent until the second comes', async () => {
    const [a, b] = rig.introduced(2) as [Admission, Admission];
    const first = await opened(rig.relayUrl(a, b.id));
    for (let i = 0; i < 64; i++) first.ws.send(marked(0, i, MiB / 16));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const second = await opened(rig.relayUrl(b, a.id));
    for (let i = 0; i < 64; i++) {
      expect(((await second.next()) as Buffer).readUInt32LE()).toBe(i);
    }
    await Promise.all([first.close(), second.closed]);
  });

  it('is one of several: lanes do not mix', async () => {
    const [a, b] = rig.introduced(2) as [Admission, Admission];
    const urls = ['x', 'y'].map((lane) => [
      rig.relayUrl(a, b.id, lane),
      rig.relayUrl(b, a.id, lane),
    ]);
    const lanes = await Promise.all(urls.map((both) => Promise.all(both.map(opened))));
    lanes.forEach(([from], lane) => from!.ws.send(marked(lane, 7, 8)));
    for (const [lane, [, to]] of lanes.entries()) {
      expect(await to!.next()).toEqual(marked(lane, 7, 8));
    }
    await Promise.all(lanes.flat().map((end) => end.close()));
  });

  it('64 MiB to a slow reader: little of it is ever in the coordinator', async () => {
    const sockets: Socket[] = [];
    const collect = (socket: Socket) => void sockets.push(socket);
    rig.server.on('connection', collect);
    const { ends } = await pair();
    rig.server.off('connection', collect);
    const [from, to] = ends;
    const [read, written] = sockets as [Socket, Socket];
    const messages = 512;
    const bytes = 128 * 1024;
    // What the coordinator has: what it read and did not pass on, and what it passed on and could not write.
    let mostHeld = 0;
    let passed = 0;
    rig.transport.onRelayed = (_from, _to, count) => {
      passed += count;
      mostHeld = Math.max(mostHeld, read.bytesRead - passed + written.writableLength);
    };
    to.ws.pause();
    for (let i = 0; i < messages; i++) from.ws.send(marked(0, i, bytes));
    for (let before = -1; before !== passed;) {
      before = passed;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    // The rest is still the sender's, beyond what kernels take.
    expect(from.ws.bufferedAmount).toBeGreaterThan(32 * MiB);
    for (let i = 0; i < messages; i++) {
      // A reader that stops again and again.
      if (i % 16 === 0) {
        to.ws.resume();
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(((await to.next()) as Buffer).readUInt32LE()).toBe(i);
      if (i % 16 === 8) to.ws.pause();
      if (to.messages.length === 0) to.ws.resume();
    }
    expect(passed).toBe(messages * bytes);
    expect(mostHeld).toBeGreaterThan(0);
    expect(mostHeld).toBeLessThan(MiB);
    await Promise.all([from.close(), to.closed]);
  });

  it('opened anew by one end: the earlier one and its partner close, and a new partner is met', async () => {
    const { a, b, ends } = await pair();
    const again = await opened(rig.relayUrl(a, b.id));
    expect(await Promise.all(ends.map((end) => end.closed))).toEqual([4409, 4409]);
    const partner = await opened(rig.relayUrl(b, a.id));
    again.ws.send(marked(0, 1, 8));
    expect(await partner.next()).toEqual(marked(0, 1, 8));
    await Promise.all([again.close(), partner.closed]);
  });
});

describe('what ends a lane', () => {
  it('its pair is parted', async () => {
    const { a, b, ends } = await pair();
    rig.transport.directory.part(a.id, b.id);
    expect(await Promise.all(ends.map((end) => end.closed))).toEqual([4403, 4403]);
    expect(await new RawClient(rig.relayUrl(a, b.id)).status).toBe(403);
  });

  it('one of them is revoked; others’ lanes stay', async () => {
    const { a, ends } = await pair();
    const other = await pair();
    rig.transport.directory.revoke(a.id);
    expect(await Promise.all(ends.map((end) => end.closed))).toEqual([4403, 4403]);
    other.ends[0].ws.send(marked(0, 1, 8));
    expect(await other.ends[1].next()).toEqual(marked(0, 1, 8));
    await Promise.all([other.ends[0].close(), other.ends[1].closed]);
  });

  it('text', async () => {
    const { ends } = await pair();
    ends[0].ws.send('text');
    expect(await Promise.all(ends.map((end) => end.closed))).toEqual([1003, 1003]);
  });

  it('a message beyond the limit', async () => {
    const { ends } = await pair();
    ends[0].ws.send(Buffer.alloc(MAX_RELAY_MESSAGE_BYTES + 1));
    expect(await Promise.all(ends.map((end) => end.closed))).toEqual([1009, 4404]);
    expect(rig.refused.at(-1)).toBe('message-too-large');
  });

  it('one end drops without a close', async () => {
    const { ends } = await pair();
    ends[0].ws.terminate();
    expect(await ends[1].closed).toBe(4404);
  });

  it('a partner that does not come in time, and one that comes too late waits anew', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const [a, b] = rig.introduced(2) as [Admission, Admission];
    const first = await opened(rig.relayUrl(a, b.id));
    vi.advanceTimersByTime(RELAY_PARTNER_DEADLINE_MS - 1);
    expect(first.ws.readyState).toBe(first.ws.OPEN);
    vi.advanceTimersByTime(1);
    expect(await first.closed).toBe(4404);
    const late = await opened(rig.relayUrl(b, a.id));
    const again = await opened(rig.relayUrl(a, b.id));
    late.ws.send(marked(1, 1, 8));
    expect(await again.next()).toEqual(marked(1, 1, 8));
    await Promise.all([late.close(), again.closed]);
  });

  it('an end that takes nothing for a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { ends } = await pair();
    ends[1].ws.pause();
    for (let i = 0; i < 128; i++) ends[0].ws.send(marked(0, i, MiB / 8));
    const code = ends[0].closed;
    let isOpen = true;
    void code.then(() => (isOpen = false));
    // The minute begins when its partner's buffers are full, whenever that is on this machine.
    while (isOpen) {
      vi.advanceTimersByTime(RELAY_STALL_DEADLINE_MS);
      for (let i = 0; i < 1_000 && isOpen; i++)
        await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await code).toBe(4408);
    ends[1].ws.terminate();
  });
});

describe('who is refused', () => {
  it.each<[string, number, (a: Admission, b: Admission, stranger: Admission) => string]>([
    ['another’s token', 401, (a, b) => rig.relayUrl({ id: a.id, token: b.token }, b.id)],
    ['no token', 401, (a, b) => rig.relayUrl({ id: a.id, token: '' }, b.id)],
    [
      'an id that nobody issued',
      401,
      (a, b) => rig.relayUrl({ ...a, id: 'peer_x' as PeerId }, b.id),
    ],
    ['a pair that was not introduced', 403, (a, _, stranger) => rig.relayUrl(a, stranger.id)],
    ['a partner that does not exist', 403, (a) => rig.relayUrl(a, 'peer_x' as PeerId)],
    ['itself', 403, (a) => rig.relayUrl(a, a.id)],
    ['no lane', 422, (a, b) => rig.relayUrl(a, b.id, '')],
    ['a lane that is a path', 422, (a, b) => rig.relayUrl(a, b.id, '../x')],
    ['a lane of a kilobyte', 422, (a, b) => rig.relayUrl(a, b.id, 'x'.repeat(1024))],
    ['no query at all', 401, () => `ws://127.0.0.1:${rig.port}/v1/peers/relay`],
  ])('%s', async (_, status, urlOf) => {
    const [a, b] = rig.introduced(2) as [Admission, Admission];
    expect(await new RawClient(urlOf(a, b, rig.admit())).status).toBe(status);
  });

  it('more lanes than a peer may have; the same lane anew is none more', async () => {
    const [a, b] = rig.introduced(2) as [Admission, Admission];
    const ends: RawClient[] = [];
    for (let lane = 0; lane < MAX_RELAY_ENDS_PER_PEER; lane++) {
      ends.push(await opened(rig.relayUrl(a, b.id, String(lane))));
    }
    expect(await new RawClient(rig.relayUrl(a, b.id, 'more')).status).toBe(429);
    ends.push(await opened(rig.relayUrl(a, b.id, '0')));
    expect(await ends[0]!.closed).toBe(4409);
    rig.transport.directory.part(a.id, b.id);
    await Promise.all(ends.map((end) => end.closed));
  });
});
