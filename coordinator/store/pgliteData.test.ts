import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensurePgliteData, templatePath } from './pgliteData.ts';

// Initialising a database takes 6 s alone, and more on a busy machine.
describe('ensurePgliteData', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'idlewave-data-'));
    vi.stubEnv('XDG_CACHE_HOME', join(directory, 'cache'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  });

  async function isDatabase(path: string): Promise<boolean> {
    const database = new PGlite(path);
    const { rows } = await database.query('select count(*)::int as one from mark');
    await database.close();
    return JSON.stringify(rows) === '[{"one":0}]';
  }

  /** What is prepared is there in every database, and done once. */
  let prepared = 0;
  beforeEach(() => void (prepared = 0));
  const prepare = async (path: string): Promise<void> => {
    prepared += 1;
    const database = new PGlite(path);
    await database.query('create table mark (one integer)');
    await database.close();
  };
  const ensure = async (name: string): Promise<string> => {
    const database = join(directory, name, 'database');
    await mkdir(dirname(database), { recursive: true });
    await ensurePgliteData(database, prepare);
    return database;
  };

  it('replaces a broken template, starts from a good one, and touches no database', async () => {
    await mkdir(templatePath(), { recursive: true });
    await writeFile(join(templatePath(), 'files'), 'PG_VERSION 3\n');
    await mkdir(join(directory, 'one', 'initialising-crashed'), { recursive: true });
    const first = await ensure('one');
    expect(await readdir(dirname(first))).toEqual(['database']);
    expect(await isDatabase(first)).toBe(true);
    expect(await readdir(dirname(templatePath()))).toHaveLength(1);

    const second = await ensure('two');
    expect(prepared).toBe(1);
    expect(await isDatabase(second)).toBe(true);
    const { mtimeMs } = await stat(join(second, 'PG_VERSION'));
    await ensure('two');
    expect((await stat(join(second, 'PG_VERSION'))).mtimeMs).toBe(mtimeMs);

    await rm(join(templatePath(), 'database', 'PG_VERSION'));
    expect(await isDatabase(await ensure('three'))).toBe(true);
    expect(prepared).toBe(2);
    expect(existsSync(join(templatePath(), 'database', 'PG_VERSION'))).toBe(true);
  });

  it('works where the cache cannot be written', async () => {
    await writeFile(join(directory, 'cache'), 'a file where the cache folder would be');
    expect(await isDatabase(await ensure('four'))).toBe(true);
    expect(existsSync(templatePath())).toBe(false);
  });
});
