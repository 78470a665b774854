/** What an operator says of results is unmistakable: a time with a unit, or for ever. */
import { expect, it } from 'vitest';
import { KEEP_RESULTS_MS } from '../../shared/retention.ts';
import { keepResultsMs } from './keepResults.ts';

it('is a month where nothing is said, else what is said', () => {
  expect(keepResultsMs(undefined)).toBe(KEEP_RESULTS_MS);
  expect(keepResultsMs('7d')).toBe(7 * 86_400_000);
  expect(keepResultsMs('12h')).toBe(12 * 3_600_000);
  expect(keepResultsMs('forever')).toBeNull();
});

it.each(['0', '30'])('refuses %s, which says no unit', (text) => {
  expect(() => keepResultsMs(text)).toThrow('a time with its unit, such as 30d or 12h, or forever');
});

it.each(['0d', '59s', '36501d', 'never', ''])('refuses "%s"', (text) => {
  expect(() => keepResultsMs(text)).toThrow('--keep-results: expected 60s to 36500d');
});
