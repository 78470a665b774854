/** Sentences beside a label. */
import { describe, expect, it } from 'vitest';
import { wrapped } from './wrap.ts';

describe('wrapped', () => {
  it('begins further lines under the text, and loses no word', () => {
    const text = 'word '.repeat(60).trim();
    const lines = wrapped('Label  ', text);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.every((line) => line.length <= 100)).toBe(true);
    expect(lines.slice(1).every((line) => /^ {7}word/.test(line))).toBe(true);
    expect(lines.map((line) => line.slice(7)).join(' ')).toBe(text);
    expect(wrapped('Label  ', '')).toEqual(['Label  ']);
  });

  it('leaves a word that is longer than a line whole', () => {
    const long = 'x'.repeat(150);
    expect(wrapped('A ', `short ${long} end`)).toEqual(['A short', `  ${long}`, '  end']);
  });
});
