import { expect, it } from 'vitest';
import { hashOf, INNER_PAGES, pageOf, PAGES } from './pageRoute.ts';

it('finds every page by its own address', () => {
  for (const page of [...PAGES, ...INNER_PAGES]) expect(pageOf(hashOf(page))).toBe(page);
});

it.each([
  ['', 'contribute'],
  ['#', 'contribute'],
  ['#nothing', 'contribute'],
  ['#networks', 'contribute'],
  ['#credits/c_0123', 'credits'],
  ['#Network', 'contribute'],
  ['#ready/eyJ2', 'ready'],
])('%j shows %s', (hash, page) => {
  expect(pageOf(hash)).toBe(page);
});
