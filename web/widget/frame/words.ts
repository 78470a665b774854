/**
 * What the widget says, in the language of the page around it, else of the visitor's browser, else in English.
 *
 * Invariant: `words` changes only in `takeWords`, before anything is shown.
 */
import { firstKnown, type LanguageCode } from '../../state/languages.ts';
import { en, type WidgetWords } from './words/en.ts';

const OTHERS: Readonly<Record<Exclude<LanguageCode, 'en'>, () => Promise<WidgetWords>>> = {
  de: async () => (await import('./words/de.ts')).de,
  es: async () => (await import('./words/es.ts')).es,
  ar: async () => (await import('./words/ar.ts')).ar,
};

export let words: WidgetWords = en;
export let languageCode: LanguageCode = 'en';

/** The first of `tags` that there is. Where it cannot be had, English stays. */
export async function takeWords(tags: readonly string[]): Promise<void> {
  const code = firstKnown(tags);
  try {
    if (code !== 'en') words = await OTHERS[code]();
    languageCode = code;
  } catch {
    return;
  }
  document.documentElement.lang = languageCode;
  document.documentElement.dir = words.direction;
}
