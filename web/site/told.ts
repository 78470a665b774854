/**
 * Sentences that come in English from the coordinator or the volunteer, said in the page's language where it has them.
 *
 * What a dictionary does not know is shown as it came, and marked as English: nothing is guessed.
 */
import type { Words } from './i18n/en.ts';
import type { Figures } from './i18n/figures.ts';

export interface ToldText {
  readonly text: string;
  /** It came as it is: English in a page of another language. */
  readonly isForeign: boolean;
}

/** Longer texts are no sentences that are known; matching them would only cost time. */
const MAX_KNOWN_CHARS = 1_000;

/**
 * `told`: English sentences with `{0}`, `{1}` … for what changes, and their translations with the same. In a language
 * other than English the result is whole sentences.
 */
export function toldText(
  { told, figures }: Pick<Words, 'told' | 'figures'>,
  text: string,
): ToldText {
  if (figures.locale === 'en') return { text, isForeign: false };
  const whole = sentenceOf(text);
  if (whole.length > MAX_KNOWN_CHARS) return { text: whole, isForeign: true };
  const known = translationOf(told, whole, figures);
  if (known !== null) return { text: known, isForeign: false };
  const parts = whole
    .split(/(?<=[.!?]) (?=[A-Z])/)
    .map((part) => translationOf(told, part, figures));
  return parts.includes(null)
    ? { text: whole, isForeign: true }
    : { text: parts.join(' '), isForeign: false };
}

/** Within a sentence of the page. */
export function toldWithin(words: Pick<Words, 'told' | 'figures'>, text: string): string {
  const told = toldText(words, text);
  return told.isForeign ? words.figures.apart(told.text) : told.text;
}

function translationOf(told: Words['told'], sentence: string, figures: Figures): string | null {
  const same = told[sentence];
  if (same !== undefined) return same;
  for (const [english, translation] of Object.entries(told)) {
    if (!english.includes('{')) continue;
    const match = patternOf(english).exec(sentence);
    if (match === null) continue;
    return translation.replace(/\{(\d)\}/g, (_, at: string) => {
      const part = match[Number(at) + 1] ?? '';
      if (part === 'none') return figures.count(0);
      return FIGURE.test(part) ? figures.decimal(part.replaceAll(',', '')) : figures.apart(part);
    });
  }
  return null;
}

/** As English writes it: `0.53`, `1,234`. */
const FIGURE = /^(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/;
const patterns = new Map<string, RegExp>();

function patternOf(english: string): RegExp {
  const known = patterns.get(english);
  if (known !== undefined) return known;
  const parts = english.split(/\{\d\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('(.+?)')}$`, 's');
  patterns.set(english, pattern);
  return pattern;
}

/** A sentence begins with a capital and ends with a mark. */
export function sentenceOf(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?؟]$/.test(first) ? first : `${first}.`;
}
