import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
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
    const { rows } = await database.query('select 1 as one');
    await database.close();
    return JSON.stringify(rows) === '[{"one":1}]';
  }

  it('replaces a broken template, starts from a good one, and touches no database', async () => {
    await mkdir(dirname(templatePath()), { recursive: true });
    await writeFile(templatePath(), 'no archive');
    const parent = join(directory, 'one');
    await mkdir(join(parent, 'initialising-crashed'), { recursive: true });
    await ensurePgliteData(join(parent, 'database'));
    expect(await readdir(parent)).toEqual(['database']);
    expect(await isDatabase(join(parent, 'database'))).toBe(true);

    const template = await readFile(templatePath());
    expect([...template.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    expect(await readdir(dirname(templatePath()))).toHaveLength(1);

    const second = join(directory, 'two', 'database');
    await mkdir(dirname(second));
    await ensurePgliteData(second);
    expect(await isDatabase(second)).toBe(true);
    expect((await readFile(templatePath())).equals(template)).toBe(true);

    const { mtimeMs } = await stat(join(second, 'PG_VERSION'));
    await ensurePgliteData(second);
    expect((await stat(join(second, 'PG_VERSION'))).mtimeMs).toBe(mtimeMs);
  });

  it('works where the cache cannot be written', async () => {
    await writeFile(join(directory, 'cache'), 'a file where the cache folder would be');
    const database = join(directory, 'three', 'database');
    await mkdir(dirname(database));
    await ensurePgliteData(database);
    expect(await isDatabase(database)).toBe(true);
    expect(existsSync(templatePath())).toBe(false);
  });
});
