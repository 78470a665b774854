/**
 * Adversaries along a route, on the running coordinator and its own relay: one in three stages of the digit model,
 * beside honest hosts. What finds each, what follows, that it earns nothing by it, that every item is right in the end,
 * and that its honest neighbours are paid and never blamed. Numbers: the catalogue of adversaries.
 */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { valuesOf } from '../../../shared/tensor.ts';
import type { Compute, ComputeTask } from '../../../web/compute/api.ts';
import { relayUrl } from '../../../web/peer/peerTransport.ts';
import type { PeerPort } from '../../../web/volunteer/ports.ts';
import type { Job } from '../../client.ts';
import { loadDigits, type Digits } from '../../demo/digits.ts';
import { expectRight } from '../testing/expectRight.ts';
import { CoordinatorProcess } from '../testing/idlewaveProcess.ts';
import { relayPeers } from '../testing/relayHosts.ts';
import { changing, receiving, stagedDigits, type StagedDigits } from '../testing/stagedDigits.ts';
import { startTestHost, type TestHost } from '../testing/testHost.ts';
import { until } from './testing/arena.ts';
import { dropping, flooding, overlong } from './testing/badNeighbours.ts';

let coordinator: CoordinatorProcess;
let digits: Digits;
beforeAll(async () => {
  coordinator = await CoordinatorProcess.start();
  digits = await loadDigits();
});
afterAll(() => coordinator.stop());

interface Part {
  readonly engine?: (honest: Compute) => Compute;
  readonly peers?: PeerPort;
  /** When the honest ones may come who could have its place; once it is on the route where this does not say. */
  readonly hasBegun?: (host: TestHost) => boolean;
}

interface Fight {
  readonly job: Job;
  readonly work: StagedDigits;
  readonly honest: readonly TestHost[];
  readonly adversaries: readonly TestHost[];
}

const ITEMS = 768;
let seed = 0;
const start = ({ engine, peers }: Part = {}): Promise<TestHost> =>
  startTestHost(coordinator.url, engine, { peers: peers ?? relayPeers(coordinator.url) });

/**
 * A job in three stages with the adversaries on its route, as long as nobody else is there; then come more honest hosts.
 * In the end everything is right, and nobody honest has anything to its name.
 */
async function fight(
  parts: readonly Part[],
  meanwhile: (fight: Fight) => Promise<void> = () => Promise.resolve(),
): Promise<Fight> {
  const hosts: TestHost[] = [];
  try {
    const work = await stagedDigits(digits, 3, ITEMS, 8, (seed += 1));
    const honest: TestHost[] = [];
    const adversaries: TestHost[] = [];
    for (const part of parts) adversaries.push(await start(part));
    hosts.push(...adversaries);
    for (let i = adversaries.length; i < 3; i++) honest.push(await start());
    hosts.push(...honest);
    const job = await coordinator.client().submit(work.options);
    const haveBegun = () =>
      parts.every(({ hasBegun = isPlaced }, i) => hasBegun(adversaries[i]!)) || undefined;
    await until('the adversaries have begun', haveBegun);
    for (let i = 0; i < 2; i++) honest.push(await start());
    hosts.push(...honest.slice(-2));
    const fought = { job, work, honest, adversaries };
    await meanwhile(fought);
    await expectRight(job, work);
    const client = coordinator.client();
    let agreed = 0;
    for (const { contributor } of honest) {
      const record = await client.contributor(contributor);
      expect(record).toMatchObject({ disagreed: 0, errored: 0, expired: 0 });
      agreed += record.agreed;
    }
    expect(agreed, 'honest stages are paid').toBeGreaterThan(0);
    return fought;
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
  }
}

const placesOf = (host: TestHost) =>
  host.eventsOf('routes').flatMap(({ routes }) => routes.map(({ place }) => place));
const isPlaced = (host: TestHost): boolean => placesOf(host).length > 0;
const hasLostItsPlace = (host: TestHost): boolean =>
  isPlaced(host) && host.eventsOf('routes').at(-1)!.routes.length === 0;

/** Faster hosts that come before might have its place, and its lies with it, before these are looked at. */
const isCaught = (host: TestHost): boolean =>
  host.eventsOf('settled').some(({ verdict }) => verdict === 'disagree');

/** At most for what it computed honestly: so many reports. */
async function expectUnpaid({ contributor }: TestHost, honestReports: number): Promise<void> {
  const client = coordinator.client();
  expect((await client.contributor(contributor)).agreed).toBeLessThanOrEqual(honestReports);
  expect((await client.credits(contributor)).rows.length).toBeLessThanOrEqual(honestReports);
}

/** Found wrong by the referee, at its own stage, and given no more of it. */
async function expectNamed(host: TestHost, honestReports = 0): Promise<void> {
  const verdicts = host.eventsOf('settled').filter(({ verdict }) => verdict === 'disagree');
  expect(verdicts.length).toBeGreaterThan(0);
  for (const { reason } of verdicts) {
    expect(reason).toMatch(
      /^(the referee found item \d+ wrong at stage \d|taken back: other items)/,
    );
  }
  await expectUnpaid(host, honestReports);
}

/** A stage that computes something else of what it received. */
async function expectNamedFor(
  change: Parameters<typeof changing>[0],
  honestReports: () => number = () => 0,
): Promise<void> {
  const liar = { engine: changing(change), hasBegun: isCaught };
  const { adversaries } = await fight([liar]);
  await expectNamed(adversaries[0]!, honestReports());
}

const inputOf = ({ stacked }: ComputeTask): Float32Array =>
  valuesOf(Object.values(stacked)[0]!) as Float32Array;

it('#49 passes its input through: the referee computes what it shows', () =>
  expectNamedFor((values, task) => {
    const input = inputOf(task);
    for (let at = 0; at < values.length; at++) values[at] = input[at % input.length]!;
  }));

it('replays an older activation of its own instead of computing', () => {
  const first = new Map<string, Float32Array>();
  const change: Parameters<typeof changing>[0] = (values, _, name) => {
    const key = `${name} ${values.length}`;
    const old = first.get(key);
    if (old === undefined) first.set(key, values.slice());
    else values.set(old);
  };
  // Its first shard of each stage is honest, and may be paid.
  return expectNamedFor(change, () => first.size);
});

it('computes from an older activation, and says that it received that: loses its place', async () => {
  const first = new Map<string, Float32Array>();
  let replayed = 0;
  const engine = receiving(({ stacked }) => {
    for (const [name, tensor] of Object.entries(stacked)) {
      const values = valuesOf(tensor) as Float32Array;
      const key = `${name} ${values.length}`;
      const old = first.get(key);
      if (old === undefined) first.set(key, values.slice());
      else values.set(old);
      replayed += old === undefined ? 0 : 1;
    }
  });
  const { adversaries } = await fight([{ engine }], async ({ adversaries: [host] }) => {
    await until('it has no place', () => hasLostItsPlace(host!) || undefined);
  });
  expect(replayed).toBeGreaterThan(0);
  // As the first stage it is named, since what that received is known. Its first shard of each stage was honest.
  const [host] = adversaries;
  const agreed = host!.eventsOf('settled').filter(({ verdict }) => verdict === 'agree');
  expect(agreed.length).toBeLessThanOrEqual(first.size);
});

it('quantises its weights: f16 and int8 are told from rounding', async () => {
  const rounds: readonly ((values: Float32Array) => void)[] = [
    (values) => {
      // A significand of eleven bits.
      for (let at = 0; at < values.length; at++) {
        const unit = 2 ** (Math.floor(Math.log2(Math.abs(values[at]!) || 1)) - 10);
        values[at] = Math.round(values[at]! / unit) * unit;
      }
    },
    (values) => {
      const step = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 127;
      for (let at = 0; at < values.length; at++) values[at] = Math.round(values[at]! / step) * step;
    },
  ];
  for (const round of rounds) await expectNamedFor(round);
});

it('#20 a pair of neighbours that tell the same lie: both are named, whatever they say of each other', async () => {
  const engine = changing((values) => {
    for (let at = 0; at < values.length; at++) values[at] = values[at]! * 1.25 + 0.5;
  });
  const liar = { engine, hasBegun: isCaught };
  const { adversaries } = await fight([liar, liar]);
  for (const host of adversaries) await expectNamed(host);
});

it('#21 a neighbour that passes on whatever a liar sends covers for nobody', async () => {
  const lies = changing((values) => {
    for (let at = 0; at < values.length; at++) values[at] = values[at]! + 1;
  });
  // The other one is honest about its own stage: it is paid for that, and it changes nothing.
  const { adversaries } = await fight([{ engine: lies, hasBegun: isCaught }, {}]);
  await expectNamed(adversaries[0]!);
  const { disagreed } = await coordinator.client().contributor(adversaries[1]!.contributor);
  expect(disagreed).toBe(0);
});

it('drops what it should send: loses its place, and nobody waits for ever', async () => {
  const { peers, seen } = dropping(relayPeers(coordinator.url), 6);
  const startedAtMs = performance.now();
  await fight([{ peers }], async ({ adversaries: [host], honest }) => {
    // Whose place needs sending nothing has nothing to drop.
    const sends = placesOf(host!).at(-1)!.to !== null;
    if (!sends) return;
    await vi.waitFor(() => expect(hasLostItsPlace(host!)).toBe(true), { timeout: 150_000 });
    expect(seen.dropped).toBeGreaterThan(0);
    const seconds = Math.round((performance.now() - startedAtMs) / 1000);
    console.log(`${seen.dropped} activations dropped, replaced after ${seconds} s`);
    for (const one of honest) expect(one.eventsOf('problem')).toEqual([]);
  });
});

it('floods its neighbours with what nobody asked for: everything goes on', async () => {
  const { peers, seen } = flooding(relayPeers(coordinator.url));
  await fight([{ peers }], async ({ job, honest }) => {
    await job.done();
    for (const host of honest) {
      const held = host.eventsOf('routes').flatMap(({ routes }) => routes.map((it) => it.held));
      // Those of its leases, and as many that came before them.
      expect(Math.max(0, ...held)).toBeLessThanOrEqual(8 * 3 + 16);
    }
  });
  console.log(`${seen.sent} activations that nobody asked for`);
});

it('sends a descriptor larger than its payload: the link ends, and then its place', async () => {
  const { peers, seen } = overlong(coordinator.url);
  await fight([{ peers }], async ({ adversaries: [host] }) => {
    if (placesOf(host!).at(-1)!.to === null) return;
    await until('it has no place', () => hasLostItsPlace(host!) || undefined);
    expect(seen.sent).toBeGreaterThan(0);
    expect(seen.ended).toBeGreaterThan(0);
  });
});

it('connects without being on the route, or beyond its neighbours: refused', async () => {
  await fight([{}], async ({ adversaries, honest }) => {
    const seated = [...adversaries, ...honest].filter(isPlaced);
    const mine = placesOf(seated[0]!).at(-1)!;
    const others = seated.slice(1).map((host) => placesOf(host).at(-1)!.self.peer);
    const stranger = { id: 'peer_of_nobody', token: 'a'.repeat(32) };
    const stolen = { id: others[0]!, token: mine.self.token };
    const notNeighbours = others.filter((peer) => peer !== mine.to && peer !== mine.from);
    const tries = [
      ...others.map((peer) => relayUrl(coordinator.url, stranger, peer, 0)),
      relayUrl(coordinator.url, stolen, mine.self.peer, 0),
      ...notNeighbours.map((peer) =>
        relayUrl(coordinator.url, { id: mine.self.peer, token: mine.self.token }, peer, 0),
      ),
    ];
    for (const address of tries) expect(await opens(address), address).toBe(false);
  });
});

const opens = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = new WebSocket(address, { handshakeTimeout: 5_000 });
    socket.on('open', () => {
      resolve(true);
      socket.terminate();
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
