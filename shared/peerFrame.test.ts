import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PEER_BODY_BYTES, MAX_PEER_FRAME_BYTES, MAX_PEER_HELLO_BYTES } from './limits.ts';
import { decodePeerBody, peerBody, readPeerBody } from './peerBody.ts';
import {
  NO_MESSAGE,
  PEER_HEADER_BYTES,
  decodePeerFrame,
  encodePeerFrame,
  packKeys,
  type PeerFrame,
} from './peerFrame.ts';
import { tensorOf } from './tensor.ts';
import { anyTensors } from './testing/arbitraryTensors.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const key = { epoch: 7, stage: 2, sequence: 0x01020304 };
const tensors: PeerFrame = {
  kind: 'tensors',
  lane: 1,
  ...key,
  message: 9,
  descriptorBytes: 16,
  offset: 0x1000,
  total: 0x1004,
  payload: Uint8Array.of(1, 2, 3, 4),
};

describe('peer frames', () => {
  it('have the bytes of version 1', () => {
    const hello: PeerFrame = {
      kind: 'hello',
      lane: 0,
      lanes: 4,
      window: 0x1000000,
      maxFrameBytes: 0x40000,
      payload: Uint8Array.of(0xab),
    };
    expect(hex(encodePeerFrame(hello))).toBe(
      '494450310100000000000000040000000000000000000000' + '0000040000000001' + 'ab',
    );
    expect(hex(encodePeerFrame(tensors))).toBe(
      '4944503101010100070000000403020102001000090000000010000004100000' + '01020304',
    );
    const of = (frame: PeerFrame) => hex(encodePeerFrame(frame)).slice(8);
    const payload = packKeys([key, { epoch: 1, stage: 0, sequence: 5 }]);
    expect(of({ kind: 'ack', lane: 0, bytes: 3, payload })).toBe(
      '01020000' +
        '00'.repeat(20) +
        '03000000' +
        '070000000403020102000000' +
        '010000000500000000000000',
    );
    expect(of({ kind: 'credit', lane: 0, bytes: 5 })).toBe(
      '01030000' + '00'.repeat(20) + '05000000',
    );
    expect(of({ kind: 'cancel', lane: 0, ...key, message: NO_MESSAGE, sent: 6, total: 7 })).toBe(
      '01040000070000000403020102000000ffffffff0600000007000000',
    );
    const numbered = '000000000' + '08000000' + '00'.repeat(16);
    expect(of({ kind: 'beat', lane: 0, number: 8 })).toBe(`0105000${numbered}`);
    expect(of({ kind: 'echo', lane: 0, number: 8 })).toBe(`0106000${numbered}`);
    expect(of({ kind: 'bye', lane: 3 })).toBe('01070300' + '00'.repeat(24));
  });

  it('payloads are views at a multiple of 8', () => {
    const bytes = encodePeerFrame(tensors);
    const decoded = decodePeerFrame(bytes);
    expect(decoded).toEqual({ ok: true, value: tensors });
    if (!decoded.ok || decoded.value.kind !== 'tensors') return;
    expect(decoded.value.payload.buffer).toBe(bytes.buffer);
    expect(decoded.value.payload.byteOffset % 8).toBe(0);
  });

  const wrong: [string, (bytes: Uint8Array) => Uint8Array, RegExp][] = [
    ['the magic', (b) => b.with(0, 0x50), /magic IDP1/],
    ['the version', (b) => b.with(4, 2), /version 1/],
    ['the kind', (b) => b.with(5, 8), /a kind of hello/],
    ['an unused byte', (b) => b.with(7, 1), /zero in unused byte 7/],
    ['a short header', (b) => b.subarray(0, PEER_HEADER_BYTES - 1), /32 to/],
    ['an end past the total', (b) => b.with(28, 3), /a slice within/],
    ['a body too large', (b) => b.with(31, 0xff), /a body of at most/],
    ['a descriptor of no multiple of 8', (b) => b.with(18, 17), /multiple of 8/],
    ['a descriptor too large', (b) => b.with(19, 0x41), /descriptor of at most/],
    ['an empty slice', (b) => b.subarray(0, PEER_HEADER_BYTES), /slices of at least/],
    ['the reserved message', (b) => b.fill(0xff, 20, 24), /message number/],
  ];
  it.each(wrong)('refuse %s', (_, change, expected) => {
    const decoded = decodePeerFrame(change(encodePeerFrame(tensors)));
    expect(decoded).toMatchObject({ ok: false, error: { kind: 'malformed-frame' } });
    if (!decoded.ok) expect(decoded.error.expected).toMatch(expected);
  });

  it('refuse a descriptor larger than the body, tiny slices and empty last ones', () => {
    const slice = (change: object, bytes: number) =>
      decodePeerFrame(
        encodePeerFrame({ ...tensors, offset: 0, ...change, payload: new Uint8Array(bytes) }),
      ).ok;
    expect(slice({ total: 24, descriptorBytes: 24 }, 24)).toBe(true);
    expect(slice({ total: 24, descriptorBytes: 32 }, 24)).toBe(false);
    expect(slice({ total: 4096 }, 1024)).toBe(true);
    expect(slice({ total: 4096 }, 1023)).toBe(false);
    expect(slice({ total: 4096, offset: 4096 }, 0)).toBe(false);
    expect(slice({ total: MAX_PEER_BODY_BYTES }, 4096)).toBe(true);
    expect(slice({ total: MAX_PEER_BODY_BYTES + 1 }, 4096)).toBe(false);
  });

  it('refuse payloads where none belongs, long hellos and long frames', () => {
    const longer = (frame: PeerFrame, by: number) => {
      const bytes = new Uint8Array(PEER_HEADER_BYTES + by);
      bytes.set(encodePeerFrame(frame));
      return decodePeerFrame(bytes).ok;
    };
    const hello = { kind: 'hello', lane: 0, lanes: 1, window: 1, maxFrameBytes: 1 } as const;
    const payload = new Uint8Array(0);
    expect(longer({ kind: 'bye', lane: 0 }, 0)).toBe(true);
    expect(longer({ kind: 'bye', lane: 0 }, 1)).toBe(false);
    const ack = { kind: 'ack', lane: 0, bytes: 0, payload: new Uint8Array(0) } as const;
    expect(longer(ack, 64 * 12)).toBe(true);
    expect(longer(ack, 65 * 12)).toBe(false);
    expect(longer(ack, 13)).toBe(false);
    expect(longer({ ...hello, payload }, MAX_PEER_HELLO_BYTES)).toBe(true);
    expect(longer({ ...hello, payload }, MAX_PEER_HELLO_BYTES + 1)).toBe(false);
    const full = { ...tensors, offset: 0, total: MAX_PEER_FRAME_BYTES } as const;
    expect(longer(full, MAX_PEER_FRAME_BYTES - PEER_HEADER_BYTES)).toBe(true);
    expect(longer(full, MAX_PEER_FRAME_BYTES - PEER_HEADER_BYTES + 1)).toBe(false);
  });

  it('never throw on mutated and cut frames, and what decodes encodes to the same bytes', () => {
    const change = fc.tuple(fc.nat({ max: 80 }), fc.integer({ min: 0, max: 255 }));
    const mutations = fc.tuple(fc.array(change, { maxLength: 4 }), fc.nat({ max: 90 }));
    fc.assert(
      fc.property(mutations, fc.uint8Array({ maxLength: 48 }), ([changes, length], payload) => {
        const total = payload.byteLength;
        const bytes = encodePeerFrame({
          ...tensors,
          descriptorBytes: 0,
          offset: 0,
          total,
          payload,
        });
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const decoded = decodePeerFrame(bytes.subarray(0, Math.max(length, 8)));
        if (decoded.ok) {
          expect(hex(encodePeerFrame(decoded.value))).toBe(hex(bytes.subarray(0, length)));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('peer bodies', () => {
  it('give back descriptor and tensors, cut anywhere', () => {
    fc.assert(
      fc.property(anyTensors, fc.jsonValue({ maxDepth: 4 }), fc.nat(), (given, descriptor, cut) => {
        const made = peerBody(descriptor, given);
        expect(made.ok).toBe(true);
        if (!made.ok) return;
        const { total, descriptorBytes } = made.value;
        const bytes = new Uint8Array(total);
        const at = cut % (total + 1);
        readPeerBody(made.value, 0, bytes.subarray(0, at));
        readPeerBody(made.value, at, bytes.subarray(at));
        const decoded = decodePeerBody(bytes, descriptorBytes);
        expect(decoded).toMatchObject({ ok: true });
        if (!decoded.ok) return;
        expect(JSON.stringify(decoded.value.descriptor)).toBe(JSON.stringify(descriptor));
        expect({ ...decoded.value.tensors }).toEqual(given);
      }),
    );
  });

  it('never throw on mutated and cut bodies', () => {
    fc.assert(
      fc.property(anyTensors, fc.nat(), fc.nat(), fc.nat(300), (given, at, value, cut) => {
        const made = peerBody({ a: [1] }, given);
        if (!made.ok) return;
        const bytes = new Uint8Array(made.value.total);
        readPeerBody(made.value, 0, bytes);
        bytes[at % bytes.length] = value & 255;
        decodePeerBody(bytes.subarray(0, bytes.length - cut), made.value.descriptorBytes);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuse what is too large', () => {
    const eight = tensorOf('U8', [8 * 1024 * 1024], new Uint8Array(8 * 1024 * 1024));
    expect(peerBody(null, { eight })).toMatchObject({ ok: true });
    const one = tensorOf('U8', [1], new Uint8Array(1));
    expect(peerBody(null, { eight, one })).toMatchObject({ ok: false });
    expect(peerBody('x'.repeat(16 * 1024), {})).toMatchObject({ ok: false });
  });

  it('refuse descriptors that are not JSON, or nested too deeply', () => {
    const text = (json: string) => {
      const bytes = new TextEncoder().encode(json.padEnd((json.length + 7) & ~7));
      const none = peerBody(null, {});
      if (!none.ok) throw new Error('no body');
      const [, ...file] = none.value.parts;
      const body = Buffer.concat([bytes, ...file]);
      return decodePeerBody(new Uint8Array(body), bytes.byteLength).ok;
    };
    expect(text('{"a":1}')).toBe(true);
    expect(text('{"a":1')).toBe(false);
    expect(text('['.repeat(17) + ']'.repeat(17))).toBe(false);
  });
});
