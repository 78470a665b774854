/** The coordinator as a whole serves peers on the port of everything else. */
import { expect, it } from 'vitest';
import { MEMORY } from './config.ts';
import { startCoordinator } from './main.ts';
import { RawClient } from './transport/peers/testing/peerRig.ts';

it('peers attach beside links, are told their servers, and are counted', async () => {
  const coordinator = await startCoordinator({
    port: 0,
    host: '127.0.0.1',
    dataDir: MEMORY,
    ice: { stun: ['stun:stun.example'], turn: [], turnSecret: null },
  });
  try {
    const { directory } = coordinator.peers;
    const [a, b] = [directory.admit(), directory.admit()];
    if (!a.ok || !b.ok) throw new Error('the directory is full');
    directory.introduce(a.value.id, b.value.id);
    expect(coordinator.peers.iceServersFor(a.value.id)).toEqual({
      iceServers: [{ urls: ['stun:stun.example'] }],
      expiresAtMs: null,
    });
    const base = `${coordinator.url.replace('http', 'ws')}/v1`;
    const link = new RawClient(`${base}/link`);
    expect(await link.json()).toMatchObject({ type: 'challenge' });
    const [from, to] = [a.value, b.value].map(
      ({ id, token }) => new RawClient(`${base}/peers/peerjs?key=idlewave&id=${id}&token=${token}`),
    ) as [RawClient, RawClient];
    expect([await from.json(), await to.json()]).toEqual([{ type: 'OPEN' }, { type: 'OPEN' }]);
    from.say({ type: 'OFFER', dst: b.value.id, payload: { connectionId: 'dc_1' } });
    expect(await to.json()).toMatchObject({ type: 'OFFER', src: a.value.id });
    const lane = (of: typeof a.value, other: typeof a.value) =>
      new RawClient(`${base}/peers/relay?id=${of.id}&token=${of.token}&to=${other.id}&lane=0`);
    const [one, two] = [lane(a.value, b.value), lane(b.value, a.value)];
    await Promise.all([one.status, two.status]);
    one.ws.send(new Uint8Array(1_000));
    expect(await two.next()).toHaveLength(1_000);
    const metrics = await (await fetch(`${coordinator.url}/metrics`)).text();
    expect(metrics).toContain('\nidlewave_peers_attached 2\n');
    expect(metrics).toContain('\nidlewave_signals_forwarded_total 1\n');
    expect(metrics).toContain('\nidlewave_relayed_bytes_total 1000\n');
    const id = await fetch(`${coordinator.url}/v1/peers/idlewave/id`);
    expect(await id.text()).toMatch(/^peer_[0-9a-f]{32}$/);
  } finally {
    await coordinator.close();
  }
});
