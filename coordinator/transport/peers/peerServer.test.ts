/** Signalling sockets and their bounds, on real sockets. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_PEERS_PER_ADDRESS, MAX_SIGNAL_BYTES } from '../../../shared/limits.ts';
import { makePeerId } from '../../../shared/ids.ts';
import { MemoryBusHub } from './memoryBus.ts';
import type { Admission } from './peerDirectory.ts';
import { PeerRig, RawClient } from './testing/peerRig.ts';

let rig: PeerRig;
beforeAll(async () => {
  rig = await PeerRig.started();
});
afterAll(() => rig.close());

async function opened(admission: Admission): Promise<RawClient> {
  const client = new RawClient(rig.signalUrl(admission));
  expect(await client.json()).toEqual({ type: 'OPEN' });
  return client;
}

/** What the server answers to raw bytes before it closes the connection. */
const raw = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(rig.port, '127.0.0.1', () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      ),
    );
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });

describe('upgrades', () => {
  it.each([
    '/v1/peers',
    '/v1/peers/',
    '/v1/peers/peerjs/',
    '/v1/peers/../peers/peerjs',
    '//v1/peers/peerjs',
    'http://[/v1/peers/peerjs',
  ])('%s is none of ours', async (path) => {
    const answer = await raw(path);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toContain('/v1/peers/relay');
  });

  it.each([
    '%',
    '%ff=%ff&id=%00',
    'id=a&id=b&token=&key=',
    `id=${'x'.repeat(8_000)}&token=x&key=idlewave`,
  ])('the query %j harms nobody', async (query) => {
    const client = new RawClient(`ws://127.0.0.1:${rig.port}/v1/peers/peerjs?${query}`);
    expect(await client.json()).toMatchObject({ type: 'ERROR' });
    expect(await client.closed).toBe(4401);
  });
});

describe('a socket', () => {
  it('is closed by one message beyond the limit', async () => {
    const client = await opened(rig.admit());
    client.ws.send('x'.repeat(MAX_SIGNAL_BYTES + 1));
    expect(await client.closed).toBe(1009);
    expect(rig.refused.at(-1)).toBe('message-too-large');
  });

  it('is closed by bad UTF-8, and by a revocation', async () => {
    const peer = rig.admit();
    const client = await opened(peer);
    client.ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect(await client.closed).toBe(1007);
    const again = await opened(peer);
    rig.transport.directory.revoke(peer.id);
    expect(await again.closed).toBe(4403);
  });

  it('that closes is attached no more', async () => {
    const before = rig.transport.attachedCount;
    const peer = rig.admit();
    const client = await opened(peer);
    expect(rig.transport.attachedCount).toBe(before + 1);
    await client.close();
    expect(rig.transport.attachedCount).toBe(before);
    expect(rig.transport.directory.nodeOf(peer.id)).toBeNull();
  });
});

it('one address has so many sockets, and one more when one closes', async () => {
  const clients: RawClient[] = [];
  for (let i = 0; i < MAX_PEERS_PER_ADDRESS; i++) {
    clients.push(new RawClient(rig.signalUrl(rig.admit())));
  }
  await Promise.all(clients.map((client) => client.next()));
  const last = rig.admit();
  expect(await new RawClient(rig.signalUrl(last)).status).toBe(429);
  expect(rig.refused.at(-1)).toBe('too-many-links');
  await clients[0]!.close();
  const more = await opened(last);
  await Promise.all([more, ...clients.slice(1)].map((client) => client.close()));
});

it('stopping says goodbye, and what is open is closed', async () => {
  const stopping = await PeerRig.started();
  const [a, b] = stopping.introduced(2) as [Admission, Admission];
  const clients = [
    new RawClient(stopping.signalUrl(a)),
    new RawClient(stopping.relayUrl(a, b.id)),
    new RawClient(stopping.relayUrl(b, a.id)),
  ];
  await Promise.all(clients.map((client) => client.status));
  await stopping.close();
  const codes = await Promise.all(clients.map((client) => client.closed));
  expect(codes[0]).toBe(1001);
  expect(codes.every((code) => [1001, 4404].includes(code))).toBe(true);
});

it('a peer that comes to a member before the news of it is attached when they come, and no stranger is', async () => {
  const hub = new MemoryBusHub();
  const lead = await PeerRig.started({ bus: hub.connect() });
  const member = await PeerRig.started({ bus: hub.connect(), mayComeLater: true });
  const stranger = new RawClient(member.signalUrl({ id: makePeerId(randomBytes), token: 'x' }));
  const left = new RawClient(member.signalUrl({ id: makePeerId(randomBytes), token: 'x' }));
  await left.status;
  await left.close();
  // It hears its name from the lead before the bus has said anything: this turn of the event loop is not over.
  const admission = lead.admit();
  expect(member.transport.directory.knows(admission.id)).toBe(false);
  const client = new RawClient(member.signalUrl(admission));
  expect(await client.json()).toEqual({ type: 'OPEN' });
  expect(await stranger.json()).toMatchObject({ type: 'ERROR' });
  expect(await stranger.closed).toBe(4401);
  expect(member.transport.attachedCount).toBe(1);
  await Promise.all([lead.close(), member.close()]);
});
