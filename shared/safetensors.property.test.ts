/** Any tensors survive the layout without a copy; no bytes at all make the decoder throw. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTensors, encodeTensors } from './safetensors.ts';
import { BYTES_PER_ELEMENT, type NamedTensors } from './tensor.ts';
import { anyTensors } from './testing/arbitraryTensors.ts';

const plain = (tensors: NamedTensors) =>
  Object.entries(tensors)
    .map(([name, { dtype, dims, bytes }]) => [name, dtype, [...dims], [...bytes]] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** Once lost in writing: `header['__proto__'] = ...` sets a prototype. */
const NAMED_PROTO: NamedTensors = Object.fromEntries([
  ['__proto__', { dtype: 'U8' as const, dims: [], bytes: Uint8Array.of(1) }],
]);

describe('safetensors', () => {
  it('round trip: every dtype and rank, scalars and empty tensors, hard names', () => {
    fc.assert(
      fc.property(anyTensors, (tensors) => {
        const file = encodeTensors(tensors);
        const decoded = decodeTensors(file);
        if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
        expect(plain(decoded.value)).toEqual(plain(tensors));
        for (const { dtype, bytes } of Object.values(decoded.value)) {
          expect(bytes.buffer).toBe(file.buffer);
          expect(bytes.byteOffset % BYTES_PER_ELEMENT[dtype]).toBe(0);
        }
        expect(encodeTensors(decoded.value)).toEqual(file);
      }),
      {
        numRuns: 300,
        examples: [[NAMED_PROTO]],
      },
    );
  });

  it('random bytes are an error, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(typeof decodeTensors(bytes).ok).toBe('boolean');
      }),
      { numRuns: 2_000 },
    );
  });

  it('random headers are an error or cover every byte of the data', () => {
    const anySize = fc.oneof(fc.nat(4), fc.constantFrom<unknown>(-1, 0.5, '1', null, 2 ** 53));
    const anyEntry = fc.oneof(
      fc.record({
        dtype: fc.constantFrom('U8', 'F32', 'F64', 'f32', 'constructor'),
        shape: fc.oneof(fc.array(anySize, { maxLength: 3 }), fc.anything()),
        data_offsets: fc.oneof(fc.array(anySize, { maxLength: 3 }), fc.anything()),
      }),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anyEntry), fc.nat(8), (header, dataBytes) => {
        const json = new TextEncoder().encode(textOf(header));
        const file = new Uint8Array(8 + json.byteLength + dataBytes);
        new DataView(file.buffer).setBigUint64(0, BigInt(json.byteLength), true);
        file.set(json, 8);
        const decoded = decodeTensors(file);
        if (!decoded.ok) return;
        const covered = Object.values(decoded.value).reduce((sum, it) => sum + it.bytes.length, 0);
        expect(covered).toBe(dataBytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a file with one byte changed is an error or still consistent', () => {
    fc.assert(
      fc.property(anyTensors, fc.nat(), fc.integer({ min: 1, max: 255 }), (tensors, at, flip) => {
        const file = encodeTensors(tensors);
        file[at % file.length]! ^= flip;
        const decoded = decodeTensors(file);
        if (!decoded.ok) return;
        for (const { dtype, dims, bytes } of Object.values(decoded.value)) {
          const expected = dims.reduce((a, b) => a * b, 1) * BYTES_PER_ELEMENT[dtype];
          expect(bytes.length).toBe(expected);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** JSON of anything, also of what JSON has no word for. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, it: unknown) => (typeof it === 'bigint' ? String(it) : it)) ?? 'null';
