import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartsReader, partsOf } from './busParts.ts';

const SENDER = '0123456789abcdef';
const OTHER = 'fedcba9876543210';
/** Texts around the sizes at which they are cut, of characters of one to four bytes. */
const text = fc
  .tuple(
    fc.nat({ max: 24_000 }),
    fc.constantFrom('a', 'é', '€', '𝄞'),
    fc.string({ unit: 'binary' }),
  )
  .map(([length, char, tail]) => char.repeat(length) + tail);

describe('parts', () => {
  it('are below what PostgreSQL takes, and make the text again', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const parts = partsOf(SENDER, 1, whole);
        expect(Math.max(...parts.map((part) => Buffer.byteLength(part)))).toBeLessThan(8_000);
        const reader = new PartsReader();
        const came = parts.map((part) => reader.read(part));
        expect(came.at(-1) === whole).toBe(true);
        expect(came.slice(0, -1).every((it) => it === null)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('of several senders may come mixed', () => {
    const reader = new PartsReader();
    const mine = partsOf(SENDER, 1, 'm'.repeat(20_000));
    const theirs = partsOf(OTHER, 1, 't'.repeat(20_000));
    const came = mine.flatMap((part, i) => [reader.read(part), reader.read(theirs[i]!)]);
    expect(came.filter((it) => it !== null)).toEqual(['m'.repeat(20_000), 't'.repeat(20_000)]);
  });

  it('with any one missing make nothing, and the next message is whole', () => {
    const parts = partsOf(SENDER, 1, 'x'.repeat(30_000));
    for (const lost of parts.keys()) {
      const reader = new PartsReader();
      const came = parts.filter((_, i) => i !== lost).map((part) => reader.read(part));
      expect(came.every((it) => it === null)).toBe(true);
      const next = partsOf(SENDER, 2, 'y'.repeat(10_000)).map((part) => reader.read(part));
      expect(next.at(-1)).toBe('y'.repeat(10_000));
    }
  });

  it.each(['', 'hello', `${SENDER}.1.0.99999999 x`, `${SENDER}.1.5.3 x`, `${SENDER}.1.1.2 x`])(
    'nothing comes of %j',
    (part) => {
      expect(new PartsReader().read(part)).toBeNull();
    },
  );
});
