import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DISPLAY_NAME_CHARS } from '../limits.ts';
import { displayNameSchema, linkCodeSchema, readLinkCode, spellLinkCode } from './account.ts';

describe('linking codes as they are typed', () => {
  it.each(['ABCD1234', 'abcd-1234', ' ab cd 12 34 ', 'ABCD–'.replace('–', '') + 'I2E4'])(
    '%j is read',
    (typed) => {
      expect(linkCodeSchema.safeParse(readLinkCode(typed)).success).toBe(true);
    },
  );

  it('letters that look like digits are digits', () => {
    expect(readLinkCode('oO-iI-lL-zz')).toBe('001111ZZ');
  });

  it.each(['', 'ABCD123', 'ABCD12345', 'ABCD123U', 'ABCD_123', 'ÄBCD1234'])(
    '%j is none',
    (typed) => {
      expect(readLinkCode(typed)).toBeNull();
    },
  );

  it('every code is read as it is spelt', () => {
    const letters = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
    const anyCode = fc
      .array(fc.constantFrom(...letters), { minLength: 8, maxLength: 8 })
      .map((chosen) => chosen.join(''));
    fc.assert(
      fc.property(anyCode, (code) => {
        expect(readLinkCode(spellLinkCode(code).toLowerCase())).toBe(code);
      }),
    );
  });
});

describe('display names', () => {
  it.each([
    'Ada',
    'Ada Lovelace',
    'Zoë (she)',
    '田中さん',
    'x'.repeat(MAX_DISPLAY_NAME_CHARS),
    '🙂',
  ])('%j is taken', (name) => {
    expect(displayNameSchema.safeParse(name).success).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a space before', ' Ada'],
    ['a space behind', 'Ada '],
    ['two spaces', 'A  B'],
    ['a line break', 'A\nB'],
    ['a NUL', 'A\u0000'],
    ['text turned round', 'A\u202eB'],
    ['what cannot be seen', 'A\u200bB'],
    ['letters that cannot be seen', '\u3164'],
    ['a sign without a dot', 'A\u2800'],
    ['half a character', 'A\ud800'],
    ['too much', 'x'.repeat(MAX_DISPLAY_NAME_CHARS + 1)],
  ])('%s is refused', (_, name) => {
    expect(displayNameSchema.safeParse(name).success).toBe(false);
  });
});
