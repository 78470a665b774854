/**
 * The volunteers' page as files: where it was built, and how it is built in a checkout.
 */
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The built page: beside the bundled command, or in `dist` of a checkout. */
export async function findSite(): Promise<string | undefined> {
  for (const place of ['../web', '../../dist/web']) {
    if (await isSite(here(place))) return here(place);
  }
  return undefined;
}

export const isSite = (folder: string): Promise<boolean> => isThere(join(folder, 'index.html'));

/** What the page is built from, relative to this file, in a checkout. */
const SOURCES = ['../../web', '../../shared', '../../kernels', '../../vite.config.ts'];

/**
 * The built page, built first where this is a checkout whose sources are newer. Throws what Vite throws.
 */
export async function buildSite(log: (text: string) => void): Promise<string | undefined> {
  const config = here('../../vite.config.ts');
  if (!(await isThere(config))) return findSite();
  const built = here('../../dist/web');
  const builtAtMs = await modifiedAtMs(join(built, 'index.html'));
  const newest = Math.max(...(await Promise.all(SOURCES.map((path) => newestAtMs(here(path))))));
  if (builtAtMs >= newest) return built;
  log('Building the volunteers’ page …');
  const { build } = await import('vite');
  await build({ configFile: config, logLevel: 'error', mode: 'checkout' });
  return built;
}

async function newestAtMs(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  const names = await readdir(path, { recursive: true });
  return Math.max(...(await Promise.all(names.map((name) => modifiedAtMs(join(path, name))))));
}

const modifiedAtMs = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
