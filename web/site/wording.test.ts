/** The words for what was checked: they must never call checked what nobody checked; and for credit. */
import { describe, expect, test } from 'vitest';
import { EMPTY_VIEW } from '../state/volunteerView.ts';
import { en } from './i18n/en.ts';
import { checkedOf, chunksSentence, creditNoteOf, wordingOf } from './wording.ts';

const checked = (verdicts: Partial<typeof EMPTY_VIEW.verdicts>) =>
  checkedOf({ verdicts: { ...EMPTY_VIEW.verdicts, ...verdicts } }, en);

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

describe('models from other tabs', () => {
  test.each([
    [0, 0, null],
    [67_000_000, 0, 'Of models, 67 MB came from other tabs.'],
    [0, 1, 'Of models, 1 MB went to other tabs.'],
    [1_500_000, 3_000_000, 'Of models, 2 MB came from other tabs, 3 MB went to them.'],
  ])('%i and %i bytes', (fromPeers, toPeers, sentence) => {
    expect(chunksSentence({ chunks: { fromPeers, toPeers } }, en)).toBe(sentence);
  });
});

describe('credits', () => {
  test.each([
    [0n, 0n, 'for accepted work'],
    [5_000_000n, 0n, 'from earlier visits'],
    [5_000_000n, 5_000_000n, 'all on this visit'],
    [5_000_000n, 2_000_000n, '+2.00 this visit'],
  ])('%s, of them %s earned now', (microCredits, earnedMicroCredits, note) => {
    expect(creditNoteOf({ microCredits, earnedMicroCredits }, en)).toBe(note);
  });
});

test('a stage that waits for the one before computes, for people', () => {
  const route = { place: { jobName: 'digits' } } as (typeof EMPTY_VIEW.routes)[number];
  const sentences = (['waiting', 'working'] as const).map((kind) =>
    wordingOf({ ...EMPTY_VIEW, state: { kind, text: 'no more' }, routes: [route] }, en),
  );
  expect(new Set(sentences.map(({ sentence }) => sentence))).toEqual(
    new Set(['Working on “digits”.']),
  );
  const fetching = { ...EMPTY_VIEW, routes: [route], fetchingFor: 'digits' };
  expect(wordingOf({ ...fetching, state: { kind: 'waiting', text: null } }, en).label).toBe(
    'Preparing',
  );
});
