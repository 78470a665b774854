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
import { PeerPages } from './fixtures/peerPages.ts';

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
  await expect(to.connect(a.id)).rejects.toThrow('peer-unavailable');
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
  const [a, b] = rig.introduced(2) as [Admission, Admission];
  const { port } = rig;
  const open = (peer: Admission) =>
    pages.open({ ...peer, port, iceServers: rig.transport.iceServersFor(peer.id).iceServers });
  const [from, to] = [await open(a), await open(b)];
  await from.connect(b.id);
  await expect.poll(() => turn.allocations).toBeGreaterThan(0);
  expect((await from.connect(b.id)).candidate).not.toBe('relay');
  await Promise.all([from, to].map((page) => page.close()));
  await rig.close();
  await turn.close();
});
