/** Links on real sockets: upgrades, limits, and a whole round of work over a WebSocket. */
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { commitmentOf, openingsOf } from '../../../shared/commitment.ts';
import { decodeFrame, encodeFrame } from '../../../shared/frame.ts';
import { MAX_FRAME_BYTES, MAX_LINK_MESSAGES } from '../../../shared/limits.ts';
import {
  LINK_VERSION,
  commitText,
  helloText,
  type AssignMessage,
} from '../../../shared/protocol/link.ts';
import { quorumOf } from '../../core/testing/work.ts';
import { outputsOf } from '../../engine/testing/engineRig.ts';
import { LinkRig, makeKeyPair, treeOf } from '../testing/linkRig.ts';
import { Callers } from '../members/callers.ts';
import { UpgradeRouter } from '../upgrades.ts';
import { LinkServer } from './linkServer.ts';

const callers = new Callers({ publicOrigin: null, trustedProxies: 0 });
let link: LinkRig;
let links: LinkServer;
let server: Server;
let port: number;
beforeAll(async () => {
  link = await LinkRig.started();
  links = new LinkServer(link.deps, callers);
  server = createServer();
  attach(links, link, server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  links.close();
  await new Promise((resolve) => server.close(resolve));
  await link.rig.engine.stop();
});

function attach(service: LinkServer, { metrics }: LinkRig, to: Server): void {
  const router = new UpgradeRouter((code) => metrics.refused(code));
  service.attach(router);
  router.attach(to);
}

/** A socket whose messages are read one by one. */
class Socket {
  readonly ws: WebSocket;
  readonly closed: Promise<number>;
  readonly #messages: (string | Uint8Array)[] = [];
  #wake = () => {};

  readonly #port: number;

  readonly keys = makeKeyPair();

  constructor(path = '/v1/link', at = port) {
    this.#port = at;
    this.ws = new WebSocket(`ws://127.0.0.1:${at}${path}`);
    this.ws.on('message', (data: Buffer, isBinary) => {
      this.#messages.push(isBinary ? data : data.toString('utf8'));
      this.#wake();
    });
    this.ws.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.ws.on('close', resolve));
  }

  async next(): Promise<string | Uint8Array> {
    while (this.#messages.length === 0)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#messages.shift()!;
  }

  async json(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.next()) as string) as Record<string, unknown>;
  }

  say(message: unknown): void {
    this.ws.send(message instanceof Uint8Array ? message : JSON.stringify(message));
  }

  /** Says hello and returns the welcome. */
  async hello(): Promise<Record<string, unknown>> {
    await this.sayHello();
    return this.json();
  }

  async sayHello(): Promise<void> {
    const { nonce } = await this.json();
    const { keys } = this;
    const origin = `http://127.0.0.1:${this.#port}`;
    const text = helloText(origin, nonce as string, 'host_1');
    this.say({
      type: 'hello',
      version: LINK_VERSION,
      publicKey: keys.publicKey,
      host: 'host_1',
      origin,
      nonce,
      signature: keys.sign(text),
      capabilities: { engines: ['cpu'], adapter: '', memoryBytes: 2 ** 30 },
      agent: 'test',
    });
  }
}

/** What the server answers to raw bytes before it closes the connection. */
const raw = (request: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
const upgrade = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

describe('upgrades', () => {
  it.each([
    '/',
    '/v1/links',
    '//',
    '//x',
    '/v1/link/../x',
    '/%ff',
    '/v1/link/',
    'http://[/v1/link',
  ])('%s is refused with a problem, and the process lives', async (path) => {
    const { 'not-found': before = 0 } = await link.refused();
    const answer = await raw(upgrade(path));
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toContain('"code":"not-found"');
    expect(await link.refused()).toMatchObject({ 'not-found': before + 1 });
  });

  it('a query does not matter', async () => {
    const socket = new Socket('/v1/link?x=1');
    expect(await socket.json()).toMatchObject({ type: 'challenge', version: LINK_VERSION });
    socket.ws.close();
    await socket.closed;
  });
});

describe('a link', () => {
  it('carries a whole round of work', async () => {
    await link.rig.post({ items: 10, shards: 1, verification: quorumOf(1) });
    const socket = new Socket();
    expect(await socket.hello()).toMatchObject({ type: 'welcome', leases: [] });
    socket.say({ type: 'want', count: 1 });
    const frame = decodeFrame((await socket.next()) as Uint8Array);
    if (!frame.ok) throw new Error(frame.error.kind);
    const { assignment, items } = JSON.parse(frame.value.control) as AssignMessage;
    const outputs = outputsOf(items);
    const tree = treeOf(outputs, 10);
    const commit = { assignment, root: commitmentOf(assignment, tree) };
    const signature = socket.keys.sign(commitText(`http://127.0.0.1:${port}`, commit));
    socket.say({ type: 'commit', ...commit, signature });
    const open = await socket.json();
    expect(open).toMatchObject({ type: 'open', assignment });
    const challenge = open['challenge'] as string;
    const openings = openingsOf(tree, challenge);
    const report = { type: 'report', assignment, challenge, openings, engine: 'cpu', computeMs: 1 };
    socket.say(encodeFrame(report, outputs));
    expect(await socket.json()).toEqual({ type: 'received', assignment });
    expect(await socket.json()).toMatchObject({
      type: 'settled',
      verdict: 'unchecked',
      microCredits: '20',
    });
    socket.ws.close();
    await socket.closed;
  });

  it('is closed by one frame beyond the limit, with nothing taken', async () => {
    const socket = new Socket();
    await socket.hello();
    socket.ws.send(new Uint8Array(MAX_FRAME_BYTES + 1));
    expect(await socket.closed).toBe(1009);
    expect(await link.refused()).toMatchObject({ 'message-too-large': 1 });
  });

  it('is closed by the first bad message before hello', async () => {
    const socket = new Socket();
    await socket.json();
    socket.say('nonsense');
    expect(await socket.json()).toMatchObject({
      type: 'refused',
      problem: { code: 'unknown-message' },
    });
    expect(await socket.closed).toBe(4400);
  });

  it('that closes leaves no host', async () => {
    await link.rig.quiet();
    expect([link.rig.engine.hosts.count, link.deps.byeTokens.size]).toEqual([0, 0]);
  });
});

describe('a link that sends faster than it is served', () => {
  it('is not read, and not taken for dead', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const other = await LinkRig.started();
    const busy = new LinkServer(other.deps, callers);
    const http = createServer();
    attach(busy, other, http);
    let bytesRead = () => 0;
    http.on('connection', (socket) => (bytesRead = () => socket.bytesRead));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const socket = new Socket('/v1/link', (http.address() as AddressInfo).port);
    let release = () => {};
    other.rig.gate = new Promise<void>((resolve) => (release = resolve));
    await socket.sayHello();
    const frames = 8;
    for (let i = 0; i < frames; i++) socket.ws.send(new Uint8Array(MAX_FRAME_BYTES));
    for (let before = -1; before !== bytesRead();) {
      before = bytesRead();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(bytesRead()).toBeLessThan((frames / 2) * MAX_FRAME_BYTES);
    vi.advanceTimersByTime(100_000);
    other.rig.gate = null;
    release();
    expect(await socket.json()).toMatchObject({ type: 'welcome' });
    await other.rig.quiet();
    vi.advanceTimersByTime(100);
    for (let i = 0; i < 3; i++) expect(await socket.json()).toMatchObject({ type: 'refused' });
    busy.close();
    await socket.closed;
    await other.rig.engine.stop();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
});

describe('a link that says more than it may', () => {
  it('is read no more until its time has earned it; nothing is lost', async () => {
    const heard = vi.spyOn(link.deps.engine, 'want');
    onTestFinished(() => heard.mockRestore());
    const socket = new Socket();
    await socket.hello();
    const { burst, perSecond } = MAX_LINK_MESSAGES;
    const said = burst + 4 * perSecond;
    for (let i = 0; i < said; i++) socket.say({ type: 'want', count: 0 });
    await vi.waitFor(() => expect(heard.mock.calls.length).toBeGreaterThanOrEqual(burst));
    await new Promise((resolve) => setTimeout(resolve, 300));
    // What had come with the last piece that was read is heard too, and has to be earned.
    expect(heard.mock.calls.length).toBeLessThan(burst + 2 * perSecond);
    link.rig.nowMs += 8_000;
    await vi.waitFor(() => expect(heard.mock.calls).toHaveLength(said), { timeout: 10_000 });
    socket.ws.close();
    expect(await socket.closed).toBe(1005);
  });
});

describe('stopping', () => {
  it('a stopped engine takes no links, and open ones are told that it goes', async () => {
    const other = await LinkRig.started();
    const stopping = new LinkServer(other.deps, callers);
    const http = createServer();
    attach(stopping, other, http);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port: otherPort } = http.address() as AddressInfo;
    const ws = new WebSocket(`ws://127.0.0.1:${otherPort}/v1/link`);
    await new Promise((resolve) => ws.on('message', resolve));
    const closed = new Promise((resolve) => ws.on('close', resolve));
    await other.rig.engine.stop();
    const refused = new WebSocket(`ws://127.0.0.1:${otherPort}/v1/link`);
    const status = await new Promise((resolve) => {
      refused.on('unexpected-response', (_, response) => resolve(response.statusCode));
      refused.on('error', () => undefined);
    });
    expect(status).toBe(503);
    stopping.close();
    expect(await closed).toBe(1001);
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
});
