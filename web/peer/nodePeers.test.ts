import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensorOf } from '../../shared/tensor.ts';
import { BYTE_CHANNEL_CASES } from './byteChannel.conformance.ts';
import { realClock } from './clock.ts';
import { nodePeers, openNodeSocket } from './nodePeers.ts';
import { relayUrl, type PeerLink } from './peerTransport.ts';
import { SocketByteChannel } from './socketByteChannel.ts';
import { Ear } from './testing/linkRig.ts';
import { startTestRelay, type TestRelay } from './testing/nodeTestRelay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(() => relay.close());

const me = (id: string) => ({ id, token: `token of ${id}` });
let lane = 0;

describe('a channel over WebSockets through a relay', () => {
  it.each(Object.entries(BYTE_CHANNEL_CASES))('%s', async (_, run) => {
    await run((listen) => {
      lane += 1;
      const open = (id: string, to: string) =>
        new SocketByteChannel(openNodeSocket(relayUrl(relay.url, me(id), to, lane)), realClock);
      const [a, b] = [open('a', 'b'), open('b', 'a')];
      listen(a, 'a');
      listen(b, 'b');
      return Promise.resolve({ a, b });
    });
  });
});

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
};

describe('peers in Node', () => {
  async function pair(lanes: number) {
    const peers = [nodePeers(relay.url, me('x')), nodePeers(relay.url, me('y'))] as const;
    const ears = [new Ear(), new Ear()] as const;
    const links = await Promise.all(
      ([0, 1] as const).map((i) =>
        peers[i].connect(
          { id: i === 0 ? 'y' : 'x', polite: i === 1 },
          { hello: Uint8Array.of(i), events: ears[i], lanes, progress: true },
        ),
      ),
    );
    const opened = links.map((link): PeerLink => {
      if (!link.ok) throw new Error(link.error.message);
      return link.value;
    });
    return { peers, ears, links: opened };
  }

  it.each([1, 3])('exchange tensors over %i lanes of the relay', async (lanes) => {
    const { peers, ears, links } = await pair(lanes);
    expect(links.map(({ path }) => path)).toEqual(['relayed', 'relayed']);
    expect(links.map(({ hello }) => [...hello])).toEqual([[1], [0]]);
    const values = Float32Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i));
    const key = { epoch: 1, stage: 1, sequence: 1 };
    const tensors = { x: tensorOf('F32', [1000, 1000], values) };
    const progress: number[] = [];
    const sent = await links[0]!.send(
      { ...key, descriptor: { a: 1 }, tensors },
      { onProgress: (bytes) => progress.push(bytes) },
    );
    expect(sent.ok).toBe(true);
    await until(() => ears[1].messages.length === 1);
    const came = ears[1].messages[0]!;
    expect(came.descriptor).toEqual({ a: 1 });
    expect(Buffer.compare(came.tensors['x']!.bytes, tensors.x.bytes)).toBe(0);
    links[1]!.ack(came);
    await until(() => ears[0].acks.length === 1);
    expect(progress.at(-1)).toBeGreaterThan(4_000_000);
    expect(ears[1].progress.at(-1)).toBe(progress.at(-1));
    expect((await links[0]!.stats())!.sentBytes).toBe(progress.at(-1));
    links[0]!.close();
    await until(() => ears[1].ends.length === 1);
    expect(ears[1].ends).toMatchObject([{ kind: 'left' }]);
    expect(ears[0].ends).toMatchObject([{ kind: 'closed' }]);
    expect(await links[0]!.stats()).toBeNull();
    expect(await links[0]!.send({ ...key, descriptor: 0, tensors })).toMatchObject({ ok: false });
    peers.forEach((peer) => peer.close());
  });

  it('call off a message while it waits for room', async () => {
    const { peers, ears, links } = await pair(1);
    const seven = { x: tensorOf('U8', [7_000_000], new Uint8Array(7_000_000)) };
    const message = (sequence: number) => ({
      ...{ epoch: 0, stage: 0, sequence },
      descriptor: null,
      tensors: seven,
    });
    await links[0]!.send(message(1));
    await links[0]!.send(message(2));
    const stop = new AbortController();
    const third = links[0]!.send(message(3), { signal: stop.signal });
    stop.abort();
    expect(await third).toMatchObject({ error: { kind: 'cancelled' } });
    await until(() => ears[1].messages.length === 2);
    const early = await links[0]!.send(message(4), { signal: AbortSignal.abort() });
    expect(early).toMatchObject({ error: { kind: 'cancelled' } });
    peers[0].close();
    await until(() => ears[1].ends.length === 1);
    expect(ears[0].ends).toMatchObject([{ kind: 'closed' }]);
    const again = await peers[0].connect(
      { id: 'y', polite: false },
      { hello: new Uint8Array(0), events: ears[0] },
    );
    expect(again).toMatchObject({ error: { kind: 'closed' } });
    peers[1].close();
  });

  it('say that there is no path when nobody comes', async () => {
    const alone = nodePeers(relay.url, me('alone'));
    const options = { hello: new Uint8Array(0), events: new Ear(), deadlineMs: 100 };
    const none = await alone.connect({ id: 'nobody', polite: false }, options);
    expect(none).toMatchObject({ error: { kind: 'no-path' } });
    const nowhere = nodePeers('http://127.0.0.1:9', me('z'));
    const refused = await nowhere.connect({ id: 'y', polite: true }, options);
    expect(refused).toMatchObject({ error: { kind: 'no-path' } });
    alone.close();
    nowhere.close();
  });
});
