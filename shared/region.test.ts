import { expect, test } from 'vitest';
import { regionOf } from './region.ts';

test.each([
  ['Europe/Berlin', 'europe'],
  ['America/Argentina/Buenos_Aires', 'america'],
  ['Indian/Mauritius', 'indian'],
  ['UTC', null],
  ['Etc/GMT+5', null],
  ['Asia', null],
  ['', null],
])('%s is in %s', (zone, region) => {
  expect(regionOf(zone)).toBe(region);
});
