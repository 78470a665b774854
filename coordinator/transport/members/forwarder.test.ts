/** Forwarding between real sockets: what gets through, what does not, and that nothing outlives its other half. */
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { UpgradeRouter } from '../upgrades.ts';
import { Callers } from './callers.ts';
import { Forwarder } from './forwarder.ts';
import { memberProof } from './proofs.ts';

const PROOF = memberProof('secret', 'tenure');
const MiB = 1024 * 1024;
const PATIENCE = { timeout: 10_000, interval: 10 } as const;

/** Ports and what was seen; the lead is whatever a test makes of `lead`. */
let lead: Server;
let member: Server;
let forwarder: Forwarder;
let port: number;
let logged: string[];
const leadSockets = new Set<Socket>();

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const listening = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

beforeEach(async () => {
  lead = createServer();
  lead.on('connection', (socket) => {
    leadSockets.add(socket);
    socket.on('close', () => leadSockets.delete(socket));
  });
  await listening(lead);
  logged = [];
  forwarder = new Forwarder({
    address: `http://127.0.0.1:${portOf(lead)}`,
    proof: PROOF,
    callers: new Callers({ publicOrigin: 'https://idlewave.example', trustedProxies: 0 }),
    log: (event) => logged.push(event),
  });
  member = createServer((asked, response) => forwarder.answer(asked, response));
  const router = new UpgradeRouter(() => undefined);
  router.add('/v1/link', forwarder.upgrades);
  router.attach(member);
  await listening(member);
  port = portOf(member);
  onTestFinished(() => {
    forwarder.close();
    for (const server of [member, lead]) {
      server.closeAllConnections();
      server.close();
    }
    for (const socket of leadSockets) socket.destroy();
  });
});

const url = (path = '/v1/jobs'): string => `http://127.0.0.1:${port}${path}`;
const idle = (): Promise<void> => vi.waitFor(() => expect(forwarder.openCount).toBe(0), PATIENCE);

describe('a request', () => {
  it('arrives whole, with the proof and the caller, and without what it invented or what was of its connection', async () => {
    let seen: IncomingMessage | undefined;
    let body = '';
    lead.on('request', (asked, response) => {
      seen = asked;
      asked.on('data', (part) => (body += part));
      asked.on('end', () => {
        response.writeHead(201, { 'X-Answer': 'a', 'Keep-Alive': 'timeout=77', Trailer: 'x' });
        response.end('done');
      });
    });
    const answer = await new Promise<IncomingMessage>((resolve) => {
      const headers = {
        Authorization: 'Bearer key',
        Connection: 'keep-alive, X-Hop, Content-Length, Host',
        'X-Hop': '1',
        'Proxy-Authorization': 'secret',
        TE: 'trailers',
        Expect: '100-continue',
        'X-Forwarded-For': '1.1.1.1',
        'Idlewave-Caller-Address': '1.1.1.1',
        'Idlewave-Caller-Origin': 'https://evil.example',
        'Content-Length': 4,
      };
      request(url('/v1/a?b=%20c&d'), { method: 'POST', headers }, resolve).end('body');
    });
    expect([seen!.method, seen!.url, body]).toEqual(['POST', '/v1/a?b=%20c&d', 'body']);
    expect(seen!.headers).toEqual({
      authorization: 'Bearer key',
      connection: 'keep-alive',
      'content-length': '4',
      host: `127.0.0.1:${portOf(lead)}`,
      'idlewave-member': PROOF,
      'idlewave-caller-address': '127.0.0.1',
      'idlewave-caller-origin': 'https://idlewave.example',
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers).toMatchObject({ 'x-answer': 'a' });
    expect(answer.headers['keep-alive']).not.toBe('timeout=77');
    expect(answer.headers.trailer).toBeUndefined();
    answer.resume();
    await idle();
  });

  it('whose caller wants the connection closed has it closed', async () => {
    lead.on('request', (_, response) => response.end('x'));
    for (const connection of ['close', 'keep-alive']) {
      const answer = await new Promise<IncomingMessage>((resolve) => {
        request(url(), { headers: { connection }, agent: false }, resolve).end();
      });
      expect(answer.headers.connection).toBe(connection);
      answer.resume();
    }
  });

  it('with a body of unknown length, and one without a body, come as they are', async () => {
    const seen: [string | undefined, string][] = [];
    lead.on('request', (asked, response) => {
      let body = '';
      asked.on('data', (part) => (body += part));
      asked.on('end', () => {
        seen.push([asked.method, body]);
        response.end();
      });
    });
    for (const [method, body] of [
      ['PUT', 'abc'],
      ['GET', ''],
      ['DELETE', ''],
    ] as const) {
      await new Promise<void>((resolve) => {
        const sending = request(url(), { method }, (answer) => answer.resume().on('end', resolve));
        if (body !== '') for (const letter of body) sending.write(letter);
        sending.end();
      });
    }
    expect(seen).toEqual([
      ['PUT', 'abc'],
      ['GET', ''],
      ['DELETE', ''],
    ]);
  });

  it('is not read faster than the lead reads, and its answer not faster than the caller', async () => {
    const total = 64 * MiB;
    let release: () => void = () => undefined;
    let taken = 0;
    lead.on('request', (asked, response) => {
      release = () => asked.on('data', (part: Buffer) => (taken += part.length));
      asked.on('end', () => response.end(Buffer.alloc(total)));
    });
    let offered = 0;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sending = request(url(), { method: 'PUT' }, resolve);
      sending.on('error', reject);
      const more = (): void => {
        while (offered < total) {
          offered += MiB;
          if (!sending.write(Buffer.alloc(MiB))) return;
        }
        if (!sending.writableEnded) sending.end();
      };
      sending.on('drain', more);
      more();
      // Where nothing is taken, all that fits between both ends is far less than the whole.
      void settled(() => offered).then((waiting) => {
        expect(waiting).toBeLessThan(total / 2);
        release();
      });
    });
    expect(taken).toBe(total);
    answer.pause();
    const upstream = [...leadSockets].at(-1)!;
    const written = await settled(() => upstream.bytesWritten - upstream.writableLength);
    expect(written).toBeLessThan(total / 2);
    let came = 0;
    for await (const part of answer) came += (part as Buffer).length;
    expect(came).toBe(total);
    await idle();
  });

  it('whose caller goes is given up at the lead', async () => {
    const closed = new Promise<void>((resolve) => {
      lead.on('request', (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
        response.on('close', resolve);
      });
    });
    const gone = new AbortController();
    // The head is there before the first event.
    const answer = await fetch(url(), { signal: gone.signal });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    gone.abort();
    await closed;
    await idle();
    expect(logged).toEqual([]);
  });

  it('to a lead that is gone is told to come again, and logged once', async () => {
    lead.closeAllConnections();
    await new Promise((resolve) => lead.close(resolve));
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(url(), { method: 'POST', body: 'x' });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await answer.json()).toMatchObject({ code: 'not-ready' });
    }
    expect(logged).toEqual(['forwarding-failed']);
    await idle();
  });

  it('whose answer breaks off is broken off, not ended', async () => {
    lead.on('request', (_, response) => {
      response.writeHead(200, { 'Content-Length': 1_000 });
      response.write('some', () => response.socket!.destroy());
    });
    const answer = await fetch(url());
    await expect(answer.text()).rejects.toThrow();
    await idle();
  });

  it('ends with the forwarder', async () => {
    lead.on('request', (_, response) => void response.writeHead(200).flushHeaders());
    const answer = await fetch(url());
    forwarder.close();
    await expect(answer.text()).rejects.toThrow();
    await vi.waitFor(() => expect(leadSockets.size).toBe(0), PATIENCE);
  });
});

/** What a growing number comes to rest at. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1, same = 0; ;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = read();
    same = now === last ? same + 1 : 0;
    if (same === 15) return now;
    last = now;
  }
}

describe('a socket', () => {
  const sockets = (): WebSocketServer => {
    const server = new WebSocketServer({ server: lead });
    server.on('connection', (ws, asked) => {
      ws.send(JSON.stringify(asked.headers));
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
      ws.on('error', () => undefined);
    });
    return server;
  };
  const opened = async (): Promise<[WebSocket, Record<string, string>]> => {
    const headers = { 'Idlewave-Caller-Address': '1.1.1.1', 'X-Forwarded-For': '1.1.1.1' };
    const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/link`, { headers });
    ws.on('error', () => undefined);
    const hello = await new Promise<Buffer>((resolve) => ws.once('message', resolve));
    return [ws, JSON.parse(hello.toString()) as Record<string, string>];
  };

  it('speaks with the lead, which knows whose it is', async () => {
    sockets();
    const [ws, headers] = await opened();
    expect(headers).toMatchObject({
      'idlewave-member': PROOF,
      'idlewave-caller-address': '127.0.0.1',
      'idlewave-caller-origin': 'https://idlewave.example',
    });
    expect(headers['x-forwarded-for']).toBeUndefined();
    const echo = new Promise<Buffer>((resolve) => ws.once('message', resolve));
    ws.send(Buffer.alloc(5 * MiB, 7));
    expect((await echo).equals(Buffer.alloc(5 * MiB, 7))).toBe(true);
    expect(forwarder.openCount).toBe(1);
    ws.close(1000);
    await idle();
    await vi.waitFor(() => expect(leadSockets.size).toBe(0), PATIENCE);
  });

  it.each(['terminate', 'close'] as const)(
    'closes with the other half: the caller’s %s',
    async (how) => {
      const server = sockets();
      const closed = new Promise((resolve) =>
        server.on('connection', (ws) => ws.on('close', resolve)),
      );
      const [ws] = await opened();
      ws[how]();
      await closed;
      await idle();
    },
  );

  it('closes with the other half: the lead’s', async () => {
    const server = sockets();
    const [ws] = await opened();
    const closed = new Promise<number>((resolve) => ws.on('close', resolve));
    for (const socket of server.clients) socket.terminate();
    expect(await closed).toBe(1006);
    await idle();
  });

  it.each(['end', 'reset'] as const)(
    'that the lead has left (%s) is cut, whatever its caller keeps open, and nothing of ours is said in it',
    async (how) => {
      lead.on('upgrade', (_, socket: Socket) => {
        const taken = 'HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
        if (how === 'end') socket.end(taken);
        else socket.write(taken);
        // The caller's first word.
        socket.once('data', () => socket.resetAndDestroy());
      });
      const raw = upgraded('/v1/link');
      let heard = '';
      raw.on('data', (part: Buffer) => {
        heard += part.toString();
        raw.write('word');
      });
      await new Promise((resolve) => raw.once('close', resolve).once('end', resolve));
      await idle();
      expect(heard).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\n$/);
    },
  );

  it('that the lead refuses is refused in its words, and is nobody’s then', async () => {
    lead.on('upgrade', (_, socket: Duplex) => {
      const body = '{"code":"too-many-links"}';
      socket.end(`HTTP/1.1 429 No\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    const raw = upgraded('/v1/link');
    let answer = '';
    raw.on('data', (part: Buffer) => (answer += part.toString()));
    await new Promise((resolve) => raw.on('end', resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 429 No\r\n[^]*\r\n\r\n\{"code":"too-many-links"\}$/);
    await idle();
  });

  it('to a lead that is gone is refused, to come again', async () => {
    await new Promise((resolve) => lead.close(resolve));
    const raw = upgraded('/v1/link');
    let answer = '';
    raw.on('data', (part: Buffer) => (answer += part.toString()));
    await new Promise((resolve) => raw.on('end', resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 503 [^]*Retry-After: 1\r\n[^]*"code":"not-ready"/);
    await idle();
    expect(logged).toEqual(['forwarding-failed']);
  });

  it('ends with the forwarder', async () => {
    sockets();
    const [ws] = await opened();
    const closed = new Promise<number>((resolve) => ws.on('close', resolve));
    forwarder.close();
    expect(await closed).toBe(1006);
    await vi.waitFor(() => expect(leadSockets.size).toBe(0), PATIENCE);
  });

  /** A caller that never closes by itself. */
  function upgraded(path: string): Socket {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      ),
    );
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    return socket;
  }
});
