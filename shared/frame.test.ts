/** The binary link frame: golden bytes, and every way in which a frame can be wrong. */
import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_MAGIC, decodeFrame, encodeFrame } from './frame.ts';
import { MAX_CONTROL_BYTES, MAX_FRAME_BYTES } from './limits.ts';
import { encodeTensors } from './safetensors.ts';
import { tensorOf, valuesOf } from './tensor.ts';
import { anyTensors } from './testing/arbitraryTensors.ts';

const X = { x: tensorOf('F32', [1], Float32Array.of(1)) };
const FRAME = encodeFrame({ type: 'report', é: 1 }, X);

/** "IDW1", 24 control bytes, the control text padded with spaces, then the safetensors part. */
const FRAME_HEX =
  '49445731' +
  '18000000' +
  '7b2274797065223a227265706f7274222c22c3a9223a317d' +
  '3800000000000000' +
  '7b2278223a7b226474797065223a22463332222c227368617065223a5b315d2c22646174615f6f666673657473223a5b302c345d7d7d2020' +
  '0000803f';

function errorOf(bytes: Uint8Array) {
  const decoded = decodeFrame(bytes);
  return decoded.ok ? 'decoded' : decoded.error;
}

/** The frame with one u32 of its prefix replaced. */
function withWord(at: number, word: number): Uint8Array {
  const bytes = FRAME.slice();
  new DataView(bytes.buffer).setUint32(at, word, true);
  return bytes;
}

describe('frame', () => {
  it('golden bytes', () => {
    expect(bytesToHex(FRAME)).toBe(FRAME_HEX);
    expect(new DataView(FRAME.buffer).getUint32(0, true)).toBe(FRAME_MAGIC);
  });

  it('control text comes back as it was, tensors as aligned views', () => {
    const decoded = decodeFrame(FRAME);
    if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
    expect(JSON.parse(decoded.value.control)).toEqual({ type: 'report', é: 1 });
    const values = valuesOf(decoded.value.tensors['x']!);
    expect([...values]).toEqual([1]);
    expect(values.buffer).toBe(FRAME.buffer);
  });

  it('takes a tensor part that is encoded already', () => {
    expect(encodeFrame({ type: 'report', é: 1 }, encodeTensors(X))).toEqual(FRAME);
  });

  it('decodes where the frame begins in the middle of a buffer', () => {
    for (let offset = 0; offset < 9; offset++) {
      const buffer = new Uint8Array(offset + FRAME.length);
      buffer.set(FRAME, offset);
      const decoded = decodeFrame(buffer.subarray(offset));
      expect(decoded.ok && [...valuesOf(decoded.value.tensors['x']!)]).toEqual([1]);
    }
  });

  it('truncated at any byte it is refused', () => {
    for (let length = 0; length < FRAME.byteLength; length++) {
      const error = errorOf(FRAME.subarray(0, length));
      const kind = typeof error === 'string' ? error : error.kind;
      expect(kind, `${length} bytes`).toMatch(/^malformed/);
    }
  });

  it('a control part of any length keeps the tensor part at a multiple of 8', () => {
    for (let length = 0; length < 9; length++) {
      const frame = encodeFrame({ t: 'x'.repeat(length) }, X);
      const control = new DataView(frame.buffer).getUint32(4, true);
      expect((8 + control) % 8).toBe(0);
      expect(errorOf(frame)).toBe('decoded');
    }
  });
});

const WRONG: readonly [string, Uint8Array, object][] = [
  ['nothing', new Uint8Array(0), { kind: 'malformed-frame', came: '0 bytes' }],
  ['a prefix cut short', FRAME.subarray(0, 7), { kind: 'malformed-frame', came: '7 bytes' }],
  ['another magic', withWord(0, 0x32574449), { kind: 'malformed-frame', came: '0x32574449' }],
  [
    'a control part beyond the limit',
    withWord(4, MAX_CONTROL_BYTES + 1),
    { kind: 'malformed-frame', expected: `at most ${MAX_CONTROL_BYTES} control bytes` },
  ],
  [
    'a control part beyond the frame',
    withWord(4, FRAME.byteLength),
    { kind: 'malformed-frame', expected: `${FRAME.byteLength} control bytes` },
  ],
  [
    'control text that is not UTF-8',
    encodeFrame({ a: 1 }, X).fill(0xff, 9, 10),
    { kind: 'malformed-frame', expected: 'control text in UTF-8' },
  ],
  [
    'a tensor part that is none',
    encodeFrame({ a: 1 }, new Uint8Array(3)),
    { kind: 'malformed-tensors', came: '3 bytes' },
  ],
  [
    'a tensor part with more data than it describes',
    encodeFrame({ a: 1 }, Uint8Array.of(...encodeTensors(X), 0)),
    { kind: 'malformed-tensors' },
  ],
  ['a frame beyond the limit', new Uint8Array(MAX_FRAME_BYTES + 1), { kind: 'frame-too-large' }],
];

describe('refused frames', () => {
  it.each(WRONG)('%s', (_, bytes, error) => {
    expect(errorOf(bytes)).toMatchObject(error);
  });

  it('random bytes behind a right magic are an error, never an exception', () => {
    const anyFrame = fc
      .tuple(fc.nat(40), fc.uint8Array({ maxLength: 80 }))
      .map(([control, rest]) => {
        const bytes = new Uint8Array(8 + rest.length);
        new DataView(bytes.buffer).setUint32(0, FRAME_MAGIC, true);
        new DataView(bytes.buffer).setUint32(4, control, true);
        bytes.set(rest, 8);
        return bytes;
      });
    fc.assert(
      fc.property(anyFrame, (bytes) => {
        expect(typeof decodeFrame(bytes).ok).toBe('boolean');
      }),
      { numRuns: 2_000 },
    );
  });

  it('any JSON and any tensors survive', () => {
    fc.assert(
      fc.property(fc.json(), anyTensors, (json, tensors) => {
        const control: unknown = JSON.parse(json);
        const decoded = decodeFrame(encodeFrame(control, tensors));
        if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
        expect(JSON.parse(decoded.value.control)).toEqual(control);
        expect(Object.keys(decoded.value.tensors).sort()).toEqual(Object.keys(tensors).sort());
      }),
      { numRuns: 200 },
    );
  });
});
