/** When a frame that computes rests because nobody can see it. */
import { expect, it } from 'vitest';
import { coverOf, graceMsOf, MAX_AWAY_MS, MAX_HIDDEN_MS, type Cover } from './coverRule.ts';

const SEEN = { ratio: 1, isVisible: true, hasBox: true, isLargeEnough: true } as const;

it.each<[string, Partial<Parameters<typeof coverOf>[0]>, Cover]>([
  ['seen', {}, 'seen'],
  ['half scrolled away', { ratio: 0.4 }, 'seen'],
  ['scrolled away', { ratio: 0, isVisible: false }, 'away'],
  ['covered', { isVisible: false }, 'hidden'],
  ['covered while half scrolled away', { ratio: 0.4, isVisible: false }, 'hidden'],
  ['without a box', { ratio: 0, isVisible: false, hasBox: false }, 'hidden'],
  ['squeezed', { isLargeEnough: false }, 'hidden'],
  ['in a browser that cannot tell', { isVisible: undefined }, 'seen'],
])('%s', (_, change, cover) => {
  expect(coverOf({ ...SEEN, ...change })).toBe(cover);
});

it('hidden it rests soon, scrolled away much later, seen never', () => {
  expect([graceMsOf('hidden'), graceMsOf('away'), graceMsOf('seen')]).toEqual([
    MAX_HIDDEN_MS,
    MAX_AWAY_MS,
    null,
  ]);
});
