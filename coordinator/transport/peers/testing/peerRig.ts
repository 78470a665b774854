/** A peer transport on an HTTP server of its own, and raw clients of its sockets. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import type { PeerId } from '../../../../shared/ids.ts';
import { PEERS_KEY } from '../../../../shared/protocol/peers.ts';
import { assert } from '../../../../shared/result.ts';
import { peerIdRoutes } from '../../http/peerIds.ts';
import { Callers } from '../../members/callers.ts';
import { UpgradeRouter } from '../../upgrades.ts';
import type { Bus } from '../bus.ts';
import { NO_ICE, type IceConfig } from '../iceServers.ts';
import { MemoryBusHub } from '../memoryBus.ts';
import type { Admission } from '../peerDirectory.ts';
import { PeerTransport } from '../peerTransport.ts';

export interface PeerRigOptions {
  readonly bus?: Bus;
  readonly ice?: IceConfig;
  /** As a member has it: another coordinator admits peers. */
  readonly mayComeLater?: boolean;
}

export class PeerRig {
  readonly transport: PeerTransport;
  readonly server: Server;
  readonly refused: string[] = [];
  forwarded = 0;
  relayedBytes = 0;

  constructor(options: PeerRigOptions) {
    const { bus = new MemoryBusHub().connect(), ice = NO_ICE, mayComeLater = false } = options;
    const app = peerIdRoutes();
    this.server = createServer((request, response) => {
      void (async () => {
        const answer = await app.request(request.url ?? '/');
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(await answer.text());
      })();
    });
    this.transport = new PeerTransport({
      bus,
      ice,
      callers: new Callers({ publicOrigin: null, trustedProxies: 0 }),
      mayComeLater: () => mayComeLater,
      now: () => Date.now(),
      metrics: {
        refused: (code) => this.refused.push(code),
        signalForwarded: () => void (this.forwarded += 1),
        relayed: (bytes) => void (this.relayedBytes += bytes),
      },
      log: () => {},
    });
    const router = new UpgradeRouter((code) => this.refused.push(code));
    this.transport.attach(router);
    router.attach(this.server);
  }

  static async started(options: PeerRigOptions = {}): Promise<PeerRig> {
    const rig = new PeerRig(options);
    await rig.transport.start();
    await new Promise<void>((resolve) => rig.server.listen(0, '127.0.0.1', resolve));
    return rig;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  admit(): Admission {
    const admission = this.transport.directory.admit();
    assert(admission.ok, 'the directory is full');
    return admission.value;
  }

  /** So many peers who may all meet. */
  introduced(count: number): Admission[] {
    const peers = Array.from({ length: count }, () => this.admit());
    for (const [i, a] of peers.entries()) {
      for (const b of peers.slice(i + 1)) this.transport.directory.introduce(a.id, b.id);
    }
    return peers;
  }

  signalUrl({ id, token }: Admission, key = PEERS_KEY): string {
    const query = `key=${key}&id=${id}&token=${token}&version=1.5.5`;
    return `ws://127.0.0.1:${this.port}/v1/peers/peerjs?${query}`;
  }

  relayUrl({ id, token }: Admission, to: PeerId, lane = '0'): string {
    return `ws://127.0.0.1:${this.port}/v1/peers/relay?id=${id}&token=${token}&to=${to}&lane=${lane}`;
  }

  async close(): Promise<void> {
    await this.transport.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A raw WebSocket client whose messages are read one by one. */
export class RawClient {
  readonly ws: WebSocket;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  /** Resolves with 101, or with the HTTP status of a refusal. */
  readonly status: Promise<number>;
  readonly messages: (string | Buffer)[] = [];
  #wake = () => {};

  constructor(url: string) {
    this.ws = new WebSocket(url, { perMessageDeflate: false });
    this.ws.on('error', () => undefined);
    this.ws.on('message', (data: Buffer, isBinary) => {
      this.messages.push(isBinary ? data : data.toString('utf8'));
      this.#wake();
    });
    this.closed = new Promise((resolve) => this.ws.on('close', resolve));
    this.status = new Promise((resolve) => {
      this.ws.on('open', () => resolve(101));
      this.ws.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    });
  }

  async next(): Promise<string | Buffer> {
    while (this.messages.length === 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.messages.shift()!;
  }

  async json(): Promise<unknown> {
    return JSON.parse((await this.next()) as string) as unknown;
  }

  say(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async close(): Promise<void> {
    this.ws.close();
    await this.closed;
  }
}
