/** The words for what was checked: they must never call checked what nobody checked; and for credit. */
import { describe, expect, test } from 'vitest';
import { EMPTY_VIEW } from '../state/volunteerView.ts';
import { checkedOf, creditNoteOf, wordingOf } from './wording.ts';

const checked = (verdicts: Partial<typeof EMPTY_VIEW.verdicts>) =>
  checkedOf({ verdicts: { ...EMPTY_VIEW.verdicts, ...verdicts } });

describe('checked by others', () => {
  test.each([
    [{}, { count: 0, note: 'pieces of work' }],
    [{ agree: 2 }, { count: 2, note: 'all agreed' }],
    [
      { agree: 2, disagree: 1 },
      { count: 3, note: '1 disagreed' },
    ],
    [{ unchecked: 1234 }, { count: 0, note: '1,234 unchecked' }],
    [
      { agree: 2, unchecked: 3 },
      { count: 2, note: 'all agreed, 3 unchecked' },
    ],
    [
      { 'too-late': 1, inconclusive: 1 },
      { count: 0, note: 'pieces of work' },
    ],
  ])('%j', (verdicts, expected) => {
    expect(checked(verdicts)).toEqual(expected);
  });
});

describe('credits', () => {
  test.each([
    [0n, 0n, 'for accepted work'],
    [5_000_000n, 0n, 'from earlier visits'],
    [5_000_000n, 5_000_000n, 'all on this visit'],
    [5_000_000n, 2_000_000n, '+2.00 this visit'],
  ])('%s, of them %s earned now', (microCredits, earnedMicroCredits, note) => {
    expect(creditNoteOf({ microCredits, earnedMicroCredits })).toBe(note);
  });
});

test('a stage that waits for the one before computes, for people', () => {
  const route = { place: { jobName: 'digits' } } as (typeof EMPTY_VIEW.routes)[number];
  const sentences = (['waiting', 'working'] as const).map((kind) =>
    wordingOf({ ...EMPTY_VIEW, state: { kind, text: 'no more' }, routes: [route] }),
  );
  expect(new Set(sentences.map(({ sentence }) => sentence))).toEqual(
    new Set(['Working on “digits”.']),
  );
  const fetching = { ...EMPTY_VIEW, routes: [route], fetchingFor: 'digits' };
  expect(wordingOf({ ...fetching, state: { kind: 'waiting', text: null } }).label).toBe(
    'Preparing',
  );
});
