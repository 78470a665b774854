/**
 * One vocabulary for every adversary: which layer found it, what was done about it, after how many reports, and that
 * it earned nothing.
 */
import { expect } from 'vitest';
import type { IdlewaveClient } from '../../../client.ts';
import type { TestHost } from '../../testing/testHost.ts';
import { SLOTS } from './engines.ts';
import { until, type Arena } from './arena.ts';

/** The layers that find a wrong report, by what they say of it (reference: L0, L3, L4 and L5, quorums). */
const WORDS = {
  sampling: /^(the referee found item \d+ wrong|taken back: other items of this contributor)/,
  algebra: /times what rounding in f32 explains/,
  quorum: /^(disagreed with the quorum|the referee disagreed)/,
} as const;

export interface Caught {
  readonly by: keyof typeof WORDS;
  /** `ejected`: it is given nothing more of the program. `refused`: the report earns nothing, its host goes on. */
  readonly response: 'ejected' | 'refused';
  /** Reports that it may have made by then, with the one that was under way. */
  readonly withinReports: number;
}

/**
 * Two reports found wrong eject; what was handed out by then may come too. Where every item is wrong every report is
 * found wrong: a new contributor's carries a probe or a blind sample for 16 of its items, four for 64.
 */
export const AT_ONCE = 2 + SLOTS;

const EJECTED = /found wrong again and again/;

export const isEjected = (host: TestHost): boolean =>
  host
    .eventsOf('state')
    .some(({ state }) => state.kind === 'waiting' && EJECTED.test(state.text ?? ''));

export const waitForEjection = (host: TestHost): Promise<boolean> =>
  until(`${host.contributor} is ejected`, () => isEjected(host) || undefined);

/** Waits for the response, then for every verdict; nothing that it reported was ever credited. Then it goes. */
export async function expectCaught(
  arena: Arena,
  host: TestHost,
  { by, response, withinReports }: Caught,
): Promise<void> {
  if (response === 'ejected') await waitForEjection(host);
  const verdicts = await until('every report has its verdict', () => {
    const settled = host.eventsOf('settled');
    // What an ejected host had computed and not handed in was withdrawn, and is judged by nobody.
    const withdrawn = response === 'ejected' ? SLOTS : 0;
    const reported = host.eventsOf('computed').length - withdrawn;
    return settled.length > 0 && settled.length >= reported ? settled : undefined;
  });
  expect(verdicts.length).toBeLessThanOrEqual(withinReports);
  expect(isEjected(host)).toBe(response === 'ejected');
  for (const { verdict, reason, microCredits } of verdicts) {
    expect({ verdict, microCredits }).toEqual({ verdict: 'disagree', microCredits: 0n });
    expect(reason).toMatch(WORDS[by]);
  }
  await expectNoCredit(arena.client, host.contributor);
  await arena.dismiss(host);
}

export async function expectNoCredit(client: IdlewaveClient, contributor: string): Promise<void> {
  expect(await client.contributor(contributor)).toMatchObject({ microCredits: '0', agreed: 0 });
  expect((await client.credits(contributor)).rows).toEqual([]);
}
