/** Where PGlite lies, and which it is. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface PglitePackage {
  /** URL of its module. */
  readonly module: string;
  /** Path of the database itself. */
  readonly wasm: string;
  readonly version: string;
}

export function pglitePackage(): PglitePackage {
  const folder = dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'));
  const manifest = readFileSync(join(folder, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const module = pathToFileURL(join(folder, 'index.js')).href;
  return { module, wasm: join(folder, 'pglite.wasm'), version };
}
