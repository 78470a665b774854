/**
 * The first start of PGlite: a database directory, made whole in a child process and renamed into place.
 *
 * The child keeps the 400 MB that initialising takes out of the coordinator, and a crash half way leaves only
 * a temporary directory. A template in the user's cache, with its schema, makes later first starts (another data
 * directory, a test) a copy; it is a convenience: absent, unwritable or broken, all works without.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../shared/result.ts';
import { SCHEMA_VERSION } from './migrations.ts';
import { pglitePackage } from './pglitePackage.ts';

const run = promisify(execFile);

/** First start takes 6 s on two slow cores; a machine on which it takes ten minutes has another problem. */
const INITIALISE_DEADLINE_MS = 600_000;

/**
 * Plain JavaScript, so that the child needs no TypeScript loader and no file of ours beside it. Arguments:
 * PGlite's module, the directory to make.
 */
const CHILD = `
  const [module, directory] = process.argv.slice(1);
  const { PGlite } = await import(module);
  const db = new PGlite(directory);
  await db.waitReady;
  await db.close();
`;

/**
 * Makes `directory` a PGlite database where there is none, which `prepare` has been given once. The caller holds the
 * parent directory.
 */
export async function ensurePgliteData(
  directory: string,
  prepare: (directory: string) => Promise<void>,
): Promise<void> {
  const parent = dirname(directory);
  for (const name of await readdir(parent)) {
    if (name.startsWith('initialising-')) await rm(join(parent, name), { recursive: true });
  }
  if (existsSync(directory)) return;
  const temporary = join(parent, `initialising-${randomUUID()}`);
  const template = templatePath();
  if (!(await copyTemplate(template, temporary))) {
    await runChild(temporary).catch((thrown: unknown) => {
      throw initialiseError(temporary, thrown);
    });
    await prepare(temporary);
    await keepTemplate(temporary, template);
  }
  await syncTree(temporary);
  await rename(temporary, directory);
  await syncPath(parent);
}

/** False where there is no template, or not all of it: then there is none afterwards, and nothing was copied. */
async function copyTemplate(template: string, temporary: string): Promise<boolean> {
  try {
    const listed = await readFile(join(template, LIST), 'utf8');
    await copyTree(join(template, DATABASE), temporary);
    if (listed === (await listOf(temporary))) return true;
  } catch {
    // It is made anew.
  }
  await rm(template, { recursive: true, force: true }).catch(() => undefined);
  await rm(temporary, { recursive: true, force: true });
  return false;
}

/** Renamed into place, so that it is there whole or not at all; where the cache cannot be written, it is not. */
async function keepTemplate(database: string, template: string): Promise<void> {
  const growing = `${template}.${randomUUID()}`;
  try {
    await mkdir(growing, { recursive: true });
    await copyTree(database, join(growing, DATABASE));
    await writeFile(join(growing, LIST), await listOf(database));
    await syncTree(growing);
    await rename(growing, template);
  } catch {
    await rm(growing, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Of a template: the database, and the sizes of its files. */
const DATABASE = 'database';
const LIST = 'files';

/** A thousand small files: one after another, as `cp` of Node does it, takes six times as long. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  const entries = await readdir(from, { withFileTypes: true });
  const copies = entries.map((entry) => {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) return copyTree(source, target);
    return copyFile(source, target, constants.COPYFILE_FICLONE);
  });
  await Promise.all(copies);
}

async function listOf(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((it) => join(it.parentPath, it.name));
  const lines = files.map(async (path) => {
    const { size } = await stat(path);
    return `${relative(directory, path)} ${size}\n`;
  });
  return (await Promise.all(lines)).sort().join('');
}

const initialiseError = (directory: string, thrown: unknown): Error =>
  new Error(`the embedded database could not be made in ${directory}: ${messageOf(thrown)}`);

async function runChild(directory: string): Promise<void> {
  const options = ['--input-type=module', '--eval', CHILD, '--', pglitePackage().module, directory];
  // Loaders and inspectors of this process are none of the child's business.
  const { NODE_OPTIONS: _, ...env } = process.env;
  await run(process.execPath, options, { timeout: INITIALISE_DEADLINE_MS, env });
}

/** Where the template lies, by the version of PGlite that made it and the schema that it has. */
export function templatePath(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'idlewave', `pglite-${pglitePackage().version}-schema-${SCHEMA_VERSION}`);
}

/** Neither the child nor the copy has synced: 1,000 files in 40 ms, once. */
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
