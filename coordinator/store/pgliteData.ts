/**
 * The first start of PGlite: a database directory, made whole in a child process and renamed into place.
 *
 * The child keeps the 400 MB that initialising takes out of the coordinator, and a crash half way leaves only
 * a temporary directory. A gzipped template in the user's cache makes later first starts (another data
 * directory, a test) four times faster; it is a convenience: absent, unwritable or broken, all works without.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../shared/result.ts';

const run = promisify(execFile);

/** First start takes 6 s on two slow cores; a machine on which it takes ten minutes has another problem. */
const INITIALISE_DEADLINE_MS = 600_000;

/**
 * Plain JavaScript, so that the child needs no TypeScript loader and no file of ours beside it. Arguments:
 * PGlite's module, the directory to make, the template to start from or '', where to dump a template or ''.
 */
const CHILD = `
  import { readFile, writeFile } from 'node:fs/promises';
  const [module, directory, template, dump] = process.argv.slice(1);
  const { PGlite } = await import(module);
  const loadDataDir = template ? new Blob([await readFile(template)]) : undefined;
  const db = new PGlite(directory, { loadDataDir });
  await db.waitReady;
  if (dump) await writeFile(dump, Buffer.from(await (await db.dumpDataDir('gzip')).arrayBuffer()));
  await db.close();
`;

/** Makes `directory` a PGlite database where there is none. The caller holds the parent directory. */
export async function ensurePgliteData(directory: string): Promise<void> {
  const parent = dirname(directory);
  for (const name of await readdir(parent)) {
    if (name.startsWith('initialising-')) await rm(join(parent, name), { recursive: true });
  }
  if (existsSync(directory)) return;
  const temporary = join(parent, `initialising-${randomUUID()}`);
  await initialise(temporary);
  await syncTree(temporary);
  await rename(temporary, directory);
  await syncPath(parent);
}

async function initialise(temporary: string): Promise<void> {
  const template = templatePath();
  if (await isFile(template)) {
    try {
      return await runChild(temporary, template, '');
    } catch {
      await rm(template, { force: true }).catch(() => undefined);
      await rm(temporary, { recursive: true, force: true });
    }
  }
  const dump = `${template}.${randomUUID()}`;
  const canCache = await mkdir(dirname(template), { recursive: true }).then(
    () => true,
    () => false,
  );
  try {
    await runChild(temporary, '', canCache ? dump : '');
    if (canCache) await rename(dump, template).catch(() => undefined);
  } catch (thrown) {
    if (!canCache) throw initialiseError(temporary, thrown);
    // The cache may be at fault (full, read-only): once more without it.
    await rm(temporary, { recursive: true, force: true });
    await runChild(temporary, '', '').catch((again: unknown) => {
      throw initialiseError(temporary, again);
    });
  } finally {
    await rm(dump, { force: true }).catch(() => undefined);
  }
}

const initialiseError = (directory: string, thrown: unknown): Error =>
  new Error(`the embedded database could not be made in ${directory}: ${messageOf(thrown)}`);

async function runChild(directory: string, template: string, dump: string): Promise<void> {
  const { module } = pglitePackage();
  const options = ['--input-type=module', '--eval', CHILD, '--', module, directory, template, dump];
  // Loaders and inspectors of this process are none of the child's business.
  const { NODE_OPTIONS: _, ...env } = process.env;
  await run(process.execPath, options, { timeout: INITIALISE_DEADLINE_MS, env });
}

/** Where the template lies, by the version of PGlite that made it. */
export function templatePath(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'idlewave', `pglite-${pglitePackage().version}.tar.gz`);
}

function pglitePackage(): { readonly module: string; readonly version: string } {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const manifest = readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  return { module: pathToFileURL(join(dirname(entry), 'index.js')).href, version };
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The child did not sync (`syncedNodeFs.ts`): 1,000 files in 40 ms, once. */
async function syncTree(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) await syncTree(inside);
    else await syncPath(inside);
  }
  await syncPath(path);
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
