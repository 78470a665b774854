import { describe, expect, it } from 'vitest';
import { NO_MESSAGE, encodePeerFrame, type PeerFrame } from '../../shared/peerFrame.ts';
import { tensorOf, type NamedTensors } from '../../shared/tensor.ts';
import { settle } from '../volunteer/testing.ts';
import { MESSAGE_OVERHEAD_BYTES, type OutgoingMessage } from './linkTypes.ts';
import { HostileRig, LinkRig, sent } from './testing/linkRig.ts';

const KiB = 1024;
const bytesOf = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 255);
const tensorsOf = (length: number, seed = 1): NamedTensors => ({
  x: tensorOf('U8', [length], bytesOf(length, seed)),
});
const messageOf = (sequence: number, length: number): OutgoingMessage => ({
  epoch: 1,
  stage: 3,
  sequence,
  descriptor: { items: [sequence] },
  tensors: tensorsOf(length, sequence),
});

describe('a tensor link', () => {
  it('tells each end the other’s hello, and carries tensors both ways', async () => {
    const rig = new LinkRig({ lines: [{ delayMs: 5 }] });
    const { a, b } = await rig.open();
    expect(new TextDecoder().decode(a.peerHello)).toBe('b');
    expect(new TextDecoder().decode(b.peerHello)).toBe('a');
    const small = sent(a, messageOf(1, 100));
    const large = sent(b, messageOf(2, 300 * KiB));
    rig.clock.pass(100);
    await settle();
    expect([small.result, large.result]).toEqual([{ ok: true }, { ok: true }]);
    const [atB] = rig.earB.messages;
    expect(atB).toMatchObject({ epoch: 1, stage: 3, sequence: 1, descriptor: { items: [1] } });
    expect(atB!.tensors['x']!.bytes).toEqual(bytesOf(100, 1));
    expect(atB!.tensors['x']!.bytes.buffer).toBe(atB!.buffer);
    expect(rig.earA.messages[0]!.tensors['x']!.bytes).toEqual(bytesOf(300 * KiB, 2));
    expect(rig.earA.progress.at(-1)).toBeGreaterThan(300 * KiB);
  });

  it('tells of an acknowledgement once, and of none that was never due', async () => {
    const rig = new LinkRig();
    const { a, b } = await rig.open();
    sent(a, messageOf(1, 10));
    rig.clock.pass(1);
    expect(a.stats().inFlight).toBe(1);
    b.ack(messageOf(1, 0));
    b.ack(messageOf(1, 0));
    b.ack(messageOf(9, 0));
    rig.clock.pass(30);
    expect(rig.earA.acks).toEqual([{ epoch: 1, stage: 3, sequence: 1 }]);
    expect(a.stats().inFlight).toBe(0);
  });

  it('acknowledges small messages together, and large ones at once', async () => {
    const rig = new LinkRig();
    const { a, b } = await rig.open();
    for (let i = 0; i < 70; i++) sent(a, messageOf(i, 10));
    rig.clock.pass(1);
    const { bufferedBytes } = rig.channels[0]![1];
    for (let i = 0; i < 64; i++) b.ack(messageOf(i, 0));
    expect(rig.channels[0]![1].bufferedBytes - bufferedBytes).toBe(32 + 64 * 12);
    for (let i = 64; i < 70; i++) b.ack(messageOf(i, 0));
    rig.clock.pass(19);
    expect(rig.earA.acks).toHaveLength(64);
    rig.clock.pass(2);
    expect(rig.earA.acks).toHaveLength(70);
    sent(a, messageOf(70, 200 * KiB));
    rig.clock.pass(1);
    b.ack(messageOf(70, 0));
    rig.clock.pass(0);
    expect(rig.earA.acks).toHaveLength(71);
  });

  it('sends no more than the window until it is acknowledged or released', async () => {
    const windowBytes = 100 * KiB;
    const rig = new LinkRig({ limits: { windowBytes } });
    const { a, b } = await rig.open();
    const sends = [1, 2, 3, 4].map((i) => sent(a, messageOf(i, 40 * KiB)));
    rig.clock.pass(100);
    await settle();
    expect(sends.map(({ result }) => result?.ok)).toEqual([true, true, undefined, undefined]);
    b.ack(messageOf(1, 0));
    rig.clock.pass(30);
    b.release(messageOf(2, 0));
    rig.clock.pass(1);
    await settle();
    expect(sends.map(({ result }) => result?.ok)).toEqual([true, true, true, true]);
    expect(rig.earB.messages.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(rig.earA.acks).toHaveLength(1);
    expect(await a.send(messageOf(5, 200 * KiB))).toMatchObject({ error: { kind: 'too-large' } });
  });

  it('keeps a line’s buffer at its high water', async () => {
    const rig = new LinkRig({ lines: [{ bytesPerMs: 100, delayMs: 1 }] });
    const { a } = await rig.open();
    sent(a, messageOf(1, 4096 * KiB));
    for (let i = 0; i < 200; i++) {
      rig.clock.pass(100);
      expect(rig.channels[0]![0].bufferedBytes).toBeLessThanOrEqual(256 * KiB + 64 * KiB + 1024);
    }
    rig.clock.pass(30_000);
    expect(rig.earB.messages).toHaveLength(1);
    expect(a.stats().sendBytesPerSecond).toBeGreaterThan(80_000);
    expect(a.stats().sendBytesPerSecond).toBeLessThan(110_000);
  });

  it('sends larger frames, and more of them, on a line that is fast', async () => {
    const line = { bytesPerMs: 5_000, delayMs: 1, maxMessageBytes: 256 * KiB };
    const rig = new LinkRig({ lines: [line] });
    const { a } = await rig.open();
    sent(a, messageOf(1, 8 * 1024 * KiB));
    let most = 0;
    for (let i = 0; i < 3000; i++) {
      rig.clock.pass(1);
      most = Math.max(most, rig.channels[0]![0].bufferedBytes);
    }
    expect(rig.earB.messages).toHaveLength(1);
    expect(most).toBeGreaterThan(900 * KiB);
    const steps = rig.earB.progress.map((at, i, all) => at - (all[i - 1] ?? 0));
    expect(Math.max(...steps)).toBe(256 * KiB - 32);
  });

  it('spreads an activation over cold associations in frames of four packets', async () => {
    const rig = new LinkRig({ lines: [{}, {}, {}, {}] });
    const { a } = await rig.open();
    sent(a, messageOf(1, 16 * KiB));
    expect(rig.channels.map(([end]) => Math.ceil(end.bufferedBytes / 4600))).toEqual([1, 1, 1, 1]);
    rig.clock.pass(10);
    expect(rig.earB.messages[0]!.tensors['x']!.bytes).toEqual(bytesOf(16 * KiB, 1));
  });

  it('a message that is called off is not delivered, and costs no window', async () => {
    const windowBytes = 1100 * KiB;
    const rig = new LinkRig({ lines: [{ bytesPerMs: 40, delayMs: 50 }], limits: { windowBytes } });
    const { a } = await rig.open();
    const stop = new AbortController();
    const first = sent(a, messageOf(1, 1000 * KiB), { signal: stop.signal });
    const waiting = sent(a, messageOf(2, 1000 * KiB));
    rig.clock.pass(5_000);
    stop.abort();
    await settle();
    expect(first.result).toMatchObject({ error: { kind: 'cancelled' } });
    rig.clock.pass(200_000);
    await settle();
    expect(waiting.result).toEqual({ ok: true });
    expect(rig.earB.messages.map(({ sequence }) => sequence)).toEqual([2]);
    expect(rig.earB.cancels).toEqual([{ epoch: 1, stage: 3, sequence: 1 }]);
    expect(rig.earA.ends).toEqual([]);
  });

  it('a cancel for what has gone is told to the other end', async () => {
    const rig = new LinkRig();
    const { a, b } = await rig.open();
    sent(a, messageOf(1, 10));
    rig.clock.pass(1);
    b.cancel(messageOf(1, 0));
    a.cancel(messageOf(7, 0));
    rig.clock.pass(1);
    expect(rig.earA.cancels).toMatchObject([{ sequence: 1 }]);
    expect(rig.earB.cancels).toMatchObject([{ sequence: 7 }]);
    expect(rig.earA.ends).toEqual([]);
  });

  it('measures the round trip', async () => {
    const rig = new LinkRig({ lines: [{ delayMs: 30 }] });
    const { a } = await rig.open();
    expect(a.stats().roundTripMs).toBe(60);
  });
});

describe('a link ends', () => {
  it('with a goodbye, and what waits is told', async () => {
    const rig = new LinkRig({ limits: { windowBytes: 50 * KiB } });
    const { a, b } = await rig.open();
    sent(a, messageOf(1, 40 * KiB));
    const waiting = sent(a, messageOf(2, 40 * KiB));
    b.close();
    rig.clock.pass(10);
    await settle();
    expect(rig.earA.ends).toMatchObject([{ kind: 'left' }]);
    expect(rig.earB.ends).toMatchObject([{ kind: 'closed' }]);
    expect(waiting.result).toMatchObject({ error: { kind: 'link-ended' } });
    expect(await a.send(messageOf(3, 1))).toMatchObject({ error: { kind: 'link-ended' } });
  });

  it('when any of its channels is cut', async () => {
    const rig = new LinkRig({ lines: [{}, {}] });
    await rig.open();
    rig.channels[1]![0].sever();
    rig.clock.pass(1);
    expect(rig.earA.ends).toMatchObject([{ kind: 'lost' }]);
    expect(rig.earB.ends).toMatchObject([{ kind: 'lost' }]);
  });

  it('before it opened, when nobody answers in time or the channel closes', async () => {
    const rig = new HostileRig();
    rig.clock.pass(5_000);
    expect(await rig.opening).toMatchObject({ error: { kind: 'not-open' } });
    const cut = new LinkRig();
    cut.channels[0]![0].close();
    cut.clock.pass(10);
    expect(await cut.opening).toMatchObject([{ ok: false }, { ok: false }]);
  });

  it('within 5 s of a peer’s silence, and not before', async () => {
    const rig = new HostileRig();
    await rig.greet();
    rig.clock.pass(3_900);
    expect(rig.ear.ends).toEqual([]);
    rig.tell({ kind: 'beat', lane: 0, number: 1 });
    rig.clock.pass(3_900);
    expect(rig.ear.ends).toEqual([]);
    rig.clock.pass(1_000);
    expect(rig.ear.ends).toMatchObject([{ kind: 'stalled' }]);
  });

  it('when a message stands still, though the peer beats', async () => {
    const rig = new HostileRig();
    await rig.greet();
    rig.tell(slice({ total: 2048, payload: new Uint8Array(1024) }));
    for (let i = 0; i < 12; i++) {
      rig.tell({ kind: 'beat', lane: 0, number: i });
      rig.clock.pass(1_000);
    }
    expect(rig.ear.ends).toMatchObject([{ kind: 'stalled', message: /stood still/ }]);
  });

  it('when the peer never makes room, though it beats', async () => {
    const rig = new HostileRig(1, { creditStallMs: 5_000 });
    const link = await rig.greet(20 * KiB);
    sent(link, messageOf(1, 16 * KiB));
    const waiting = sent(link, messageOf(2, 16 * KiB));
    for (let i = 0; i < 7; i++) {
      rig.tell({ kind: 'beat', lane: 0, number: i });
      rig.clock.pass(1_000);
    }
    await settle();
    expect(rig.ear.ends).toMatchObject([{ kind: 'stalled', message: /took nothing/ }]);
    expect(waiting.result).toMatchObject({ ok: false });
  });
});

const slice = (change: Partial<Extract<PeerFrame, { kind: 'tensors' }>>): PeerFrame => ({
  kind: 'tensors',
  lane: 0,
  epoch: 1,
  stage: 0,
  sequence: 1,
  message: 0,
  descriptorBytes: 8,
  offset: 0,
  total: 1024,
  payload: new Uint8Array(1024),
  ...change,
});
const key = { epoch: 1, stage: 0, sequence: 1 };
const half = new Uint8Array(1024);
const helloOf = (lanes: number): PeerFrame => ({
  kind: 'hello',
  lane: 0,
  lanes,
  window: 65_536,
  maxFrameBytes: 65_536,
  payload: new Uint8Array(0),
});

describe('a peer that breaks the protocol is cut off:', () => {
  const cases: [string, PeerFrame[], RegExp][] = [
    ['a second hello', [helloOf(1)], /second hello/],
    ['a body that is none', [slice({})], /body/],
    [
      'a descriptor larger than its payload',
      [slice({ descriptorBytes: 1032 })],
      /descriptor within/,
    ],
    ['more than its credit', [slice({ total: 65 * KiB })], /where 65536 were granted/],
    [
      'more than its credit in pieces',
      [0, 1, 2].map((message) => slice({ message, total: 30 * KiB })),
      /were granted/,
    ],
    [
      'slices that overlap',
      [slice({ total: 4096, payload: half }), slice({ total: 4096, offset: 512, payload: half })],
      /came twice/,
    ],
    [
      'slices that disagree',
      [slice({ total: 4096, payload: half }), slice({ total: 4095, offset: 1024, payload: half })],
      /disagree/,
    ],
    ['a message far ahead', [slice({ message: 70_000 })], /is awaited/],
    ['a frame of another lane', [{ kind: 'bye', lane: 1 }], /lane 1 on lane 0/],
    [
      'a cut of what is beyond its end',
      [{ kind: 'cancel', lane: 0, ...key, message: 0, sent: 10, total: 10 }],
      /cut short/,
    ],
    [
      'a slice after the cut',
      [
        slice({ total: 4096, payload: half }),
        { kind: 'cancel', lane: 0, ...key, message: 0, sent: 1024, total: 4096 },
        slice({ total: 4096, offset: 1024, payload: half }),
      ],
      /too late|is over/,
    ],
    [
      'a flood of control frames',
      Array.from({ length: 300 }, (_, number) => ({ kind: 'beat', lane: 0, number }) as const),
      /flood/,
    ],
  ];
  it.each(cases)('%s', async (_, frames, said) => {
    const rig = new HostileRig(1, { windowBytes: 64 * KiB });
    await rig.greet();
    for (const frame of frames) rig.raw(encodePeerFrame(frame), 0);
    expect(rig.ear.ends).toMatchObject([{ kind: 'misbehaved' }]);
    expect(rig.ear.ends[0]!.message).toMatch(said);
    expect(rig.ear.messages).toEqual([]);
  });

  it('a slice of a message that is over', async () => {
    const rig = new HostileRig();
    await rig.greet();
    const cut = { kind: 'cancel', lane: 0, ...key, message: 0, sent: 1024, total: 4096 } as const;
    rig.tell(slice({ total: 4096, payload: half }));
    rig.tell(cut);
    rig.tell(slice({ total: 4096, payload: half }));
    expect(rig.ear.ends).toMatchObject([{ kind: 'misbehaved', message: /is over/ }]);
  });

  it('anything before its hello, or a hello of other lanes', async () => {
    const early = new HostileRig();
    early.tell({ kind: 'beat', lane: 0, number: 1 });
    expect(await early.opening).toMatchObject({ error: { kind: 'misbehaved' } });
    const other = new HostileRig();
    other.tell(helloOf(2));
    expect(await other.opening).toMatchObject({ error: { kind: 'misbehaved' } });
  });

  it('but not a cut that overtakes its slices on another lane', async () => {
    const rig = new HostileRig(2, { windowBytes: 5120 + MESSAGE_OVERHEAD_BYTES });
    await rig.greet();
    rig.tell({ kind: 'cancel', lane: 1, ...key, message: 0, sent: 2048, total: 5120 });
    rig.tell(slice({ total: 5120, payload: half }));
    rig.tell(slice({ total: 5120, lane: 1, offset: 1024, payload: half }));
    expect(rig.ear.ends).toEqual([]);
    expect(rig.ear.cancels).toEqual([key]);
    // The window is free again: it had room for one such message only.
    rig.tell(slice({ message: 1, total: 5120, payload: half }));
    expect(rig.ear.ends).toEqual([]);
  });

  it('and not one that cancels what nobody knows', async () => {
    const rig = new HostileRig();
    await rig.greet();
    rig.tell({ kind: 'cancel', lane: 0, ...key, message: NO_MESSAGE, sent: 0, total: 0 });
    expect(rig.ear.ends).toEqual([]);
  });
});
