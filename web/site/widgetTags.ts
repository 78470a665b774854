/** The tag of a widget as a site's owner pastes it, in the forms of the places where it goes. Code, not words: never translated. */
export const TAG_KINDS = ['html', 'react', 'svelte', 'wordpress'] as const;
export type TagKind = (typeof TAG_KINDS)[number];

export interface TagFacts {
  /** The coordinator's. */
  readonly origin: string;
  readonly site: string;
  readonly size: string;
}

export function tagOf(kind: TagKind, facts: TagFacts): string {
  const { origin, site, size } = facts;
  const element = `<idlewave-widget site="${site}" size="${size}"></idlewave-widget>`;
  const script = `<script type="module" src="${origin}/widget.js"></script>`;
  switch (kind) {
    case 'html':
      return `${script}\n${element}`;
    case 'react':
      return [
        "import { useEffect, useRef } from 'react';",
        '',
        'export function Idlewave({ onCredit }) {',
        '  const widget = useRef(null);',
        '  useEffect(() => {',
        `    import(/* webpackIgnore: true */ /* @vite-ignore */ '${origin}/widget.js');`,
        '  }, []);',
        '  useEffect(() => {',
        '    const element = widget.current;',
        '    const listener = (event) => onCredit?.(event.detail);',
        "    element.addEventListener('credit', listener);",
        "    return () => element.removeEventListener('credit', listener);",
        '  }, [onCredit]);',
        `  return <idlewave-widget ref={widget} site="${site}" size="${size}" />;`,
        '}',
      ].join('\n');
    case 'svelte':
      return [
        '<script>',
        "  import { onMount } from 'svelte';",
        `  onMount(() => void import(/* @vite-ignore */ '${origin}/widget.js'));`,
        '</script>',
        '',
        element,
      ].join('\n');
    case 'wordpress':
      return [
        '<?php',
        '// In functions.php of a child theme, or in a plugin of one file. Then write [idlewave] in any post.',
        "add_shortcode('idlewave', function () {",
        `    wp_enqueue_script_module('idlewave-widget', '${origin}/widget.js', array(), null);`,
        `    return '${element}';`,
        '});',
      ].join('\n');
    default:
      return kind satisfies never;
  }
}
