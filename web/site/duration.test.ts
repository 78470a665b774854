import { expect, test } from 'vitest';
import { durationText } from './duration.ts';

test('the two largest parts, and no part of nothing', () => {
  expect(durationText(0, 'en')).toBe('0 sec');
  expect(durationText(999, 'en')).toBe('0 sec');
  expect(durationText(59_000, 'en')).toBe('59 sec');
  expect(durationText(200_000, 'en')).toBe('3 min 20 sec');
  expect(durationText(3_600_000, 'en')).toBe('1 hr');
  expect(durationText(3_605_000, 'en')).toBe('1 hr');
  expect(durationText(90_061_000, 'en')).toBe('1 day 1 hr');
  expect(durationText(60_000, 'de')).toBe('1 Min.');
});
