/**
 * The shape of the house: which way imports point, how long a file may be, what a folder may be called.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LAYERS, allows, layerOf } from './layers.ts';

const MAX_LINES = 400;
const FOLDERS = [
  '.ci',
  'coordinator',
  'docs',
  'e2e',
  'examples',
  'kernels',
  'sdk',
  'shared',
  'web',
];

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '');
const sources = tracked.filter(
  (path) => /\.(ts|svelte|wgsl)$/.test(path) && !/_pb\.ts$/.test(path),
);

/** Every relative import of a file, as paths from the root. */
export function importsOf(path: string, text: string): string[] {
  const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
  return [...specifiers].map(([, it]) => normalize(join(dirname(path), it!.replace(/\?.*$/, ''))));
}

/** Imports of `path` that the table does not allow. */
function wrongWay(path: string, text: string): string[] {
  const layer = layerOf(path);
  if (layer === undefined || /\.(test|bench|spec)\.ts$|\/testing\/|conformance\.ts$/.test(path))
    return [];
  return importsOf(path, text).filter(
    (target) => layerOf(target) !== undefined && !allows(layer, target),
  );
}

describe('architecture', () => {
  it('imports point the way of the table', () => {
    const wrong = sources.flatMap((path) =>
      wrongWay(path, readFileSync(path, 'utf8')).map((target) => `${path} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('sees an import that goes the wrong way', () => {
    const text = "import { Engine } from '../coordinator/engine/engine.ts';";
    expect(wrongWay('shared/tensor.ts', text)).toEqual(['coordinator/engine/engine.ts']);
    expect(wrongWay('coordinator/core/step.ts', "import x from '../store/store.ts';")).toHaveLength(
      1,
    );
    expect(wrongWay('web/site/main.ts', "import('../../coordinator/main.ts')")).toHaveLength(1);
    expect(wrongWay('sdk/cli/serve.ts', "import('../../coordinator/main.ts')")).toEqual([]);
  });

  it('every layer of the table has files or is reserved by the design', () => {
    const empty = LAYERS.filter(
      ({ folder }) => !sources.some((path) => path.startsWith(`${folder}/`)),
    );
    expect(empty).toEqual([]);
  });

  it(`no file is longer than ${MAX_LINES} lines`, () => {
    const long = sources.filter(
      (path) => readFileSync(path, 'utf8').split('\n').length > MAX_LINES + 1,
    );
    expect(long).toEqual([]);
  });

  it('the top level holds the folders of the design and nothing else', () => {
    const folders = new Set(
      tracked.filter((path) => path.includes('/')).map((path) => path.split('/')[0]),
    );
    expect([...folders].filter((folder) => !FOLDERS.includes(folder!))).toEqual([]);
  });

  it('there are no barrels', () => {
    const barrels = sources.filter((path) => {
      const lines = readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '');
      return lines.length > 0 && lines.every((line) => line.startsWith('export * from'));
    });
    expect(barrels).toEqual([]);
    expect(sources.filter((path) => path.endsWith('/index.ts'))).toEqual([]);
  });

  it('every test file is one that the suites run', () => {
    const strange = sources.filter((path) => /\.spec\.ts$/.test(path) && !path.startsWith('e2e/'));
    expect(strange).toEqual([]);
  });
});
