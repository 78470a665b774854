/** Light or dark, as the page around the frame wants it; null: as the visitor prefers. */
import type { Theme } from '../messages.ts';

export function showTheme(theme: Theme | null): void {
  const preferred = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.dataset['theme'] = theme ?? preferred;
}
