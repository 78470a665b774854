import { expect, it } from 'vitest';
import { receiptsRoute } from './receiptsRoute.ts';

it.each<[string, ReturnType<typeof receiptsRoute>]>([
  ['#credits', { contributor: null }],
  ['#credits/c_0123abcd', { contributor: 'c_0123abcd' }],
  ['', null],
  ['#top', null],
  ['#credits/', null],
  ['#credits/c_../../x', null],
  ['#credits/c_' + 'a'.repeat(65), null],
])('%s', (hash, route) => {
  expect(receiptsRoute(hash)).toEqual(route);
});
