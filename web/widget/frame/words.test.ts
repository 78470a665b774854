import { expect, it } from 'vitest';
import { languageFor } from './words.ts';

it.each([
  [['en-US', 'de'], 'de-CH', 'de', 'the page’s, which the visitor knows'],
  [['en-US'], 'ar', 'en', 'the visitor’s, who may not know the page’s'],
  [['fr'], 'es', 'es', 'the page’s, where there is none of the visitor’s'],
  [['fr', 'es-MX', 'de'], null, 'es', 'the visitor’s first'],
  [['fr'], 'it', 'en', 'English'],
  [[], 'constructor', 'en', 'English, whatever the page says'],
])('for %j on a page in %s it is %s: %s', (visitors, page, code, _why) => {
  expect(languageFor(visitors, page)).toBe(code);
});
