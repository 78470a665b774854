/**
 * What a page does as a peer in tests and benchmarks: bundled by `peerSite.ts`, called through `globalThis.peers`.
 */
import { digestOf } from '../../shared/digest.ts';
import { assert } from '../../shared/result.ts';
import { tensorOf, type NamedTensors } from '../../shared/tensor.ts';
import { BrowserPeers } from '../../web/peer/browserPeers.ts';
import { BYTE_CHANNEL_CASES, type MakeChannels } from '../../web/peer/byteChannel.conformance.ts';
import type {
  IncomingMessage,
  LinkEnd,
  LinkEvents,
  LinkLimits,
  LinkStats,
} from '../../web/peer/linkTypes.ts';
import type { SignallingServer } from '../../web/peer/peerNode.ts';
import type { PeerLink } from '../../web/peer/peerTransport.ts';
import { RtcByteChannel } from '../../web/peer/rtcByteChannel.ts';
import { noiseBytes } from './noiseBytes.ts';
import * as contenders from './contenders.ts';

export interface PageOptions {
  readonly url: string;
  readonly id: string;
  readonly signalling: SignallingServer | null;
}

export interface ConnectAsk {
  readonly to: string;
  readonly polite: boolean;
  readonly lanes?: number;
  readonly via?: 'any' | 'relay';
  readonly deadlineMs?: number;
  readonly limits?: Partial<LinkLimits>;
  /** With links on the page; the other one's id ends in `-page` then. */
  readonly onPage?: boolean;
}

export interface Came {
  readonly sequence: number;
  readonly digest: string;
  readonly bytes: number;
}

/** One with its links in a worker, and one that keeps them on the page as other browsers must. */
let transports: { worker: BrowserPeers; page: BrowserPeers } | undefined;
const links: { worker?: PeerLink; page?: PeerLink } = {};
const came: Came[] = [];
const acked: number[] = [];
let ended: { end: LinkEnd; atMs: number } | null = null;
let onMessage = (link: PeerLink, message: IncomingMessage): void => {
  const { bytes } = message.tensors['x']!;
  came.push({ sequence: message.sequence, digest: digestOf(bytes), bytes: bytes.byteLength });
  link.ack(message);
};

let onAck: (sequence: number) => void = (sequence) => acked.push(sequence);
let longTaskMs = 0;

const eventsOf = (home: 'worker' | 'page'): LinkEvents => ({
  onTensors: (message) => onMessage(links[home]!, message),
  onAck: ({ sequence }) => onAck(sequence),
  onCancel: () => undefined,
  onProgress: () => undefined,
  onEnd: (end) => (ended = { end, atMs: Date.now() }),
});

const theLink = (onPage = false): PeerLink => {
  const link = onPage ? links.page : (links.worker ?? links.page);
  assert(link !== undefined, 'not connected');
  return link;
};

const tensorsOf = (bytes: number, seed: number): NamedTensors => ({
  x: tensorOf('U8', [bytes], noiseBytes(bytes, seed)),
});

/** Two connections of one page with each other, and a channel between them. */
const rtcChannels: MakeChannels = async (listen) => {
  const [p, q] = [new RTCPeerConnection(), new RTCPeerConnection()];
  p.onicecandidate = ({ candidate }) => void (candidate && q.addIceCandidate(candidate));
  q.onicecandidate = ({ candidate }) => void (candidate && p.addIceCandidate(candidate));
  const options = { negotiated: true, id: 77, ordered: true };
  const a = new RtcByteChannel(p.createDataChannel('t', options));
  const b = new RtcByteChannel(q.createDataChannel('t', options));
  listen(a, 'a');
  listen(b, 'b');
  await p.setLocalDescription();
  await q.setRemoteDescription(p.localDescription!);
  await q.setLocalDescription();
  await p.setRemoteDescription(q.localDescription!);
  return { a, b };
};

export const peers = {
  start({ url, id, signalling }: PageOptions): void {
    const open = (id: string, onPage: boolean) =>
      new BrowserPeers({ url, me: { id, token: `token-${id}` }, signalling, onPage });
    transports = { worker: open(id, false), page: open(`${id}-page`, true) };
  },

  usesWorker: (): boolean => transports!.worker.usesWorker,

  /** The path, or why there is none. */
  async connect({ to, polite, onPage = false, ...options }: ConnectAsk): Promise<string> {
    ended = null;
    const hello = new TextEncoder().encode(`hello of ${polite ? 'the polite' : 'the caller'}`);
    const home = onPage ? 'page' : 'worker';
    const events = eventsOf(home);
    const peer = { id: to, polite };
    const connected = await transports![home].connect(peer, { ...options, hello, events });
    if (!connected.ok) return `${connected.error.kind}: ${connected.error.message}`;
    links[home] = connected.value;
    return connected.value.path;
  },

  hello: (): string => new TextDecoder().decode(theLink().hello),
  came: (): Came[] => came,
  acked: (): number[] => acked,
  ended: () => ended,
  stats: (): Promise<LinkStats | null> => theLink().stats(),
  digest: (bytes: number, seed: number): string => digestOf(noiseBytes(bytes, seed)),

  /** Sends noise of each size; the sequence number is its seed. */
  async send(sizes: readonly number[], firstSequence = 0): Promise<string[]> {
    const results: string[] = [];
    for (const [i, bytes] of sizes.entries()) {
      const sequence = firstSequence + i;
      const tensors = tensorsOf(bytes, sequence);
      const message = { epoch: 1, stage: 1, sequence, descriptor: { bytes }, tensors };
      const sent = await theLink().send(message, { give: i % 2 === 0 });
      results.push(sent.ok ? 'sent' : sent.error.kind);
    }
    return results;
  },

  close(): void {
    transports!.worker.close();
    transports!.page.close();
  },

  /** Nothing of it is loaded before somebody connects. */
  loadedPeerJs: (): boolean =>
    performance.getEntriesByType('resource').some(({ name }) => name.includes('bundler')),

  async conformance(): Promise<Record<string, string>> {
    const results: Record<string, string> = {};
    for (const [name, run] of Object.entries(BYTE_CHANNEL_CASES)) {
      results[name] = await run(rtcChannels).then(
        () => 'passed',
        (thrown: unknown) => String(thrown),
      );
    }
    return results;
  },

  /** From now on what comes is the benchmark's. */
  benchmark(): void {
    onMessage = contenders.linkTook;
    onAck = contenders.linkAcked;
  },

  watchLongTasks(): void {
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTaskMs += duration;
    }).observe({ type: 'longtask' });
  },

  /** Since the last call. */
  takeLongTaskMs(): number {
    const ms = longTaskMs;
    longTaskMs = 0;
    return ms;
  },

  link: theLink,
  contenders,
};

export type PeersInPage = typeof peers;
(globalThis as unknown as { peers: PeersInPage }).peers = peers;
