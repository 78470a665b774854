/**
 * ZIP archives as NumPy writes them, by hand, and damaged.
 */
import { describe, expect, it } from 'vitest';
import { decodeNpy } from './npy.ts';
import { valuesOf } from '../../shared/tensor.ts';
import { readZip, writeZip } from './zip.ts';

/** numpy.savez_compressed(f, x=np.arange(3, dtype='u1'), y=np.array([[True, False]])): deflated members. */
const GOLDEN_NPZ =
  '504b03042d00000008000000210048ea66ecffffffffffffffff05001400782e6e7079010010008300000000000000470000' +
  '00000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f5f94920a12774bcc' +
  '294e058a17672416a402f91ac63a9a3a0ab50a14002e06462600504b03042d00000008000000210010193a19ffffffffffff' +
  'ffff05001400792e6e707901001000820000000000000048000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46e' +
  'a5a05e9364a8aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a863a0a469a3a0ab50a64032e' +
  '460600504b01022d032d00000008000000210048ea66ec470000008300000005000000000000000000000080010000000078' +
  '2e6e7079504b01022d032d00000008000000210010193a19480000008200000005000000000000000000000080017e000000' +
  '792e6e7079504b0506000000000200020066000000fd0000000000';

const golden = (): Uint8Array => Uint8Array.from(Buffer.from(GOLDEN_NPZ, 'hex'));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('zip', () => {
  it('reads what numpy.savez_compressed writes', () => {
    const members = readZip(golden(), 'a.npz');
    if (!members.ok) throw new Error(members.error.expected);
    expect(members.value.map(({ name }) => name)).toEqual(['x.npy', 'y.npy']);
    const x = decodeNpy(members.value[0]!.bytes, 'x');
    const y = decodeNpy(members.value[1]!.bytes, 'y');
    if (!x.ok || !y.ok) throw new Error('a member cannot be read');
    expect([...valuesOf(x.value)]).toEqual([0, 1, 2]);
    expect(y.value).toMatchObject({ dtype: 'BOOL', dims: [1, 2] });
    expect([...valuesOf(y.value)]).toEqual([1, 0]);
  });

  it('writes one stored member exactly so', () => {
    const local = '504b0304140000080000000021008316dc8c010000000100000001000000';
    const central =
      '504b010214001400000800000000210083' +
      '16dc8c01000000010000000100' +
      '00000000000000000000000000000000';
    const end = '504b050600000000010001002f000000200000000000';
    const file = Buffer.from(writeZip([{ name: 'a', bytes: text('x') }])).toString('hex');
    expect(file).toBe(`${local}6178${central}61${end}`);
  });

  it('reads back what it wrote, also behind other bytes and an archive comment', () => {
    const members = [
      { name: 'größe.npy', bytes: text('first') },
      { name: 'empty.npy', bytes: new Uint8Array(0) },
    ];
    const file = writeZip(members);
    const commented = Uint8Array.from([...file, ...text('made by hand')]);
    new DataView(commented.buffer).setUint16(file.byteLength - 2, 12, true);
    for (const bytes of [file, commented]) {
      const read = readZip(bytes, 'a.npz');
      if (!read.ok) throw new Error(read.error.expected);
      expect(read.value).toEqual(members);
    }
  });

  it('refuses every archive with a byte of its data changed', () => {
    // The first member's deflated bytes: from 55 on, 71 of them.
    for (const at of [60, 80, 100, 120]) {
      const file = golden();
      file[at]! ^= 0x20;
      expect(readZip(file, 'a.npz').ok, `byte ${at}`).toBe(false);
    }
  });

  it('refuses every truncation, without an exception', () => {
    const file = golden();
    for (let length = 0; length < file.byteLength; length++) {
      expect(readZip(file.slice(0, length), 'a.npz').ok, `${length} bytes`).toBe(false);
    }
  });

  it('refuses a member that inflates to more than the directory promises', () => {
    const file = golden();
    // The central record of x.npy: its uncompressed size, made smaller than what the data inflates to.
    new DataView(file.buffer).setUint32(0xfd + 24, 10, true);
    const read = readZip(file, 'a.npz');
    expect(read.ok ? 'accepted' : read.error.expected).toContain('matches its length');
  });

  it('refuses encryption and unknown methods in words', () => {
    const encrypted = golden();
    encrypted[0xfd + 8]! |= 1;
    const method = golden();
    method[0xfd + 10] = 12;
    const came = [encrypted, method].map((file) => {
      const read = readZip(file, 'a.npz');
      return read.ok ? 'accepted' : read.error.came;
    });
    expect(came).toEqual(['an encrypted one', 'method 12']);
  });
});
