/**
 * `.npy` bytes as NumPy 2.4 wrote them, and as it must be able to read ours.
 */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf, type Dtype } from '../../shared/tensor.ts';
import { decodeNpy, encodeNpy } from './npy.ts';

/** A `.npy` file by hand: magic, version, header padded as NumPy does, data. */
function npy(header: string, data: Uint8Array, version = 1): Uint8Array {
  const prefix = version === 1 ? 10 : 12;
  const padded = Math.ceil((prefix + header.length + 1) / 64) * 64 - prefix;
  const length = version === 1 ? [padded & 0xff, padded >> 8] : [padded & 0xff, padded >> 8, 0, 0];
  const text = new TextEncoder().encode(`${header.padEnd(padded - 1)}\n`);
  return Uint8Array.from([...MAGIC, version, 0, ...length, ...text, ...data]);
}
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const header = (descr: string, shape: string, fortran = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** numpy.save(f, np.arange(6, dtype='<f4').reshape(2, 3)) */
const GOLDEN_F32 =
  '934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c7365' +
  '2c20277368617065273a2028322c2033292c207d2020202020202020202020202020202020202020202020202020202020' +
  '20202020202020202020202020202020202020202020202020202020200a000000000000803f0000004000004040000080' +
  '400000a040';
/** numpy.save(f, np.asfortranarray(np.arange(6).reshape(2, 3).astype('>i4'))) */
const GOLDEN_BIG_FORTRAN =
  '934e554d5059010076007b276465736372273a20273e6934272c2027666f727472616e5f6f72646572273a2054727565' +
  '2c20277368617065273a2028322c2033292c207d20202020202020202020202020202020202020202020202020202020' +
  '202020202020202020202020202020202020202020202020202020202020200a00000000000000030000000100000004' +
  '0000000200000005';

describe('npy', () => {
  it('reads and writes the bytes that NumPy writes', () => {
    const golden = Uint8Array.from(Buffer.from(GOLDEN_F32, 'hex'));
    const read = decodeNpy(golden, 'a.npy');
    if (!read.ok) throw new Error(read.error.expected);
    expect(read.value.dtype).toBe('F32');
    expect(read.value.dims).toEqual([2, 3]);
    expect([...valuesOf(read.value)]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(Buffer.from(encodeNpy(read.value)).toString('hex')).toBe(GOLDEN_F32);
  });

  it('turns a big-endian, column-major array into a little-endian, row-major one', () => {
    const read = decodeNpy(Uint8Array.from(Buffer.from(GOLDEN_BIG_FORTRAN, 'hex')), 'a.npy');
    if (!read.ok) throw new Error(read.error.expected);
    expect(read.value.dtype).toBe('I32');
    expect(read.value.dims).toEqual([2, 3]);
    expect([...valuesOf(read.value)]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('reorders three column-major axes', () => {
    // Element (i, j, k) of shape (2, 3, 2) has the value 100i + 10j + k; the first index runs fastest.
    const columns = [0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121];
    const file = npy(header('|u1', '(2, 3, 2)', 'True'), Uint8Array.from(columns));
    const read = decodeNpy(file, 'a.npy');
    if (!read.ok) throw new Error(read.error.expected);
    expect([...valuesOf(read.value)]).toEqual([0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121]);
  });

  it('keeps every dtype, scalars and empty arrays through a round trip', () => {
    const arrays: [Dtype, number[], Parameters<typeof tensorOf>[2]][] = [
      ['F32', [2], Float32Array.of(1.5, NaN)],
      ['F16', [1, 2], Uint16Array.of(0x3c00, 0x7e00)],
      ['F64', [], Float64Array.of(-0)],
      ['I8', [3], Int8Array.of(-128, 0, 127)],
      ['U8', [0, 4], new Uint8Array(0)],
      ['I32', [1, 1, 1], Int32Array.of(-7)],
      ['U32', [1], Uint32Array.of(4_294_967_295)],
      ['I64', [2], BigInt64Array.of(-1n, 9_007_199_254_740_993n)],
      ['BOOL', [2], Uint8Array.of(1, 0)],
    ];
    for (const [dtype, dims, data] of arrays) {
      const tensor = tensorOf(dtype, dims, data);
      const read = decodeNpy(encodeNpy(tensor), 'a.npy');
      if (!read.ok) throw new Error(`${dtype}: ${read.error.expected}`);
      expect(read.value.dtype).toBe(dtype);
      expect(read.value.dims).toEqual(dims);
      expect(read.value.bytes).toEqual(tensor.bytes);
    }
  });

  it('reads the longer headers of versions 2 and 3', () => {
    for (const version of [2, 3]) {
      const read = decodeNpy(npy(header('<i4', '(1,)'), bytesOf(Int32Array.of(5)), version), 'a');
      if (!read.ok) throw new Error(read.error.expected);
      expect([...valuesOf(read.value)]).toEqual([5]);
    }
  });

  it('says what to convert a type to that it cannot hold', () => {
    const refused = (descr: string) => {
      const read = decodeNpy(npy(header(descr, '(1,)'), new Uint8Array(2)), 'a.npy');
      return read.ok ? 'accepted' : read.error.fix;
    };
    expect(refused('<u2')).toContain('np.uint32');
    expect(refused('<i2')).toContain('np.int32');
    expect(refused('<u8')).toContain('np.int64');
    expect(refused('<c8')).toContain('np.float32');
    const structured = npy(
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
      NONE,
    );
    const read = decodeNpy(structured, 'a.npy');
    expect(read.ok ? 'accepted' : read.error.came).toContain('structured');
  });

  it.each([
    ['other bytes', Uint8Array.from({ length: 40 }, (_, i) => i)],
    ['a cut header', npy(header('<f4', '(2,)'), new Uint8Array(8)).slice(0, 40)],
    ['missing data', npy(header('<f4', '(2,)'), new Uint8Array(7))],
    ['surplus data', npy(header('<f4', '(2,)'), new Uint8Array(9))],
    ['a shape that is none', npy(header('<f4', '(-2,)'), new Uint8Array(8))],
    ['a huge shape', npy(header('<f4', '(99999999999999999999,)'), new Uint8Array(8))],
    ['an unknown version', npy(header('<f4', '(2,)'), new Uint8Array(8), 9)],
  ])('refuses %s', (_what, bytes) => {
    const read = decodeNpy(bytes, 'bad.npy');
    expect(read.ok).toBe(false);
    if (!read.ok) expect(read.error.file).toBe('bad.npy');
  });
});

const NONE = new Uint8Array(4);
