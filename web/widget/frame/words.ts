/**
 * What the widget says, and in which language.
 *
 * Invariant: `words` changes only in `takeWords`, before anything is shown.
 */
import { knownOf, type LanguageCode } from '../../state/languages.ts';
import { en, type WidgetWords } from './words/en.ts';

const OTHERS: Readonly<Record<Exclude<LanguageCode, 'en'>, () => Promise<WidgetWords>>> = {
  de: async () => (await import('./words/de.ts')).de,
  es: async () => (await import('./words/es.ts')).es,
  ar: async () => (await import('./words/ar.ts')).ar,
};

export let words: WidgetWords = en;
export let languageCode: LanguageCode = 'en';

/** So long they are waited for: a box in English now is better than one that comes too late. */
const MAX_WAIT_MS = 2_000;

/**
 * Takes the language of the page where the visitor's browser knows it, too: what is agreed to has to be understood. Else
 * the first of the visitor's that there is; else the page's; else, and where it cannot be had, English.
 */
export async function takeWords(
  visitors: readonly string[],
  pages: string | null = null,
): Promise<void> {
  const code = languageFor(visitors, pages);
  const late = new Promise<null>((resolve) => setTimeout(resolve, MAX_WAIT_MS, null));
  try {
    const loaded = code === 'en' ? en : await Promise.race([OTHERS[code](), late]);
    if (loaded === null) return;
    words = loaded;
    languageCode = code;
  } catch {
    return;
  }
  document.documentElement.lang = languageCode;
  document.documentElement.dir = words.direction;
}

export function languageFor(visitors: readonly string[], pages: string | null): LanguageCode {
  const own = visitors.flatMap((tag) => knownOf(tag) ?? []);
  const page = pages === null ? null : knownOf(pages);
  if (page !== null && (own.length === 0 || own.includes(page))) return page;
  return own[0] ?? 'en';
}
