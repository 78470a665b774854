/** Who is cut off: whom several voices accuse, and nobody whom a liar alone does. */
import { describe, expect, it } from 'vitest';
import type { ContributorId } from '../../../shared/ids.ts';
import {
  ACCUSATION_LASTS_MS,
  MOST_ACCUSED,
  VOICES_TO_CUT_OFF,
  isCutOff,
  type Accusation,
} from './accusations.ts';

const SPOILER = 'c_spoiler' as ContributorId;
const by = (n: number, accused = SPOILER, cohort = `net${n}`, atMs = 0): Accusation => ({
  accuser: `c_${n}` as ContributorId,
  cohort,
  accused,
  atMs,
});
const voices = (count: number) => Array.from({ length: count }, (_, n) => by(n));

describe('a contributor that sent wrong chunks', () => {
  it('is cut off when enough voices say so, and not before', () => {
    expect(isCutOff(SPOILER, voices(VOICES_TO_CUT_OFF - 1), 0)).toBe(false);
    expect(isCutOff(SPOILER, voices(VOICES_TO_CUT_OFF), 0)).toBe(true);
  });

  it('is taken back after an hour', () => {
    const accusations = voices(VOICES_TO_CUT_OFF);
    expect(isCutOff(SPOILER, accusations, ACCUSATION_LASTS_MS - 1)).toBe(true);
    expect(isCutOff(SPOILER, accusations, ACCUSATION_LASTS_MS)).toBe(false);
  });
});

describe('a liar', () => {
  it('has one voice, however often it speaks and however many keys it has in one place', () => {
    const same = Array.from({ length: 50 }, (_, n) => by(n % 7, SPOILER, 'one network'));
    expect(isCutOff(SPOILER, same, 0)).toBe(false);
  });

  it('that accuses many is not heard about any of them', () => {
    const others = Array.from({ length: MOST_ACCUSED }, (_, n) => `c_honest${n}` as ContributorId);
    const lies = [...others, SPOILER].map((accused) => by(0, accused));
    const enough = [...lies, by(1), by(2)];
    expect(isCutOff(SPOILER, enough, 0)).toBe(false);
    expect(isCutOff(SPOILER, [...enough, by(3)], 0)).toBe(true);
  });

  it('does not harm one that it does not name', () => {
    expect(isCutOff('c_other' as ContributorId, voices(9), 0)).toBe(false);
  });
});
