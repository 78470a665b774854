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

/** The first of the browser's that there is, else English; `de-AT` is German too. */
export function firstKnown(tags: readonly string[]): LanguageCode {
  const codes = tags.map((tag) => tag.toLowerCase().split('-')[0]);
  return codes.find(isCode) ?? 'en';
}
