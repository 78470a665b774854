/** The words for what was checked: they must never call checked what nobody checked. */
import { describe, expect, test } from 'vitest';
import { EMPTY_VIEW } from '../state/volunteerView.ts';
import { checkedOf } from './wording.ts';

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
    [{ unchecked: 1234 }, { count: 0, note: '1,234 accepted unchecked' }],
    [
      { agree: 2, unchecked: 3 },
      { count: 2, note: 'all agreed, 3 accepted unchecked' },
    ],
    [
      { 'too-late': 1, inconclusive: 1 },
      { count: 0, note: 'pieces of work' },
    ],
  ])('%j', (verdicts, expected) => {
    expect(checked(verdicts)).toEqual(expected);
  });
});
