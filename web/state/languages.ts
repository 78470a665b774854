/** Which languages there are, each by its own name, and which of them a browser asks for. */
export const LANGUAGES = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  ar: 'العربية',
} as const;
export type LanguageCode = keyof typeof LANGUAGES;

export const isCode = (code: string | null | undefined): code is LanguageCode =>
  code !== null && code !== undefined && Object.hasOwn(LANGUAGES, code);

/** `de-AT` is German; null where there is none of it. */
export function knownOf(tag: string): LanguageCode | null {
  const code = tag.toLowerCase().split('-')[0];
  return isCode(code) ? code : null;
}

/** The first of the browser's that there is, else English. */
export const firstKnown = (tags: readonly string[]): LanguageCode =>
  tags.flatMap((tag) => knownOf(tag) ?? [])[0] ?? 'en';
