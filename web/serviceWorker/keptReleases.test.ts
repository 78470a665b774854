import { expect, test } from 'vitest';
import { cacheNameOf, cachesToForget } from './keptReleases.ts';

const named = (...releases: string[]): string[] => releases.map(cacheNameOf);

test('keeps the newest release and the two before it, wherever the newest stands', () => {
  expect(cachesToForget(named('a', 'b', 'c', 'd', 'e'), cacheNameOf('e'))).toEqual(named('a', 'b'));
  // An operator went back to the release before.
  expect(cachesToForget(named('a', 'b', 'c', 'd'), cacheNameOf('a'))).toEqual(named('b'));
  expect(cachesToForget(named('a', 'b', 'c'), cacheNameOf('c'))).toEqual([]);
  expect(cachesToForget([], cacheNameOf('a'))).toEqual([]);
});

test('touches no cache of others', () => {
  const names = ['models', ...named('a', 'b', 'c', 'd')];
  expect(cachesToForget(names, cacheNameOf('d'))).toEqual(named('a'));
});
