/**
 * The three ways of moving tensors between two pages that `npm run bench -- peers` compares: a bare RTCDataChannel, PeerJS's
 * `binary` connection, and a tensor link. Each sends the same bytes; the receiver keeps them until it is asked for
 * their digest.
 */
import type { DataConnection } from 'peerjs';
import { bytesToHex } from '@noble/hashes/utils.js';
import { assert } from '../../shared/result.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { IncomingMessage } from '../../web/peer/linkTypes.ts';
import { FAST_HIGH_WATER_BYTES, LOW_WATER_BYTES } from '../../web/peer/linkTypes.ts';
import type { SignallingServer } from '../../web/peer/peerNode.ts';
import type { PeerLink } from '../../web/peer/peerTransport.ts';
import { packTensors, unpackTensors, type WireEncoding } from '../../web/peer/wireCodec.ts';
import { noiseBytes } from './noiseBytes.ts';

const MiB = 1024 * 1024;

/** What this page's receiving side has, whichever contender brought it. */
let kept: Uint8Array[] = [];
let sources: Uint8Array<ArrayBuffer>[] = [];

/** Makes what is sent, outside of any timing: noise that is also finite as f32. */
export function prepare(tensors: number, seed: number): void {
  sources = Array.from({ length: tensors }, (_, i) => {
    const bytes = noiseBytes(MiB, seed * 1000 + i);
    const floats = new Float32Array(bytes.buffer);
    const words = new Uint32Array(bytes.buffer);
    for (let j = 0; j < words.length; j++) floats[j] = words[j]! / 2 ** 32 - 0.5;
    return bytes;
  });
}

export const sourceDigest = (): Promise<string> => digestOfAll(sources);

/** Of what came since the last call. */
export function takeDigest(): Promise<string> {
  const all = kept;
  kept = [];
  return digestOfAll(all);
}

async function digestOfAll(pieces: readonly Uint8Array[]): Promise<string> {
  const whole = new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', whole)));
}

/* Bare RTCDataChannel. */

let bare: { connection: RTCPeerConnection; channel: RTCDataChannel } | undefined;
let bareDone: () => void = () => undefined;
let barePong: () => void = () => undefined;

function openBare(): { connection: RTCPeerConnection; channel: RTCDataChannel } {
  const connection = new RTCPeerConnection();
  const channel = connection.createDataChannel('bare', { negotiated: true, id: 77, ordered: true });
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  let awaited = 0;
  let echoes = false;
  channel.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (data === 'done') bareDone();
    else if (data === 'echo') echoes = true;
    else if (typeof data === 'string') {
      echoes = false;
      awaited = Number(data);
    } else if (echoes) channel.send(data);
    else if (awaited === 0) barePong();
    else {
      kept.push(new Uint8Array(data));
      awaited -= data.byteLength;
      if (awaited === 0) channel.send('done');
    }
  });
  bare = { connection, channel };
  return bare;
}

const gathered = (connection: RTCPeerConnection): Promise<string> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (connection.iceGatheringState === 'complete') resolve(connection.localDescription!.sdp);
    };
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });

export async function bareOffer(): Promise<string> {
  const { connection } = openBare();
  await connection.setLocalDescription();
  return gathered(connection);
}

export async function bareAnswer(sdp: string): Promise<string> {
  const { connection } = openBare();
  await connection.setRemoteDescription({ type: 'offer', sdp });
  await connection.setLocalDescription();
  return gathered(connection);
}

export async function bareAccept(sdp: string): Promise<void> {
  const { connection, channel } = bare!;
  await connection.setRemoteDescription({ type: 'answer', sdp });
  if (channel.readyState === 'open') return;
  await new Promise((resolve) => channel.addEventListener('open', resolve));
}

/** Milliseconds until the receiver has said that all is there. */
export async function bareSend(): Promise<number> {
  const { connection, channel } = bare!;
  const most = connection.sctp!.maxMessageSize;
  const start = performance.now();
  const done = new Promise<void>((resolve) => (bareDone = resolve));
  channel.send(`${sources.length * MiB}`);
  for (const source of sources) {
    for (let at = 0; at < source.byteLength; at += most) {
      while (channel.bufferedAmount >= FAST_HIGH_WATER_BYTES) {
        await new Promise((resolve) =>
          channel.addEventListener('bufferedamountlow', resolve, { once: true }),
        );
      }
      channel.send(source.subarray(at, at + most));
    }
  }
  await done;
  return performance.now() - start;
}

export async function barePing(rounds: number, bytes: number): Promise<number[]> {
  const { channel } = bare!;
  const message = noiseBytes(bytes, 7);
  channel.send('echo');
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    const pong = new Promise<void>((resolve) => (barePong = resolve));
    channel.send(message);
    await pong;
    times.push(performance.now() - start);
  }
  return times;
}

/* PeerJS, `serialization: 'binary'`. */

let binary: DataConnection | undefined;
let binaryDone: () => void = () => undefined;

export async function openBinary(
  id: string,
  server: SignallingServer,
  to: string | null,
): Promise<void> {
  const { Peer } = await import('peerjs');
  const { host, port, path, key, secure } = server;
  const peer = new Peer(id, { host, port, path, key, secure, config: { iceServers: [] } });
  await new Promise((resolve) => peer.once('open', resolve));
  const use = (connection: DataConnection): void => {
    binary = connection;
    connection.on('data', (data) => {
      if (data === 'done') binaryDone();
      else if (data === 'begin') kept = [];
      else {
        kept.push(new Uint8Array(data as ArrayBuffer));
        if (kept.length === sources.length) void connection.send('done');
      }
    });
  };
  if (to === null) {
    peer.on('connection', use);
    return;
  }
  const connection = peer.connect(to, { serialization: 'binary', reliable: true });
  use(connection);
  await new Promise<void>((resolve) => connection.on('open', resolve));
}

export async function binarySend(): Promise<number> {
  assert(binary !== undefined, 'openBinary first');
  const start = performance.now();
  const done = new Promise<void>((resolve) => (binaryDone = resolve));
  void binary.send('begin');
  for (const source of sources) void binary.send(source.buffer);
  await done;
  return performance.now() - start;
}

/* The tensor link. */

let sequence = 1_000_000;
let acknowledged: () => void = () => undefined;
let pong: () => void = () => undefined;
let echoes = false;
let encoded: Readonly<Record<string, 'f16' | 'int8'>> | null = null;

export function linkAcked(of: number): void {
  if (of === sequence) acknowledged();
}

/** A receiver's or an echoing page's part. */
export function linkTook(link: PeerLink, message: IncomingMessage): void {
  const { kind } = message.descriptor as { kind: 'bulk' | 'ping' | 'pong' };
  if (kind === 'ping' && echoes) {
    const { tensors, epoch, stage } = message;
    const answer = { epoch, stage, sequence: message.sequence, descriptor: { kind: 'pong' } };
    void link.send({ ...answer, tensors });
  } else if (kind === 'pong') pong();
  else if (encoded === null) kept.push(message.tensors['x']!.bytes);
  else {
    const back = unpackTensors(message.tensors, encoded);
    assert(back.ok, 'what came can be unpacked');
    kept.push(valuesOf(back.value['x']!) as unknown as Uint8Array);
  }
  link.ack(message);
}

export function linkMode(mode: 'sink' | 'echo', decode: 'f16' | 'int8' | null): void {
  echoes = mode === 'echo';
  encoded = decode === null ? null : { x: decode };
}

/**
 * Milliseconds until the last tensor is acknowledged, and the error of the encoding. Gives the tensors away, as a stage
 * does with what it computed: `prepare` makes new ones.
 */
export async function linkSend(
  link: PeerLink,
  encoding: WireEncoding,
): Promise<{ ms: number; relativeL2: number }> {
  const start = performance.now();
  let relativeL2 = 0;
  const done = new Promise<void>((resolve) => (acknowledged = resolve));
  const first = sequence + 1;
  sequence += sources.length;
  const sends = sources.map((source, i) => {
    const x = tensorOf('F32', [128, MiB / 512], new Float32Array(source.buffer));
    let tensors: NamedTensors = { x };
    if (encoding !== 'f32') {
      const packed = packTensors(tensors, encoding);
      relativeL2 = Math.max(relativeL2, packed.relativeL2);
      tensors = packed.tensors;
    }
    const key = { epoch: 0, stage: 0, sequence: first + i };
    return link.send({ ...key, descriptor: { kind: 'bulk' }, tensors }, { give: true });
  });
  const results = await Promise.all(sends);
  assert(
    results.every(({ ok }) => ok),
    'all were sent',
  );
  await done;
  return { ms: performance.now() - start, relativeL2 };
}

export async function linkPing(link: PeerLink, rounds: number, bytes: number): Promise<number[]> {
  const tensors = { x: tensorOf('U8', [bytes], noiseBytes(bytes, 7)) };
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    const answered = new Promise<void>((resolve) => (pong = resolve));
    void link.send({ epoch: 0, stage: 0, sequence: i, descriptor: { kind: 'ping' }, tensors });
    await answered;
    times.push(performance.now() - start);
  }
  return times;
}
