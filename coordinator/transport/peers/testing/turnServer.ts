/**
 * A TURN server for tests (RFC 5766 over UDP and IPv4, as far as browsers use it), with the time-limited
 * credentials of coturn's `use-auth-secret`. Written here because machines have no TURN server; where they have
 * coturn, the same tests run against it.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import {
  ATTRIBUTE,
  integrityOf,
  longTermKey,
  readAddress,
  readStun,
  writeStun,
  xorAddress,
  type Address,
  type StunMessage,
} from './stun.ts';

const REALM = 'idlewave.test';
const METHOD = {
  binding: 1,
  allocate: 3,
  refresh: 4,
  send: 6,
  data: 7,
  permission: 8,
  channel: 9,
} as const;
const INDICATION = 0x0010;
const SUCCESS = 0x0100;
const FAILURE = 0x0110;

interface Allocation {
  readonly relay: Socket;
  readonly client: Address;
  readonly permitted: Set<string>;
  readonly channels: Map<number, Address>;
  /** By `host:port` of the peer. */
  readonly channelOf: Map<string, number>;
}

export interface TurnServer {
  readonly url: string;
  readonly allocations: number;
  /** Requests whose credentials were refused: wrong or expired. */
  readonly refusals: number;
  readonly relayedBytes: number;
  close(): Promise<void>;
}

/** On `host`, an address of this machine. */
export async function startTurnServer(secret: string, host = '127.0.0.1'): Promise<TurnServer> {
  const server = new TestTurn(secret, host);
  await server.listen();
  return server;
}

class TestTurn implements TurnServer {
  readonly #secret: string;
  readonly #host: string;
  readonly #socket = createSocket('udp4');
  readonly #nonce = randomBytes(8).toString('hex');
  readonly #allocations = new Map<string, Allocation>();
  allocations = 0;
  refusals = 0;
  relayedBytes = 0;

  constructor(secret: string, host: string) {
    this.#secret = secret;
    this.#host = host;
    this.#socket.on('message', (bytes, from) => void this.#take(bytes, from));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#socket.bind(0, this.#host, resolve));
  }

  get url(): string {
    return `turn:${this.#host}:${this.#socket.address().port}?transport=udp`;
  }

  async close(): Promise<void> {
    for (const { relay } of this.#allocations.values()) relay.close();
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  async #take(bytes: Buffer, from: RemoteInfo): Promise<void> {
    const allocation = this.#allocations.get(keyOf(from));
    // ChannelData begins with the bits 01.
    if ((bytes[0]! & 0xc0) === 0x40) {
      const to = allocation?.channels.get(bytes.readUInt16BE(0));
      if (to !== undefined)
        this.#relay(allocation!, to, bytes.subarray(4, 4 + bytes.readUInt16BE(2)));
      return;
    }
    const message = readStun(bytes);
    if (message === null) return;
    if (message.type === (METHOD.send | INDICATION)) {
      const to = readAddress(message.attributes.get(ATTRIBUTE.peer)!);
      if (allocation?.permitted.has(to.host) === true) {
        this.#relay(allocation, to, message.attributes.get(ATTRIBUTE.data)!);
      }
      return;
    }
    if (message.type === METHOD.binding) {
      const mapped = [ATTRIBUTE.mapped, xorAddress(addressOf(from))] as const;
      return this.#answer(from, message, SUCCESS, [mapped], null);
    }
    const key = this.#keyOf(message);
    if (key === null) return this.#refuse(from, message, 401);
    await this.#request(message, from, key, allocation);
  }

  async #request(
    message: StunMessage,
    from: RemoteInfo,
    key: Buffer,
    allocation: Allocation | undefined,
  ): Promise<void> {
    const lifetime = message.attributes.get(ATTRIBUTE.lifetime) ?? Buffer.from([0, 0, 2, 88]);
    if (message.type === METHOD.allocate) {
      const made = allocation ?? (await this.#allocate(from));
      const relayed = { host: this.#host, port: made.relay.address().port };
      return this.#answer(
        from,
        message,
        SUCCESS,
        [
          [ATTRIBUTE.relayed, xorAddress(relayed)],
          [ATTRIBUTE.mapped, xorAddress(addressOf(from))],
          [ATTRIBUTE.lifetime, lifetime],
        ],
        key,
      );
    }
    if (allocation === undefined) return this.#refuse(from, message, 437);
    if (message.type === METHOD.refresh) {
      this.#answer(from, message, SUCCESS, [[ATTRIBUTE.lifetime, lifetime]], key);
      if (lifetime.readUInt32BE() === 0) {
        this.#allocations.delete(keyOf(from));
        allocation.relay.close();
      }
      return;
    }
    const peer = readAddress(message.attributes.get(ATTRIBUTE.peer)!);
    allocation.permitted.add(peer.host);
    if (message.type === METHOD.channel) {
      const number = message.attributes.get(ATTRIBUTE.channel)!.readUInt16BE();
      allocation.channels.set(number, peer);
      allocation.channelOf.set(`${peer.host}:${peer.port}`, number);
    }
    this.#answer(from, message, SUCCESS, [], key);
  }

  async #allocate(from: RemoteInfo): Promise<Allocation> {
    const allocation: Allocation = {
      relay: createSocket('udp4'),
      client: addressOf(from),
      permitted: new Set(),
      channels: new Map(),
      channelOf: new Map(),
    };
    this.allocations += 1;
    this.#allocations.set(keyOf(from), allocation);
    await new Promise<void>((resolve) => allocation.relay.bind(0, this.#host, resolve));
    allocation.relay.on('message', (data, peer) => {
      if (!allocation.permitted.has(peer.address)) return;
      const number = allocation.channelOf.get(keyOf(peer));
      if (number !== undefined) {
        const head = Buffer.alloc(4);
        head.writeUInt16BE(number, 0);
        head.writeUInt16BE(data.length, 2);
        return this.#send(Buffer.concat([head, data]), allocation.client);
      }
      const indication = writeStun(METHOD.data | INDICATION, randomBytes(12), [
        [ATTRIBUTE.peer, xorAddress(addressOf(peer))],
        [ATTRIBUTE.data, data],
      ]);
      this.#send(indication, allocation.client);
    });
    return allocation;
  }

  #relay({ relay }: Allocation, to: Address, data: Buffer): void {
    this.relayedBytes += data.length;
    relay.send(data, to.port, to.host);
  }

  /** The key of the message's credential; null where it has none, or one that is wrong or expired. */
  #keyOf({ attributes, covered }: StunMessage): Buffer | null {
    const username = attributes.get(ATTRIBUTE.username)?.toString();
    const integrity = attributes.get(ATTRIBUTE.integrity);
    // The first request of every client has none: that is how it learns of the realm.
    if (username === undefined || integrity === undefined || covered === null) return null;
    const password = createHmac('sha1', this.#secret).update(username).digest('base64');
    const key = longTermKey(username, REALM, password);
    const isRight = timingSafeEqual(integrity, integrityOf(covered, key));
    const isExpired = Number(username.split(':')[0]) * 1000 < Date.now();
    if (isRight && !isExpired) return key;
    this.refusals += 1;
    return null;
  }

  #refuse(to: RemoteInfo, message: StunMessage, code: number): void {
    const error = Buffer.from([0, 0, Math.floor(code / 100), code % 100]);
    const attributes = [
      [ATTRIBUTE.error, error],
      [ATTRIBUTE.realm, Buffer.from(REALM)],
      [ATTRIBUTE.nonce, Buffer.from(this.#nonce)],
    ] as const;
    this.#answer(to, message, FAILURE, attributes, null);
  }

  #answer(
    to: RemoteInfo,
    { type, transaction }: StunMessage,
    kind: number,
    attributes: readonly (readonly [number, Buffer])[],
    key: Buffer | null,
  ): void {
    this.#send(writeStun(type | kind, transaction, attributes, key), addressOf(to));
  }

  #send(bytes: Buffer, { host, port }: Address): void {
    this.#socket.send(bytes, port, host);
  }
}

const keyOf = ({ address, port }: RemoteInfo): string => `${address}:${port}`;
const addressOf = ({ address, port }: RemoteInfo): Address => ({ host: address, port });
