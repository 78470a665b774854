import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PEER_BODY_BYTES } from '../../shared/limits.ts';
import { encodePeerFrame, packKeys, type PeerFrame } from '../../shared/peerFrame.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { settle } from '../volunteer/testing.ts';
import { ByteRanges } from './byteRanges.ts';
import type { SendFailure } from './linkTypes.ts';
import { HostileRig, LinkRig } from './testing/linkRig.ts';
import type { Result } from '../../shared/result.ts';

const line = fc.record({
  delayMs: fc.nat({ max: 80 }),
  bytesPerMs: fc.constantFrom(200, 1_500, 20_000),
  maxMessageBytes: fc.constantFrom(16 * 1024, 64 * 1024, 256 * 1024),
});
const size = fc.oneof(
  fc.nat({ max: 6_000 }),
  fc.nat({ max: 70_000 }),
  fc.integer({ min: 200_000, max: 900_000 }),
);
const asked = fc.record({
  size,
  seed: fc.nat({ max: 255 }),
  /** Time that passes before it is sent. */
  pauseMs: fc.constantFrom(0, 0, 1, 40),
  /** Called off so much later. */
  abortAfterMs: fc.constantFrom(null, null, null, 0, 3, 60),
});

const bytesOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8) * 5) & 255);

const isSame = (x: Uint8Array, y: Uint8Array): boolean =>
  x.byteLength === y.byteLength && x.every((byte, i) => byte === y[i]);

describe('tensor links, whatever the lines and the messages', () => {
  it('every message that was sent comes once, in order, unchanged; one called off at most once', async () => {
    const scenario = fc.record({
      lines: fc.array(line, { minLength: 1, maxLength: 4 }),
      messages: fc.array(asked, { minLength: 1, maxLength: 12 }),
      windowBytes: fc.constantFrom(1_000_000, 2_000_000),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ lines, messages, windowBytes }) => {
        const rig = new LinkRig({ lines, limits: { windowBytes } });
        const { a, b } = await rig.open();
        rig.earB.onMessage = (message) => {
          const { seed } = message.descriptor as { seed: number };
          const { bytes } = message.tensors['x']!;
          // `toEqual` takes a second for a megabyte.
          expect(isSame(bytes, bytesOf(bytes.byteLength, seed))).toBe(true);
          b.ack(message);
        };
        const results: (Result<void, SendFailure> | null)[] = messages.map(() => null);
        messages.forEach(({ size, seed, pauseMs, abortAfterMs }, sequence) => {
          rig.clock.pass(pauseMs);
          const stop = new AbortController();
          const tensors = { x: tensorOf('U8', [size], bytesOf(size, seed)) };
          const message = { epoch: 0, stage: 0, sequence, descriptor: { seed }, tensors };
          void a.send(message, { signal: stop.signal }).then((r) => (results[sequence] = r));
          if (abortAfterMs !== null) rig.clock.after(abortAfterMs, () => stop.abort());
        });
        rig.clock.pass(120_000);
        await settle();
        const came = rig.earB.messages.map(({ sequence }) => sequence);
        const whole = results.flatMap((result, i) => (result?.ok === true ? [i] : []));
        expect(results).not.toContain(null);
        expect(came).toEqual(whole);
        // Acknowledgements may overtake each other on different lanes.
        const acknowledged = rig.earA.acks.map(({ sequence }) => sequence);
        expect(acknowledged.sort((x, y) => x - y)).toEqual(whole);
        expect([...rig.earA.ends, ...rig.earB.ends]).toEqual([]);
        expect(a.stats().inFlight).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('nothing that a peer sends throws, and what it can make us hold is its window', async () => {
    const windowBytes = 200_000;
    const u32 = fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 5_000 }), fc.nat(0xffff_ffff));
    const key = {
      epoch: fc.nat({ max: 1 }),
      stage: fc.nat({ max: 1 }),
      sequence: fc.nat({ max: 1 }),
    };
    const payload = fc
      .tuple(fc.constantFrom(0, 8, 1_024, 2_048, 60_000), fc.nat({ max: 255 }))
      .map(([length, fill]) => new Uint8Array(length).fill(fill));
    const lane = fc.nat({ max: 1 });
    const frame: fc.Arbitrary<PeerFrame> = fc.oneof(
      fc.record({
        kind: fc.constant('tensors' as const),
        lane,
        ...key,
        message: fc.nat({ max: 4 }),
        descriptorBytes: fc.constantFrom(0, 8, 16, 24),
        offset: fc.constantFrom(0, 1_024, 2_048, 60_000),
        total: fc.oneof(fc.constantFrom(1_024, 2_048, 60_000, MAX_PEER_BODY_BYTES), u32),
        payload,
      }),
      fc.record({
        kind: fc.constant('ack' as const),
        lane,
        bytes: u32,
        payload: fc.array(fc.record(key), { maxLength: 5 }).map(packKeys),
      }),
      fc.record({ kind: fc.constant('credit' as const), lane, bytes: u32 }),
      fc.record({
        kind: fc.constant('cancel' as const),
        lane,
        ...key,
        message: fc.oneof(fc.nat({ max: 4 }), fc.constant(0xffff_ffff)),
        sent: u32,
        total: u32,
      }),
      fc.record({ kind: fc.constantFrom('beat' as const, 'echo' as const), lane, number: u32 }),
    );
    const sent = fc.oneof(
      { weight: 8, arbitrary: frame.map((f) => ({ bytes: encodePeerFrame(f), lane: f.lane })) },
      { weight: 1, arbitrary: fc.record({ bytes: fc.uint8Array({ maxLength: 200 }), lane }) },
    );
    let endedBadly = 0;
    let survived = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { maxLength: 30 }), async (frames) => {
        const rig = new HostileRig(2, { windowBytes });
        const link = await rig.greet();
        for (const { bytes, lane } of frames) rig.raw(bytes, lane);
        expect(link.stats().receivedBytes).toBeLessThanOrEqual(windowBytes);
        const held = rig.ear.messages.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
        expect(held).toBeLessThanOrEqual(windowBytes);
        expect(rig.ear.ends.length).toBeLessThanOrEqual(1);
        if (rig.ear.ends.length === 1) endedBadly += 1;
        else survived += 1;
      }),
      { numRuns: 300 },
    );
    // Both kinds were tried.
    expect(endedBadly).toBeGreaterThan(100);
    expect(survived).toBeGreaterThan(10);
  });
});

describe('byte ranges', () => {
  it('say of every byte whether it has come', () => {
    const range = fc.tuple(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 8 }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 40 }), (ranges) => {
        const seen = new Set<number>();
        const ours = new ByteRanges();
        for (const [start, length] of ranges) {
          const bytes = Array.from({ length }, (_, i) => start + i);
          const isNew = bytes.every((byte) => !seen.has(byte));
          expect(ours.add(start, start + length)).toBe(isNew);
          if (isNew) bytes.forEach((byte) => seen.add(byte));
          expect(ours.bytes).toBe(seen.size);
          expect(ours.end).toBe(seen.size === 0 ? 0 : Math.max(...seen) + 1);
        }
      }),
    );
  });
});
