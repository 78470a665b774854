/** Every language says all that English says, with everything that a sentence is told. */
import { describe, expect, it } from 'vitest';
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en, type WidgetWords } from './en.ts';
import { es } from './es.ts';

type Leaf = string | ((...told: unknown[]) => string);

const leavesOf = (words: object, path = ''): [string, Leaf][] =>
  Object.entries(words).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? leavesOf(value, `${path}${key}.`)
      : [[`${path}${key}`, value as Leaf] as [string, Leaf]],
  );

const TOLD: readonly (readonly unknown[])[] = [
  ['SITE', 7],
  ['SITE', 0],
  [1, '1'],
  [7, '7'],
];
/** What it says for each of `TOLD`. */
const sentences = (leaf: Leaf): string[] =>
  typeof leaf === 'string' ? [leaf] : TOLD.map((told) => leaf(...told));
/** No words, and a word that German has as well. */
const SAME = new Set(['direction']);
const SAME_IN: Readonly<Record<string, ReadonlySet<string>>> = { de: new Set(['pause']) };

describe.each(Object.entries({ de, es, ar }))('in %s', (code, words: WidgetWords) => {
  const said = new Map(leavesOf(words));

  it.each(leavesOf(en))('%s is said', (path, english) => {
    const other = said.get(path)!;
    expect(typeof other).toBe(typeof english);
    sentences(english).forEach((text, at) => {
      const translated = sentences(other)[at]!;
      expect(translated.trim()).not.toBe('');
      if (!SAME.has(path) && !SAME_IN[code]?.has(path)) expect(translated).not.toBe(text);
      if (text.includes('SITE')) expect(translated).toContain('SITE');
      for (const [number] of text.matchAll(/\d+/g)) expect(translated).toContain(number);
    });
  });
});
