import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ContributorId } from '../../../shared/ids.ts';
import {
  LINK_CODE_LIFETIME_MS,
  LINK_CODE_MEMORY_MS,
  MAX_CODE_GUESSES,
  MAX_CODE_GUESSES_PER_ADDRESS,
  MAX_LINK_CODES_PER_ADDRESS,
} from '../../../shared/limits.ts';
import { linkCodeSchema } from '../../../shared/protocol/account.ts';
import type { Result } from '../../../shared/result.ts';
import { LinkCodes } from './linkCodes.ts';

const ADA = 'c_ada' as ContributorId;
const BOB = 'c_bob' as ContributorId;

function started() {
  const time = { nowMs: 1_000 };
  const codes = new LinkCodes(() => time.nowMs, randomBytes);
  const make = (account = ADA, address = 'here'): string => valueOf(codes.make(account, address));
  const codeOf = (code: string, address = 'there') => {
    const redeemed = codes.redeem(code, address);
    return redeemed.ok ? redeemed.value : redeemed.error.code;
  };
  return { time, codes, make, codeOf };
}

function valueOf<T>(result: Result<T, { code: string }>): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

describe('a linking code', () => {
  it('leads to the account that made it, once', () => {
    const { make, codeOf } = started();
    const code = make();
    expect(linkCodeSchema.safeParse(code).success).toBe(true);
    expect([codeOf(code), codeOf(code)]).toEqual([ADA, 'link-code-used']);
  });

  it('is good for ten minutes, said to be over for an hour, then unknown', () => {
    const { time, make, codeOf } = started();
    const [code, other] = [make(ADA), make(BOB)];
    time.nowMs += LINK_CODE_LIFETIME_MS - 1;
    expect(codeOf(other)).toBe(BOB);
    time.nowMs += 1;
    expect(codeOf(code)).toBe('link-code-expired');
    time.nowMs += LINK_CODE_MEMORY_MS;
    make(BOB);
    expect(codeOf(code)).toBe('link-code-unknown');
  });

  it('ends where the account makes another, or none', () => {
    const { codes, make, codeOf } = started();
    const [first, second] = [make(), make()];
    expect(codeOf(first)).toBe('link-code-unknown');
    codes.drop(ADA);
    expect(codeOf(second)).toBe('link-code-unknown');
  });

  it('that was used is still said to be when a newer one was made', () => {
    const { make, codeOf } = started();
    const code = make();
    codeOf(code);
    make();
    expect(codeOf(code)).toBe('link-code-used');
  });

  it('is good again where what it was for did not come about', () => {
    const { codes, make, codeOf } = started();
    const code = make();
    codeOf(code);
    codes.giveBack(code);
    expect(codeOf(code)).toBe(ADA);
  });
});

describe('guesses', () => {
  it('of one address end; a right code is not taken from it any more, and still from others', () => {
    const { time, make, codeOf } = started();
    const code = make();
    for (let i = 0; i < MAX_CODE_GUESSES_PER_ADDRESS; i++) {
      expect(codeOf('00000000', 'thief')).toBe('link-code-unknown');
    }
    expect(codeOf(code, 'thief')).toBe('too-many-guesses');
    expect(codeOf(code)).toBe(ADA);
    time.nowMs += LINK_CODE_LIFETIME_MS;
    expect(codeOf('00000000', 'thief')).toBe('link-code-unknown');
  });

  it('of all addresses together end', () => {
    const { make, codeOf } = started();
    const code = make();
    for (let i = 0; i < MAX_CODE_GUESSES; i++) codeOf('00000000', `thief ${i}`);
    expect(codeOf(code)).toBe('too-many-guesses');
  });

  it('that are right cost nothing', () => {
    const { make, codeOf } = started();
    for (let i = 0; i < 2 * MAX_CODE_GUESSES_PER_ADDRESS; i++) expect(codeOf(make())).toBe(ADA);
  });
});

it('an address makes so many codes, and no more', () => {
  const { codes, make } = started();
  for (let i = 0; i < MAX_LINK_CODES_PER_ADDRESS; i++) make();
  expect(codes.make(BOB, 'here')).toMatchObject({ error: { code: 'too-many-requests' } });
  expect(codes.make(BOB, 'elsewhere')).toMatchObject({ ok: true });
});

it('codes are drawn from all letters alike', () => {
  const counts = new Map<string, number>();
  let codes = started();
  for (let i = 0; i < 4_000; i++) {
    if (i % MAX_LINK_CODES_PER_ADDRESS === 0) codes = started();
    for (const letter of codes.make()) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect(counts.size).toBe(32);
  // 1,000 of each are expected, with a deviation of 31.
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(8 * 31);
});
