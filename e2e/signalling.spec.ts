/**
 * Unmodified peerjs clients in Chromium, through the coordinator's own signalling: directly, over TURN, and between
 * two coordinators. No server but ours is asked.
 */
import { networkInterfaces } from 'node:os';
import { test as base, expect } from '@playwright/test';
import { startPostgres, NO_POSTGRES } from '../coordinator/store/testing/postgres.ts';
import { turnCredential } from '../coordinator/transport/peers/iceServers.ts';
import type { Admission } from '../coordinator/transport/peers/peerDirectory.ts';
import { openPostgresBus } from '../coordinator/transport/peers/postgresBus.ts';
import { PeerRig } from '../coordinator/transport/peers/testing/peerRig.ts';
import { NO_COTURN, startCoturn } from '../coordinator/transport/peers/testing/coturn.ts';
import { startTurnServer } from '../coordinator/transport/peers/testing/turnServer.ts';
import { PeerPages, type PeerPage } from './fixtures/peerPages.ts';

const SECRET = 'a-secret-of-the-TURN-server';

const test = base.extend<{ pages: PeerPages }>({
  pages: async ({ browser }, use) => {
    const pages = await PeerPages.served(browser);
    await use(pages);
    await pages.close();
  },
});

test('two introduced clients open a channel, again after a reconnect, and strangers do not', async ({
  pages,
}) => {
  const rig = await PeerRig.started();
  const [a, b] = rig.introduced(2) as [Admission, Admission];
  const { port } = rig;
  const from = await pages.open({ ...a, port });
  const to = await pages.open({ ...b, port });
  const stranger = await pages.open({ ...rig.admit(), port });
  const { openMs, candidate } = await from.connect(b.id);
  console.log(`    a channel opened in ${openMs.toFixed(0)} ms`);
  expect(candidate).toBe('host');
  await to.reconnect();
  await from.connect(b.id);
  // What it is told is what it would be told of a peer that does not exist.
  await expect(stranger.connect(b.id)).rejects.toThrow('peer-unavailable');
  expect(await to.page.evaluate('channels.length')).toBe(2);
  rig.transport.directory.part(a.id, b.id);
  await expect(from.connect(b.id)).rejects.toThrow('peer-unavailable');
  await Promise.all([from, to, stranger].map((page) => page.close()));
  await rig.close();
});

test('a client that calls before its peer has come is connected when it comes', async ({
  pages,
}) => {
  const rig = await PeerRig.started();
  const [a, b] = rig.introduced(2) as [Admission, Admission];
  const from = await pages.open({ ...a, port: rig.port });
  const connected = from.connect(b.id);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const to = await pages.open({ ...b, port: rig.port });
  expect((await connected).candidate).toBe('host');
  await Promise.all([from, to].map((page) => page.close()));
  await rig.close();
});

test('a wrong token and an id that nobody issued are refused in words', async ({ pages }) => {
  const rig = await PeerRig.started();
  const a = rig.admit();
  const { port } = rig;
  await expect(pages.open({ ...a, token: 'wrong', port })).rejects.toThrow('unavailable-id');
  await expect(pages.open({ id: 'mine', token: 'x', port })).rejects.toThrow(
    'server-error: Invalid token provided',
  );
  await rig.close();
});

test('pages relay binary messages through the coordinator, each way in order', async ({
  pages,
}) => {
  const rig = await PeerRig.started();
  const [a, b] = rig.introduced(2) as [Admission, Admission];
  const { port } = rig;
  const [from, to] = [await pages.open({ ...a, port }), await pages.open({ ...b, port })];
  const messages = 64;
  const bytes = 128 * 1024;
  const exchange = (page: PeerPage, url: string) =>
    page.page.evaluate(relayInPage, { url, messages, bytes });
  const started = Date.now();
  const came = await Promise.all([
    exchange(from, rig.relayUrl(a, b.id)),
    exchange(to, rig.relayUrl(b, a.id)),
  ]);
  console.log(`    2 x 8 MiB relayed in ${Date.now() - started} ms`);
  const inOrder = Array.from({ length: messages }, (_, index) => index);
  expect(came).toEqual([inOrder, inOrder]);
  expect(rig.relayedBytes).toBe(2 * messages * bytes);
  // In pages, a refusal is a socket that does not open.
  const stranger = rig.relayUrl(rig.admit(), b.id);
  await expect(exchange(from, stranger)).rejects.toThrow('closed 1006');
  await Promise.all([from, to].map((page) => page.close()));
  await rig.close();
});

/** Runs in the page: sends numbered messages and gives back the numbers of those that came. */
function relayInPage(options: { url: string; messages: number; bytes: number }): Promise<number[]> {
  const { url, messages, bytes } = options;
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const came: number[] = [];
  return new Promise((resolve, reject) => {
    socket.onopen = () => {
      for (let i = 0; i < messages; i++) socket.send(new Uint32Array(bytes / 4).fill(i));
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const words = new Uint32Array(data);
      if (words.length !== bytes / 4 || words.at(-1) !== words[0]) reject(new Error('mixed up'));
      came.push(words[0]!);
      if (came.length === messages) resolve(came);
    };
    socket.onclose = ({ code }) => reject(new Error(`closed ${code}`));
  });
}

test('clients of two coordinators on one PostgreSQL open a channel', async ({ pages }) => {
  const database = await startPostgres();
  test.skip(database === null, NO_POSTGRES);
  const url = await database!.createDatabase('signalling');
  const [here, there] = [
    await PeerRig.started({ bus: await openPostgresBus(url) }),
    await PeerRig.started({ bus: await openPostgresBus(url) }),
  ];
  const [a, b] = [here.admit(), there.admit()];
  // One of them decides on the route, before it has heard of the other's peer.
  here.transport.directory.introduce(a.id, b.id);
  const from = await pages.open({ ...a, port: here.port });
  const to = await pages.open({ ...b, port: there.port });
  expect((await from.connect(b.id)).candidate).toBe('host');
  expect((await to.connect(a.id)).candidate).toBe('host');
  // Tokens hold everywhere: a client may come back to the other coordinator.
  const moved = await pages.open({ ...a, port: there.port });
  expect((await to.connect(a.id)).candidate).toBe('host');
  const stranger = await pages.open({ ...there.admit(), port: there.port });
  await expect(stranger.connect(a.id)).rejects.toThrow('peer-unavailable');
  here.transport.directory.part(a.id, b.id);
  // The other coordinator hears of it over the bus.
  await expect(async () => {
    await expect(to.connect(a.id)).rejects.toThrow('peer-unavailable');
  }).toPass();
  await Promise.all([from, to, moved, stranger].map((page) => page.close()));
  await Promise.all([here.close(), there.close()]);
  await database!.stop();
});

for (const [name, start, missing] of [
  ['our own', startTurnServer, ''],
  ['coturn', startCoturn, NO_COTURN],
] as const) {
  test(`over TURN with our credentials, and not with expired ones (${name})`, async ({ pages }) => {
    const turn = await start(SECRET);
    test.skip(turn === null, missing);
    const rig = await PeerRig.started({
      ice: { stun: [], turn: [turn!.url], turnSecret: SECRET },
    });
    const { port } = rig;
    const iceTransportPolicy = 'relay';
    const open = (
      { id, token }: Admission,
      iceServers = rig.transport.iceServersFor(id).iceServers,
    ) => pages.open({ id, token, port, iceServers, iceTransportPolicy });
    const [a, b, late] = rig.introduced(3) as [Admission, Admission, Admission];
    const [from, to] = [await open(a), await open(b)];
    expect((await from.connect(b.id)).candidate).toBe('relay');
    const expired = turnCredential(SECRET, late.id, Math.floor(Date.now() / 1000) - 60);
    const shut = await open(late, [{ urls: [turn!.url], ...expired }]);
    await expect(shut.connect(b.id, 8_000)).rejects.toThrow('deadline');
    await Promise.all([from, to, shut].map((page) => page.close()));
    await rig.close();
    await turn!.close();
  });
}

test('where a direct path exists, it is preferred to TURN', async ({ pages }) => {
  // From a socket of a network interface nothing reaches loopback: there the server would not be a choice at all.
  const host = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  test.skip(host === undefined, 'this machine has no network but loopback');
  const turn = await startTurnServer(SECRET, host);
  const rig = await PeerRig.started({ ice: { stun: [], turn: [turn.url], turnSecret: SECRET } });
  const [a, b, c] = rig.introduced(3) as [Admission, Admission, Admission];
  const { port } = rig;
  const open = (peer: Admission, iceTransportPolicy: 'all' | 'relay') => {
    const { iceServers } = rig.transport.iceServersFor(peer.id);
    return pages.open({ ...peer, port, iceServers, iceTransportPolicy });
  };
  // The server is there for the one that takes nothing else; the others, who may, do without it.
  const [relayed, from, to] = [await open(a, 'relay'), await open(b, 'all'), await open(c, 'all')];
  expect((await relayed.connect(c.id)).candidate).toBe('relay');
  expect((await from.connect(c.id)).candidate).not.toBe('relay');
  await Promise.all([relayed, from, to].map((page) => page.close()));
  await rig.close();
  await turn.close();
});
