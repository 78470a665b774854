import { expect, test } from 'vitest';
import { shortId } from './shortId.ts';

test('ids are shown short, and names that are none as they are', () => {
  expect(shortId('key_0123456789abcdef0123456789abcdef')).toBe('key_01234567…');
  expect(shortId('job_ffffffff00000000ffffffff00000000')).toBe('job_ffffffff…');
  expect(shortId('operator')).toBe('operator');
  expect(shortId('key_1')).toBe('key_1');
});
