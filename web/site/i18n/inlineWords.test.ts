/** What people read stands in the dictionaries: no component has words of its own. */
import { parse } from 'svelte/compiler';
import { expect, it } from 'vitest';

/** Attributes whose text is read, of elements and of components. */
const READ = new Set(['aria-label', 'alt', 'title', 'placeholder', 'label', 'note', 'action']);
/** Names, formats, commands and fonts. */
const ALLOWED = new Set([
  'Idlewave',
  ...['CSV', 'JSON', ', CSV', ', JSON'],
  'idlewave ledger verify --url',
  ...['idlewave jobs results', '--watch --url', 'imagenet fit=contain'],
  '12px system-ui, sans-serif',
]);

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** `visit` returns false where it has seen to what is below. */
function walk(value: unknown, visit: (node: Node) => boolean): void {
  if (Array.isArray(value)) {
    for (const it of value as unknown[]) walk(it, visit);
    return;
  }
  if (isNode(value) && !visit(value)) return;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value))
    if (typeof child === 'object' && key !== 'parent') walk(child, visit);
}

/** Literals that an expression may result in. */
function resultsOf(node: Node): string[] {
  const at = (key: string): string[] => (isNode(node[key]) ? resultsOf(node[key]) : []);
  switch (node.type) {
    case 'Literal':
      return typeof node['value'] === 'string' ? [node['value']] : [];
    case 'TemplateLiteral':
      return (node['quasis'] as Node[]).map((it) => (it['value'] as { cooked: string }).cooked);
    case 'ConditionalExpression':
      return [...at('consequent'), ...at('alternate')];
    case 'LogicalExpression':
      return [...at('left'), ...at('right')];
    default:
      return [];
  }
}

const isWords = (text: string): boolean => {
  const bare = text.trim();
  return /\p{L}/u.test(bare) && !ALLOWED.has(bare);
};

/** A phrase or a sentence: identifiers, keys and addresses are none. */
const isPhrase = (text: string): boolean =>
  isWords(text) && /\p{L}{2,} \p{L}|^\p{Lu}.*[.…!?]$/u.test(text);

function wordsIn(source: string): string[] {
  const { fragment, instance, module } = parse(source, { modern: true });
  const found: string[] = [];
  walk(fragment, (node) => {
    switch (node.type) {
      case 'Text':
        if (isWords(node['data'] as string)) found.push((node['data'] as string).trim());
        return false;
      case 'Attribute': {
        const name = node['name'] as string;
        const parts = [node['value']].flat().filter(isNode);
        if (!READ.has(name)) return name.startsWith('on');
        for (const part of parts) {
          const texts =
            part.type === 'Text' ? [part['data'] as string] : resultsOf(part['expression'] as Node);
          found.push(...texts.filter(isWords));
        }
        return false;
      }
      case 'ExpressionTag':
        found.push(...resultsOf(node['expression'] as Node).filter(isWords));
        return true;
      case 'Literal':
        if (isPhrase(String(node['value']))) found.push(String(node['value']));
        return false;
      default:
        return true;
    }
  });
  walk([instance?.content, module?.content], (node) => {
    if (node.type === 'ImportDeclaration' || node.type.startsWith('TS')) return false;
    if (node.type === 'Literal' || node.type === 'TemplateLiteral')
      found.push(...resultsOf(node).filter(isPhrase));
    return true;
  });
  return found;
}

const components = import.meta.glob<string>('../**/*.svelte', {
  query: '?raw',
  import: 'default',
  eager: true,
});
/** What `widgetTags.ts` writes is code. */
const logic = import.meta.glob<string>(
  ['../**/*.ts', '!../i18n/**', '!../**/*.test.ts', '!../widgetTags.ts'],
  { query: '?raw', import: 'default', eager: true },
);

it('there is something to look at', () => {
  expect(Object.keys(components).length).toBeGreaterThan(30);
  expect(Object.keys(logic).length).toBeGreaterThan(10);
});

it.each(Object.entries(components))('%s has no words of its own', (_, source) => {
  expect(wordsIn(source)).toEqual([]);
});

it.each(Object.entries(logic))('%s has no words of its own', (_, source) => {
  expect(wordsIn(`<script lang="ts">${source}</script>`)).toEqual([]);
});

it.each([
  '<p>Hello</p>',
  '<p>{isOn ? "Stop" : words.start}</p>',
  '<button aria-label="Close it">×</button>',
  '<Figure label="Credits" />',
  '<Figure label={`Items of ${name}`} />',
  '<script>const text = "Try it again.";</script>',
  '<button onclick={() => ask("It is gone.")}>{words.go}</button>',
])('finds the words of %s', (source) => {
  expect(wordsIn(source)).toHaveLength(1);
});
