/**
 * Tensors between two tabs of a real Chromium: a bare RTCDataChannel, PeerJS's `binary`, and a tensor link, in turns.
 *
 * Every block moves the same bytes, and their digest is compared at the end of it. Ratios are of neighbouring blocks:
 * what else the machine does falls on both.
 */
import { chromium, type CDPSession, type Page } from 'playwright-core';
import { assert } from '../../shared/result.ts';
import { medianOf, type BenchReport, type BenchRow } from '../../shared/testing/bench.ts';
import { chromiumFlags, findOrInstallBrowser } from '../../sdk/cli/browser.ts';
import { startPeerSite, type PeerSite } from '../peers/peerSite.ts';
import type { PeersInPage } from '../peers/peersInPage.ts';

declare global {
  interface Window {
    peers: PeersInPage;
  }
}

/** Rounds of one block of each; the first does not count. */
const ROUNDS = 11;
const TENSORS = 32;
const PING_BYTES = 10_000;
const PINGS = 60;
const MIB = 1024 * 1024;

const BULK = ['bare', 'link', 'peerjs', 'linkF16', 'linkInt8', 'linkOnPage'] as const;
type Bulk = (typeof BULK)[number];
const DECODE: Readonly<Record<Bulk, 'f16' | 'int8' | null>> = {
  bare: null,
  link: null,
  peerjs: null,
  linkF16: 'f16',
  linkInt8: 'int8',
  linkOnPage: null,
};
const PINGED = ['bare', 'link', 'linkOnPage'] as const;
type Pinged = (typeof PINGED)[number];
const isPinged = (name: Bulk): name is Pinged => PINGED.some((pinged) => pinged === name);

type Blocks = Record<Bulk, Block[]>;

interface Block {
  readonly megabytesPerSecond: number;
  /** Time that both pages' main threads were busy. */
  readonly busyMs: number;
  /** Of it, in tasks of more than 50 ms. */
  readonly longTaskMs: number;
  readonly relativeL2: number;
}

class Tab {
  readonly page: Page;
  readonly #cdp: CDPSession;

  private constructor(page: Page, cdp: CDPSession) {
    this.page = page;
    this.#cdp = cdp;
  }

  static async open(page: Page, site: PeerSite, id: string): Promise<Tab> {
    await page.goto(site.url);
    await page.waitForFunction(() => 'peers' in window);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    const options = { url: site.url, id, signalling: site.signalling };
    await page.evaluate((given) => {
      window.peers.start(given);
      window.peers.watchLongTasks();
    }, options);
    return new Tab(page, cdp);
  }

  /** Seconds of tasks on the main thread so far. */
  async busySeconds(): Promise<number> {
    const { metrics } = await this.#cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
  }
}

export async function bench(): Promise<BenchReport> {
  const site = await startPeerSite();
  const browser = await chromium.launch({
    executablePath: await findOrInstallBrowser((text) => console.error(text)),
    headless: false,
    args: chromiumFlags('software'),
  });
  try {
    const open = async (id: string): Promise<Tab> =>
      Tab.open(await (await browser.newContext()).newPage(), site, id);
    const [a, b] = [await open('a'), await open('b')];
    await connectAll(a.page, b.page, site);
    const blocks = Object.fromEntries(BULK.map((name) => [name, []])) as unknown as Blocks;
    const pings: Record<Pinged, number[]> = { bare: [], link: [], linkOnPage: [] };
    for (let round = 0; round < ROUNDS; round++) {
      console.error(`round ${round + 1} of ${ROUNDS}`);
      // Every other round backwards: nobody always follows the same one.
      const order = round % 2 === 0 ? BULK : [...BULK].reverse();
      for (const name of order) {
        const block = await bulk(name, a, b, round);
        if (round > 0) blocks[name].push(block);
      }
      await b.page.evaluate(() => window.peers.contenders.linkMode('echo', null));
      const pinged: Pinged[] = [...order].flatMap((name) => (isPinged(name) ? [name] : []));
      for (const name of pinged) {
        const ms = await ping(name, a.page);
        if (round > 0) pings[name].push(ms);
      }
    }
    return report(blocks, pings, {
      chromium: browser.version(),
      linksInWorker: await a.page.evaluate(() => window.peers.usesWorker()),
      megabytes: (TENSORS * MIB) / 1e6,
      rounds: ROUNDS - 1,
    });
  } finally {
    await browser.close();
    site.stop();
  }
}

async function connectAll(a: Page, b: Page, site: PeerSite): Promise<void> {
  const paths = await Promise.all([
    a.evaluate(() => window.peers.connect({ to: 'b', polite: false })),
    b.evaluate(() => window.peers.connect({ to: 'a', polite: true })),
    a.evaluate(() => window.peers.connect({ to: 'b-page', polite: false, onPage: true })),
    b.evaluate(() => window.peers.connect({ to: 'a-page', polite: true, onPage: true })),
  ]);
  assert(
    paths.every((path) => path === 'direct'),
    `connected ${paths}`,
  );
  for (const page of [a, b]) await page.evaluate(() => window.peers.benchmark());
  const offer = await a.evaluate(() => window.peers.contenders.bareOffer());
  const answer = await b.evaluate((sdp) => window.peers.contenders.bareAnswer(sdp), offer);
  await a.evaluate((sdp) => window.peers.contenders.bareAccept(sdp), answer);
  const { signalling } = site;
  const openBinary = (page: Page, id: string, to: string | null): Promise<void> =>
    page.evaluate(
      ([own, server, other]) => window.peers.contenders.openBinary(own, server, other),
      [id, signalling, to] as const,
    );
  await openBinary(b, 'b-binary', null);
  await openBinary(a, 'a-binary', 'b-binary');
}

async function bulk(name: Bulk, a: Tab, b: Tab, round: number): Promise<Block> {
  for (const { page } of [a, b]) {
    await page.evaluate(([count, seed]) => window.peers.contenders.prepare(count, seed), [
      TENSORS,
      round,
    ] as const);
  }
  const decode = DECODE[name];
  const sent = await a.page.evaluate(() => window.peers.contenders.sourceDigest());
  await b.page.evaluate((how) => window.peers.contenders.linkMode('sink', how), decode);
  const busyBefore = (await a.busySeconds()) + (await b.busySeconds());
  for (const { page } of [a, b]) await page.evaluate(() => window.peers.takeLongTaskMs());
  const { ms, relativeL2 } = await a.page.evaluate(async (which) => {
    const { contenders, link } = window.peers;
    if (which === 'bare') return { ms: await contenders.bareSend(), relativeL2: 0 };
    if (which === 'peerjs') return { ms: await contenders.binarySend(), relativeL2: 0 };
    const encoding = which === 'linkF16' ? 'f16' : which === 'linkInt8' ? 'int8' : 'f32';
    return contenders.linkSend(link(which === 'linkOnPage'), encoding);
  }, name);
  const busyAfter = (await a.busySeconds()) + (await b.busySeconds());
  let longTaskMs = 0;
  for (const { page } of [a, b])
    longTaskMs += await page.evaluate(() => window.peers.takeLongTaskMs());
  const came = await b.page.evaluate(() => window.peers.contenders.takeDigest());
  assert(decode !== null || came === sent, `${name}: other bytes came than were sent`);
  const busyMs = (busyAfter - busyBefore) * 1000;
  return { megabytesPerSecond: (TENSORS * MIB) / 1e3 / ms, busyMs, longTaskMs, relativeL2 };
}

/** The median of a block, in milliseconds there and back. */
async function ping(name: Pinged, a: Page): Promise<number> {
  const times = await a.evaluate(
    ([which, rounds, bytes]) => {
      const { contenders, link } = window.peers;
      if (which === 'bare') return contenders.barePing(rounds, bytes);
      return contenders.linkPing(link(which === 'linkOnPage'), rounds, bytes);
    },
    [name, PINGS, PING_BYTES] as const,
  );
  return medianOf(times);
}

const NOTES = [
  'MB/s: 32 tensors of 1 MiB, from the first send to the last acknowledgement at the sender; effective (as f32) for encodings.',
  'busy: time of tasks on both pages’ main threads during the block (Chromium’s TaskDuration); long: of it in tasks over 50 ms.',
  'ratios are medians over rounds of neighbouring blocks; goals: link ÷ bare ≥ 0.95, link ÷ PeerJS ≥ 1.3, busy ÷ PeerJS’s ≤ 0.10,',
  '10 KB there and back ÷ bare ≤ 1.15, f16 ÷ f32 ≥ 1.8, int8 ÷ f32 ≥ 3.2. Bytes that came were compared by digest in every block.',
];

function report(
  blocks: Readonly<Record<Bulk, readonly Block[]>>,
  pings: Readonly<Record<Pinged, readonly number[]>>,
  facts: BenchReport['facts'],
): BenchReport {
  const each = (name: Bulk, figure: keyof Block): number[] => blocks[name].map((b) => b[figure]);
  const ratio = (x: readonly number[], y: readonly number[]): number =>
    medianOf(x.map((value, i) => value / y[i]!));
  const ofBare = each('bare', 'megabytesPerSecond');
  const ofPeerJs = each('peerjs', 'megabytesPerSecond');
  const busyOfPeerJs = each('peerjs', 'busyMs');
  const rows: BenchRow[] = BULK.map((name) => {
    const rates = each(name, 'megabytesPerSecond');
    return {
      way: name,
      mbPerSecond: medianOf(rates),
      toBare: ratio(rates, ofBare),
      toPeerJs: ratio(rates, ofPeerJs),
      toLink: ratio(rates, each('link', 'megabytesPerSecond')),
      busyMs: medianOf(each(name, 'busyMs')),
      busyToPeerJs: ratio(each(name, 'busyMs'), busyOfPeerJs),
      longMs: medianOf(each(name, 'longTaskMs')),
      relativeL2: Math.max(...each(name, 'relativeL2')),
      pingMs: isPinged(name) ? medianOf(pings[name]) : null,
      pingToBare: isPinged(name) ? ratio(pings[name], pings.bare) : null,
      mbPerSecondRaw: rates,
      busyMsRaw: each(name, 'busyMs'),
      longMsRaw: each(name, 'longTaskMs'),
      pingMsRaw: isPinged(name) ? pings[name] : [],
    };
  });
  return { name: 'peers', notes: NOTES, facts, rows };
}
