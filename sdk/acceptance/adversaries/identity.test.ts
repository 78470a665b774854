/**
 * Adversaries that are many, or one twice, or author and volunteer at once; and what they say of themselves.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { makeHostId } from '../../../shared/ids.ts';
import { MAX_LINKS_PER_ADDRESS } from '../../../shared/limits.ts';
import { LINK_PATH } from '../../../shared/protocol/link.ts';
import { priceMicroCredits } from '../../../shared/units.ts';
import { nodeIdentity } from '../../../web/volunteer/nodeIdentity.ts';
import { IdlewaveClient } from '../../client.ts';
import { faultsOfBooks } from '../testing/ledger.ts';
import type { TestHost } from '../testing/testHost.ts';
import { Arena, expectRight, until } from './testing/arena.ts';
import { expectCaught } from './testing/caught.ts';
import { eachValue, type Script } from './testing/engines.ts';
import { Wire } from './testing/wire.ts';
import { ballsWork } from './testing/works.ts';

const DEADLINE_MS = 120_000;
let arena: Arena;

beforeAll(async () => {
  arena = await Arena.open();
}, DEADLINE_MS);
afterAll(() => arena.close(), DEADLINE_MS);

const lie: Script['outputs'] = (computed, { task }) =>
  eachValue(computed, task.items, (hits) => hits + 1);
const QUORUM = { kind: 'quorum', quorum: 2 } as const;

describe('identities', { timeout: DEADLINE_MS }, () => {
  it('#44 lies about its clock: credit comes from the work, not from the time', async () => {
    await arena.resume();
    const liars = [await arena.join({ computeMs: 1e9 }), await arena.join({ computeMs: 0 })];
    const work = ballsWork({ items: 64, itemsPerShard: 2, seed: 44, verification: QUORUM });
    const job = await arena.client.submit(work.options);
    await expectRight(job, work);
    const { flopsPerItem } = job.view.facts;
    let paid = 0;
    for (const { contributor } of [...liars, ...arena.honest]) {
      for (const credit of (await arena.client.credits(contributor)).rows) {
        if (credit.job !== job.id) continue;
        paid += 1;
        const right = priceMicroCredits(flopsPerItem, credit.items);
        expect(credit).toMatchObject({ items: 2, microCredits: right.toString() });
      }
    }
    expect(paid).toBe(64);
    for (const liar of liars) await arena.dismiss(liar);
  });

  it('#45 one key in two tabs, every report sent twice: never its own second opinion, one credit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'idlewave-twice-'));
    const first = await nodeIdentity(join(folder, 'key'));
    const second = { ...first, host: makeHostId((length) => randomBytes(length)) };
    const wires = [new Wire(), new Wire()];
    for (const wire of wires) {
      wire.change = (message) => {
        if (typeof message !== 'string') wire.send(message);
        return message;
      };
    }
    const tabs: TestHost[] = [];
    for (const [i, identity] of [first, second].entries()) {
      tabs.push(await arena.join({}, { identity, connect: wires[i]!.connect }));
    }
    const work = ballsWork({ items: 128, itemsPerShard: 2, seed: 45, verification: QUORUM });
    const job = await arena.client.submit(work.options);
    await expectRight(job, work);
    for (const { assignments } of (await job.explain()).shards) {
      const contributors = assignments.map(({ contributor }) => contributor);
      expect(new Set(contributors).size).toBe(contributors.length);
    }
    expect(await faultsOfBooks(arena.client, [job])).toEqual([]);
    for (const wire of wires) {
      expect(wire.refusals.length).toBeGreaterThan(0);
      expect(new Set(wire.refusals)).toEqual(new Set(['report-repeated']));
    }
    const { agreed } = await arena.client.contributor(tabs[0]!.contributor);
    expect(agreed).toBe((await arena.client.credits(tabs[0]!.contributor)).rows.length);
    for (const tab of tabs) await arena.dismiss(tab);
    await rm(folder, { recursive: true, force: true });
  });

  it('#23 sybil flood: each new name is checked from its first report, and links of one address are bounded', async () => {
    const job = await arena.open(ballsWork({ items: 300 * 64, itemsPerShard: 64, seed: 23 }));
    const sybils = await Promise.all(
      Array.from({ length: 40 }, () => arena.join({ outputs: lie, reports: 1 })),
    );
    await arena.resume();
    for (const sybil of sybils) {
      await until('its report is judged', () => sybil.eventsOf('settled')[0]);
      sybil.pause();
      await expectCaught(arena, sybil, { by: 'sampling', response: 'refused', withinReports: 1 });
    }
    const { disagreed } = (await job.refresh()).executions;
    expect(disagreed).toBe(sybils.length);

    const flood = await Promise.all(
      Array.from({ length: MAX_LINKS_PER_ADDRESS + 40 }, () => tryLink(arena.coordinator.url)),
    );
    const refused = flood.filter((it) => it === 429).length;
    // The honest ones have theirs already, and keep them.
    expect(refused).toBeGreaterThanOrEqual(40 + arena.honest.length);
    for (const it of flood) if (typeof it !== 'number') it.terminate();
    await arena.finish();
  });

  it('#46 posts work to itself: neither unchecked reports nor trivial items make it trusted', async () => {
    const { key } = await arena.client.createKey('posts to itself');
    const requester = new IdlewaveClient({ url: arena.coordinator.url, key });
    await arena.rest();
    const items: number[] = [];
    const dealer = await arena.join({
      outputs: (computed, turn) => {
        items.push(turn.task.items.length);
        return turn.number < 24 ? computed : lie(computed, turn);
      },
    });
    const own = await requester.submit({
      ...ballsWork({ items: 24 * 256, itemsPerShard: 256, seed: 46 }).options,
      verification: { kind: 'quorum', quorum: 1 },
    });
    expect(await own.done()).toMatchObject({ state: 'done' });
    expect(items.splice(0)).toHaveLength(24);
    const victim = await arena.open(ballsWork({ items: 100 * 256, itemsPerShard: 256, seed: 47 }));
    await until(
      'it has been found out',
      () => dealer.eventsOf('settled').length > 24 + 1 || undefined,
    );
    const { rows } = await arena.client.credits(dealer.contributor);
    expect(new Set(rows.map(({ job }) => job))).toEqual(new Set([own.id]));
    await arena.dismiss(dealer);
    await arena.finish();
    expect(victim.view.state).toBe('done');

    // Two that check each other on trivial items of the same kernel come through the gate there, and are new here.
    await arena.rest();
    const sizes: number[] = [];
    const pair = [];
    for (let i = 0; i < 2; i++) {
      const outputs: Script['outputs'] = (computed, { task }) => {
        sizes.push(task.items.length);
        return computed;
      };
      pair.push(await arena.join({ outputs }));
    }
    const trivial = await requester.submit({
      ...ballsWork({ items: 16_384, itemsPerShard: 256, samplesPerItem: 1, seed: 48 }).options,
    });
    expect(await trivial.done()).toMatchObject({ state: 'done' });
    sizes.splice(0);
    await arena.open(ballsWork({ items: 60 * 256, itemsPerShard: 256, seed: 49 }));
    await until('both are at work', () => sizes.length >= 16 || undefined);
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(256 + 12);
    for (const host of pair) await arena.dismiss(host);
    await arena.finish();
  });
});

/** An open link that says nothing, or the status by which it was refused. */
function tryLink(url: string): Promise<WebSocket | number> {
  const address = new URL(LINK_PATH, url);
  address.protocol = 'ws:';
  const socket = new WebSocket(address);
  return new Promise((resolve) => {
    socket.on('open', () => {
      resolve(socket);
    });
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', () => {
      resolve(0);
    });
  });
}
