/**
 * What this visitor said to this site before: kept in the frame's own storage, which browsers keep apart for every page
 * that embeds it.
 *
 * Invariant: an answer changes what is offered, never whether something starts: that takes a click, on every visit.
 */
export type Answer = 'yes' | 'stopped' | null;

export interface KeptAnswer {
  readonly answer: Answer;
  /** Of what is earned, what the visitor gives to the site; null before they were asked. */
  readonly percent: number | null;
}

const NONE: KeptAnswer = { answer: null, percent: null };
const keyOf = (site: string): string => `idlewave:widget:${site}`;

export function readAnswer(site: string): KeptAnswer {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(site)) ?? '{}') as Partial<KeptAnswer>;
    const answer = kept.answer === 'yes' || kept.answer === 'stopped' ? kept.answer : null;
    const { percent } = kept;
    const isPercent = Number.isInteger(percent) && percent! >= 0 && percent! <= 100;
    return { answer, percent: isPercent ? percent! : null };
  } catch {
    // Storage is switched off, or somebody else's text.
    return NONE;
  }
}

export function keepAnswer(site: string, kept: KeptAnswer): void {
  try {
    localStorage.setItem(keyOf(site), JSON.stringify(kept));
  } catch {
    // Then it is asked for again on the next visit.
  }
}
