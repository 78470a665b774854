import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromJson, toJson } from './storedRecords.ts';

/** Text of arbitrary code units, with what PostgreSQL refuses and what stands for it much more often. */
const hardText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom('\u0000', '\uE000', '\uD800', '\uDFFF', '\\', 'u0000', '0041', '"'),
    ),
  )
  .map((parts) => parts.join(''));

describe('toJson', () => {
  it('holds nothing that PostgreSQL refuses, and reads back as it was', () => {
    const anyValue = fc.dictionary(hardText, fc.oneof(hardText, fc.array(hardText), fc.double()));
    fc.assert(
      fc.property(anyValue, (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        const text = toJson(plain);
        const unescaped = text.replaceAll('\\\\', '');
        expect(unescaped).not.toMatch(/\\u0000|\\ud[89a-f]/);
        expect(text).not.toMatch(/\p{Surrogate}/u);
        // What the database hands out need not be spelled as what it got: escapes become characters.
        const respelled = JSON.stringify(JSON.parse(text));
        expect(fromJson(respelled)).toEqual(plain);
        expect(fromJson(text)).toEqual(plain);
      }),
    );
  });

  it('is plain JSON where nothing is refused', () => {
    const plain = { a: 'back\\slash \\u0000 as text', b: [1, 'é \u{1F680}'] };
    expect(toJson(plain)).toBe(JSON.stringify(plain));
  });
});
