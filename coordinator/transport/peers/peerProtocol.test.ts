/**
 * The PeerJS protocol on the wire: one suite of scripts, run against the `peer` server and against ours, where
 * everybody has been introduced. What ours does otherwise stands below, with the reason.
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PeerServer } from 'peer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PeerId } from '../../../shared/ids.ts';
import { PEERS_KEY } from '../../../shared/protocol/peers.ts';
import type { Admission } from './peerDirectory.ts';
import { PeerRig, RawClient } from './testing/peerRig.ts';

interface Peer {
  readonly id: string;
  readonly token: string;
}

interface Network {
  /** Of the PeerJS path, without a slash at its end. */
  readonly base: string;
  readonly key: string;
  /** Peers who may all meet. */
  peers(count: number): Peer[];
  close(): Promise<void>;
}

async function theirs(): Promise<Network> {
  const server = await new Promise<Server>((resolve) => {
    PeerServer({ port: 0, host: '127.0.0.1', path: '/v1/peers', key: PEERS_KEY }, (it) =>
      resolve(it),
    );
  });
  const { port } = server.address() as AddressInfo;
  let count = 0;
  return {
    base: `127.0.0.1:${port}/v1/peers`,
    key: PEERS_KEY,
    peers: (wanted) =>
      Array.from({ length: wanted }, () => ({ id: `peer_${(count += 1)}`, token: `t${count}` })),
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function ours(): Promise<Network> {
  const rig = await PeerRig.started();
  return {
    base: `127.0.0.1:${rig.port}/v1/peers`,
    key: PEERS_KEY,
    peers: (count) => rig.introduced(count),
    close: () => rig.close(),
  };
}

/** As peerjs 1.5.5 asks. */
const urlOf = ({ base, key }: Network, { id, token }: Peer, as = key): string =>
  `ws://${base}/peerjs?key=${as}&id=${id}&token=${token}&version=1.5.5`;

async function open(network: Network, peer: Peer): Promise<RawClient> {
  const client = new RawClient(urlOf(network, peer));
  expect(await client.next()).toBe('{"type":"OPEN"}');
  return client;
}

/** As long as descriptions get. */
const SDP = 'v=0\r\n'.repeat(4_000);
const PAYLOAD = {
  sdp: { type: 'offer', sdp: SDP },
  type: 'data',
  connectionId: 'dc_1',
  label: 'dc_1',
  reliable: true,
  serialization: 'raw',
};
const offer = (dst: string, connectionId = 'dc_1') => ({
  type: 'OFFER',
  payload: { ...PAYLOAD, connectionId },
  dst,
});

/** Texts must be equal to the letter, so a script gives back what it saw with ids in place of names. */
const SCRIPTS: Readonly<Record<string, (network: Network) => Promise<unknown>>> = {
  async 'an offer, its answer and candidates both ways arrive in order'(network) {
    const [a, b] = network.peers(2) as [Peer, Peer];
    const [from, to] = [await open(network, a), await open(network, b)];
    from.say(offer(b.id));
    for (let i = 0; i < 10; i++) {
      from.say({
        type: 'CANDIDATE',
        payload: { candidate: { candidate: `c${i}` }, type: 'data', connectionId: 'dc_1' },
        dst: b.id,
      });
    }
    const seen: unknown[] = [];
    for (let i = 0; i < 11; i++) seen.push(named(await to.next(), a, b));
    to.say({ type: 'ANSWER', payload: { ...PAYLOAD, sdp: { type: 'answer' } }, dst: a.id });
    seen.push(named(await from.next(), a, b));
    await Promise.all([from.close(), to.close()]);
    return seen;
  },

  async 'a sender cannot pass for another'(network) {
    const [a, b] = network.peers(2) as [Peer, Peer];
    const [from, to] = [await open(network, a), await open(network, b)];
    from.say({ ...offer(b.id), src: 'somebody' });
    const seen = named(await to.next(), a, b);
    await Promise.all([from.close(), to.close()]);
    return seen;
  },

  async 'what was sent to a peer before it came waits for it, behind its OPEN'(network) {
    const [a, b] = network.peers(2) as [Peer, Peer];
    const from = await open(network, a);
    from.say(offer(b.id, 'dc_1'));
    from.say(offer(b.id, 'dc_2'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const to = await open(network, b);
    const seen = [named(await to.next(), a, b), named(await to.next(), a, b)];
    await Promise.all([from.close(), to.close()]);
    return seen;
  },

  async 'a peer that does not come: one EXPIRE for all that waited'(network) {
    const [a, b, c] = network.peers(3) as [Peer, Peer, Peer];
    const from = await open(network, a);
    const startMs = Date.now();
    from.say(offer(b.id, 'dc_1'));
    from.say(offer(b.id, 'dc_2'));
    const seen = [named(await from.next(), a, b)];
    const waitedMs = Date.now() - startMs;
    expect(waitedMs).toBeGreaterThan(4_900);
    // Whoever comes then gets nothing of it.
    const to = await open(network, b);
    const other = await open(network, c);
    other.say(offer(b.id, 'dc_3'));
    seen.push(named(await to.next(), a, b, c));
    expect(from.messages).toEqual([]);
    await Promise.all([from.close(), to.close(), other.close()]);
    return seen;
  },

  async 'a heartbeat and a message of an unknown type are not answered'(network) {
    const [a, b] = network.peers(2) as [Peer, Peer];
    const [from, to] = [await open(network, a), await open(network, b)];
    from.say({ type: 'HEARTBEAT' });
    from.say({ type: 'SHUTDOWN', dst: b.id, payload: {} });
    from.say(offer(b.id));
    const seen = named(await to.next(), a, b);
    await Promise.all([from.close(), to.close()]);
    return seen;
  },

  async 'LEAVE goes to the peer it names'(network) {
    const [a, b] = network.peers(2) as [Peer, Peer];
    const [from, to] = [await open(network, a), await open(network, b)];
    from.say({ type: 'LEAVE', dst: b.id });
    const seen = named(await to.next(), a, b);
    await Promise.all([from.close(), to.close()]);
    return seen;
  },

  async 'an id that is attached with another token is taken'(network) {
    const [a] = network.peers(1) as [Peer];
    const first = await open(network, a);
    const second = new RawClient(urlOf(network, { id: a.id, token: 'wrong' }));
    const seen = await second.next();
    await second.closed;
    first.say({ type: 'HEARTBEAT' });
    expect(first.ws.readyState).toBe(first.ws.OPEN);
    await first.close();
    return seen;
  },

  async 'another key is refused, and a socket without id, key or token'(network) {
    const [a] = network.peers(1) as [Peer];
    const seen: unknown[] = [];
    for (const url of [
      urlOf(network, a, 'other'),
      `ws://${network.base}/peerjs?key=${network.key}&id=${a.id}`,
      `ws://${network.base}/peerjs?key=${network.key}&token=${a.token}`,
      `ws://${network.base}/peerjs?id=${a.id}&token=${a.token}`,
      `ws://${network.base}/peerjs`,
    ]) {
      const client = new RawClient(url);
      seen.push(await client.next());
      await client.closed;
    }
    return seen;
  },

  async 'messages reach the socket that was opened last with the same token'(network) {
    const [a, b] = network.peers(2) as [Peer, Peer];
    const from = await open(network, a);
    const first = await open(network, b);
    const second = new RawClient(urlOf(network, b));
    await once(second.ws, 'open');
    await new Promise((resolve) => setTimeout(resolve, 100));
    from.say(offer(b.id));
    const seen = named(await beyondOpen(second), a, b);
    expect(first.messages).toEqual([]);
    await Promise.all([from.close(), first.close(), second.close()]);
    return seen;
  },

  async 'an id is given to whoever asks, as text, to any origin'(network) {
    const Origin = 'https://site.example';
    const url = `http://${network.base}/${network.key}/id?ts=1&version=1.5.5`;
    const response = await fetch(url, { headers: { Origin } });
    // PeerJS's own check of ids.
    expect(await response.text()).toMatch(/^[A-Za-z0-9]+(?:[ _-][A-Za-z0-9]+)*$/);
    const allowed = response.headers.get('access-control-allow-origin');
    expect(['*', Origin]).toContain(allowed);
    return { status: response.status };
  },
};

const named = (text: string | Buffer, ...peers: readonly Peer[]): string =>
  peers.reduce(
    (named, { id }, index) => named.replaceAll(`"${id}"`, 'ABC'[index]!),
    (text as string).replace(JSON.stringify(SDP), 'SDP'),
  );

/** The first message that is not OPEN: see "tells a client that comes back" below. */
async function beyondOpen(client: RawClient): Promise<string> {
  const text = (await client.next()) as string;
  return text === '{"type":"OPEN"}' ? beyondOpen(client) : text;
}

describe('beside the peer package', () => {
  let both: [Network, Network];
  beforeAll(async () => {
    both = [await theirs(), await ours()];
  });
  afterAll(async () => {
    await Promise.all(both.map((network) => network.close()));
  });

  it.each(Object.entries(SCRIPTS))('%s', async (_, script) => {
    const [peer, idlewave] = await Promise.all(both.map((network) => script(network)));
    expect(idlewave).toEqual(peer);
    expect(JSON.stringify(peer).length).toBeGreaterThan(10);
  });
});

describe('otherwise than the peer package', () => {
  let rig: PeerRig;
  beforeAll(async () => {
    rig = await PeerRig.started();
  });
  afterAll(() => rig.close());

  it('tells a client that comes back OPEN, without which peerjs stays closed, and closes its old socket', async () => {
    const a = rig.admit();
    const first = new RawClient(rig.signalUrl(a));
    expect(await first.json()).toEqual({ type: 'OPEN' });
    const second = new RawClient(rig.signalUrl(a));
    expect(await second.json()).toEqual({ type: 'OPEN' });
    expect(await first.closed).toBe(4409);
    await second.close();
  });

  it('an id that nobody issued is refused', async () => {
    const client = new RawClient(rig.signalUrl({ id: 'peer_mine' as PeerId, token: 't' }));
    expect(await client.json()).toEqual({
      type: 'ERROR',
      payload: { msg: 'Invalid token provided' },
    });
    expect(await client.closed).toBe(4401);
  });

  it('an issued id with another token is taken, attached or not', async () => {
    const { id } = rig.admit();
    const client = new RawClient(rig.signalUrl({ id, token: 'wrong' }));
    expect(await client.json()).toEqual({ type: 'ID-TAKEN', payload: { msg: 'ID is taken' } });
    expect(await client.closed).toBe(4401);
  });

  it('a client cannot send EXPIRE, which is the server’s word', async () => {
    const [a, b] = rig.introduced(2) as [Admission, Admission];
    const [from, to] = [new RawClient(rig.signalUrl(a)), new RawClient(rig.signalUrl(b))];
    await Promise.all([from.next(), to.next()]);
    from.say({ type: 'EXPIRE', dst: b.id });
    from.say({ type: 'LEAVE', dst: b.id });
    expect(await to.json()).toMatchObject({ type: 'LEAVE' });
    await Promise.all([from.close(), to.close()]);
  });
});
