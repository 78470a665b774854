import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  CHALLENGE_LIFETIME_MS,
  MAX_CHALLENGES,
  MAX_CHALLENGES_PER_ADDRESS,
} from '../../../shared/limits.ts';
import { Challenges } from './challenges.ts';

function started() {
  const time = { nowMs: 1_000 };
  const challenges = new Challenges(() => time.nowMs, randomBytes);
  const make = (address = 'here'): string => {
    const made = challenges.make(address);
    if (!made.ok) throw new Error(made.error.code);
    return made.value;
  };
  return {
    time,
    challenges,
    make,
    codeOf: (nonce: string) => challenges.take(nonce)?.code ?? 'taken',
  };
}

it('is taken once', () => {
  const { make, codeOf } = started();
  const [nonce, other] = [make(), make()];
  expect([codeOf(nonce), codeOf(nonce), codeOf(other)]).toEqual([
    'taken',
    'challenge-used',
    'taken',
  ]);
});

it('is taken in its time; then it is said to be over, and later unknown', () => {
  const { time, make, codeOf } = started();
  const [nonce, late] = [make(), make()];
  time.nowMs += CHALLENGE_LIFETIME_MS - 1;
  expect(codeOf(nonce)).toBe('taken');
  time.nowMs += 1;
  expect([codeOf(late), codeOf(nonce)]).toEqual(['challenge-expired', 'challenge-used']);
  time.nowMs += CHALLENGE_LIFETIME_MS;
  make();
  expect([codeOf(late), codeOf('00')]).toEqual(['challenge-unknown', 'challenge-unknown']);
});

it('one address, and all together, get so many and no more in one stretch of time', () => {
  const { time, challenges, make } = started();
  for (let i = 0; i < MAX_CHALLENGES_PER_ADDRESS; i++) make('greedy');
  expect(challenges.make('greedy')).toMatchObject({ error: { code: 'too-many-requests' } });
  for (let i = MAX_CHALLENGES_PER_ADDRESS; i < MAX_CHALLENGES; i++) make(`address ${i}`);
  expect(challenges.make('another')).toMatchObject({ error: { code: 'too-many-requests' } });
  time.nowMs += CHALLENGE_LIFETIME_MS;
  expect(challenges.make('greedy')).toMatchObject({ ok: true });
});
