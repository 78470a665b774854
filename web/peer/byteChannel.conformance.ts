/**
 * What every `ByteChannel` must do, as cases without a test runner: Vitest runs them in Node, a page in Chromium.
 */
import { assert } from '../../shared/result.ts';
import type { ByteChannel, ByteChannelHandlers } from './byteChannel.ts';

/** Two joined channels. It must call `listen` with these in the task that makes each. */
export type MakeChannels = (
  listen: (channel: ByteChannel, end: 'a' | 'b') => void,
) => Promise<{ a: ByteChannel; b: ByteChannel }>;

const DRAINED_AT = 32 * 1024;
const DEADLINE_MS = 10_000;

interface Seen {
  readonly messages: Uint8Array[];
  readonly closes: string[];
  opens: number;
  drains: number;
}

interface Pair {
  readonly a: ByteChannel;
  readonly b: ByteChannel;
  readonly seen: Readonly<Record<'a' | 'b', Seen>>;
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!isTrue()) {
    assert(performance.now() < deadline, `not within ${DEADLINE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function openPair(make: MakeChannels): Promise<Pair> {
  const none = (): Seen => ({ messages: [], closes: [], opens: 0, drains: 0 });
  const seen = { a: none(), b: none() };
  const { a, b } = await make((channel, end) => {
    const into = seen[end];
    const handlers: ByteChannelHandlers = {
      onOpen: () => (into.opens += 1),
      onMessage: (bytes) => into.messages.push(bytes),
      onDrain: () => (into.drains += 1),
      onClose: (why) => into.closes.push(why),
    };
    channel.listen(handlers, DRAINED_AT);
  });
  await until('both ends open', () => seen.a.opens === 1 && seen.b.opens === 1);
  return { a, b, seen };
}

/** Bytes that differ from message to message and from place to place. */
const message = (number: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + number * 7 + (i >> 8)) & 255);

const same = (x: Uint8Array | undefined, y: Uint8Array): boolean =>
  x !== undefined && x.byteLength === y.byteLength && x.every((byte, i) => byte === y[i]);

export const BYTE_CHANNEL_CASES: Readonly<Record<string, (make: MakeChannels) => Promise<void>>> = {
  async 'carries messages both ways, whole and in order'(make) {
    const { a, b, seen } = await openPair(make);
    const sizes = [1, 33, 1024, 40_000, a.maxMessageBytes, 2, 65_000];
    sizes.forEach((size, i) => assert(a.send(message(i, size)), 'a takes it'));
    sizes.forEach((size, i) => assert(b.send(message(i + 50, size)), 'b takes it'));
    await until('all came', () => seen.a.messages.length + seen.b.messages.length === 14);
    sizes.forEach((size, i) => {
      assert(same(seen.b.messages[i], message(i, size)), `message ${i} of a`);
      assert(same(seen.a.messages[i], message(i + 50, size)), `message ${i} of b`);
    });
    a.close();
    b.close();
  },

  async 'gives bytes that are aligned and the receiver’s own'(make) {
    const { a, b, seen } = await openPair(make);
    for (let i = 0; i < 3; i++) a.send(message(i, 100 + i));
    await until('three came', () => seen.b.messages.length === 3);
    const buffers = new Set(seen.b.messages.map(({ buffer }) => buffer));
    assert(buffers.size === 3, 'each has a buffer of its own');
    assert(
      seen.b.messages.every(({ byteOffset }) => byteOffset % 8 === 0),
      'at a multiple of 8',
    );
    a.close();
    b.close();
  },

  async 'lets the sender reuse its memory at once'(make) {
    const { a, b, seen } = await openPair(make);
    const memory = new Uint8Array(50_000);
    for (let i = 0; i < 8; i++) {
      memory.set(message(i, memory.length));
      a.send(memory);
      memory.fill(0);
    }
    await until('all came', () => seen.b.messages.length === 8);
    seen.b.messages.forEach((came, i) => assert(same(came, message(i, 50_000)), `message ${i}`));
    a.close();
    b.close();
  },

  async 'says what waits, and when it has drained'(make) {
    const { a, b, seen } = await openPair(make);
    // The system takes some megabytes of a socket before anything waits.
    const large = message(1, 60_000);
    let sent = 0;
    for (; sent < 1_000 && a.bufferedBytes <= 4 * DRAINED_AT; sent++) a.send(large);
    assert(a.bufferedBytes > DRAINED_AT, `${a.bufferedBytes} bytes wait`);
    await until('drained', () => seen.a.drains > 0);
    await until('all came', () => seen.b.messages.length === sent);
    await until('nothing waits', () => a.bufferedBytes === 0);
    a.close();
    b.close();
  },

  async 'closes once at both ends, and takes nothing afterwards'(make) {
    const { a, b, seen } = await openPair(make);
    a.send(message(1, 10));
    await until('it came', () => seen.b.messages.length === 1);
    a.close();
    a.close();
    await until('both closed', () => seen.a.closes.length > 0 && seen.b.closes.length > 0);
    assert(!a.send(message(2, 10)) && !b.send(message(3, 10)), 'nothing is taken');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert(seen.a.closes.length === 1 && seen.b.closes.length === 1, 'closed once');
    assert(seen.b.messages.length === 1 && seen.a.messages.length === 0, 'nothing more came');
  },
};
