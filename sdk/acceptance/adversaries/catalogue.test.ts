/**
 * No adversary is skipped silently: every number of the catalogue has a test that is named by it, or a reason.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { CATALOGUE, catalogueText } from './catalogue.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const PAGE = fileURLToPath(new URL('../../../docs/adversaries.md', import.meta.url));
const ADVERSARIES = 53;

/** Numbers that titles of a file begin with: `it('#20 a colluding pair', ...)`. */
function numbersOf(file: string): Set<number> {
  const source = readFileSync(FOLDER + file, 'utf8');
  const titles = source.matchAll(/^\s*(?:it\b.*\()?['"`]((?:#\d+ )+)/gm);
  return new Set([...titles].flatMap(([, numbers]) => numbers!.match(/\d+/g)!.map(Number)));
}

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.test.ts'));
const titled = new Map(files.map((file) => [file, numbersOf(file)]));

it('has every number once, in order', () => {
  const numbers = Array.from({ length: ADVERSARIES }, (_, i) => i + 1);
  expect(CATALOGUE.map(({ number }) => number)).toEqual(numbers);
});

it.each(CATALOGUE.map((it) => [it.number, it.name, it] as const))(
  'number %i, %s: a test in the file that is named, or a reason',
  (number, name, { test }) => {
    if (test.kind === 'covered') {
      expect(titled.get(test.file) ?? new Set(), test.file).toContain(number);
      console.log(
        `#${number} ${name}: ${test.file}${test.missing ? `; not: ${test.missing}` : ''}`,
      );
      return;
    }
    expect(test.reason).not.toBe('');
    const where = files.filter((file) => titled.get(file)!.has(number));
    expect(where, 'it is not-yet in the catalogue, and has a test').toEqual([]);
    console.log(`#${number} ${name}: not yet, ${test.reason}`);
  },
);

it('no test is named by a number that the catalogue does not know', () => {
  const known = new Set(CATALOGUE.map(({ number }) => number));
  const strange = [...titled].flatMap(([file, numbers]) =>
    [...numbers].filter((number) => !known.has(number)).map((number) => `${file}: #${number}`),
  );
  expect(strange).toEqual([]);
});

it('docs/adversaries.md says the same', async () => {
  const options = await resolveConfig(PAGE);
  const text = await format(catalogueText(), { ...options, parser: 'markdown' });
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, text);
  expect(readFileSync(PAGE, 'utf8'), 'run it with UPDATE_DOCS=1').toBe(text);
});
