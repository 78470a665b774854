/** The safetensors layout: golden bytes, and every way in which a file can be wrong. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import {
  MAX_TENSORS_PER_FILE,
  MAX_TENSOR_HEADER_BYTES,
  MAX_TENSOR_NAME_CHARS,
  MAX_TENSOR_RANK,
} from './limits.ts';
import { BugError } from './result.ts';
import { decodeTensors, encodeTensors, tensorLayout } from './safetensors.ts';
import { tensorOf, valuesOf, type NamedTensors } from './tensor.ts';

const hexOf = bytesToHex;

/** A file with the given header (text or value) and so many bytes of data. */
function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const file = new Uint8Array(8 + json.byteLength + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.byteLength), true);
  file.set(json, 8);
  return file;
}

const entry = (begin: number, end: number, shape: unknown = [end - begin], dtype = 'U8') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

function errorOf(file: Uint8Array) {
  const decoded = decodeTensors(file);
  return decoded.ok ? 'decoded' : decoded.error;
}

const PAIR: NamedTensors = {
  b: tensorOf('U8', [3], Uint8Array.of(1, 2, 3)),
  a: tensorOf('F32', [1, 2], Float32Array.of(1, -2)),
};
/** Length 112, the header (wide dtypes first) padded by three spaces, then 1.0, -2.0 and 1, 2, 3. */
const PAIR_HEX =
  '7000000000000000' +
  '7b2261223a7b226474797065223a22463332222c227368617065223a5b312c325d2c22646174615f6f666673657473' +
  '223a5b302c385d7d2c2262223a7b226474797065223a225538222c227368617065223a5b335d2c22646174615f6f66' +
  '6673657473223a5b382c31315d7d7d202020' +
  '0000803f000000c0' +
  '010203';

describe('golden bytes', () => {
  it('two tensors', () => {
    expect(hexOf(encodeTensors(PAIR))).toBe(PAIR_HEX);
  });

  it('no tensors: an empty header, padded to 8', () => {
    expect(hexOf(encodeTensors({}))).toBe('0800000000000000' + '7b7d202020202020');
  });

  it('the order of names does not change the bytes', () => {
    const { a, b } = PAIR as { a: (typeof PAIR)[string]; b: (typeof PAIR)[string] };
    expect(hexOf(encodeTensors({ a, b }))).toBe(hexOf(encodeTensors({ b, a })));
  });
});

describe('decoding', () => {
  it('gives views of the file, aligned for their dtype', () => {
    const file = encodeTensors(PAIR);
    const decoded = decodeTensors(file);
    if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
    expect(Object.keys(decoded.value).sort()).toEqual(['a', 'b']);
    expect([...valuesOf(decoded.value['a']!)]).toEqual([1, -2]);
    for (const { bytes } of Object.values(decoded.value)) expect(bytes.buffer).toBe(file.buffer);
    expect(valuesOf(decoded.value['a']!).buffer).toBe(file.buffer);
  });

  it('ignores metadata', () => {
    const file = fileOf({ __metadata__: { made: 'by hand' }, x: entry(0, 2) }, 2);
    const decoded = decodeTensors(file);
    expect(decoded.ok && Object.keys(decoded.value)).toEqual(['x']);
  });

  it('a tensor called __proto__ is a tensor', () => {
    const x = tensorOf('U8', [1], Uint8Array.of(7));
    const named = Object.fromEntries([['__proto__', x]]);
    const decoded = decodeTensors(encodeTensors(named));
    expect(decoded.ok && Object.keys(decoded.value)).toEqual(['__proto__']);
  });

  it('a tensor called __metadata__ cannot be written: it could not be read', () => {
    const x = tensorOf('U8', [1], Uint8Array.of(7));
    expect(() => encodeTensors({ __metadata__: x })).toThrow(BugError);
  });

  it('a file truncated at any byte is refused', () => {
    const file = encodeTensors(PAIR);
    for (let length = 0; length < file.byteLength; length++) {
      expect(errorOf(file.subarray(0, length)), `${length} bytes`).toMatchObject({
        kind: 'malformed-tensors',
      });
    }
  });

  it('tensorLayout reads the head alone', () => {
    const file = encodeTensors(PAIR);
    const layout = tensorLayout(file.subarray(0, 8 + 112), file.byteLength);
    expect(layout).toEqual({
      ok: true,
      value: [
        { name: 'a', dtype: 'F32', dims: [1, 2], start: 120, end: 128 },
        { name: 'b', dtype: 'U8', dims: [3], start: 128, end: 131 },
      ],
    });
  });
});

const many = Object.fromEntries(
  Array.from({ length: MAX_TENSORS_PER_FILE + 1 }, (_, i) => [`t${i}`, entry(0, 0)]),
);
const oversize = new Uint8Array(16);
new DataView(oversize.buffer).setBigUint64(0, BigInt(MAX_TENSOR_HEADER_BYTES + 1), true);
const endless = new Uint8Array(16).fill(0xff);

/** What is wrong, the file, and what the error must name. */
const WRONG: readonly [string, Uint8Array, string][] = [
  ['header longer than allowed', oversize, String(MAX_TENSOR_HEADER_BYTES)],
  ['header of 2^64 - 1 bytes', endless, '18446744073709551615'],
  ['header that is no JSON', fileOf('{"x":', 0), 'JSON'],
  ['header that is no UTF-8', hexToBytes('0200000000000000c328'), 'JSON'],
  ['header that is a list', fileOf([], 0), 'JSON object'],
  ['header that is null', fileOf('null', 0), 'JSON object'],
  ['too many tensors', fileOf(many, 0), String(MAX_TENSORS_PER_FILE)],
  ['an empty name', fileOf({ '': entry(0, 0) }, 0), 'names of 1'],
  ['a long name', fileOf({ ['n'.repeat(MAX_TENSOR_NAME_CHARS + 1)]: entry(0, 0) }, 0), '257'],
  ['an entry that is a list', fileOf({ x: [] }, 0), 'object'],
  ['an unknown dtype', fileOf({ x: entry(0, 1, [1], 'F8') }, 1), '"F8"'],
  ['a dtype of the prototype', fileOf({ x: entry(0, 1, [1], 'toString') }, 1), 'toString'],
  ['no shape', fileOf({ x: { dtype: 'U8', data_offsets: [0, 0] } }, 0), 'shape'],
  ['a negative size', fileOf({ x: entry(0, 1, [-1]) }, 1), '[-1]'],
  ['a broken size', fileOf({ x: entry(0, 1, [0.5]) }, 1), '[0.5]'],
  ['a size that is text', fileOf({ x: entry(0, 1, ['1']) }, 1), '["1"]'],
  ['too high a rank', fileOf({ x: entry(0, 1, Array(MAX_TENSOR_RANK + 1).fill(1)) }, 1), 'shape'],
  ['a shape beyond any memory', fileOf({ x: entry(0, 1, [2 ** 50, 2 ** 50]) }, 1), 'bytes for'],
  ['one offset', fileOf({ x: { dtype: 'U8', shape: [1], data_offsets: [0] } }, 1), 'data_offsets'],
  ['offsets that fall', fileOf({ x: { ...entry(0, 1), data_offsets: [1, 0] } }, 1), '[1,0]'],
  ['fewer bytes than the shape', fileOf({ x: entry(0, 3, [4]) }, 3), '4 bytes for "x"'],
  ['data that is not there', fileOf({ x: entry(0, 3) }, 2), '3 bytes of data'],
  ['data that no tensor has', fileOf({ x: entry(0, 3) }, 4), '3 bytes of data'],
  ['a hole', fileOf({ x: entry(0, 2), y: entry(3, 5) }, 5), 'no hole or overlap'],
  ['a hole before the first', fileOf({ x: entry(1, 2) }, 2), 'begin at byte 0'],
  ['an overlap', fileOf({ x: entry(0, 2), y: entry(1, 3) }, 3), 'no hole or overlap'],
  ['the same bytes twice', fileOf({ x: entry(0, 2), y: entry(0, 2) }, 2), 'no hole or overlap'],
];

describe('refused files', () => {
  it.each(WRONG)('%s', (_, file, named) => {
    const error = errorOf(file);
    expect(error).toMatchObject({ kind: 'malformed-tensors' });
    expect(JSON.stringify(Object.values(error))).toContain(JSON.stringify(named).slice(1, -1));
  });

  it('a file of exactly the most tensors is taken', () => {
    const { [`t${MAX_TENSORS_PER_FILE}`]: _, ...most } = many;
    expect(errorOf(fileOf(most, 0))).toBe('decoded');
  });
});
