/** One choice changes one id, and forgets nothing that was chosen before. */
import { expect, test } from 'vitest';
import { MAX_WISHED_IDS } from '../../../shared/limits.ts';
import { ALL_WORK, wishesSchema } from '../../../shared/protocol/wishes.ts';
import { chosenOf, withChosen } from './wishes.ts';

test('an author is left out, taken alone, and neither again', () => {
  const out = withChosen(ALL_WORK, 'authors', 'key_1', 'not')!;
  expect(out).toEqual({ ...ALL_WORK, authors: { not: ['key_1'], only: [] } });
  const alone = withChosen(out, 'authors', 'key_2', 'only')!;
  expect(alone.authors).toEqual({ not: ['key_1'], only: ['key_2'] });
  expect(['key_1', 'key_2', 'key_3'].map((id) => chosenOf(alone.authors, id))).toEqual([
    'not',
    'only',
    'neither',
  ]);
  const back = withChosen(alone, 'authors', 'key_2', 'neither')!;
  expect(back).toEqual(out);
});

test('the same id is never in both lists, nor twice in one', () => {
  const once = withChosen(ALL_WORK, 'jobs', 'job_1', 'only')!;
  expect(withChosen(once, 'jobs', 'job_1', 'only')).toEqual(once);
  expect(withChosen(once, 'jobs', 'job_1', 'not')!.jobs).toEqual({ not: ['job_1'], only: [] });
});

test('a list takes as many as the link does, and then no more', () => {
  let wishes = ALL_WORK;
  for (let i = 0; i < MAX_WISHED_IDS; i++)
    wishes = withChosen(wishes, 'authors', `key_${i}`, 'not')!;
  expect(wishesSchema.safeParse(wishes).success).toBe(true);
  expect(withChosen(wishes, 'authors', 'key_more', 'not')).toBeNull();
  expect(withChosen(wishes, 'authors', 'key_0', 'not')).not.toBeNull();
});
