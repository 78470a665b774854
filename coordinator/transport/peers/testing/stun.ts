/** STUN messages (RFC 5389) as far as a TURN server for tests needs them: reading, writing, and their integrity. */
import { createHash, createHmac } from 'node:crypto';

export const MAGIC = 0x2112a442;
export const HEADER_BYTES = 20;

export const ATTRIBUTE = {
  mapped: 0x0020,
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  channel: 0x000c,
  lifetime: 0x000d,
  peer: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  relayed: 0x0016,
  transport: 0x0019,
} as const;

export interface StunMessage {
  readonly type: number;
  readonly transaction: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
  /** The bytes up to MESSAGE-INTEGRITY; null where there is none. */
  readonly covered: Buffer | null;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function readStun(bytes: Buffer): StunMessage | null {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32BE(4) !== MAGIC) return null;
  const attributes = new Map<number, Buffer>();
  let covered: Buffer | null = null;
  for (let at = HEADER_BYTES; at + 4 <= bytes.length;) {
    const kind = bytes.readUInt16BE(at);
    const length = bytes.readUInt16BE(at + 2);
    if (kind === ATTRIBUTE.integrity) covered = bytes.subarray(0, at);
    if (covered === null || kind === ATTRIBUTE.integrity) {
      attributes.set(kind, bytes.subarray(at + 4, at + 4 + length));
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { type: bytes.readUInt16BE(0), transaction: bytes.subarray(8, 20), attributes, covered };
}

/** A message with these attributes, in order; with a key, also MESSAGE-INTEGRITY. */
export function writeStun(
  type: number,
  transaction: Buffer,
  attributes: readonly (readonly [number, Buffer])[],
  key: Buffer | null = null,
): Buffer {
  const parts = attributes.map(([kind, value]) => {
    const part = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
    part.writeUInt16BE(kind, 0);
    part.writeUInt16BE(value.length, 2);
    value.copy(part, 4);
    return part;
  });
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(type, 0);
  header.writeUInt32BE(MAGIC, 4);
  transaction.copy(header, 8);
  const message = Buffer.concat([header, ...parts]);
  if (key === null) {
    message.writeUInt16BE(message.length - HEADER_BYTES, 2);
    return message;
  }
  const integrity = Buffer.alloc(4);
  integrity.writeUInt16BE(ATTRIBUTE.integrity, 0);
  integrity.writeUInt16BE(20, 2);
  return Buffer.concat([withLength(message), integrity, integrityOf(message, key)]);
}

/** HMAC over the message before the attribute, whose header counts the attribute as there. */
export const integrityOf = (covered: Buffer, key: Buffer): Buffer =>
  createHmac('sha1', key).update(withLength(covered)).digest();

/** RFC 5389 section 15.4, long-term credentials. */
export const longTermKey = (username: string, realm: string, password: string): Buffer =>
  createHash('md5').update(`${username}:${realm}:${password}`).digest();

function withLength(covered: Buffer): Buffer {
  const copy = Buffer.from(covered);
  copy.writeUInt16BE(covered.length - HEADER_BYTES + 24, 2);
  return copy;
}

/** XOR-MAPPED-ADDRESS and its kin, of IPv4. */
export function xorAddress({ host, port }: Address): Buffer {
  const value = Buffer.alloc(8);
  value[1] = 1;
  value.writeUInt16BE(port ^ (MAGIC >>> 16), 2);
  const number = Buffer.from(host.split('.').map(Number)).readUInt32BE();
  value.writeUInt32BE((number ^ MAGIC) >>> 0, 4);
  return value;
}

export function readAddress(value: Buffer): Address {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((value.readUInt32BE(4) ^ MAGIC) >>> 0);
  return { host: [...bytes].join('.'), port: value.readUInt16BE(2) ^ (MAGIC >>> 16) };
}
