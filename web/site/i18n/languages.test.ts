/** Every language says all that English says, for every number, and with everything that a sentence is told. */
import { describe, expect, it, test } from 'vitest';
import { toldText } from '../told.ts';
import { ar } from './ar.ts';
import { arInner } from './arInner.ts';
import { de } from './de.ts';
import { deInner } from './deInner.ts';
import { en } from './en.ts';
import { enInner } from './enInner.ts';
import { es } from './es.ts';
import { esInner } from './esInner.ts';
import { firstKnown } from '../../state/languages.ts';
import { TOLD_SENTENCES } from './toldSentences.ts';

type Leaf = string | ((...args: (string | number)[]) => string);

/** Everything that is said, by its path; without the figures, and what is said from afar. */
function leavesOf(dictionary: object, path = ''): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  for (const [key, value] of Object.entries(dictionary) as [string, unknown][]) {
    const at = `${path}${key}`;
    if (path === '' && (key === 'figures' || key === 'told')) continue;
    if (typeof value === 'object' && value !== null)
      for (const entry of leavesOf(value, `${at}.`)) leaves.set(...entry);
    else leaves.set(at, value as Leaf);
  }
  return leaves;
}

const ENGLISH = leavesOf({ ...en, ...enInner });
const OTHERS = {
  de: leavesOf({ ...de, ...deInner }),
  es: leavesOf({ ...es, ...esInner }),
  ar: leavesOf({ ...ar, ...arInner }),
};
const ALL = { en: ENGLISH, ...OTHERS };
const CODES = ['de', 'es', 'ar'] as const;
const NUMBERS = [0, 1, 2, 3, 11, 100, 1_000_000];

/** Names of figures in code, ids of headings, symbols, and words that the language has as well. */
const SAME = new Set([
  'direction',
  ...['what-runs', 'cost', 'sent', 'stop', 'why-credit', 'trust', 'credits'].map(
    (_, at) => `help.answers.${at}.id`,
  ),
  'route.roundTrip',
  'route.notReached',
  'route.reached',
  'route.paths.turn.label',
  'account.systems.mac',
  'account.systems.chromebook',
  'receipts.verdict',
  'publicLog.alarm',
  'certificate.workWhen',
  'states.offline.label',
  ...['html', 'react', 'svelte', 'wordpress'].map((name) => `sites.tags.${name}`),
]);
const SAME_IN: Readonly<Record<(typeof CODES)[number], ReadonlySet<string>>> = {
  de: new Set([
    'pages.credits',
    'shell.pause',
    'run.credits',
    'run.pause',
    'mine.credits',
    'leaderboard.credits',
    'community.pick',
    'community.giveAmount',
    'community.giveAmountWrong',
    'account.credits',
    'account.systems.other',
    'receipts.amount',
    'receipts.verdictCredits',
    'receipts.shard',
    'run.checkedNote.both',
    'sites.name',
    'sites.credits',
    'session.credits',
  ]),
  es: new Set([
    'pages.kernels',
    'run.checkedNote.both',
    'ready.no',
    'network.regionNames.asia',
    'network.regionNames.australia',
  ]),
  ar: new Set([]),
};

const say = (leaf: Leaf, ...args: (string | number)[]): string =>
  typeof leaf === 'string' ? leaf : leaf(...args);

/** As many arguments as it takes, each another number: all of them are shown as they are. */
const distinct = (leaf: Leaf): string[] =>
  Array.from({ length: typeof leaf === 'string' ? 0 : leaf.length }, (_, at) => String(21 + at));

describe.each(CODES)('%s', (code) => {
  const leaves = OTHERS[code];

  it('has the same keys as English, each of the same kind', () => {
    expect([...leaves.keys()]).toEqual([...ENGLISH.keys()]);
    for (const [path, leaf] of ENGLISH) expect(typeof leaves.get(path), path).toBe(typeof leaf);
  });

  it('leaves nothing in English', () => {
    const same = [...ENGLISH].filter(([path, leaf]) => {
      const args = distinct(leaf);
      return say(leaves.get(path)!, ...args) === say(leaf, ...args);
    });
    expect(
      same.map(([path]) => path).filter((it) => !SAME.has(it) && !SAME_IN[code].has(it)),
    ).toEqual([]);
  });

  it('says all that a sentence is told, as English does', () => {
    for (const [path, leaf] of ENGLISH) {
      const args = distinct(leaf);
      const [english, translated] = [say(leaf, ...args), say(leaves.get(path)!, ...args)];
      for (const arg of args)
        expect(translated.includes(arg), `${path}: ${translated}`).toBe(english.includes(arg));
    }
  });
});

test.each(Object.entries(ALL))('%s has a whole text for every number', (_, leaves) => {
  for (const [path, leaf] of leaves) {
    if (typeof leaf === 'string') {
      expect(leaf.trim(), path).not.toBe('');
      continue;
    }
    for (const number of NUMBERS) {
      const text = leaf(...Array.from({ length: leaf.length }, () => String(number)));
      expect(text.trim(), path).not.toBe('');
      expect(text, path).not.toMatch(/undefined|NaN|null|\[object|\$\{/);
    }
  }
});

describe('Arabic', () => {
  it('has a form of its own for none, one, two, a few, many, and hundreds', () => {
    const texts = [0, 1, 2, 3, 11, 100].map((count) => ar.networkLine.people(count));
    expect(new Set(texts).size).toBe(6);
    expect([1, 2, 3, 11, 100].map(arInner.receipts.items)).toEqual([
      'عنصر واحد',
      'عنصران',
      '3 عناصر',
      '11 عنصرًا',
      '100 عنصر',
    ]);
  });

  it('keeps signs and units in their own order, and every mark that opens is closed', () => {
    expect(ar.figures.bytes(2_097_152)).toBe('\u20662.0 MiB\u2069');
    for (const [path, leaf] of OTHERS.ar) {
      const text = say(leaf, ...distinct(leaf));
      const [opened, closed] = [/[\u2066\u2068]/g, /\u2069/g].map(
        (mark) => text.match(mark)?.length,
      );
      expect(opened, path).toBe(closed);
    }
  });

  it('is written with the digits of ids, amounts and commands', () => {
    const { count, percent, credits, utcDay } = ar.figures;
    const texts = [count(1234), percent(0.5), credits(1_500_000n), utcDay(0)];
    for (const text of texts) expect(text).not.toMatch(/[٠-٩]/);
  });
});

test.each([
  [['de-AT', 'en'], 'de'],
  [['fr-FR', 'es-419', 'en'], 'es'],
  [['AR-eg'], 'ar'],
  [['en-GB', 'de'], 'en'],
  [['fr', 'constructor'], 'en'],
  [[], 'en'],
] as const)('a browser that asks for %j gets %s', (tags, code) => {
  expect(firstKnown(tags)).toBe(code);
});

test('figures are written as each language writes them', () => {
  const figures = [en, de, es, ar].map((it) => it.figures);
  expect(figures.map(({ credits }) => credits(1_234_567_890n))).toEqual([
    '1234.56',
    '1234,56',
    '1234,56',
    '1234.56',
  ]);
  expect(figures.map(({ credits }) => credits(2_400n))).toEqual([
    '0.0024',
    '0,0024',
    '0,0024',
    '0.0024',
  ]);
  expect(figures.map(({ count }) => count(1_234_567))).toEqual([
    '1,234,567',
    '1.234.567',
    '1.234.567',
    '1,234,567',
  ]);
  expect(figures.map(({ factor }) => factor(95))).toEqual(['0.95', '0,95', '0,95', '0.95']);
});

describe('what is said from afar', () => {
  const sources = import.meta.glob<string>(
    [
      '../../../{coordinator,shared}/**/*.ts',
      '../../{compute,state,volunteer}/**/*.ts',
      '!**/*.test.ts',
    ],
    { query: '?raw', import: 'default', eager: true },
  );
  /** One text, with literals that are continued on the next line put together. */
  const said = Object.values(sources)
    .join('\n')
    .replace(/['`]\s*\+\s*['`]/g, '')
    .toLowerCase();

  it.each(TOLD_SENTENCES)('is still said: %s', (sentence) => {
    const parts = sentence
      .toLowerCase()
      .replace(/\.$/, '')
      .split(/\{\d\}/);
    for (const part of parts.map((it) => it.trim()).filter((it) => /\p{L}{2}/u.test(it)))
      expect(said.includes(part), part).toBe(true);
  });

  it.each(CODES)('is said in %s', (code) => {
    const words = { de, es, ar }[code];
    for (const sentence of TOLD_SENTENCES)
      expect(toldText(words, sentence.replace(/\{\d\}/g, '7')).isForeign, sentence).toBe(false);
  });

  it('keeps what changes, with figures of the language', () => {
    const reason = 'WebGPU takes 0.53 ms an item here, WebAssembly 12 ms.';
    expect(toldText(en, reason)).toEqual({ text: reason, isForeign: false });
    expect(toldText(de, reason).text).toBe(
      'WebGPU braucht hier 0,53 ms je Element, WebAssembly 12 ms.',
    );
  });

  it('is no figure of another size in another language', () => {
    const line =
      'All 1,234 items of 2 unrelated volunteers’ reports were compared (exact): they agreed.';
    expect(toldText(de, line).text).toMatch(/^Alle 1\.234 Elemente .* 2 .* \(exact\)/);
    expect(toldText(ar, line).text).toContain('1,234');
  });

  it('is sentences, one by one, where all of them are known', () => {
    const text = 'the key of this phrase is odd. Try again in a moment.';
    expect(toldText(es, text)).toEqual({
      text: 'The key of this phrase is odd. Try again in a moment.',
      isForeign: true,
    });
    expect(toldText(es, 'agreed with the quorum. There is no work just now.').text).toBe(
      'Coincidió con la mayoría. Ahora mismo no hay trabajo.',
    );
  });
});
