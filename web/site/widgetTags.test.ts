/** Every form of the tag has what makes it work, and the examples are what the page of sites gives to copy. */
import { expect, it } from 'vitest';
import { TAG_KINDS, tagOf, type TagKind } from './widgetTags.ts';

const FACTS = { origin: 'https://idlewave.example', site: 'site_YOURS', size: 'medium' };
const EXAMPLES = import.meta.glob<string>('../../examples/widget/*', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const FILES: readonly (readonly [file: string, kind: TagKind])[] = [
  ['plain.html', 'html'],
  ['strict-csp.html', 'html'],
  ['react.jsx', 'react'],
  ['Idlewave.svelte', 'svelte'],
  ['wordpress.php', 'wordpress'],
];

it.each(TAG_KINDS)('%s', (kind) => {
  const tag = tagOf(kind, { origin: 'https://net.example', site: 'site_abc', size: 'small' });
  expect(tag).toContain('https://net.example/widget.js');
  expect(tag).toMatch(/<idlewave-widget [^>]*site="site_abc" size="small"/);
});

it.each(FILES)('examples/widget/%s is the tag that is given to copy', (file, kind) => {
  const onOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
  const example = EXAMPLES[`../../examples/widget/${file}`];
  expect(onOneLine(example!)).toContain(onOneLine(tagOf(kind, FACTS)));
});
